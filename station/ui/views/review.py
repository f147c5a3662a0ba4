"""Both sides as they will be printed, large: the last look before anything is made."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.lint import Level, LintFinding, worst_first, worst_level
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, SECONDARY_STRONG, TROUBLE
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.stages import Stage
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.card_view import CardView
from station.ui.widgets.labels import Text

_LEAST_WIDTH, _LOW_WIDTH = 120, 256
_MOST_FINDINGS = 2


class ReviewView(View):
    """Shows one side large; a button, or F4, turns the card round."""

    def __init__(self, ui: Ui, desk: DeskModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk = desk
        self._back_up = False
        self._title = Text(ui, TROUBLE, parent=self)
        self._say = Text(ui, INSTRUCTION, "muted", parent=self)
        self._card = CardView(ui, self)
        self._card.setObjectName("reviewCard")
        self._card.set_shrinking()
        self._findings = Text(ui, SECONDARY_STRONG, "warn", parent=self)
        self._findings.setObjectName("reviewFindings")
        self._findings.setContentsMargins(8, 0, 8, 0)
        self._turn = QuietButton(ui, self)
        self._turn.setObjectName("turnCard")
        self._turn.clicked.connect(self.turn)
        self._size = QuietButton(ui, self)
        self._size.setObjectName("trueSize")
        self._size.setCheckable(True)
        self._size.toggled.connect(self._card.set_true_size)
        column = arrange(QVBoxLayout(self), gap=6)
        self._words = arrange(QVBoxLayout(), (8, 6, 8, 0), gap=2)
        self._words.addWidget(self._title)
        self._words.addWidget(self._say)
        column.addLayout(self._words)
        self._body = arrange(QBoxLayout(QBoxLayout.Direction.TopToBottom), gap=6)
        self._body.addWidget(self._card, 1)
        self._tools = arrange(QBoxLayout(QBoxLayout.Direction.LeftToRight), gap=8)
        self._tools.addStretch(1)
        self._tools.addWidget(self._turn)
        self._tools.addWidget(self._size)
        self._tools.addStretch(1)
        self._body.addLayout(self._tools, 0)
        column.addLayout(self._body, 1)
        column.addWidget(self._findings)
        column.addStretch()
        desk.people_changed.connect(self._maybe_refresh)
        desk.current_changed.connect(self._start_with_front)

    def set_low(self, low: bool) -> None:
        """Leave the height to the card: what to look for and the tools stand beside it."""
        self._title.setVisible(not low)
        self._words.setContentsMargins(8, 0 if low else 6, 8, 0)
        self._card.setMinimumWidth(_LOW_WIDTH if low else _LEAST_WIDTH)
        if low:
            self._tools.insertWidget(1, self._say)
        else:
            self._words.addWidget(self._say)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._body.setDirection(across if low else down)
        self._tools.setDirection(down if low else across)

    def turn(self) -> None:
        """Show the other side."""
        self._back_up = not self._back_up
        self.refresh()

    def refresh(self) -> None:
        session = self.desk.current
        if session is None:
            return
        text = self.ui.text
        self._title.setText(text(N_("Look the card over together")))
        self._say.setText(text(N_("Is the name spelt right, and is it the right photo? This is what will be printed.")))
        self._size.set_label(text(N_("True size")))
        picture = session.preview.picture
        back = picture.back if picture else None
        showing_back = self._back_up and back is not None
        self._card.show_side(back if showing_back else picture.front if picture else None)
        side = N_("The back of the card") if showing_back else N_("The front of the card")
        self._card.setAccessibleName(text(side))
        self._turn.set_label(text(N_("Show the front (F4)") if showing_back else N_("Show the back (F4)")))
        self._turn.setVisible(back is not None)
        self._show_findings(picture.printed.findings if picture and picture.printed else ())

    def _show_findings(self, found: Sequence[LintFinding]) -> None:
        """Say what will look wrong, the worst first, and what to do about it."""
        tr, worst = self.ui.tr_, worst_first(found)
        lines = [f"{tr.message(each.message)} {tr.message(each.remedy)}" for each in worst]
        self._findings.setText("\n".join(lines[:_MOST_FINDINGS]))
        self._findings.setToolTip("\n\n".join(lines[_MOST_FINDINGS:]))
        self._findings.set_colour("bad" if worst_level(worst) is Level.ERROR else "warn")
        self._findings.setVisible(bool(lines))

    def _start_with_front(self) -> None:
        self._back_up = False
        self._maybe_refresh()

    def _maybe_refresh(self) -> None:
        if self.desk.current is not None and self.desk.current.stage is Stage.REVIEW:
            self.refresh()
