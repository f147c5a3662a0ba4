"""What comes back from the student's mirror: one line for the operator, and what to do when the name is wrong."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.services.notice import AnsweredBy, Given, NameAnswer
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_BUTTON, SECONDARY, STRONG
from station.ui.tone import Tone
from station.ui.viewmodels.mirror import MirrorModel
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.labels import Text
from station.ui.widgets.painting import sign, smooth

_FILLS = {Tone.WARN: "warn_weak", Tone.OK: "ok_weak", Tone.PLAIN: "sunken"}
_ASKED = N_("Asked on the mirror: is the name spelt right?")
_WRONG = {
    AnsweredBy.HOLDER: N_("The student says that the name is not spelt right."),
    AnsweredBy.STAFF: N_("The name is not spelt right."),
}
_WHAT_TO_DO = N_(
    "Make no card yet. Compare it with an identity document. If it is wrong, have it corrected in the student "
    "register, import that again and begin anew. If it is right after all, say so here."
)
_RIGHT = {
    AnsweredBy.HOLDER: N_("The student says that the name is spelt right."),
    AnsweredBy.STAFF: N_("The name is spelt right, the desk says."),
}
_NOT_RECORDED = N_("The answer could not be stored: {reason}")


class _Sign(QWidget):
    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self.tone = ui, Tone.PLAIN
        self.setFixedSize(20, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        sign(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), self.tone, self._ui.theme, "?")
        painter.end()


class MirrorStrip(View):
    """Is there only while the mirror asks somebody, or has heard that a name is wrong."""

    def __init__(self, ui: Ui, mirror: MirrorModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.mirror = mirror
        self.setObjectName("mirrorStrip")
        self._tone, self._low = Tone.PLAIN, False
        self._sign = _Sign(ui, self)
        self.what = Text(ui, STRONG, parent=self)
        self.what.setObjectName("mirrorHeard")
        self.todo = Text(ui, SECONDARY, parent=self)
        self.right = QuietButton(ui, self)
        self.right.setObjectName("nameRight")
        self.right.clicked.connect(lambda: mirror.answer(NameAnswer.RIGHT, AnsweredBy.STAFF))
        self.wrong = QuietButton(ui, self)
        self.wrong.setObjectName("nameWrong")
        self.wrong.clicked.connect(lambda: mirror.answer(NameAnswer.WRONG, AnsweredBy.STAFF))
        words = arrange(QVBoxLayout(), gap=2)
        words.addWidget(self.what)
        words.addWidget(self.todo)
        row = arrange(QHBoxLayout(self), (12, 4, 6, 4), gap=8)
        row.addWidget(self._sign)
        row.addLayout(words, 1)
        row.addWidget(self.right)
        row.addWidget(self.wrong)
        mirror.changed.connect(self.refresh)
        mirror.answered.connect(self._heard)
        mirror.desk.people_changed.connect(self.refresh)
        mirror.desk.page_changed.connect(self.refresh)
        self.refresh()

    def set_low(self, low: bool) -> None:
        self._low = low
        self.refresh()

    def refresh(self) -> None:
        mirror, session = self.mirror, self.mirror.desk.current
        given = mirror.given_by(session)
        wrong = given is not None and given.answer is NameAnswer.WRONG
        over = session is None or session.stage in (Stage.DONE, Stage.SPOILED)
        self.setVisible(not over and mirror.desk.page is Page.PERSON and (mirror.asks or wrong))
        self._tone = Tone.PLAIN if given is None else Tone.WARN if wrong else Tone.OK
        self._sign.tone = self._tone
        self._sign.update()
        text = self.ui.text
        self.what.setText(text(self._words(given)))
        problem = mirror.problem_of(session)
        if problem is not None:
            self.todo.setText(text(_NOT_RECORDED, reason=text(problem.what, **problem.params)))
        else:
            self.todo.setText(text(_WHAT_TO_DO))
        self.todo.setVisible((wrong and not self._low) or problem is not None)
        self.setToolTip(text(_WHAT_TO_DO) if wrong else "")
        asked = given is None or problem is not None  # what could not be stored can be said again
        self.right.setVisible(asked or wrong)
        self.wrong.setVisible(asked)
        self.right.set_label(text(N_("It is right after all")) if wrong else text(N_("It is right")))
        self.wrong.set_label(text(N_("It is wrong")))
        self.setAccessibleName(self.what.text())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, super().sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.ui.theme.colour(_FILLS[self._tone]))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_BUTTON, RADIUS_BUTTON)
        painter.end()

    def _words(self, given: Given | None) -> str:
        if given is None:
            return _ASKED
        return (_WRONG if given.answer is NameAnswer.WRONG else _RIGHT)[given.by]

    def _heard(self, given: Given) -> None:
        """Say a wrong name at once: in words aloud, and where windows are listed if this one is not in front."""
        if given.answer is NameAnswer.WRONG and given.by is AnsweredBy.HOLDER:
            QApplication.alert(self.window())
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.what.text()))
