"""A queue that is set to try again by itself, behind it a printer that fails with the card in it: one card, no two."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from printers.api import Cancel, DriverConfig, JobState, PrintJob, PrintJobLostError
from printers.drivers.cups import CupsPrinter
from printers.registry import load_profile
from tests.helpers.cards import sample_rendered_card
from tests.helpers.cupsd import CupsBench, cups_bench, wait_until

__all__ = ["cups_bench"]

pytestmark = pytest.mark.bench_cups

_BACKENDS, _OURS = Path("/usr/lib/cups/backend"), Path("/run/backends")
_OUT = Path("/run/failing.out")
# A card begins, and the printer goes away, the first time; then it prints. A second attempt takes longer to begin than
# the station to look.
_FAILING = f"""#!/bin/sh
[ $# -eq 0 ] && exit 0
[ -s {_OUT} ] && sleep 1
echo "$3" >> {_OUT}
sleep 1
[ "$(wc -l < {_OUT})" -ge 2 ] && exit 0
echo "ERROR: the printer went away" >&2
exit 1
"""


@pytest.fixture
def failing(cups_bench: CupsBench) -> Iterator[CupsBench]:
    """Put a printer that fails beside those that the system knows, in this namespace alone."""
    shutil.copytree(_BACKENDS, _OURS)
    (_OURS / "failing").write_text(_FAILING)
    (_OURS / "failing").chmod(0o755)
    subprocess.run(["mount", "--bind", str(_OURS), str(_BACKENDS)], check=True)
    _OUT.touch()
    _OUT.chmod(0o666)
    try:
        yield cups_bench
    finally:
        cups_bench.delete_queue("failing")
        subprocess.run(["umount", "--lazy", str(_BACKENDS)], check=True)
        shutil.rmtree(_OURS)
        _OUT.unlink()


def test_a_queue_that_tries_again_at_once_prints_no_second_card(failing: CupsBench, tmp_path: Path) -> None:
    failing.admin("lpadmin", "-p", "failing", "-v", "failing:/x", "-o", "printer-error-policy=retry-current-job", "-E")
    config = DriverConfig(
        "Desk", load_profile("generic-cr80-300"), tmp_path, queue="failing", options={"station.server": failing.address}
    )
    printer = CupsPrinter(config)
    card = PrintJob("card-1", sample_rendered_card(two_sided=False))
    with pytest.raises(PrintJobLostError, match="anew"):
        printer.print_card(card, cancel=Cancel(), progress=lambda _step, _share: None)
    wait_until("the queue to be idle", lambda: "idle" in failing.admin("lpstat", "-p", "failing"))
    assert _OUT.read_text().split() == ["card-1"]
    report = printer.job_report("card-1")
    assert (report.state, report.untouched, report.card_confirmed) == (JobState.CANCELLED, False, False)
