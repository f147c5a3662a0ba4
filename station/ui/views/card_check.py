"""Check a card: a field for its number or QR, the camera, a place to tap it, and one large verdict."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.services.card_check import CardCheck, Verdict, lines_of, title_of
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, CONTROL_HEIGHT, INSTRUCTION, PERSON
from station.ui.tone import Tone
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.card_check import CardCheckModel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel
from station.ui.widgets.scan_view import ScanView
from station.ui.widgets.verdict_sign import VerdictSign

_LONGEST = 400
_COLOURS = {Tone.OK: "ok", Tone.BAD: "bad", Tone.WARN: "warn"}


class CardCheckView(PageView):
    """The page. A hand scanner types into the field and presses Enter, as a person does; Space lends it the camera.

    ``cards_wanted`` carries holder and number of a card made here, to change how it stands.
    """

    cards_wanted = Signal(object, str)
    title = N_("Check a card")
    words = N_(
        "Any European Student Card: lay it on the reader, scan its QR with a hand scanner or the camera, or type its"
        " number. Nothing is written to the card."
    )

    def __init__(self, ui: Ui, model: CardCheckModel, camera: CameraModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model, self._camera = model, camera
        self.field = _NumberField(self)
        self.field.setObjectName("cardNumber")
        self.field.setMaxLength(_LONGEST)
        self.field.returnPressed.connect(self._check)
        self.field.camera_wanted.connect(self._turn_camera)
        self.field.tabbed.connect(self._check_scanned)
        self._checked = ""
        self.button = ActionButton(ui, primary=True, parent=self)
        self.button.setObjectName("checkCard")
        self.button.clicked.connect(self._check)
        row = arrange(QHBoxLayout(), gap=10)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        self.body.addLayout(row)
        self._scan = ScanView(ui, self)
        self.body.addWidget(self._scan, 0, Qt.AlignmentFlag.AlignHCenter)
        self._make_panel()
        self.scan, self.change = ActionButton(ui, parent=self), ActionButton(ui, parent=self)
        for place, (button, name) in enumerate(((self.scan, "scanCard"), (self.change, "changeCard"))):
            button.setObjectName(name)
            self.buttons.insertWidget(place, button)
        self.scan.clicked.connect(self._turn_camera)
        self.change.clicked.connect(self._want_cards)
        self.body.addStretch(1)
        camera.frame_came.connect(self._show_picture)
        camera.changed.connect(self._show_picture)
        model.shown.connect(self._shown)
        model.changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.model.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Forget what was checked: it is somebody's."""
        super().hideEvent(event)
        self.model.watch(False)
        self.field.clear()
        self._checked = ""
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Take what a scanner types wherever the keyboard is on this page: its “/” is no search."""
        control = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if event.text().isprintable() and event.text().strip() and not control:
            self.take_focus()
            self.field.selectAll()
            self.field.insert(event.text())
        else:
            super().keyPressEvent(event)

    def take_focus(self) -> None:
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        super().refresh()
        self.field.setFont(self.ui.theme.font(INSTRUCTION))
        self.field.setMinimumHeight(max(CONTROL_HEIGHT, self.ui.theme.scaled(CONTROL_HEIGHT)))
        self.field.setPlaceholderText(self.ui.text(N_("Card number, or what its QR says")))
        self.field.setAccessibleName(self.ui.text(N_("Card number, or what its QR says")))
        self.button.set_label(self.ui.text(N_("Check it")), "Enter")
        self.scan.set_label(self.ui.text(N_("Camera off") if self.model.scanning else N_("Camera")), "Space")
        self.scan.setToolTip(self.ui.text(N_("Hold the card's QR in front of the camera")))
        self.change.set_label(self.ui.text(N_("Change this card…")))
        self.change.setVisible(self.model.holder is not None)
        self._scan.setVisible(self.model.scanning)
        self._show_picture()
        check, error = self.model.check, self.model.error
        self._panel.setVisible(check is not None or self.model.asking or error is not None)
        self._sign.setVisible(check is not None)
        if check is not None:
            self._show(check)
        elif error is not None:
            what, todo = self.ui.tr_.error(error)
            self._verdict.set_colour("warn")
            self._verdict.setText(what)
            self._lines.setText(todo)
        elif self.model.asking:
            self._verdict.set_colour("text")
            self._verdict.setText(self.ui.text(N_("Asking ESC-Router…")))
            self._lines.setText("")
        self._lines.setVisible(bool(self._lines.text()))
        self._number.setText(check.escn if check is not None else "")
        self._number.setVisible(bool(self._number.text()))
        if check is not None and self.isVisible():
            # Once it has its place: on a small screen the verdict would lie below the edge.
            QTimer.singleShot(0, self._panel, lambda: self.bring_into_sight(self._verdict))

    def _turn_camera(self) -> None:
        if not self.model.scanning:
            self._camera.set_view(self._scan.picture_px())
        self.model.scan(not self.model.scanning)
        self.take_focus()

    def _show_picture(self) -> None:
        if self.model.scanning:
            error = self._camera.report.error if self._camera.report is not None else None
            words = self.ui.tr_.error(error)[0] if error is not None else self.ui.text(N_("The camera is starting…"))
            self._scan.show_picture(self._camera.image, words)

    def _shown(self, text: str) -> None:
        """Show what the camera read where a scanner would have typed it."""
        self.field.setText(text[:_LONGEST])
        self._checked = self.field.text()
        self.field.selectAll()

    def _want_cards(self) -> None:
        if self.model.holder is not None and self.model.check is not None:
            self.cards_wanted.emit(self.model.holder, self.model.check.escn)

    def _make_panel(self) -> None:
        self._panel = Panel(self.ui, parent=self)
        row = arrange(QHBoxLayout(self._panel), (20, 16, 20, 18), gap=16)
        self._sign = VerdictSign(self.ui, self._panel)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        words = arrange(QVBoxLayout(), gap=6)
        self._verdict = Text(self.ui, PERSON, parent=self._panel)
        self._verdict.setObjectName("cardVerdict")
        self._lines = Text(self.ui, INSTRUCTION, parent=self._panel)
        self._lines.setObjectName("cardSays")
        self._number = Text(self.ui, BODY, "muted", parent=self._panel)
        self._number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self._verdict, self._lines, self._number):
            words.addWidget(label)
        row.addLayout(words, 1)
        self.body.addWidget(self._panel)

    def _show(self, check: CardCheck) -> None:
        tone, tr = tone_of(check), self.ui.tr_
        self._sign.show_check(check)
        self._verdict.set_colour(_COLOURS[tone])
        self._verdict.setText(tr.message(title_of(check)))
        self._lines.setText("\n".join(tr.message(line) for line in lines_of(check)))

    def _check(self) -> None:
        self._check_text()
        # What comes next from a scanner takes the place of this one.
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _check_text(self) -> None:
        self._checked = self.field.text()
        self.model.check_text(self._checked)

    def _check_scanned(self) -> None:
        """Check a number that ended with Tab, as some scanners end it; half a number a person goes on with."""
        text = self.field.text()
        if text != self._checked and self.model.holds_number(text):
            self._check_text()


class _NumberField(QLineEdit):
    """The field; Enter is its own, whatever else it means in the window, and no number begins with a space."""

    camera_wanted = Signal()
    tabbed = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        if event.reason() is Qt.FocusReason.TabFocusReason:
            self.tabbed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Space and self.selectedText() == self.text():
            if not event.isAutoRepeat():
                self.camera_wanted.emit()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


def tone_of(check: CardCheck) -> Tone:
    """Return how a verdict looks: good, bad, or nothing that could be told."""
    if check.valid:
        return Tone.OK
    bad = check.copy or check.overruled or check.verdict in (Verdict.INACTIVE, Verdict.EXPIRED)
    return Tone.BAD if bad else Tone.WARN
