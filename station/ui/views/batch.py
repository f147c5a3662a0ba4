"""Cards for many at once, printed by themselves: whom for, who is left out and why, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.services.batch import BECAME, BatchLine, Outcome
from station.services.batch_selection import WHY, LeftOut, NotChosen
from station.ui.context import Ui
from station.ui.theme.tokens import CONTROL_HEIGHT, SECONDARY, STRONG
from station.ui.viewmodels.batch import BatchModel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel
from station.ui.widgets.progress import ProgressBar

_NAMED, _SHOWN = 5, 30
"""So many people are named for each reason, and so many cards are shown; the list in a file has them all."""


class BatchView(PageView):
    """The page. Enter finds out who gets a card, then prints, then stops behind the cards in the printers."""

    title = N_("Print many cards")
    words = N_("For people who have a portrait here and no card. What comes out is checked and handed over as ever.")

    def __init__(self, ui: Ui, model: BatchModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self._make_choice()
        self._says = Text(ui, STRONG, parent=self)
        self._says.setObjectName("batchSays")
        self._bar = ProgressBar(ui, self)
        self._lists = arrange(QVBoxLayout(), gap=12)
        self.body.addWidget(self._says)
        self.body.addWidget(self._bar)
        self.body.addLayout(self._lists)
        self.body.addStretch(1)
        self.go, self.save = ActionButton(ui, primary=True, parent=self), ActionButton(ui, parent=self)
        for place, (button, name) in enumerate(((self.go, "batchGo"), (self.save, "batchSave"))):
            button.setObjectName(name)
            self.buttons.insertWidget(place, button)
        self._files: list[Path] = []
        self.go.clicked.connect(self._pressed)
        self.save.clicked.connect(self.choose_folder)
        model.changed.connect(self._show)
        model.written.connect(self._written)
        self.refresh()

    def _make_choice(self) -> None:
        row = arrange(QHBoxLayout(), gap=10)
        self.faculty, self.programme = QComboBox(self), QComboBox(self)
        self.list = QuietButton(self.ui, self)
        for box, name in ((self.faculty, "batchFaculty"), (self.programme, "batchProgramme")):
            box.setObjectName(name)
            box.setMinimumHeight(self.ui.theme.scaled(CONTROL_HEIGHT))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(lambda _index: self._chosen())
            row.addWidget(box, 1)
        self.list.setObjectName("batchList")
        self.list.clicked.connect(lambda: self.model.drop_list() if self.model.list_name else self.choose_list())
        self.body.addLayout(row)
        # Below, and not beside: names of faculties are long.
        self.body.addWidget(self.list, 0, Qt.AlignmentFlag.AlignLeft)

    # --- what the operator does ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.model.look()

    def take_focus(self) -> None:
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose_list(self) -> None:
        """Let a person choose a file of student numbers."""
        dialog = QFileDialog(self, self.ui.text(N_("A list of student numbers, one a line")))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._show_dialog(dialog, lambda name: self.model.take_list(Path(name)))

    def choose_folder(self) -> None:
        """Let a person choose where the list for the stacks is written."""
        dialog = QFileDialog(self, self.ui.text(N_("Where to write the list")))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._show_dialog(dialog, lambda name: self.model.write(Path(name)))

    def _show_dialog(self, dialog: QFileDialog, chosen: object) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.fileSelected.connect(chosen)
        dialog.show()

    def _chosen(self) -> None:
        faculty = str(self.faculty.currentData() or "")
        # The programme that was chosen is one of the faculty before.
        programme = str(self.programme.currentData() or "") if self.sender() is not self.faculty else ""
        self.model.choose(faculty, programme)

    def _pressed(self) -> None:
        model = self.model
        if model.printing:
            model.stop()
        elif model.plan is not None and model.plan.lines and not model.ended:
            model.start()
        else:
            model.find()

    def _written(self, files: list[Path]) -> None:
        self._files = files
        self._show()

    # --- what is shown -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        super().refresh()
        self.save.set_label(self.ui.text(N_("Write the list…")))
        self._show()

    def _show(self) -> None:
        model = self.model
        if not model.lines:
            self._files = []
        self._show_choice()
        self._says.setText(self._summary())
        self._says.set_colour("bad" if model.problem or model.stuck else "text")
        self._bar.setVisible(model.printing)
        if model.lines:
            self._bar.set_share(len(model.done) / len(model.lines))
        self.go.set_label(self._next(), "Enter")
        self.save.setVisible(bool(model.lines))
        self._show_lists()

    def _show_choice(self) -> None:
        model, everyone = self.model, self.ui.text(N_("every programme"))
        faculties = sorted({faculty for faculty, _ in model.groups if faculty}, key=str.casefold)
        wanted = model.wish.faculty
        programmes = sorted({p for f, p in model.groups if p and (not wanted or f == wanted)}, key=str.casefold)
        self._fill(self.faculty, N_("Faculty"), self.ui.text(N_("every faculty")), faculties, wanted)
        self._fill(self.programme, N_("Programme"), everyone, programmes, model.wish.programme)
        label = self.ui.text(N_("Choose a list…"))
        if model.list_name:
            label = self.ui.text(N_("Without the list {name}"), name=model.list_name)
        self.list.set_label(label)
        for widget in (self.faculty, self.programme, self.list):
            widget.setEnabled(not model.printing)

    def _fill(self, box: QComboBox, name: str, every: str, choices: list[str], chosen: str) -> None:
        box.setAccessibleName(self.ui.text(name))
        texts = [every, *choices]
        if [box.itemText(index) for index in range(box.count())] != texts:
            box.clear()
            box.addItem(every, "")
            for choice in choices:
                box.addItem(choice, choice)
        box.setCurrentIndex(max(0, box.findData(chosen)))

    def _next(self) -> str:
        model, tr = self.model, self.ui.tr_
        if model.stopping and model.printing:
            return tr.text(N_("It stops…"))
        if model.printing:
            return tr.text(N_("Stop after these cards"))
        if model.plan is not None and model.plan.lines and not model.ended:
            return tr.plural("Print {n} card", "Print {n} cards", len(model.plan.lines))
        if model.stuck or (model.ended and model.counts[Outcome.WAITS]):
            return tr.text(N_("Look who is left"))
        return tr.text(N_("Look who gets a card"))

    def _summary(self) -> str:
        model, tr = self.model, self.ui.tr_
        if model.problem is not None:
            told = (
                tr.text(model.problem.what, **model.problem.params),
                tr.text(model.problem.todo, **model.problem.params),
            )
            return " ".join(told)
        if self._files:
            return tr.text(N_("The list is written: {path}"), path=self._files[0])
        if model.planning:
            return tr.text(N_("Looking through the register…"))
        if model.printing or model.ended:
            said = tr.text(
                N_("{done} of {count} cards came out."), done=model.counts[Outcome.OUT], count=len(model.lines)
            )
            stuck = tr.text(N_("No printer can go on: see to it, then look who is left. Nothing is printed twice."))
            return f"{said} {stuck}" if model.stuck else said
        if model.plan is not None:
            return tr.plural("{n} card can be printed.", "{n} cards can be printed.", len(model.plan.lines))
        return ""

    def _show_lists(self) -> None:
        _clear(self._lists)
        model = self.model
        looks = [line for line in model.lines if line.outcome in (Outcome.LOOK, Outcome.FAILED)]
        if looks:
            self._lists.addWidget(self._panel(N_("To be looked at"), looks, "batchLooks"))
        newest = [line for line in reversed(model.done) if line.outcome is Outcome.OUT]
        if newest:
            self._lists.addWidget(self._panel(N_("Came out, newest first"), newest, "batchDone"))
        elif model.plan is not None and model.plan.lines and not model.ended:
            self._lists.addWidget(self._panel(N_("In the order of the stack"), model.plan.lines, "batchPlan"))
        if model.plan is not None and model.plan.left_out and not model.printing:
            self._lists.addWidget(self._left_out(model.plan.left_out))

    def _panel(self, head: str, lines: Iterable[BatchLine], name: str) -> QWidget:
        shown = list(lines)
        panel, column = self._framed(head, name)
        for line in shown[:_SHOWN]:
            self._say(column, panel, self._line(line))
        if len(shown) > _SHOWN:
            self._say(column, panel, self.ui.text(N_("… and {count} more"), count=len(shown) - _SHOWN))
        return panel

    def _line(self, line: BatchLine) -> str:
        became = "" if line.outcome is Outcome.WAITS else self.ui.text(BECAME[line.outcome])
        said = self.ui.tr_.message(line.said) if line.said is not None else ""
        parts = (str(line.place), line.holder.full_name, line.group, line.printer, became, said)
        return " · ".join(part for part in parts if part)

    def _left_out(self, left_out: Iterable[NotChosen]) -> QWidget:
        panel, column = self._framed(N_("Left out"), "batchLeftOut")
        by_reason: dict[LeftOut, list[str]] = {}
        for each in left_out:
            by_reason.setdefault(each.why, []).append(each.holder.full_name if each.holder else each.number)
        for why, text in WHY.items():
            if names := by_reason.get(why):
                named = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
                self._say(column, panel, self.ui.text(text, count=len(names), names=named))
        return panel

    def _framed(self, head: str, name: str) -> tuple[Panel, QVBoxLayout]:
        panel = Panel(self.ui, parent=self)
        panel.setObjectName(name)
        column = arrange(QVBoxLayout(panel), (18, 12, 18, 14), gap=4)
        title = OneLine(self.ui, STRONG, parent=panel)
        title.set_text(self.ui.text(head))
        column.addWidget(title)
        return panel, column

    def _say(self, column: QVBoxLayout, panel: QWidget, text: str) -> None:
        label = Text(self.ui, SECONDARY, parent=panel)
        label.setText(text)
        column.addWidget(label)


def _clear(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
