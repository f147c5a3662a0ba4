"""What a printer needs besides cards: its correction, its ribbon, its cleaning; what was done about it, and when."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum

from station.domain.errors import N_, InputError

OFFSET_MAX_MM = 5.0
SCALE_MAX = 0.03
"""A printer that draws a card more than three in a hundred too long or short is broken, not to be corrected."""


class CareAct(StrEnum):
    """What was done to a printer."""

    CALIBRATED = "calibrated"
    TEST_CARD = "test_card"
    RIBBON_CHANGED = "ribbon_changed"
    CLEANED = "cleaned"
    MOVED_ON = "moved_on"
    """It could not go on, and another printer has its card: ``escn``, and ``to`` whom it went."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What one printer needs so that a card looks as its layout says; applied behind the render, by no layout.

    Offsets move the print right and down, in millimetres; the back has its own. ``scale_…`` stretches it about the
    card's middle. ``gamma`` above 1 prints the colours lighter in the middle; ``cyan``, ``magenta`` and ``yellow`` are
    how much of each dye is given, 1 as it is.
    """

    x_mm: float = 0.0
    y_mm: float = 0.0
    back_x_mm: float = 0.0
    back_y_mm: float = 0.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    gamma: float = 1.0
    cyan: float = 1.0
    magenta: float = 1.0
    yellow: float = 1.0

    def checked(self) -> Correction:
        """Return it; raises InputError when no sound printer could need it."""
        offsets = (self.x_mm, self.y_mm, self.back_x_mm, self.back_y_mm)
        dyes = (self.gamma, self.cyan, self.magenta, self.yellow)
        # Written so that what is not a number is refused, too.
        if not all(-OFFSET_MAX_MM <= each <= OFFSET_MAX_MM for each in offsets):
            raise InputError(_OFFSET, _SERVICE, limit=OFFSET_MAX_MM)
        if not all(1 - SCALE_MAX <= each <= 1 + SCALE_MAX for each in (self.scale_x, self.scale_y)):
            raise InputError(_SCALE, _SERVICE, limit=round(100 * SCALE_MAX))
        if not all(0.5 <= each <= 2.0 for each in dyes):
            raise InputError(_DYES, _TEST_AGAIN)
        return self

    @property
    def undone(self) -> Correction:
        """Return what a printer does that needs this one: where it puts a card that it is given as it is."""
        return Correction(
            x_mm=-self.x_mm / self.scale_x,
            y_mm=-self.y_mm / self.scale_y,
            back_x_mm=-self.back_x_mm / self.scale_x,
            back_y_mm=-self.back_y_mm / self.scale_y,
            scale_x=1 / self.scale_x,
            scale_y=1 / self.scale_y,
        )

    def as_data(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def of_data(cls, data: dict[str, object]) -> Correction:
        """Return what ``as_data`` gave; names of newer versions are left out."""
        names = {each.name for each in fields(cls)}
        return cls(**{name: float(str(value)) for name, value in data.items() if name in names})


@dataclass(frozen=True, slots=True)
class Rulers:
    """What a printed test card shows: which millimetre of its rulers lies on the plastic's edges, along the middle.

    On a printer that needs no correction ``left`` and ``upper`` are 0, ``right`` is the card's width and ``lower`` its
    height. ``None`` is an edge that could not be read.
    """

    left_mm: float | None = None
    right_mm: float | None = None
    upper_mm: float | None = None
    lower_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read off an uncorrected test card: the front's rulers, and the near ones of the back."""

    front: Rulers = Rulers()
    back_left_mm: float | None = None
    back_upper_mm: float | None = None


def corrected_by(before: Correction, read: Reading, width_mm: float, height_mm: float) -> Correction:
    """Return ``before`` with what a reading tells; what was not read stays. Raises InputError as ``from_rulers``."""
    (x_mm, scale_x), (y_mm, scale_y) = from_rulers(read.front, width_mm, height_mm)
    after = before
    if (read.front.left_mm, read.front.right_mm) != (None, None):
        after = replace(after, x_mm=x_mm, scale_x=scale_x)
    if (read.front.upper_mm, read.front.lower_mm) != (None, None):
        after = replace(after, y_mm=y_mm, scale_y=scale_y)
    if read.back_left_mm is not None:
        after = replace(after, back_x_mm=from_near_ruler(read.back_left_mm, width_mm, after.scale_x))
    if read.back_upper_mm is not None:
        after = replace(after, back_y_mm=from_near_ruler(read.back_upper_mm, height_mm, after.scale_y))
    return after


def from_rulers(rulers: Rulers, width_mm: float, height_mm: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return offset and scale, across and down, that bring an uncorrected print onto the plastic."""
    return _along(rulers.left_mm, rulers.right_mm, width_mm), _along(rulers.upper_mm, rulers.lower_mm, height_mm)


def from_near_ruler(near_mm: float, length_mm: float, scale: float) -> float:
    """Return the offset, where one ruler was read and the stretch is known from the other side of the card."""
    return round(near_mm + length_mm / 2 * (scale - 1), 3)


def _along(near: float | None, far: float | None, length_mm: float) -> tuple[float, float]:
    # The printer puts x at m + (x - m)·s + d, m the middle; so m + (x - m)/s - d/s, given to it, comes out at x. What
    # the rulers show at 0 and at the far edge are the x of these two places.
    if near is None and far is None:
        return 0.0, 1.0
    if near is None or far is None:
        shift = near if near is not None else (far or 0.0) - length_mm
        return round(shift, 3), 1.0
    if not far - near > length_mm / 2:
        raise InputError(_RULERS, _TEST_AGAIN, near=near, far=far)
    return round((near + far - length_mm) / 2, 3), round((far - near) / length_mm, 5)


@dataclass(frozen=True, slots=True)
class CareEntry:
    """One thing that was done to a printer; lines are added, never changed."""

    printer: str
    act: CareAct
    at: datetime
    data: dict[str, object] = field(default_factory=dict)
    operator: str = ""
    station: str = ""


_OFFSET = N_("An offset is at most {limit} mm to either side.")
_SCALE = N_("The print can be made at most {limit} % longer or shorter.")
_SERVICE = N_("A printer that is further off needs service. Read the rulers once more.")
_DYES = N_("Gamma and dyes lie between 0.5 and 2; 1 is as it was.")
_TEST_AGAIN = N_("Print the test card again, and read it along the middle of each edge.")
_RULERS = N_("The rulers can't read {near} at one edge and {far} at the other.")
