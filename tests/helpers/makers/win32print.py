"""A stand-in for pywin32's ``win32print`` (and, imported as that, ``win32gui``): a spooler in the memory of one test.

It draws nothing by itself: a test's ``Paper`` takes the strokes that would go to GDI, and lays them on a page as the
raster operations say.
"""

from __future__ import annotations

from types import SimpleNamespace

from PIL import Image, ImageChops

from printers.windows_gdi import SRCAND, Stroke

PRINTING = 0x10


class error(Exception):  # noqa: N801, N818 - pywin32's own name
    """What Windows said: its number, the function, the words."""


class Spooler:
    """One printer and its queue."""

    def __init__(self) -> None:
        self.name = "Card printer"
        self.running = True
        self.status = 0
        self.attributes = 0
        self.caps = {88: 300, 90: 300, 110: 1016, 111: 648, 112: 0, 113: 0}
        self.jobs: dict[int, dict[str, object]] = {}
        self.held = False
        self.refuses = ""
        self.modes: list[SimpleNamespace] = []
        self.pages: list[Image.Image] = []
        self.cards: list[list[Image.Image]] = []
        self.handles = 0
        self._number = 0
        self._open: int | None = None

    # --- a person, or Windows ---------------------------------------------------------------------------------

    def trouble(self, printer: int = 0, job: int = PRINTING) -> None:
        """Have the printer, or its jobs, in trouble: bits of PRINTER_STATUS and JOB_STATUS."""
        self.status, self.held = printer, True
        for each in self.jobs.values():
            each["Status"] = job
        self.waiting_status = job

    def repair(self) -> None:
        """Let everything that waits be printed."""
        self.status, self.held, self.waiting_status = 0, False, PRINTING
        for each in self.jobs.values():
            each["Status"] = PRINTING

    def restart(self) -> None:
        """Begin anew, with nothing in the queue: the numbers of jobs begin anew, too."""
        self.jobs.clear()
        self._number = 0

    def looked(self) -> None:
        """Print on while somebody watches: a card takes as long as four looks at the queue."""
        for number, each in list(self.jobs.items()):
            each["looks"] = int(str(each["looks"])) + 1
            if not self.held and number != self._open and int(str(each["looks"])) > 4:
                self._print(number)

    waiting_status = PRINTING

    def _print(self, number: int) -> None:
        self.cards.append(self.jobs.pop(number)["pages"])  # type: ignore[arg-type]

    # --- what the driver calls --------------------------------------------------------------------------------

    def check(self) -> None:
        if not self.running:
            raise error(1722, "OpenPrinter", "The RPC server is unavailable.")

    def begin(self, title: str) -> int:
        if self.refuses == "StartDoc":
            raise error(5, "StartDoc", "Access is denied.")
        self._number += 1
        self._open, self.pages = self._number, []
        self.jobs[self._number] = {
            "JobId": self._number,
            "pDocument": title,
            "Status": self.waiting_status,
            "looks": 0,
            "pStatus": None,
            "PagesPrinted": 0,
            "pages": self.pages,
        }
        return self._number

    def end(self) -> None:
        assert self._open is not None
        self._open = None

    def abort(self) -> None:
        if self._open is None:
            raise error(6, "AbortDoc", "The handle is invalid.")
        if self.refuses != "AbortDoc":
            self.jobs.pop(self._open)
        self._open = None

    def draw(self, context: int, stroke: Stroke) -> None:
        """Take the place of GDI: lay a bitmap on the page."""
        if self.refuses in ("draw", "AbortDoc"):
            raise OSError("StretchDIBits")
        dib = stroke.dib
        header = b"BM" + (14 + len(dib.info) + len(dib.bits)).to_bytes(4, "little") + bytes(4)
        file = header + (14 + len(dib.info)).to_bytes(4, "little") + dib.info + dib.bits
        import io

        picture = Image.open(io.BytesIO(file)).convert("RGB")
        page = self.pages[-1]
        box = (stroke.x, stroke.y, stroke.x + dib.width_px, stroke.y + dib.height_px)
        if stroke.operation == SRCAND:
            picture = ImageChops.darker(page.crop(box), picture)  # where each dot is black or white, AND is the darker
        page.paste(picture, box)


SPOOLER = Spooler()


def OpenPrinter(name: str) -> int:  # noqa: N802
    SPOOLER.check()
    if name != SPOOLER.name:
        raise error(1801, "OpenPrinter", "The printer name is invalid.")
    SPOOLER.handles += 1
    return SPOOLER.handles


def ClosePrinter(handle: int) -> None:  # noqa: N802
    SPOOLER.handles -= 1


def GetPrinter(handle: int, level: int) -> dict[str, object]:  # noqa: N802
    SPOOLER.check()
    mode = SimpleNamespace(Orientation=1, Copies=3, Duplex=1, Fields=0)
    return {
        "Status": SPOOLER.status,
        "Attributes": SPOOLER.attributes,
        "pDriverName": "Maker Card Printer",
        "pDevMode": mode,
    }


def EnumJobs(handle: int, first: int, count: int, level: int) -> tuple[dict[str, object], ...]:  # noqa: N802
    SPOOLER.check()
    SPOOLER.looked()
    return tuple(dict(job) for job in SPOOLER.jobs.values())


def SetJob(handle: int, number: int, level: int, info: None, command: int) -> None:  # noqa: N802
    assert command == 5
    if SPOOLER.jobs.pop(number, None) is None:
        raise error(87, "SetJob", "The parameter is incorrect.")


def DocumentProperties(  # noqa: N802
    window: int, handle: int, name: str, out: SimpleNamespace, into: SimpleNamespace, mode: int
) -> int:
    SPOOLER.modes.append(into)
    return 1


def GetDeviceCaps(context: int, what: int) -> int:  # noqa: N802
    return SPOOLER.caps[what]


def StartDoc(context: int, document: tuple[str, None, None, int]) -> int:  # noqa: N802
    return SPOOLER.begin(document[0])


def StartPage(context: int) -> None:  # noqa: N802
    SPOOLER.pages.append(Image.new("RGB", (SPOOLER.caps[110], SPOOLER.caps[111]), "white"))


def EndPage(context: int) -> None:  # noqa: N802
    """Nothing is left to do."""


def EndDoc(context: int) -> None:  # noqa: N802
    SPOOLER.end()


def AbortDoc(context: int) -> None:  # noqa: N802
    SPOOLER.abort()
