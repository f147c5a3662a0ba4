"""The stations of this database: who may do what, a form for a new one with its code, and taking one out of use."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from station.domain.enrolment import QR_BEGINS, RIGHTS_IN_WORDS, USUAL, EnrolledStation, Right
from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, PERSON, SECONDARY, STRONG, TextStyle
from station.ui.viewmodels.stations import NewCode, StationsModel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.field import Field
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel

_NAME_MAX = 64
_QR_PX = 180


class StationsView(PageView):
    """Shows the stations, and where this one may, the form for another."""

    title = N_("Stations")
    words = N_("Each station has its own range of card numbers. It is never given to another, not even afterwards.")

    def __init__(self, ui: Ui, model: StationsModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self._sure = ""
        self._withdrawing: dict[str, QuietButton] = {}
        self.form = Panel(ui, parent=self)
        self.name = Field(ui, "stationName", longest=_NAME_MAX, parent=self.form)
        self.rights = {right: QCheckBox(self.form) for right in Right}
        self._form_head = Text(ui, STRONG, parent=self.form)
        self._lay_out_form()
        # The form stays when the rest is drawn anew: nobody loses what they type.
        self._above, self._below = arrange(QVBoxLayout(), gap=12), arrange(QVBoxLayout(), gap=12)
        self.body.addLayout(self._above)
        self.body.addWidget(self.form)
        self.body.addLayout(self._below)
        self.body.addStretch(1)
        self.make = ActionButton(ui, primary=True, parent=self)
        self.make.setObjectName("stationsMake")
        self.make.clicked.connect(self._pressed)
        self.name.entered.connect(self._pressed)
        self.buttons.insertWidget(0, self.make)
        model.changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.model.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._sure = ""
        self.model.watch(False)

    def take_focus(self) -> None:
        found = self.model.found
        target = self.name if found.may_enrol else self.make if self.make.isEnabled() else self.back
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out_form(self) -> None:
        column = arrange(QVBoxLayout(self.form), (18, 12, 18, 14), gap=8)
        column.addWidget(self._form_head)
        column.addWidget(self.name)
        for right, box in self.rights.items():
            box.setObjectName(f"right-{right.value}")
            box.setChecked(right in USUAL)
            column.addWidget(box)

    def _pressed(self) -> None:
        if not self.model.found.stations:
            # There is no way back from it: the button asks once more.
            if self._sure == "begin":
                self.model.begin()
            self._sure = "" if self._sure == "begin" else "begin"
            self.refresh()
            return
        chosen = frozenset(right for right, box in self.rights.items() if box.isChecked())
        self.model.invite(self.name.text, chosen)

    # --- what is shown

    def refresh(self) -> None:
        super().refresh()
        tr, model = self.ui.tr_, self.model
        found = model.found
        self._form_head.setText(tr.text(N_("Enrol a new station")))
        self.name.name(tr.text(N_("What it is called")), tr.text(N_("Desk 2")))
        for right, box in self.rights.items():
            box.setText(tr.text(N_("It may {right}."), right=tr.text(RIGHTS_IN_WORDS[right])))
            box.setFont(self.ui.theme.font(BODY))
        self.form.setVisible(found.may_enrol)
        self.make.setVisible(model.known and (found.may_enrol or not found.stations))
        self.make.setEnabled(not model.busy)
        self.make.set_label(tr.text(self._label()), "Enter" if found.may_enrol else "")
        self._withdrawing.clear()
        for layout in (self._above, self._below):
            _clear(layout)
        if model.error is not None:
            self._error()
        if model.new is not None:
            self._above.addWidget(self._code(model.new))
            self.bring_into_sight(self.form)
        if model.known and not found.stations:
            self._above.addWidget(self._nobody())
        for station in found.stations:
            self._below.addWidget(self._station(station))

    def _label(self) -> str:
        if self.model.found.stations:
            return N_("Make a code")
        return N_("Yes, from now on only enrolled stations") if self._sure == "begin" else N_("Begin to enrol stations")

    def _nobody(self) -> QWidget:
        words = [N_("No station is enrolled: every station that reaches this database may work.")]
        if self._sure == "begin":
            words.append(
                N_(
                    "From then on every other station is refused until it is enrolled with a code from here. This one"
                    " gets every right. There is no way back."
                )
            )
        panel = Panel(self.ui, fill="warn_weak" if self._sure else "surface", parent=self)
        column = arrange(QVBoxLayout(panel), (18, 12, 18, 12), gap=4)
        for text in words:
            self._say(column, panel, self.ui.text(text))
        panel.setObjectName("stationsNobody")
        return panel

    def _error(self) -> None:
        error = self.model.error
        panel = Panel(self.ui, fill="bad_weak", parent=self)
        column = arrange(QVBoxLayout(panel), (18, 12, 18, 12), gap=4)
        for text in self.ui.tr_.error(error) if error is not None else ():
            self._say(column, panel, text)
        panel.setObjectName("stationsError")
        self._above.addWidget(panel)

    def _code(self, new: NewCode) -> QWidget:
        """Return the code, large and as a QR; it is seen once."""
        tr = self.ui.tr_
        panel = Panel(self.ui, fill="accent_weak", parent=self)
        row = arrange(QHBoxLayout(panel), (18, 12, 18, 12), gap=18)
        words = arrange(QVBoxLayout(), gap=4)
        name = new.invitation.name
        self._say(words, panel, tr.text(N_("The code for “{name}”:"), name=name))
        code = Text(self.ui, PERSON, parent=panel)
        code.setObjectName("stationsCode")
        code.setText(new.code)
        code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(code)
        until = new.invitation.expires_at
        day, time = tr.date(until.astimezone().date()), tr.time(until)
        self._say(
            words, panel, tr.text(N_("It is good once, until {day}, {time}. It is shown only now."), day=day, time=time)
        )
        self._say(words, panel, tr.text(N_("At the new station run: station enrol. It asks for the code.")))
        row.addLayout(words, 1)
        picture = QLabel(panel)
        picture.setObjectName("stationsQr")
        picture.setPixmap(_qr(new.code))
        picture.setAccessibleName(tr.text(N_("The code as a QR code")))
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        return panel

    def _station(self, station: EnrolledStation) -> QWidget:
        tr = self.ui.tr_
        panel = Panel(self.ui, parent=self)
        row = arrange(QHBoxLayout(panel), (18, 12, 14, 12), gap=12)
        words = arrange(QVBoxLayout(), gap=2)
        mine = station.id == self.model.found.here
        name = tr.text(N_("{name} (this station)"), name=station.name) if mine else station.name
        self._say(words, panel, name, STRONG)
        self._say(words, panel, self._state(station), colour="muted" if station.withdrawn_at else "text")
        told = "; ".join(tr.text(RIGHTS_IN_WORDS[right]) for right in Right if right in station.rights)
        self._say(words, panel, tr.text(N_("It may: {rights}"), rights=told))
        ranges = ", ".join(f"{prefix:03} ({pic})" for pic, prefix in station.prefixes)
        self._say(words, panel, tr.text(N_("Card numbers: {ranges}"), ranges=ranges or "–"), SECONDARY, "muted")
        row.addLayout(words, 1)
        if station.withdrawn_at is None and not mine and self.model.found.may_enrol:
            row.addWidget(self._withdraw(panel, station), 0, Qt.AlignmentFlag.AlignVCenter)
        return panel

    def _withdraw(self, panel: QWidget, station: EnrolledStation) -> QWidget:
        sure = self._sure == station.id
        button = QuietButton(self.ui, panel)
        label = self.ui.text(N_("Yes, withdraw it") if sure else N_("Withdraw…"))
        button.set_label(label)
        button.setObjectName(f"withdraw-{station.name}")
        button.setAccessibleName(f"{label}: {station.name}")
        self._withdrawing[station.id] = button

        def pressed() -> None:
            self._sure = "" if sure else station.id
            if sure:
                self.name.setFocus(Qt.FocusReason.OtherFocusReason)  # the button that has it is about to go
                self.model.withdraw(station.name)
            else:
                self.refresh()
                self._withdrawing[station.id].setFocus(Qt.FocusReason.OtherFocusReason)

        button.clicked.connect(pressed)
        return button

    def _state(self, station: EnrolledStation) -> str:
        tr = self.ui.tr_
        if station.withdrawn_at is not None:
            day = tr.date(station.withdrawn_at.astimezone().date())
            return tr.text(N_("withdrawn on {day}"), day=day)
        if station.ends_at is not None:
            return tr.text(N_("by file, to {day}"), day=tr.date(station.ends_at.astimezone().date()))
        seen = station.last_seen_at
        return (
            tr.text(N_("last started on {day}"), day=tr.date(seen.astimezone().date()))
            if seen
            else tr.text(N_("enrolled"))
        )

    def _say(
        self, column: QVBoxLayout, panel: QWidget, text: str, style: TextStyle = BODY, colour: str = "text"
    ) -> None:
        label = Text(self.ui, style, colour, parent=panel)
        label.setText(text)
        column.addWidget(label)


def _qr(code: str) -> QPixmap:
    from station.render.codes import qr_rows

    rows = qr_rows(QR_BEGINS + code)
    # Four clear modules on each side (ISO/IEC 18004).
    side = len(rows) + 8
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    for y, row in enumerate(rows):
        for x, black in enumerate(row):
            if black:
                image.setPixel(x + 4, y + 4, 0xFF000000)
    # By a whole number: each module is whole dots, and all are alike.
    scale = max(1, _QR_PX // side)
    return QPixmap.fromImage(image.scaled(side * scale, side * scale))


def _clear(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
