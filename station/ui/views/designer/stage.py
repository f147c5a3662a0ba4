"""The stage of the canvas: what part of both sides is seen, and how large; zoom, scrolling, true size."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from station.services.designing import Key
from station.ui.context import Ui
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_checks import ChecksModel
from station.ui.viewmodels.designer_pictures import PictureBook
from station.ui.viewmodels.designer_placement import LEAST_ZOOM, MOST_ZOOM, Placement, fitting
from station.ui.views.designer.composition import Composition, Sight

RULER_PX = 22
_STEP = 1.25


class Stage(QAbstractScrollArea):
    """A view of both sides. ``zoomed`` says that the zoom is another, ``sight_changed`` that something else is seen;
    ``edit_wanted`` that a text is to be written, ``menu_wanted`` where a menu about what is selected is to open,
    ``pointed`` where the mouse is on a side.
    """

    zoomed = Signal()
    sight_changed = Signal()
    edit_wanted = Signal()
    menu_wanted = Signal(QPoint)
    pointed = Signal(object)

    def __init__(self, ui: Ui, model: DesignerModel, book: PictureBook, checks: ChecksModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.ui, self.model, self.checks = ui, model, checks
        self.composition = Composition(book, ui.theme)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setViewportMargins(RULER_PX, RULER_PX, 0, 0)
        self.viewport().setMouseTracking(True)
        # The pictures cover the whole view: Qt would fill it before each of them for nothing.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.placement = fitting(model.design.card, (600, 500))
        self.fits = True
        self._sight: Sight | None = None
        model.loaded.connect(self.fit)

    @property
    def sight(self) -> Sight:
        """Return what is seen now."""
        # Asked dozens of times at each move of the mouse; kept until the view is another.
        if self._sight is not None:
            return self._sight
        across, down = self.placement.size
        view = self.viewport().size()
        left = (view.width() - across) / 2 if across <= view.width() else -self.horizontalScrollBar().value()
        top = (view.height() - down) / 2 if down <= view.height() else -self.verticalScrollBar().value()
        self._sight = Sight(self.placement, round(left), round(top), view, self.devicePixelRatioF())
        return self._sight

    @property
    def true_zoom(self) -> float:
        """Return the zoom at which the card is as large as the plastic, as far as the screen tells the truth."""
        dots = self.screen().physicalDotsPerInchX()
        return (dots if 60 <= dots <= 400 else 96.0) / 25.4

    def fit(self) -> None:
        """Show both sides as large as there is room."""
        view = self.viewport().size()
        placement = fitting(self.model.design.card, (view.width(), view.height()))
        self._place(placement, fits=True)

    def show_true_size(self) -> None:
        """Show both sides as large as the plastic."""
        self.zoom_to(self.true_zoom)

    def zoom_by(self, steps: float, at: QPointF | None = None) -> None:
        """Zoom in or out around a point, the middle where none is given."""
        self.zoom_to(self.placement.zoom * _STEP**steps, at)

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Show a millimetre in that many pixels; what is at ``at`` stays there."""
        # Whole dots an inch, so that pictures are painted dot for dot.
        unit = 25.4 * self.devicePixelRatioF()
        zoom = round(max(LEAST_ZOOM, min(MOST_ZOOM, zoom)) * unit) / unit
        point = at if at is not None else QRectF(self.viewport().rect()).center()
        sight = self.sight
        side = self.placement.side_at(point.x() - sight.left, point.y() - sight.top)
        held = self.placement.point_mm(side, point.x() - sight.left, point.y() - sight.top)
        self._place(replace(self.placement, zoom=zoom), fits=False)
        x, y = self.placement.point_px(side, *held)
        self.horizontalScrollBar().setValue(round(x - point.x()))
        self.verticalScrollBar().setValue(round(y - point.y()))

    def centre_mm(self) -> tuple[float, float]:
        """Return the middle of what is seen of the side in use, for what is put there."""
        sight, side = self.sight, self.model.side
        seen = sight.card_rect(side).intersected(QRectF(self.viewport().rect()))
        if seen.isEmpty():
            card = self.model.design.card
            return card.width_mm / 2, card.height_mm / 2
        return self.placement.point_mm(side, seen.center().x() - sight.left, seen.center().y() - sight.top)

    def reveal(self, key: Key) -> None:
        """Scroll to an element, if it is out of sight."""
        box = self.model.box_of(key)
        if box is None:
            return
        rect, view = self.sight.box_rect(key[0], box), QRectF(self.viewport().rect())
        if not view.intersects(rect):
            across, down = self.horizontalScrollBar(), self.verticalScrollBar()
            across.setValue(round(across.value() + rect.center().x() - view.center().x()))
            down.setValue(round(down.value() + rect.center().y() - view.center().y()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        self._sight = None

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802 - Qt's name
        self._sight = None
        self.viewport().update()
        self.sight_changed.emit()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.Resize):
            self._sight = None
        return super().viewportEvent(event)

    # --- inside --------------------------------------------------------------------------------------------------

    def _place(self, placement: Placement, *, fits: bool) -> None:
        self.fits = fits
        unit = 25.4 * self.devicePixelRatioF()
        # Whole dots an inch here too, but rounded down: the card has to fit.
        self.placement = placement.zoomed(max(1.0, int(placement.zoom * unit)) / unit) if fits else placement
        self._sight = None
        self.bound()
        self.viewport().update()
        self.sight_changed.emit()
        self.zoomed.emit()

    def bound(self) -> None:
        """Let the view be scrolled over both sides, and no further."""
        view = self.viewport().size()
        size = QSize(*(round(length) for length in self.placement.size))
        for bar, whole, seen in (
            (self.horizontalScrollBar(), size.width(), view.width()),
            (self.verticalScrollBar(), size.height(), view.height()),
        ):
            bar.setPageStep(seen)
            bar.setSingleStep(24)
            bar.setRange(0, max(0, whole - seen))
