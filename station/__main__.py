"""Run the station: ``python -m station``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit status."""
    from station.cli import main as cli_main

    return cli_main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
