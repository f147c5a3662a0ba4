"""The two menus of the photo page: which camera and how; and why a check is gone over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from station.domain.errors import N_
from station.domain.portrait import OverrideReason
from station.photo.checks import LABELS, CheckName
from station.ports.camera import LightLock
from station.services.capture import SIZES
from station.ui.context import Ui
from station.ui.viewmodels.desk import DeskModel
from station.ui.widgets.menu_title import title

REASONS = {
    OverrideReason.MEDICAL: N_("Medical"),
    OverrideReason.RELIGIOUS_HEAD_COVERING: N_("Religious head covering"),
    OverrideReason.DISABILITY: N_("Disability"),
    OverrideReason.EQUIPMENT: N_("Equipment of this desk"),
    OverrideReason.OTHER: N_("Another reason"),
}
LIGHT = {
    LightLock.LOCKED: N_("Exposure and colours are locked"),
    LightLock.AUTOMATIC: N_("This camera can't lock exposure and colours"),
}


def reasons_menu(ui: Ui, parent: QWidget, check: CheckName, choose: Callable[[OverrideReason], None]) -> QMenu:
    """Return the menu of reasons, each with its digit; it deletes itself when it closes."""
    menu = _menu(parent, "reasons")
    title(menu, ui.text(N_("Go over “{check}”: why?"), check=ui.text(LABELS[check])))
    for number, (reason, words) in enumerate(REASONS.items(), 1):
        action = menu.addAction(f"&{number}  {ui.text(words)}")
        action.triggered.connect(lambda _checked=False, chosen=reason: choose(chosen))
    return menu


def camera_menu(ui: Ui, parent: QWidget, desk: DeskModel) -> QMenu:
    """Return the menu of cameras; one that is plugged in while it is open appears in it."""
    menu = _menu(parent, "cameras")

    def fill() -> None:
        menu.clear()
        _fill(menu, ui, desk)

    fill()
    news = (desk.camera.listed, desk.camera.changed)
    for signal in news:
        signal.connect(fill)
    menu.aboutToHide.connect(lambda: [signal.disconnect(fill) for signal in news])
    desk.camera.look_around()
    return menu


def _fill(menu: QMenu, ui: Ui, desk: DeskModel) -> None:
    camera, live = desk.camera, desk.live
    chosen = camera.choice
    names = {info.source: info.name for info in camera.cameras}
    present = next((s for s, name in names.items() if chosen.source in (s, name)), "")
    if not present:
        present = chosen.source
        shown = camera.report.name if camera.report and camera.live else camera.names.get(present, present)
        names = {present: shown if camera.live else ui.text(N_("{camera} (not there)"), camera=shown), **names}
    title(menu, ui.text(N_("Camera")))
    _choices(menu, names, present, lambda source: camera.choose(replace(chosen, source=source)))
    title(menu, ui.text(N_("Size of the picture")))
    sizes = {f"{size.width_px} × {size.height_px}": size for size in SIZES}
    now = next((name for name, size in sizes.items() if size == chosen.size), "")
    _choices(menu, {name: name for name in sizes}, now, lambda name: camera.choose(replace(chosen, size=sizes[name])))
    menu.addSeparator()
    words = ui.text(N_("Take the photo by itself when all is well"))
    auto = menu.addAction(f"{words}\tA")
    auto.setCheckable(True)
    auto.setChecked(live.takes_itself)
    auto.setEnabled(live.error is None)
    auto.triggered.connect(live.set_auto)
    again = menu.addAction(ui.text(N_("Measure the light again")))
    again.triggered.connect(camera.again)
    if camera.light in LIGHT:
        menu.addAction(ui.text(LIGHT[camera.light])).setEnabled(False)


def _choices(menu: QMenu, names: dict[str, str], now: str, choose: Callable[[str], None]) -> None:
    group = QActionGroup(menu)
    for key, name in names.items():
        action = QAction(name, menu)
        action.setCheckable(True)
        action.setChecked(key == now)
        action.triggered.connect(lambda _checked=False, wanted=key: choose(wanted))
        group.addAction(action)
        menu.addAction(action)


def _menu(parent: QWidget, name: str) -> QMenu:
    menu = QMenu(parent)
    menu.setObjectName(name)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
