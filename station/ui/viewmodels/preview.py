"""The card as it will be printed: drawn again whenever the portrait changes, the newest wish first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from station.domain.holder import Holder
from station.domain.portrait import Portrait
from station.domain.workflow import Issuance
from station.ports.printer import Bitmap, RenderedCard
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.ui.viewmodels.pictures import image_of_bitmap

if TYPE_CHECKING:
    from station.render.card import CheckedCard


@dataclass(frozen=True, slots=True)
class CardPicture:
    """Both sides for the screen. ``printed`` is what goes to the printer, its QR read back; a draft has none."""

    front: QImage
    back: QImage | None
    printed: CheckedCard | None = None


class CardPreview(QObject):
    """Draw one person's card on the work lane. While it draws, only the newest wish is kept."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, holder: Holder) -> None:
        super().__init__()
        self._desk, self._tasks, self._holder = desk, tasks, holder
        self._drawing = False
        self._wish: Callable[[], CardPicture] | None = None
        self._coming: Issuance | None = None
        self.picture: CardPicture | None = None

    def final(self, issuance: Issuance | None) -> CheckedCard | None:
        """Return the render to print for this issuance; ``None`` while it is a draft, or another card's."""
        printed = self.picture.printed if self.picture else None
        ours = printed is not None and issuance is not None and printed.escn == issuance.escn
        return printed if ours else None

    @property
    def qr_read(self) -> bool:
        """Say whether the QR was read from the very picture that will be printed."""
        return bool(self.picture and self.picture.printed and self.picture.printed.qr)

    def draft(self, escn: str = "", portrait: Callable[[], Portrait] | bytes | None = None) -> None:
        """Show the card as it would be: without a number at first, and with a portrait that may still change."""

        def draw() -> CardPicture:
            jpeg = portrait if isinstance(portrait, bytes) or portrait is None else portrait().image
            today = self._desk.clock.now().date()
            sides = self._desk.making.preview(self._holder, escn, jpeg, today)
            return CardPicture(image_of_bitmap(sides.front), image_of_bitmap(sides.back) if sides.back else None)

        self._ask(draw)

    def forget(self) -> None:
        """Print nothing that was drawn so far: the card has another portrait now. It is seen until the new one is."""
        if self.picture is not None:
            self.picture = replace(self.picture, printed=None)

    def finish(self, issuance: Issuance) -> None:
        """Show the card exactly as it will be printed; asked again while it is on its way, it is drawn once."""
        if issuance != self._coming:
            self._ask(lambda: self._as_printed(issuance))
            self._coming = issuance

    def _ask(self, draw: Callable[[], CardPicture]) -> None:
        # A newer wish replaces the card that was to be finished; who wants that one asks again, and it is drawn then.
        self._wish, self._coming = draw, None
        if not self._drawing:
            self._draw_next()

    def _draw_next(self) -> None:
        draw, self._wish = self._wish, None
        if draw is not None:
            self._drawing = True
            wanted = draw
            self._tasks.run(Lane.WORK, lambda _cancel: wanted(), done=self._drawn, failed=self._not_drawn)

    def _as_printed(self, issuance: Issuance) -> CardPicture:
        """Draw what goes to the printer; on the work lane. The back shows the stripe too, which is on the plastic."""
        desk, checked = self._desk, self._desk.render(issuance)
        back = cut_to_card(checked.card, checked.card.back.composite) if checked.card.back else None
        if back is not None:
            portrait = desk.store.portraits.get(issuance.portrait_id) if issuance.portrait_id else None
            seen = desk.making.preview_of(self._holder, issuance, portrait.image if portrait else None).back
            back = image_of_bitmap(seen) if seen else back
        return CardPicture(cut_to_card(checked.card, checked.card.front.composite), back, checked)

    def _drawn(self, picture: CardPicture) -> None:
        self._ended()
        self.picture = picture
        self.changed.emit()
        self._draw_next()

    def _not_drawn(self, error: Exception) -> None:
        self._ended()
        self.failed.emit(error)
        self._draw_next()

    def _ended(self) -> None:
        self._drawing = False
        if self._wish is None:
            self._coming = None


def cut_to_card(card: RenderedCard, side: Bitmap) -> QImage:
    """Return a side without the bleed around it, which the plastic cuts off."""
    width, height = round(card.width_mm / 25.4 * card.dpi_x), round(card.height_mm / 25.4 * card.dpi_y)
    left, top = max(0, (side.width_px - width) // 2), max(0, (side.height_px - height) // 2)
    return image_of_bitmap(side).copy(left, top, min(width, side.width_px), min(height, side.height_px))
