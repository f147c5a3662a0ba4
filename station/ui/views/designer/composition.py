"""Both sides put together out of their elements' pictures; what rests is put together once, what moves lies between.

While something is dragged only its own picture is painted anew, between one picture of all that lies below it and one
of all that lies above: a frame costs the same on a card of five elements and on one of five hundred.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from station.domain.elements import AnyElement, Box, Zone
from station.services.designing import SIDES, Design, Key, Keys
from station.ui.theme.theme import Theme
from station.ui.viewmodels.designer_pictures import Picture, PictureBook
from station.ui.viewmodels.designer_placement import Placement
from station.ui.widgets.card_view import CORNER_MM
from station.ui.widgets.painting import soft_shadow

_BUDGET_S = 0.008
"""How long pictures may be drawn within one frame; what is not ready then is there a frame later."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What part of both sides is seen, and how: ``left`` and ``top`` are where the placement begins in the view."""

    placement: Placement
    left: float
    top: float
    size: QSize
    ratio: float

    @property
    def dpi(self) -> int:
        """Return how many of the screen's own dots an inch of the card has."""
        return round(self.placement.zoom * 25.4 * self.ratio)

    def card_rect(self, side: int) -> QRectF:
        """Return where a side lies in the view."""
        x, y = self.placement.origin(side)
        card, zoom = self.placement.card, self.placement.zoom
        return QRectF(
            round(self.left + x), round(self.top + y), round(card.width_mm * zoom), round(card.height_mm * zoom)
        )

    def box_rect(self, side: int, box: Box) -> QRectF:
        """Return where a box of a side lies in the view."""
        card, zoom = self.card_rect(side), self.placement.zoom
        return QRectF(card.x() + box.x_mm * zoom, card.y() + box.y_mm * zoom, box.width_mm * zoom, box.height_mm * zoom)


@dataclass(frozen=True, slots=True)
class _Drawable:
    """One picture of one element: its colours or its ink."""

    key: Key
    box: Box
    picture: Picture
    image: QImage


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the resting pictures are made of; the same again needs no work."""

    sight: Sight
    design: Design
    moving: Keys
    person: int
    dark: bool


class Composition:
    """Paints both sides."""

    def __init__(self, book: PictureBook, theme: Theme) -> None:
        self.book, self._theme = book, theme
        self.person = 0
        self._made: _Wanted | None = None
        self._under = self._over = QPixmap()
        self._between: tuple[_Drawable, ...] = ()
        self.complete = True
        self.invisible: tuple[tuple[Key, bool], ...] = ()
        """What this person's card doesn't have, and (``True``) what can't be drawn."""

    def forget(self) -> None:
        """Put everything together anew."""
        self._made = None

    def prepare(self, sight: Sight, design: Design, moving: Keys) -> None:
        """Put together what rests, unless it is there; ``complete`` says whether every picture was ready."""
        wanted = _Wanted(sight, design, moving, self.person, self._theme.tokens.dark)
        made = self._made
        same = made is not None and self.complete and _same(made, wanted)
        if same:
            return
        drawables = self._drawables(sight, design)
        touched = [index for index, each in enumerate(drawables) if each.key in moving]
        first, last = (touched[0], touched[-1] + 1) if touched else (len(drawables), len(drawables))
        self._under = self._painted(sight, design, drawables[:first], ground=True)
        self._over = self._painted(sight, design, drawables[last:]) if last < len(drawables) else QPixmap()
        self._between = tuple(drawables[first:last])
        self._made = wanted

    def paint(self, painter: QPainter, sight: Sight, moved: dict[Key, tuple[AnyElement, Box]], clip: QRectF) -> None:
        """Paint what is inside ``clip``; ``moved`` are the elements that are dragged, as they are at this moment."""
        blit(painter, self._under, clip)
        if self._between:
            painter.save()
            _clip_to_cards(painter, sight, clip)
            for drawable in self._between:
                self._paint_one(painter, sight, drawable, moved, clip)
            painter.restore()
        if not self._over.isNull():
            blit(painter, self._over, clip)

    # --- inside --------------------------------------------------------------------------------------------------

    def _drawables(self, sight: Sight, design: Design) -> list[_Drawable]:
        """Return every picture in the order in which a printer lays them down: all colours, then all ink."""
        until = time.perf_counter() + _BUDGET_S
        self.complete = True
        invisible: list[tuple[Key, bool]] = []
        colours: list[_Drawable] = []
        inks: list[_Drawable] = []
        seen = QRectF(0, 0, sight.size.width(), sight.size.height())
        for key, element in design.elements(key for key in design.keys if key not in design.hidden):
            if not sight.box_rect(key[0], element.box).adjusted(-20, -20, 20, 20).intersects(seen):
                continue
            if not self.book.shown(element):
                invisible.append((key, False))
                continue
            picture = self.book.kept(element, sight.dpi)
            if picture is None and time.perf_counter() < until:
                picture = self.book.draw(element, sight.dpi)
            if picture is None:
                self.complete = False
                continue
            if picture.error is not None:
                invisible.append((key, True))
            if picture.colour is not None:
                colours.append(_Drawable(key, element.box, picture, picture.colour))
            if picture.ink is not None:
                inks.append(_Drawable(key, element.box, picture, picture.ink))
        self.invisible = tuple(invisible)
        return colours + inks

    def _painted(
        self, sight: Sight, design: Design, drawables: Sequence[_Drawable], *, ground: bool = False
    ) -> QPixmap:
        size = QSize(round(sight.size.width() * sight.ratio), round(sight.size.height() * sight.ratio))
        made = QPixmap(size)
        made.setDevicePixelRatio(sight.ratio)
        made.fill(self._theme.colour("sunken") if ground else Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if ground:
            self._paint_ground(painter, sight)
        painter.setClipPath(_cards(sight))
        for drawable in drawables:
            _paint(painter, sight, sight.box_rect(drawable.key[0], drawable.box), drawable.picture, drawable.image)
        if ground:
            self._paint_zones(painter, sight, design)
        painter.end()
        return made

    def _paint_ground(self, painter: QPainter, sight: Sight) -> None:
        for side in SIDES:
            rect = sight.card_rect(side)
            radius = CORNER_MM * sight.placement.zoom
            if rect.width() < 3000:  # a larger one is all the view shows, and its shadow takes memory
                soft_shadow(painter, rect, radius, self._theme)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("#ffffff"))
            painter.drawRoundedRect(rect, radius, radius)

    def _paint_zones(self, painter: QPainter, sight: Sight, design: Design) -> None:
        """Hatch what must stay clear, where the renderer shows nothing of it."""
        for key, element in design.elements(key for key in design.keys if key not in design.hidden):
            if not isinstance(element, Zone):
                continue
            picture = self.book.kept(element, sight.dpi)
            if picture is None or picture.colour is None:
                hatch(painter, sight.box_rect(key[0], element.box))

    def _paint_one(
        self,
        painter: QPainter,
        sight: Sight,
        drawable: _Drawable,
        moved: dict[Key, tuple[AnyElement, Box]],
        clip: QRectF,
    ) -> None:
        side, (element, box) = drawable.key[0], moved.get(drawable.key, (None, drawable.box))
        if not sight.box_rect(side, box).adjusted(-8, -8, 8, 8).intersects(clip):
            return
        picture, image = drawable.picture, drawable.image
        resized = element is not None and (box.width_mm, box.height_mm) != (
            drawable.box.width_mm, drawable.box.height_mm,
        )  # fmt: skip
        if resized and element is not None:
            # What is pulled larger is drawn anew: letters fit themselves into their box, and are not stretched.
            picture = self.book.draw(element, sight.dpi)
            now = picture.colour if drawable.image is drawable.picture.colour else picture.ink
            if now is None:
                return
            image = now
        _paint(painter, sight, sight.box_rect(side, box), picture, image)


def _paint(painter: QPainter, sight: Sight, rect: QRectF, picture: Picture, image: QImage) -> None:
    """Paint a picture with its box's corner on a whole dot of the screen, dot for dot where it was drawn for it."""
    ratio = sight.ratio
    x, y = round(rect.x() * ratio) / ratio, round(rect.y() * ratio) / ratio
    scale = sight.dpi / picture.dpi / ratio
    margin = picture.margin_px * scale
    target = QRectF(x - margin, y - margin, image.width() * scale, image.height() * scale)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, sight.dpi != picture.dpi)
    painter.drawImage(target, image)


def hatch(painter: QPainter, rect: QRectF) -> None:
    """Paint a place that stays clear."""
    painter.save()
    ink = QColor("#5b6878")
    painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine))
    soft = QColor(ink)
    soft.setAlpha(70)
    painter.setBrush(QBrush(soft, Qt.BrushStyle.BDiagPattern))
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


def _clip_to_cards(painter: QPainter, sight: Sight, clip: QRectF) -> None:
    """Paint on the cards only; round corners are cut out where they are touched, for that takes its time."""
    radius = CORNER_MM * sight.placement.zoom
    inner = [sight.card_rect(side).adjusted(radius, 0, -radius, 0) for side in SIDES]
    inner += [sight.card_rect(side).adjusted(0, radius, 0, -radius) for side in SIDES]
    if any(rect.contains(clip) for rect in inner):
        return
    painter.setClipPath(_cards(sight), Qt.ClipOperation.IntersectClip)


def _cards(sight: Sight) -> QPainterPath:
    path = QPainterPath()
    radius = CORNER_MM * sight.placement.zoom
    for side in SIDES:
        path.addRoundedRect(sight.card_rect(side), radius, radius)
    return path


def blit(painter: QPainter, pixmap: QPixmap, clip: QRectF) -> None:
    """Paint what of a picture of the whole view is inside ``clip``."""
    ratio = pixmap.devicePixelRatio()
    source = QRectF(clip.x() * ratio, clip.y() * ratio, clip.width() * ratio, clip.height() * ratio)
    painter.drawPixmap(clip, pixmap, source)


def _same(one: _Wanted, other: _Wanted) -> bool:
    """Tell whether two would look alike; designs are the same when they are one object."""
    # A design is never changed, only replaced by another. To compare hundreds of elements in each frame would be the
    # very work that is saved here.
    if one.design is not other.design:
        return False
    return (one.sight, one.moving, one.person, one.dark) == (other.sight, other.moving, other.person, other.dark)


def united(rects: Iterable[QRectF]) -> QRectF:
    """Return the smallest rectangle around all of them."""
    whole = QRectF()
    for rect in rects:
        whole = whole.united(rect) if not whole.isNull() else QRectF(rect.topLeft() + QPointF(0, 0), rect.size())
    return whole
