"""What the linter found, the worst first; a press shows where it is on the card."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.lint import Level, LintFinding
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_CONTROL, SECONDARY, SECONDARY_STRONG
from station.ui.viewmodels.designer_checks import ChecksModel
from station.ui.views.designer.chrome import TONES
from station.ui.widgets.base import View, arrange
from station.ui.widgets.labels import Text
from station.ui.widgets.painting import focus_ring, sign, smooth

LEVEL_NAMES = {Level.ERROR: N_("Error"), Level.WARNING: N_("Warning"), Level.NOTE: N_("Note")}
_MOST = 60


class FindingLine(QPushButton):
    """One finding: what is wrong, and what to do about it."""

    def __init__(self, ui: Ui, finding: LintFinding, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui, self.finding = ui, finding
        tr = ui.tr_
        self._what, self._todo = tr.message(finding.message), tr.message(finding.remedy)
        level = ui.text(LEVEL_NAMES[finding.level])
        self.setAccessibleName(f"{level}: {self._what}")
        self.setAccessibleDescription(self._todo)
        self.setToolTip(f"{self._todo}\n\n{finding.source}\n{finding.rule}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        width = max(120, self.width())
        return QSize(width, self._height(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(80, self._height(max(120, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        # How high it has to be follows from how wide it is, which is only known now.
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("sunken"))
            painter.drawRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)
        if self.hasFocus():
            focus_ring(painter, rect, RADIUS_CONTROL, theme.colour("accent"))
        sign(painter, QRectF(8, 9, 16, 16), TONES[self.finding.level], theme, "i")
        top = 8
        for style, words, colour in ((SECONDARY_STRONG, self._what, "text"), (SECONDARY, self._todo, "muted")):
            painter.setFont(theme.font(style))
            painter.setPen(theme.colour(colour))
            room = painter.fontMetrics().boundingRect(0, 0, self.width() - 42, 10_000, _WRAP, words)
            painter.drawText(QRectF(34, top, self.width() - 42, room.height() + 2), _WRAP, words)
            top += room.height() + 2
        painter.end()

    def _height(self, width: int) -> int:
        theme, height = self._ui.theme, 16
        for style, words in ((SECONDARY_STRONG, self._what), (SECONDARY, self._todo)):
            height += theme.metrics(style).boundingRect(0, 0, width - 42, 10_000, _WRAP, words).height() + 2
        return height


_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


class FindingsPanel(View):
    """All findings. ``shown`` carries the one that was pressed."""

    shown = Signal(object)

    def __init__(self, ui: Ui, checks: ChecksModel, parent: QWidget) -> None:
        super().__init__(ui, parent)
        self._checks = checks
        self._lines: tuple[LintFinding, ...] = ()
        self._language = ""
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = arrange(QVBoxLayout(self))
        column.addWidget(self.area)
        checks.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        found = self._checks.findings
        if self._language and (found, self.ui.tr_.language) == (self._lines, self._language):
            return
        self._lines, self._language = found, self.ui.tr_.language
        body = QWidget(self.area)
        column = arrange(QVBoxLayout(body), (6, 4, 6, 8), gap=2)
        for finding in found[:_MOST]:
            line = FindingLine(self.ui, finding, body)
            line.clicked.connect(self._shower(finding))
            column.addWidget(line)
        if not found:
            words = Text(self.ui, SECONDARY, "muted", parent=body)
            words.setText(self.ui.text(N_("Nothing was found. The card can be printed as it is.")))
            column.addWidget(words)
        column.addStretch(1)
        self.area.setWidget(body)

    def lines(self) -> list[FindingLine]:
        """Return the lines that are shown."""
        return self.area.findChildren(FindingLine)

    def _shower(self, finding: LintFinding) -> Callable[[], None]:
        return lambda: self.shown.emit(finding)
