"""Any printer of Windows by its own driver: exact dots by GDI, the job followed in the spooler by pywin32.

The spooler knows when it has sent a job, and no more; so a card is never confirmed here.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

from printers.api import (
    N_,
    Bitmap,
    DriverConfig,
    PrinterMissingError,
    PrinterReason,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJob,
    PrintJobLostError,
    ProfileError,
    RenderedCard,
    RenderedSide,
    refuse_unknown_options,
)
from printers.bitmap import from_image, to_image
from printers.capability import DEFAULT_WITHOUT, WITHOUT, abilities, check_without, unfit
from printers.records import JobRecord
from printers.spooled import SpooledPrinter, words_of
from printers.trouble import SpoolerError, driver_missing, trouble_error
from printers.windows_gdi import SRCAND, SRCCOPY, Draw, Stroke, dib, draw
from printers.windows_spool import WindowsSpool, WindowsSpoolError, pywin32

# wingdi.h: what GetDeviceCaps is asked, and fields of DEVMODE.
_LOGPIXELSX, _LOGPIXELSY = 88, 90
_PHYSICAL_WIDTH, _PHYSICAL_HEIGHT, _PHYSICAL_X, _PHYSICAL_Y = 110, 111, 112, 113
_DM_ORIENTATION, _DM_DUPLEX, _DM_COPIES = 0x1, 0x1000, 0x100
_LANDSCAPE = 2
_SIMPLEX, _LONG_EDGE = 1, 2
_BUFFER_IN, _BUFFER_OUT = 8, 2


class WindowsPrinter(SpooledPrinter):
    """Print on the Windows printer that ``queue`` names."""

    api_version = 1

    def __init__(self, config: DriverConfig, *, draw: Draw = draw) -> None:
        refuse_unknown_options("windows", config, (WITHOUT, "black"))
        self._without = check_without(config.options.get(WITHOUT, DEFAULT_WITHOUT))
        self._black = config.options.get("black", "bitmap")
        if self._black not in ("bitmap", "picture"):
            raise ProfileError(
                N_("The printer's option {option} can't be {value}."),
                N_("Ask IT to correct it in the station profile. Words there are: {known}."),
                option="black",
                value=self._black,
                known="bitmap picture",
            )
        self._queue_name = config.queue or config.name
        self._draw = draw
        super().__init__(config, WindowsSpool(self._queue_name))

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return what can't be handed over: a driver of Windows is drawn on, and that is all that is common."""
        return unfit(self.name, abilities(self.profile) - {"uv", "overlay", "magnetic"}, card, self._without)

    def _document(self, job: PrintJob) -> bytes:
        return b""  # it is drawn, page by page, when the spooler has opened the job

    def _give_away(self, job: PrintJob, document: bytes, record: JobRecord) -> JobRecord:
        try:
            api, gui = pywin32(), import_module("win32gui")
            context = self._context(api, gui, job)
        except (SpoolerError, ImportError) as error:
            self._book.forget(job.job)
            known = error if isinstance(error, SpoolerError) else WindowsSpoolError(0, str(error))
            raise self._missing(known) from error
        try:
            return self._drawn(api, context, job, record)
        finally:
            gui.DeleteDC(context)

    def _context(self, api: Any, gui: Any, job: PrintJob) -> int:
        """Return a device context with the card's way set: lying, both sides or one, one copy."""
        try:
            handle = api.OpenPrinter(self._queue_name)
        except api.error as error:
            raise WindowsSpoolError(int(error.args[0]), str(error.args[-1])) from error
        try:
            mode = api.GetPrinter(handle, 2)["pDevMode"]
            mode.Orientation, mode.Copies = _LANDSCAPE, 1
            mode.Duplex = _SIMPLEX if job.card.back is None else _LONG_EDGE
            # A field of DEVMODE counts only with its bit in here (wingdi.h).
            mode.Fields |= _DM_ORIENTATION | _DM_DUPLEX | _DM_COPIES
            # Through the driver, which brings its own, private part of DEVMODE into line with ours.
            api.DocumentProperties(0, handle, self._queue_name, mode, mode, _BUFFER_IN | _BUFFER_OUT)
            return int(gui.CreateDC("WINSPOOL", self._queue_name, mode))
        except api.error as error:
            raise WindowsSpoolError(int(error.args[0]), str(error.args[-1])) from error
        finally:
            api.ClosePrinter(handle)

    def _drawn(self, api: Any, context: int, job: PrintJob, record: JobRecord) -> JobRecord:
        strokes = self._strokes(api, context, job)
        try:
            number = api.StartDoc(context, (job.job, None, None, 0))
            for page in strokes:
                api.StartPage(context)
                for stroke in page:
                    self._draw(context, stroke)
                api.EndPage(context)
            api.EndDoc(context)
        except (api.error, OSError) as error:
            self._abort(api, context, job.job, str(error.args[-1]))
            self._book.forget(job.job)
            raise self._refused(str(error.args[-1])) from error
        return self._write(replace(record, spooler_id=str(number)))

    def _abort(self, api: Any, context: int, job: str, detail: str) -> None:
        """Take back a job that wasn't drawn to its end; some printers begin with the first page."""
        with suppress(api.error):  # it may not even have begun
            api.AbortDoc(context)
        try:
            left = self._queue.look(job)
        except SpoolerError as error:
            raise PrintJobLostError(detail=detail) from error
        if left is not None:
            raise PrintJobLostError(detail=detail)

    def _strokes(self, api: Any, context: int, job: PrintJob) -> list[list[Stroke]]:
        """Return the pages: each side in the middle of the sheet, dot on dot; raises PrinterMissingError for others."""
        caps = [
            int(api.GetDeviceCaps(context, what))
            for what in (_LOGPIXELSX, _LOGPIXELSY, _PHYSICAL_WIDTH, _PHYSICAL_HEIGHT, _PHYSICAL_X, _PHYSICAL_Y)
        ]
        card, (across, down, width, height, left, top) = job.card, caps
        standing = height > width
        # Another raster would be scaled by the driver, and scaled codes don't read.
        if (across, down) != ((card.dpi_y, card.dpi_x) if standing else (card.dpi_x, card.dpi_y)):
            self._book.forget(job.job)
            raise self._refused(f"{across} × {down} dpi ≠ {card.dpi_x} × {card.dpi_y}")
        pages = []
        for side in (card.front, card.back):
            if side is not None:
                turn = (90 if standing else 0) + (180 if side is card.back and self.profile.rotate_back else 0)
                bitmaps = [_turned(bitmap, turn) for bitmap in self._layers(side, resin=self._resin(side, card))]
                # GDI counts from where the printable area begins, not from the corner of the sheet.
                corner = ((width - bitmaps[0].width_px) // 2 - left, (height - bitmaps[0].height_px) // 2 - top)
                pages.append(
                    [
                        Stroke(dib(bitmap), *corner, SRCAND if number else SRCCOPY)
                        for number, bitmap in enumerate(bitmaps)
                    ]
                )
        return pages

    def _resin(self, side: RenderedSide, card: RenderedCard) -> bool:
        return self.profile.resin_front if side is card.front else self.profile.resin_back

    def _layers(self, side: RenderedSide, *, resin: bool) -> list[Bitmap]:
        apart = resin and self._black == "bitmap" and any(side.resin.data)
        return [side.colour, side.resin] if apart else [side.composite]

    def _missing(self, error: SpoolerError) -> PrinterMissingError:
        if error.driver_missing:
            return driver_missing(self.name)
        if error.not_found:
            return PrinterMissingError(device=self.name, detail=words_of(error))
        return PrinterMissingError(error.what, error.todo, device=self.name, detail=words_of(error))

    def _away(self, error: SpoolerError) -> PrinterTroubleError:
        return trouble_error(self.name, (PrinterReason.OFFLINE,), words_of(error))


def _turned(bitmap: Bitmap, degrees: int) -> Bitmap:
    if degrees % 360 == 0:
        return bitmap
    from PIL import Image

    turns = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
    return from_image(to_image(bitmap).transpose(turns[degrees % 360]))
