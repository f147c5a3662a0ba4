"""A portrait before and after its background was made plain, side by side: nothing is taken that was not seen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_CONTROL, RADIUS_PANEL, STRONG
from station.ui.viewmodels.background import BackgroundModel
from station.ui.viewmodels.stages import Background
from station.ui.widgets.painting import rounded_image, smooth, soft_shadow

_EDGE, _GAP = 12, 24
_BAR_HEIGHT = 6
_USUAL_SHAPE = 35 / 45


class BeforeAfterView(QWidget):
    """Paints the two pictures, or how far the second one is."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._state, self._progress = Background.OWN, 0.0
        self._before, self._after = QImage(), QImage()
        self.setObjectName("beforeAfter")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 130)
        ui.changed.connect(self.update)

    def show_model(self, model: BackgroundModel) -> None:
        """Show where the plain background stands."""
        self._state, self._progress = model.state, model.progress
        self._before, self._after = model.before, model.after
        text = self._ui.text
        working = model.state is Background.WORKING
        self.setAccessibleName(
            text(N_("Making the background plain…")) if working else text(N_("The portrait before and after"))
        )
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(576, 170)

    def picture_rects(self) -> tuple[QRectF, QRectF]:
        """Return where the two pictures are, in pixels of this widget."""
        shape = self._before.width() / self._before.height() if not self._before.isNull() else _USUAL_SHAPE
        caption = self._ui.theme.metrics(STRONG).height() + 8
        width = min((self.width() - 2 * _EDGE - _GAP) / 2, (self.height() - 2 * _EDGE - caption) * shape)
        height = width / shape
        top = (self.height() - height - caption) / 2 + caption
        left = self.width() / 2 - _GAP / 2 - width
        return QRectF(left, top, width, height), QRectF(left + width + _GAP, top, width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        if self._state is Background.WORKING:
            self._paint_progress(painter)
        elif not self._before.isNull():
            for rect, image, name in zip(
                self.picture_rects(),
                (self._before, self._after),
                (self._ui.text(N_("Before")), self._ui.text(N_("After"))),
                strict=True,
            ):
                soft_shadow(painter, rect, RADIUS_PANEL, self._ui.theme)
                rounded_image(painter, rect, image, RADIUS_CONTROL)
                self._caption(painter, rect, name)
        painter.end()

    def _caption(self, painter: QPainter, rect: QRectF, name: str) -> None:
        height = self._ui.theme.metrics(STRONG).height()
        painter.setFont(self._ui.theme.font(STRONG))
        painter.setPen(self._ui.theme.colour("text"))
        above = QRectF(rect.left(), rect.top() - height - 8, rect.width(), height)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, name)

    def _paint_progress(self, painter: QPainter) -> None:
        theme = self._ui.theme
        centre = QRectF(self.rect()).center()
        bar = QRectF(0, 0, min(280.0, self.width() - 2.0 * _EDGE), _BAR_HEIGHT)
        bar.moveCenter(centre)
        self._caption(painter, bar.adjusted(-120, 0, 120, 0), self._ui.text(N_("Making the background plain…")))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(bar, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        done = QRectF(bar.left(), bar.top(), bar.width() * max(0.02, min(1.0, self._progress)), bar.height())
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(done, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
