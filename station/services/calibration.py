"""Calibration as a person does it: what they read and typed, and how the test card comes out before and after."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.domain.elements import CARD_HEIGHT_MM, CARD_WIDTH_MM
from station.domain.errors import N_, InputError
from station.domain.print_care import Correction, Reading, Rulers, corrected_by

if TYPE_CHECKING:
    from station.ports.printer import PrinterProfile, RenderedCard


@dataclass(frozen=True, slots=True)
class CalibrationWish:
    """What was typed: millimetres as the rulers of an uncorrected test card show them, and the dyes by hand.

    Empty is what was not read: it stays as it is. A comma is as good as a point.
    """

    left: str = ""
    right: str = ""
    upper: str = ""
    lower: str = ""
    back_left: str = ""
    back_upper: str = ""
    gamma: str = ""
    cyan: str = ""
    magenta: str = ""
    yellow: str = ""

    @property
    def empty(self) -> bool:
        """Say whether nothing was typed."""
        return self == CalibrationWish()

    def correction(self, before: Correction) -> Correction:
        """Return ``before`` with what was typed.

        Raises:
            InputError: something is no number, or no sound printer could need it; ``field`` names where it stands.
        """
        none = Rulers()
        groups: tuple[tuple[str, Callable[[Correction], Correction]], ...] = (
            # Group by group, so that a refusal names its own field: one check of all could only say that something is
            # wrong.
            ("left", lambda c: _read(c, Reading(replace(none, left_mm=self._mm("left"), right_mm=self._mm("right"))))),
            (
                "upper",
                lambda c: _read(c, Reading(replace(none, upper_mm=self._mm("upper"), lower_mm=self._mm("lower")))),
            ),
            ("back_left", lambda c: _read(c, Reading(back_left_mm=self._mm("back_left")))),
            ("back_upper", lambda c: _read(c, Reading(back_upper_mm=self._mm("back_upper")))),
            *((dye, lambda c, name=dye: self._dyed(c, name)) for dye in _DYES),
        )
        after = before
        for field, change in groups:
            try:
                after = change(after).checked()
            except InputError as error:
                raise InputError(error.what, error.todo, **{"field": field, **error.params}) from error
        return after

    def _mm(self, name: str) -> float | None:
        return _number(getattr(self, name), name)

    def _dyed(self, correction: Correction, name: str) -> Correction:
        value = _number(getattr(self, name), name)
        return correction if value is None else replace(correction, **{name: value})


@dataclass(frozen=True, slots=True)
class CalibrationPreview:
    """The test card as this printer puts it onto plastic: given as it is, and given corrected."""

    now: RenderedCard
    after: RenderedCard


def preview(profile: PrinterProfile, correction: Correction) -> CalibrationPreview:
    """Return how the test card comes out of a printer that needs ``correction``, without it and with it.

    Where the printer puts the print is known from what was read; what it does to colours is not: they are shown as they
    are sent.
    """
    from station.render.correcting import corrected
    from station.render.testcard import render_test_card

    card, puts = render_test_card(profile), correction.undone
    return CalibrationPreview(corrected(card, puts), corrected(corrected(card, correction), puts))


def _read(before: Correction, reading: Reading) -> Correction:
    return corrected_by(before, reading, CARD_WIDTH_MM, CARD_HEIGHT_MM)


def _number(typed: str, field: str) -> float | None:
    text = typed.strip().removesuffix("mm").strip().replace(",", ".")
    if not text:
        return None
    # Stricter than float(): that takes "nan", "inf", "1e5" and digits of other scripts, and nobody reads those on a
    # ruler.
    if re.fullmatch(r"[+-]?\d{1,4}(\.\d{1,6})?", text) is None or not text.isascii():
        raise InputError(N_("{value} is not a number."), _SUCH_AS, field=field, value=typed.strip())
    return float(text)


_DYES = ("gamma", "cyan", "magenta", "yellow")
_SUCH_AS = N_("Type it with a comma or a point, such as 0.4 or 85.9.")
