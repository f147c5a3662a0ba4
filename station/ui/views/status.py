"""The bottom line: camera, reader, printer, router, and how many cards wait to be told."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from station.domain.errors import N_
from station.services.health import Health, HealthState
from station.ui.context import Ui
from station.ui.theme.tokens import RADIUS_CONTROL, STATUS_HEIGHT, STATUS_LOW, TextStyle
from station.ui.tone import Tone
from station.ui.viewmodels.devices import DevicesModel
from station.ui.viewmodels.reader import ReaderModel
from station.ui.views.card_strip import card_title
from station.ui.widgets.base import View, arrange
from station.ui.widgets.painting import focus_ring, smooth, status_shape

_FONT, _STRONG = TextStyle(13, 18), TextStyle(13, 18, 500)
_TONES = {HealthState.OK: Tone.OK, HealthState.WARN: Tone.WARN, HealthState.BAD: Tone.BAD, HealthState.OFF: Tone.PLAIN}
_NAMES = {
    "camera": N_("Camera"),
    "reader": N_("Reader"),
    "printer": N_("Printer"),
    "router": N_("ESC-R"),
    "clock": N_("Clock"),
    "store": N_("Database"),
}
_ADVICE = ("clock", "store")
"""Shown only while there is something to put right: a clock that goes right is nobody's business."""


class DeviceLight(QPushButton):
    """One device: a shape, its name, how it stands. A click says what to do about it."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._tone, self._name, self._state, self._brief = ui, Tone.PLAIN, "", "", False
        self._spelled = False
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def show_device(self, tone: Tone, name: str, state: str, todo: str) -> None:
        """Show how a device stands."""
        self._tone, self._name, self._state = tone, name, state
        self.setAccessibleName(f"{name}: {state}")
        self.setAccessibleDescription(todo)
        self.setToolTip("\n".join(part for part in (f"{name}: {state}", todo) if part))
        self.updateGeometry()
        self.update()

    def set_brief(self, brief: bool) -> None:
        """Show the shape and the name only."""
        if brief != self._brief:
            self._brief = brief
            self.updateGeometry()
            self.update()

    def set_spelled(self, spelled: bool) -> None:
        """Say all of it, however little room there is: it is what the person is waiting for."""
        if spelled != self._spelled:
            self._spelled = spelled
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        width = 18 + theme.metrics(_FONT).horizontalAdvance(self._name) + 12
        if not self._brief or self._spelled or self._tone is Tone.BAD:
            width += 4 + theme.metrics(_STRONG).horizontalAdvance(self._state)
        return QSize(width, theme.scaled(28))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(18 + self._ui.theme.metrics(_FONT).horizontalAdvance(self._name) + 8, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        if self.hasFocus():
            focus_ring(painter, rect, RADIUS_CONTROL, theme.colour("accent"))
        side = 9.0
        status_shape(painter, QRectF(4, rect.center().y() - side / 2, side, side), self._tone, theme)
        area = rect.adjusted(19, 0, -2, 0)
        painter.setFont(theme.font(_FONT))
        painter.setPen(theme.colour("muted"))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._name)
        area = area.adjusted(painter.fontMetrics().horizontalAdvance(self._name) + 4, 0, 0, 0)
        painter.setFont(theme.font(_STRONG))
        painter.setPen(theme.colour({Tone.BAD: "bad"}.get(self._tone, "text")))
        state = painter.fontMetrics().elidedText(self._state, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, state)
        painter.end()


class QueueLight(QPushButton):
    """How many cards wait to be told, and how old the oldest is; opens the queue."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._text, self._colour = ui, "", "muted"
        self._shorter: tuple[str, ...] = ("",)
        self.setObjectName("queueLight")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def show_text(self, text: str, colour: str, *shorter: str) -> None:
        """Show ``text`` in a colour of the theme, or the first of the ``shorter`` ones that there is room for."""
        self._text, self._shorter, self._colour = text, shorter or (text,), colour
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        return QSize(theme.metrics(_STRONG).horizontalAdvance(self._text) + 16, theme.scaled(28))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(90, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        painter = QPainter(self)
        smooth(painter)
        if self.hasFocus():
            focus_ring(painter, QRectF(self.rect()), RADIUS_CONTROL, theme.colour("accent"))
        painter.setFont(theme.font(_STRONG))
        painter.setPen(theme.colour(self._colour))
        metrics, room = painter.fontMetrics(), self.width() - 16
        sizes = (self._text, *self._shorter)
        said = next((text for text in sizes if metrics.horizontalAdvance(text) <= room), sizes[-1])
        text = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, self.width() - 16)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(8, 0, self.width() - 16, self.height()), flags, text)
        painter.end()


class StatusBar(View):
    """The devices, the card on the reader in a word, what should be put right, and the queue."""

    queue_wanted = Signal()
    card_wanted = Signal()

    def __init__(self, ui: Ui, devices: DevicesModel, reader: ReaderModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.devices, self._reader = devices, reader
        self.setObjectName("statusBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.set_low(False)
        self.lights = {device: DeviceLight(ui, self) for device in _NAMES}
        self.queue = QueueLight(ui, self)
        self.queue.clicked.connect(self.queue_wanted)
        row = arrange(QHBoxLayout(self), (14, 1, 12, 0), gap=8)
        for device, light in self.lights.items():
            light.setObjectName(f"light-{device}")
            light.clicked.connect(devices.ask)
            row.addWidget(light)
        self.lights["reader"].clicked.connect(self.card_wanted)
        row.addWidget(self.queue, 1)
        devices.changed.connect(self.refresh)
        reader.changed.connect(self.refresh)
        self.refresh()

    def set_brief(self, brief: bool) -> None:
        """Spell out only what is wrong, where there is little room."""
        for light in self.lights.values():
            light.set_brief(brief)

    def set_low(self, low: bool) -> None:
        """Be lower, where there is little height."""
        height = STATUS_LOW if low else STATUS_HEIGHT
        self.setFixedHeight(max(height, self.ui.theme.scaled(height)))

    def refresh(self) -> None:
        self.lights["reader"].set_spelled(bool(self._reader.presence.reader))
        for device, light in self.lights.items():
            health = self.devices.of(device)
            name = self.ui.text(_NAMES[device])
            if device in _ADVICE:
                light.setVisible(health is not None and health.state in (HealthState.WARN, HealthState.BAD))
            if health is None:
                light.show_device(Tone.PLAIN, name, self.ui.text(N_("checking…")), "")
                continue
            light.show_device(_TONES[health.state], name, self._words(health), self._tip(health))
        self._show_queue(self.devices.of("queue"))

    def _words(self, health: Health) -> str:
        said = self.ui.tr_.message(health.short or health.message)
        if health.device == "reader" and health.state is HealthState.OK and self._reader.presence.reader:
            return card_title(self._reader, self.ui.tr_)
        if health.state is HealthState.OK and health.device in ("reader", "printer") and health.name:
            return f"{health.name} · {said}" if health.device == "printer" else health.name
        return said

    def _tip(self, health: Health) -> str:
        """Return all of it: what a few words left out, and what to do."""
        said = (health.message if health.short else None, health.todo)
        return " ".join(self.ui.tr_.message(message) for message in said if message)

    def _show_queue(self, health: Health | None) -> None:
        store = self.devices.of("store")
        if store is not None and store.state in (HealthState.WARN, HealthState.BAD):
            # Nothing is sent without the database: what the queue would say is not the news.
            shorter = N_("alone · to be merged: {cards}") if store.state is HealthState.WARN else N_("F9: decide")
            params = store.message.params
            self.queue.show_text(self.ui.tr_.message(store.message), "warn", self.ui.text(shorter, **params))
            return
        if health is None:
            self.queue.show_text("", "muted")
            self.queue.setAccessibleName(self.ui.text(N_("Queue to ESC-Router")))  # it takes the keyboard already
            return
        params = health.message.params
        if health.state is HealthState.BAD:
            self.queue.show_text(self.ui.tr_.message(health.message), "warn")
        elif health.state is HealthState.WARN:
            age = self.ui.tr_.age(timedelta(minutes=float(str(params.get("minutes", 0)))))
            long = N_("ESC-R queue: {waiting}, oldest {age} — the cards are valid, data go out by themselves")
            short = N_("ESC-R queue: {waiting}, oldest {age} — cards are valid")
            waiting = params.get("waiting")
            shortest = N_("ESC-R waiting: {waiting}")
            said = (self.ui.text(text, waiting=waiting, age=age) for text in (long, short, shortest))
            self.queue.show_text(next(said), "warn", *said)
        else:
            self.queue.show_text(self.ui.text(N_("Everything is told to ESC-R")), "muted")
