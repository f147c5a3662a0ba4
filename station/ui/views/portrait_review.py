"""Review of many portraits: a grid with the worst first, approved in groups, sent back with a reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from station.domain.errors import N_
from station.services.review_words import GROUP_NAMES
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, CONTROL_HEIGHT, SECONDARY
from station.ui.viewmodels.portrait_review import ReviewModel, ReviewStage
from station.ui.viewmodels.review_list import ReviewList
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.flow import FlowBox
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.portrait_grid import PortraitGrid
from station.ui.widgets.progress import ProgressBar

if TYPE_CHECKING:
    from station.services.portrait_review import ReviewItem

_TO_DECIDE = ""
_COLUMNS = (
    N_("Student number"), N_("Name"), N_("E-mail"), N_("Picture"), N_("What has to be better"), N_("Day"),
)  # fmt: skip


class _ReasonLine(QLineEdit):
    """Where the reason is written; Enter sends back, Escape gives up."""

    entered = Signal()
    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class PortraitReviewView(PageView):
    """The page. Nothing on it changes a file, and an earlier portrait stays beside the new one."""

    title = N_("Portraits to review")

    def __init__(self, ui: Ui, model: ReviewModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model, self.portraits = model, ReviewList(self)
        self._going_back: list[ReviewItem] = []
        self._looking = False
        self._make_top()
        self.grid = PortraitGrid(ui, self.portraits, self)
        self.body.addWidget(self.grid, 1)
        self._make_bottom()
        self._wire()
        self.refresh()

    def _make_top(self) -> None:
        ui = self.ui
        tools = FlowBox(self, gap=4)
        self._folder, self._look, self._good, self._save = (QuietButton(ui, tools) for _ in range(4))
        names = ("chooseFolder", "lookAgain", "approveGood", "saveList")
        for button, name in zip((self._folder, self._look, self._good, self._save), names, strict=True):
            button.setObjectName(name)
            tools.add(button)
        self._place = OneLine(ui, SECONDARY, "muted", self)
        self._bar = ProgressBar(ui, self)
        self._filters = FlowBox(self, gap=4)
        self._groups: dict[str, QuietButton] = {}
        for group in (_TO_DECIDE, *GROUP_NAMES):
            button = self._groups[group] = QuietButton(ui, self._filters)
            button.setObjectName(f"group-{group or 'open'}")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, wanted=group: self.show_group(wanted))
            self._filters.add(button)
        for widget in (tools, self._place, self._bar, self._filters):
            self.body.addWidget(widget)

    def _make_bottom(self) -> None:
        ui = self.ui
        self._told = Text(ui, BODY, parent=self)
        self._told.setObjectName("reviewTold")
        self.body.addWidget(self._told)
        self._reason_row = QWidget(self)
        row = arrange(QHBoxLayout(self._reason_row), gap=10)
        self._reason_label = Text(ui, BODY, wrap=False, parent=self._reason_row)
        self._reason = _ReasonLine(self._reason_row)
        self._reason.setObjectName("reason")
        self._reason.setMinimumHeight(ui.theme.scaled(CONTROL_HEIGHT))
        row.addWidget(self._reason_label)
        row.addWidget(self._reason, 1)
        self._reason_row.hide()
        self.body.addWidget(self._reason_row)
        self._nothing = QWidget(self)  # keeps the words at the top where there is no grid to fill the page
        self.body.addWidget(self._nothing, 1)
        self._approve, self._back_button = ActionButton(ui, primary=True, parent=self), ActionButton(ui, parent=self)
        for place, (button, name) in enumerate(((self._approve, "approve"), (self._back_button, "sendBack"))):
            button.setObjectName(name)
            self.buttons.insertWidget(place, button)

    def _wire(self) -> None:
        model, grid = self.model, self.grid
        model.changed.connect(self.refresh)
        model.came.connect(self._came)
        model.cleared.connect(self.portraits.clear)
        grid.picked.connect(self._picked)
        grid.approved.connect(self.approve)
        grid.sent_back.connect(self.ask_reason)
        grid.good_approved.connect(model.approve_good)
        self._approve.clicked.connect(self.approve)
        self._back_button.clicked.connect(lambda: self.send_back() if self._going_back else self.ask_reason())
        self._good.clicked.connect(model.approve_good)
        self._folder.clicked.connect(self.choose_folder)
        self._look.clicked.connect(lambda: model.stop() if model.busy else model.look())
        self._save.clicked.connect(self.choose_target)
        self._reason.entered.connect(self.send_back)
        self._reason.given_up.connect(self._give_up_reason)

    # --- what the operator does ----------------------------------------------------------------------------------

    def take_focus(self) -> None:
        """Put the keyboard where the next thing is done."""
        (self.grid if self.model.items else self._approve).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.matches(QKeySequence.StandardKey.Open):
            self.choose_folder()
        else:
            super().keyPressEvent(event)

    def show_group(self, group: str) -> None:
        """Show one group, or all that are to be decided."""
        self.portraits.show_group(group)
        self._begin_at_first()
        self.refresh()
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def approve(self) -> None:
        """Approve what is chosen; look at the pictures where nothing was looked at yet."""
        if self.model.items:
            self.model.approve(self.grid.chosen())
        else:
            self.model.look()

    def ask_reason(self) -> None:
        """Ask what the students have to do better; what was found is proposed."""
        self._going_back = [item for item in self.grid.chosen() if item.may_send_back]
        if not self._going_back or self.model.busy:
            return
        self._reason.setText(self._proposed(self._going_back))
        self._reason_row.show()
        self.refresh()
        self._reason.selectAll()
        self._reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def send_back(self) -> None:
        """Send back what was chosen when the reason was asked for, with the reason that is written."""
        items, reason = self._going_back, self._reason.text()
        if items and reason.strip():
            self._give_up_reason()
            self.model.send_back(items, reason)

    def choose_folder(self) -> None:
        """Let a person choose the folder, beside the window's own work."""
        dialog = QFileDialog(self, self.ui.text(N_("Choose the folder with the portraits")))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        if self.model.folder is not None:
            dialog.setDirectory(str(self.model.folder))
        self._show_dialog(dialog, lambda name: self.model.choose(Path(name)))

    def choose_target(self) -> None:
        """Let a person choose where the list of what went back is saved."""
        dialog = QFileDialog(self, self.ui.text(N_("Save the list to send")))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setNameFilter("CSV (*.csv)")
        dialog.selectFile(self.ui.text(N_("portraits-to-send-again.csv")))
        self._show_dialog(dialog, lambda name: self.save_list(Path(name)))

    def save_list(self, target: Path) -> None:
        """Save the list of what went back."""
        tr = self.ui.tr_
        header = [self.ui.text(column) for column in _COLUMNS]
        self.model.save_list(target, header, lambda at: tr.date(at.astimezone().date()))

    # --- what is shown -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        super().refresh()
        self._begin_when_looked()
        text, tr, model = self.ui.text, self.ui.tr_, self.model
        self._folder.set_label(text(N_("Choose a folder…")))
        self._look.set_label(text(N_("Stop") if model.busy else N_("Look at the pictures again")))
        self._look.setVisible(model.busy or bool(model.items))
        self._save.set_label(text(N_("Save the list to send…")))
        for button in (self._folder, self._save):
            button.setEnabled(not model.busy)
        self._place.set_text(str(model.folder) if model.folder else text(N_("Those that came with the register")))
        self._bar.setVisible(model.busy)
        self._bar.set_share(model.share)
        self._bar.setAccessibleName(text(N_("Progress")))
        self.grid.setAccessibleName(text(N_("Portraits, the worst first")))
        self.grid.setVisible(bool(model.items))
        self._nothing.setVisible(not model.items)
        self._show_groups()
        self._show_buttons()
        self._told.setText(self._words_for())
        self._told.set_colour("bad" if model.error is not None else "text")
        going = len(self._going_back)
        asked = tr.plural("Why does {n} picture go back?", "Why do {n} pictures go back?", going)
        self._reason_label.setText(asked)
        self._reason.setAccessibleName(asked)
        self._reason.setFont(self.ui.theme.font(BODY))

    def _show_groups(self) -> None:
        counts, shown = self.model.counts, self.portraits.group
        waiting = sum(number for group, number in counts.items() if group not in ("sent_back", "approved"))
        names = {_TO_DECIDE: N_("To decide"), **GROUP_NAMES}
        for group, button in self._groups.items():
            number = counts.get(group, 0) if group else waiting  # type: ignore[call-overload]  # by the group's value
            button.set_label(f"{self.ui.text(names[group])} {number}")
            button.setChecked(group == shown)
            button.setVisible(bool(self.model.items) and (bool(number) or group in (_TO_DECIDE, shown)))

    def _show_buttons(self) -> None:
        model, text = self.model, self.ui.text
        chosen = self.grid.chosen()
        fit, back = sum(i.may_approve for i in chosen), sum(i.may_send_back for i in chosen)
        asking = bool(self._going_back)  # then Enter is what the line with the reason takes it for
        if model.items:
            self._approve.set_label(text(N_("Approve {count}"), count=fit), "" if asking else "Enter")
        else:
            self._approve.set_label(text(N_("Look at the pictures")), "Enter")
        self._approve.setEnabled(not model.busy and not asking and (bool(fit) or not model.items))
        self._approve.set_primary(not asking)
        self._back_button.set_primary(asking)
        back = len(self._going_back) or back
        self._back_button.set_label(text(N_("Send back {count}"), count=back), "Enter" if asking else "Del")
        self._back_button.setEnabled(not model.busy and bool(back))
        good = len(model.good)
        self._good.set_label(text(N_("Approve all good ones: {count}"), count=good))
        self._good.setToolTip("Ctrl+Enter")
        self._good.setEnabled(not model.busy and bool(good))
        self._good.setVisible(bool(good))
        self._back_button.setVisible(bool(model.items))

    def _words_for(self) -> str:
        """Return what went wrong, else what is to be said of the picture the keyboard is at, else what was done."""
        model, tr = self.model, self.ui.tr_
        if model.error is not None:
            return " ".join(tr.error(model.error))
        item = self.grid.current()
        about = self._about(item) if item is not None else ""
        said = tr.message(model.said) if model.said is not None and not model.busy else ""
        return "\n".join(line for line in (said, about) if line) or self.ui.text(_WORDS)

    def _about(self, item: ReviewItem) -> str:
        tr, holder = self.ui.tr_, item.candidate.holder
        name = f"{holder.full_name}, {holder.student_number}" if holder else self.ui.text(_NOBODY)
        parts = [f"{name} · {item.candidate.path.name}"]
        if item.decision is not None and item.decision.reason:
            parts.append(item.decision.reason)
        elif item.problem is not None:
            parts.append(tr.error(item.problem)[0])
        elif item.inspection is not None:
            seen = item.inspection
            notes = (*seen.notes, seen.unchecked) if seen.unchecked else seen.notes
            parts += [*(self.ui.text(reason) for reason in item.reasons), *(tr.message(note) for note in notes)]
        return " · ".join(parts)

    # --- inside --------------------------------------------------------------------------------------------------

    def _came(self, items: Sequence[ReviewItem]) -> None:
        self.portraits.put(items)
        self._begin_at_first()

    def _begin_when_looked(self) -> None:
        """Go to the worst picture when all were looked at, unless somebody has begun with another one."""
        looked = self._looking and not self.model.busy
        self._looking = self.model.stage is ReviewStage.LOOKING
        if looked and not self.grid.hasFocus() and self.portraits.rowCount():
            self.grid.setCurrentIndex(self.portraits.index(0))
            if self.isVisible():
                self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _begin_at_first(self) -> None:
        """Have the keyboard at a picture, so that arrows and Enter mean something at once."""
        if not self.grid.currentIndex().isValid() and self.portraits.rowCount():
            self.grid.setCurrentIndex(self.portraits.index(0))

    def _picked(self) -> None:
        self._show_buttons()
        self._told.setText(self._words_for())

    def _proposed(self, items: Sequence[ReviewItem]) -> str:
        """Return the reasons that all of these share, else the first of the first."""
        shared = [reason for reason in items[0].reasons if all(reason in item.reasons for item in items)]
        reasons = shared or (list(items[0].reasons[:1]) if len(items) == 1 else [])
        return " ".join(self.ui.text(reason) for reason in reasons)

    def _give_up_reason(self) -> None:
        self._going_back = []
        self._reason_row.hide()
        self.refresh()
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_dialog(self, dialog: QFileDialog, chosen: object) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.fileSelected.connect(chosen)
        dialog.show()


_WORDS = N_(
    "Pictures are looked at by the station and decided by you. Each is called as the student's number is, or comes"
    " with the register. Nothing is overwritten: neither a file nor an earlier portrait."
)
_NOBODY = N_("No student has this number")
