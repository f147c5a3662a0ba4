"""Run the station: ``python -m station``."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line and return its exit status."""
    # Importing leaves no garbage, and looking for it takes a fifth of the start. Who has started switches it on again.
    gc.disable()
    if getattr(sys, "frozen", False):
        # The processes that look at pictures are this same program: it must see that it is one of them.
        from multiprocessing import freeze_support

        freeze_support()
    from station.cli.run import main as cli_main

    return cli_main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
