"""A real print service with a real IPP card printer behind it, in the private namespace of the test run.

dbus, avahi (without which ippeveprinter refuses to start), cupsd with the policies it ships with, and ippeveprinter as
a CR80 card printer whose faults a test turns on and off. Everything lives below /run, which is a file system of this
namespace alone (the user `lp`, as whom CUPS runs its filters, could not reach a test's own temporary folder).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from printers.ipp_client import IppClient, Server
from tests.helpers.namespace import require_namespace, require_program

QUEUE = "card"
RIBBON_PERCENT = 63
_CUPS_PORT, _PRINTER_PORT = 6631, 8631
PRINTER_URI = f"ipp://localhost:{_PRINTER_PORT}/ipp/print"
_SOCKET = Path("/run/cups/cups.sock")
_DEADLINE_S = 20.0

_FILES_CONF = """
ServerRoot {root}/etc
RequestRoot {root}/var/spool
TempDir {root}/var/spool/tmp
CacheDir {root}/var/cache
StateDir {root}/var/run
AccessLog {root}/var/log/access
ErrorLog {root}/var/log/error
PageLog {root}/var/log/page
SystemGroup root lpadmin
User lp
Group lp
"""

# As CUPS ships it: the owner of a job may cancel it, and only he and the system see its title.
_CUPSD_CONF = """
Listen 127.0.0.1:{port}
Listen {socket}
Browsing Off
LogLevel info
DefaultAuthType Basic
<Location />
  Order allow,deny
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit Cancel-Job CUPS-Authenticate-Job>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit CUPS-Add-Modify-Printer CUPS-Delete-Printer Pause-Printer Resume-Printer CUPS-Accept-Jobs CUPS-Reject-Jobs>
    AuthType Default
    Require user @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
<Policy authenticated>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit Cancel-Job CUPS-Authenticate-Job>
    AuthType Default
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""

_SIZE = "MEMBER collection media-size {{ MEMBER integer x-dimension 5398 MEMBER integer y-dimension 8560 }}"
_MARGINS = " ".join(f"MEMBER integer media-{side}-margin 0" for side in ("top", "bottom", "left", "right"))
_MEDIA = f'{{{{ {_SIZE} MEMBER keyword media-source "main" MEMBER keyword media-type "cardstock" {_MARGINS} }}}}'
_PRINTER_CONF = f"""
ATTR keyword media-default "om_card_54x86mm"
ATTR keyword media-ready "om_card_54x86mm"
ATTR keyword media-supported "om_card_54x86mm"
ATTR collection media-size-supported {{{{ MEMBER integer x-dimension 5398 MEMBER integer y-dimension 8560 }}}}
ATTR collection media-col-default {_MEDIA}
ATTR collection media-col-ready {_MEDIA}
ATTR collection media-col-database {_MEDIA}
ATTR keyword media-source-supported "main","manual"
ATTR keyword media-type-supported "cardstock"
ATTR integer media-top-margin-supported 0
ATTR integer media-bottom-margin-supported 0
ATTR integer media-left-margin-supported 0
ATTR integer media-right-margin-supported 0
ATTR resolution printer-resolution-supported 300dpi
ATTR resolution printer-resolution-default 300dpi
ATTR resolution pwg-raster-document-resolution-supported 300dpi
ATTR keyword pwg-raster-document-type-supported "sgray_8","srgb_8"
ATTR keyword pwg-raster-document-sheet-back "normal"
ATTR keyword urf-supported "CP1","W8","SRGB24","RS300","V1.4"
ATTR boolean color-supported true
ATTR keyword print-color-mode-supported "auto","color","monochrome"
ATTR keyword print-color-mode-default "auto"
ATTR keyword sides-supported "one-sided","two-sided-long-edge"
ATTR keyword sides-default "one-sided"
ATTR rangeOfInteger copies-supported 1-50
ATTR nameWithoutLanguage marker-names "YMCKO ribbon"
ATTR nameWithoutLanguage marker-colors "#00FFFF#FF00FF#FFFF00#000000"
ATTR keyword marker-types "ribbonWax"
ATTR integer marker-levels {{ribbon}}
ATTR integer marker-low-levels 10
ATTR integer marker-high-levels 100
ATTR textWithoutLanguage printer-make-and-model "Bench CR80 Card Printer"
ATTR keyword ipp-features-supported "ipp-everywhere"
ATTR mimeMediaType document-format-supported {{formats}}
"""
_FORMATS = ("application/octet-stream", "application/pdf", "image/png", "image/pwg-raster")

# What ippeveprinter runs for each document: it arrives, waits while there is a fault, and comes out.
_PRINT_COMMAND = """#!/bin/sh
name=$(date +%s.%N)
touch {root}/busy/$name
cp "$1" {root}/arrived/$name
env | grep -E '^(IPP_|CONTENT_TYPE)' | sort > {root}/arrived.env
if [ -f {root}/fault ]; then
  fault=$(cat {root}/fault)
  echo "STATE: +$fault" >&2
  while [ -f {root}/fault ]; do sleep .05; done
  echo "STATE: -$fault" >&2
fi
[ -f {root}/slow ] && sleep "$(cat {root}/slow)"
cp "$1" {root}/out/$name
echo "ATTR: job-impressions-completed=1" >&2
rm {root}/busy/$name
exit 0
"""


def wait_until(what: str, holds: Callable[[], bool], deadline_s: float = _DEADLINE_S) -> None:
    """Return as soon as ``holds`` does; fail the test, saying what did not come, at the deadline."""
    end = time.monotonic() + deadline_s
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"waited {deadline_s:.0f} s for {what}")
        time.sleep(0.02)


class CupsBench:
    """The daemons, and the hands of the person in front of the printer."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = f"127.0.0.1:{_CUPS_PORT}"
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    # --- the daemons ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything; each is up when this returns."""
        self._lay_out()
        self._daemon("dbus-daemon", "--system", "--nofork", "--nopidfile")
        wait_until("dbus", lambda: _answers(Path("/run/dbus/system_bus_socket")))
        self._daemon("avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits")
        wait_until("avahi", lambda: _answers(Path("/run/avahi-daemon/socket")))
        self.start_cupsd()
        self.start_printer()
        self.add_queue()

    def stop(self) -> None:
        """End everything that was started, in reverse order."""
        for name in reversed(list(self._daemons)):
            self._end(name)
        shutil.rmtree(self.root, ignore_errors=True)

    def start_cupsd(self) -> None:
        """Start the print service."""
        self._daemon("cupsd", "-f", "-c", f"{self.root}/etc/cupsd.conf", "-s", f"{self.root}/etc/cups-files.conf")
        wait_until("cupsd", lambda: _answers(_SOCKET) and _listens(_CUPS_PORT))

    def stop_cupsd(self) -> None:
        """Stop the print service as the system does at a restart."""
        self._end("cupsd")

    def kill_cupsd(self) -> None:
        """End the print service without a chance to save anything."""
        self._end("cupsd", signal.SIGKILL)

    def start_printer(self, *, formats: tuple[str, ...] = _FORMATS) -> None:
        """Switch the printer on; ``formats`` are the documents that it takes."""
        named = ",".join(f'"{name}"' for name in formats)
        (self.root / "printer.conf").write_text(_PRINTER_CONF.format(ribbon=RIBBON_PERCENT, formats=named))
        spool = f"{self.root}/printer-spool"
        conf, command = f"{self.root}/printer.conf", f"{self.root}/print-command"
        where = ("-p", str(_PRINTER_PORT), "-n", "localhost", "-r", "off")
        self._daemon("ippeveprinter", "-k", *where, "-a", conf, "-c", command, "-d", spool, "Bench Printer")
        wait_until("ippeveprinter", lambda: _listens(_PRINTER_PORT))

    def kill_printer(self) -> None:
        """Pull the printer's plug; the card in it does not come out."""
        if "ippeveprinter" in self._daemons:
            self._end("ippeveprinter", signal.SIGKILL)
        for card in (self.root / "busy").iterdir():
            card.unlink(missing_ok=True)  # the printer's own command may have come to its end just now

    def reset(self) -> None:
        """Make everything as it was after ``start``: switched on, no fault, an empty queue, nothing in the tray."""
        self.repair()
        if "cupsd" not in self._daemons:
            self.start_cupsd()
        if "ippeveprinter" not in self._daemons:
            self.start_printer()
        self.add_queue()
        self._forget_jobs()
        # What the printer has in it, it prints to the end, cancelled or not.
        wait_until("the printer to be done", lambda: not any((self.root / "busy").iterdir()))
        for folder in ("arrived", "out"):
            for file in (self.root / folder).iterdir():
                file.unlink()

    # --- the administrator ------------------------------------------------------------------------------------

    def admin(self, *command: str) -> str:
        """Run a program of CUPS as the administrator; return what it says."""
        environment = {**os.environ, "CUPS_SERVER": str(_SOCKET), "LC_ALL": "C"}
        ended = subprocess.run(command, env=environment, capture_output=True, timeout=30, check=False)
        return (ended.stdout + ended.stderr).decode()

    def add_queue(self, name: str = QUEUE, *, policy: str = "default") -> None:
        """Make a queue for the printer, and have it accept and print."""
        uri = PRINTER_URI
        told = "not tried"

        def added() -> bool:
            nonlocal told
            everywhere = ("-m", "everywhere", "-o", f"printer-op-policy={policy}")
            told = self.admin("lpadmin", "-p", name, "-E", "-v", uri, *everywhere)
            return not told

        wait_until(f"the queue {name}", added)

    def delete_queue(self, name: str = QUEUE) -> None:
        """Delete a queue."""
        self.admin("lpadmin", "-x", name)

    # --- the person at the printer ----------------------------------------------------------------------------

    def fault(self, keyword: str) -> None:
        """Give the printer a fault, which the next job meets: a keyword of printer-state-reasons."""
        (self.root / "fault").write_text(keyword)

    def slow(self, seconds: float) -> None:
        """Have it take its time over each card."""
        (self.root / "slow").write_text(str(seconds))

    def repair(self) -> None:
        """Take the fault away."""
        (self.root / "fault").unlink(missing_ok=True)
        (self.root / "slow").unlink(missing_ok=True)

    def cards_arrived(self) -> list[bytes]:
        """Return the documents that the printer got."""
        return [path.read_bytes() for path in sorted((self.root / "arrived").iterdir())]

    def cards_out(self) -> list[bytes]:
        """Return the documents that came out as cards."""
        return [path.read_bytes() for path in sorted((self.root / "out").iterdir())]

    def arrived_with(self) -> dict[str, str]:
        """Return the attributes of the last job as the printer saw them (IPP_…), and its CONTENT_TYPE."""
        lines = (self.root / "arrived.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def spooled_documents(self) -> list[str]:
        """Return the document files that the print service keeps."""
        return sorted(path.name for path in (self.root / "var/spool").glob("d*"))

    def titles(self) -> str:
        """Return what an administrator reads in the list of all jobs."""
        return self.admin("lpstat", "-W", "all", "-o") + self.admin("lpstat", "-W", "completed", "-o")

    # --- inside -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        for folder in ("etc/ppd", "var/spool/tmp", "var/cache", "var/run/certs", "var/log", "arrived", "out", "busy"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "printer-spool").mkdir()
        values = {"root": self.root, "port": _CUPS_PORT, "socket": _SOCKET, "ribbon": RIBBON_PERCENT}
        (self.root / "etc/cups-files.conf").write_text(_FILES_CONF.format(**values))
        (self.root / "etc/cupsd.conf").write_text(_CUPSD_CONF.format(**values))
        command = self.root / "print-command"
        command.write_text(_PRINT_COMMAND.format(**values))
        command.chmod(0o755)
        for folder, _, _ in os.walk(self.root / "var"):
            shutil.chown(folder, group="lp")
            Path(folder).chmod(0o775)

    def _forget_jobs(self) -> None:
        # `cancel -a -x` keeps the history, in which a driver would find a title of the test before.
        client = IppClient(Server(socket=str(_SOCKET)))
        for job in client.jobs(QUEUE, ["job-id"]):
            client.cancel_job(int(str(job.get("job-id")[0])), purge=True)

    def _daemon(self, name: str, *arguments: str) -> None:
        program = require_program(name)
        with (self.root / f"{name}.log").open("ab") as log:
            self._daemons[name] = subprocess.Popen(
                [program, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _end(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        daemon = self._daemons.pop(name)
        # Its whole session, which is its own: the printer's print command goes with the printer.
        os.killpg(daemon.pid, how)
        try:
            daemon.wait(_DEADLINE_S)
        except subprocess.TimeoutExpired:
            os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait(_DEADLINE_S)


@pytest.fixture(scope="module")
def cups_bench() -> Iterator[CupsBench]:
    """Give the tests of a module one running bench; skip them where it can't run."""
    require_namespace()
    _require_all_users()
    for program, package in {
        "dbus-daemon": "dbus",
        "avahi-daemon": "avahi-daemon",
        "cupsd": "cups-daemon",
        "ippeveprinter": "cups-ipp-utils",
        "lp": "cups-client",
    }.items():
        require_program(program, package=package)
    bench = CupsBench(Path(f"/run/cups-bench-{os.getpid()}"))
    try:
        bench.start()
        yield bench
    finally:
        bench.stop()


def _require_all_users() -> None:
    # cupsd gives its filters to the user `lp`, whom a namespace of a plain user does not have.
    if os.geteuid() != 0 or int(Path("/proc/self/uid_map").read_text().split()[2]) < 65_534:
        pytest.skip("cupsd changes to the user lp: run the tests as root in the namespace")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def _listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
