"""The fault dial: on the demo bench every device can be told to break, for practice."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION
from station.ui.viewmodels.faults import FaultsModel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel

_DEVICES = {
    "router": N_("ESC-Router"),
    "card": N_("Card on the reader"),
    "printer": N_("Printer"),
    "printer-2": N_("Second printer"),
    "camera": N_("Camera"),
    "clock": N_("Clock"),
}
_KINDS = {
    "down": N_("does not answer"),
    "slow": N_("answers slowly"),
    "500": N_("has trouble of its own (500)"),
    "401": N_("refuses the key (401)"),
    "429": N_("says “too many” (429)"),
    "pulled": N_("is pulled away while it is written"),
    "jam": N_("a card is stuck"),
    "ribbon-out": N_("the ribbon has run out"),
    "feeder-empty": N_("there are no cards in the feeder"),
    "cover-open": N_("the cover is open"),
    "output-full": N_("the output tray is full"),
    "wrong-ribbon": N_("the ribbon is not the right one"),
    "paused": N_("is paused"),
    "off": N_("is switched off"),
    "driver-missing": N_("its driver is missing"),
    "lost": N_("loses the next job"),
    "encoder-jam": N_("a card sticks before the encoder"),
    "unplugged": N_("is unplugged"),
    "wrong": N_("is an hour ahead"),
}


class FaultsView(PageView):
    """One choice a device."""

    title = N_("Fault dial of the demo")
    words = N_("Break a device and see what the station does. Nothing real is touched.")

    def __init__(self, ui: Ui, model: FaultsModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        panel = Panel(ui, parent=self)
        grid = arrange(QGridLayout(panel), (20, 16, 20, 16), gap=12)
        grid.setColumnStretch(1, 1)
        self._names: dict[str, Text] = {}
        self._choices: dict[str, QComboBox] = {}
        for row, device in enumerate(model.devices):
            self._names[device] = Text(ui, INSTRUCTION, wrap=False, parent=panel)
            choice = QComboBox(panel)
            choice.setObjectName(f"fault-{device}")
            choice.activated.connect(lambda _index, which=device: self._turned(which))
            self._choices[device] = choice
            grid.addWidget(self._names[device], row, 0)
            grid.addWidget(choice, row, 1)
        self._repair = ActionButton(ui, primary=True, parent=self)
        self._repair.setObjectName("repairAll")
        self._repair.clicked.connect(model.repair_all)
        self.buttons.insertWidget(0, self._repair)
        self.body.addWidget(panel)
        self.body.addStretch(1)
        model.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        super().refresh()
        self._repair.set_label(self.ui.text(N_("Let everything work")))
        for device, choice in self._choices.items():
            name = self.ui.text(_DEVICES.get(device, device))
            self._names[device].setText(name)
            choice.setAccessibleName(name)
            choice.clear()
            choice.addItem(self.ui.text(N_("works")), "")
            for kind in self.model.kinds(device):
                choice.addItem(self.ui.text(_KINDS.get(kind, kind)), kind)
            choice.setCurrentIndex(max(0, choice.findData(self.model.set_on(device))))

    def _turned(self, device: str) -> None:
        self.model.turn(device, str(self._choices[device].currentData() or ""))
