"""Compare with ESC-Router: what differs, by group; what would be queued is shown before anything is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.outbox import KIND_NAMES
from station.services.reconcile import APPLICABLE, FIELDS, GROUP_NAMES, Finding, Group
from station.ui.context import Ui
from station.ui.first_moments import FirstMoments
from station.ui.theme.tokens import BODY, INSTRUCTION, STRONG, TROUBLE
from station.ui.viewmodels.reconcile import Doing, DryRun, ReconcileModel
from station.ui.viewmodels.reconcile_list import Line, Mark
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.finding_table import FindingTable
from station.ui.widgets.flow import FlowBox
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel
from station.ui.widgets.progress import ProgressBar

_NAMED = 5
"""So many cards of a dry run are named; of more the number is told."""
_LEAST_LIST = 150


class ReconcileView(PageView):
    """The page. Enter compares, then shows what would be queued for the chosen cards, then queues it."""

    title = N_("Compare with ESC-Router")

    def __init__(self, ui: Ui, model: ReconcileModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model, self.moments = model, FirstMoments()
        self._planned: DryRun | None = None
        self._undecided: list[Line] = []
        self._able: list[Line] = []
        """The chosen lines about which something can be done; found out once, however many are chosen."""
        self._words_of_page = Text(ui, INSTRUCTION, parent=self)
        self._words_of_page.setObjectName("reconcileSays")
        self._bar = ProgressBar(ui, self)
        self._groups = FlowBox(self, gap=4)
        self.filters: dict[Group | None, QuietButton] = {}
        for group in (None, *Group):
            button = self.filters[group] = QuietButton(ui, self._groups)
            button.setObjectName(f"group-{group.value if group else 'all'}")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, wanted=group: self.show_group(wanted))
            self._groups.add(button)
        self.table = FindingTable(ui, model.findings, self._line_words, self)
        self.table.setObjectName("findings")
        self.table.setMinimumHeight(_LEAST_LIST)
        self._about = Text(ui, BODY, parent=self)
        self._about.setObjectName("findingSays")
        self._make_dry_run()
        for widget in (self._words_of_page, self._bar, self._groups, self._panel):
            self.body.addWidget(widget)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self._about)
        self.keep = QuietButton(ui, self)
        self.keep.setObjectName("leaveAsItIs")
        self.body.addWidget(self.keep, 0, Qt.AlignmentFlag.AlignLeft)
        self._nothing = QWidget(self)  # keeps the words at the top where there is no list to fill the page
        self.body.addWidget(self._nothing, 1)
        self._make_buttons()
        self._wire()
        self.refresh()

    def _make_dry_run(self) -> None:
        self._panel = Panel(self.ui, parent=self)
        self._panel.setObjectName("dryRun")
        inside = arrange(QVBoxLayout(self._panel), (20, 14, 20, 16), gap=6)
        self._plan_title = Text(self.ui, TROUBLE, parent=self._panel)
        self._plan_title.setObjectName("dryRunTitle")
        self._plan_kinds = Text(self.ui, STRONG, parent=self._panel)
        self._plan_kinds.setObjectName("dryRunKinds")
        self._plan_names = Text(self.ui, BODY, parent=self._panel)
        self._plan_names.setObjectName("dryRunNames")
        for label in (self._plan_title, self._plan_kinds, self._plan_names):
            inside.addWidget(label)

    def _make_buttons(self) -> None:
        self.go, self.whole, self.leave = (ActionButton(self.ui, primary=not n, parent=self) for n in range(3))
        for place, (button, name) in enumerate(
            ((self.go, "reconcileGo"), (self.whole, "wholeGroup"), (self.leave, "leaveIt"))
        ):
            button.setObjectName(name)
            self.buttons.insertWidget(place, button)
        self.thorough = QuietButton(self.ui, self._groups)
        self.thorough.setObjectName("thorough")
        self.thorough.setCheckable(True)
        self._groups.add(self.thorough)

    def _wire(self) -> None:
        self.go.clicked.connect(self._go)
        self.whole.clicked.connect(self._look_at_group)
        self.leave.clicked.connect(self.model.leave_it)
        self.keep.clicked.connect(lambda: self.model.leave_as_it_is(self._undecided))
        self.table.taken.connect(lambda: None if self.model.busy else self._go())
        self.table.picked.connect(self._picked)
        self.model.findings.dataChanged.connect(self._picked)
        self.model.changed.connect(self._model_changed)
        self.model.findings.modelReset.connect(self._reset)

    # --- what the operator does ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        focus = QApplication.focusWidget()
        if event.key() == Qt.Key.Key_Escape and self.model.dry_run is not None:
            self.model.leave_it()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focus, QuietButton):
            if not event.isAutoRepeat():
                focus.click()
        else:
            super().keyPressEvent(event)

    def take_focus(self) -> None:
        planned = self.model.dry_run
        if planned is not None:
            # Enter is pressed through; what is deleted at ESC-Router takes a key or a click of its own.
            widget: QWidget = self.leave if planned.deletes or not planned.lines else self.go
        elif self.table.isVisibleTo(self):
            self.table.begin()
            widget = self.table
        else:
            widget = self.go
        widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_group(self, group: Group | None) -> None:
        """Show one group, or everything."""
        self.model.findings.show_group(group)
        self.refresh()
        self.take_focus()

    def _go(self) -> None:
        """Do what the main button says."""
        model = self.model
        if (model.busy or model.dry_run is not None) and not self.moments.over:
            return  # it was meant for the list, or for what has just begun
        if model.busy:
            model.stop()
        elif model.dry_run is not None:
            model.queue()
        elif model.findings.count(None) and self._able:
            model.look_ahead(self._able)
        elif not model.findings.count(None) or model.whole:
            model.compare(thorough=self.thorough.isChecked())

    def _look_at_group(self) -> None:
        group = self.model.findings.group
        if group in APPLICABLE:
            self.model.look_ahead(self.model.findings.undecided(group))

    def _picked(self) -> None:
        lines = self.table.chosen()
        self._able = [each for each in lines if each.open and each.finding.group is not Group.ELSEWHERE]
        self._undecided = [each for each in lines if each.mark is None]
        self._show_choice()

    def _reset(self) -> None:
        self._able, self._undecided = [], []
        self.refresh()

    # --- what is shown -------------------------------------------------------------------------------------------

    def _model_changed(self) -> None:
        planned, self._planned = self._planned, self.model.dry_run
        self.moments.look((self.model.doing, self._planned))
        if self.isVisible():
            self.refresh()
            if planned is not self._planned or not self.model.busy:
                QTimer.singleShot(0, self, self._place_keyboard)

    def _place_keyboard(self) -> None:
        if self.isVisible() and not self.table.hasFocus():
            self.take_focus()

    def refresh(self) -> None:
        super().refresh()
        model, found = self.model, self.model.findings
        planned = model.dry_run
        self._words_of_page.setText(self._said())
        self._words_of_page.set_colour("bad" if model.error is not None else "text")
        self._bar.setVisible(model.busy)
        self._bar.set_share(model.share)
        self._bar.setAccessibleName(self.ui.text(N_("Progress")))
        self.table.setAccessibleName(self.ui.text(N_("Cards that differ")))
        listed = planned is None and bool(found.count(None))
        self.table.setVisible(listed)
        self._nothing.setVisible(not listed)
        self._panel.setVisible(planned is not None)
        self._show_filters(listed=listed)
        if planned is not None:
            self._show_dry_run(planned)
        self._show_choice()

    def _said(self) -> str:
        model, tr = self.model, self.ui.tr_
        if model.error is not None:
            return " ".join(tr.error(model.error))
        if model.doing is Doing.COMPARING:
            tally = model.tally
            counted = {"there": tally.there, "here": tally.here, "queued": tally.queued} if tally else {}
            return tr.text(_COMPARING, **{"there": 0, "here": 0, "queued": 0, **counted})
        if model.doing is not Doing.NOTHING:
            return tr.text(_DOING[model.doing])
        if model.dry_run is not None:
            return tr.text(N_("Nothing has been queued yet."))
        return tr.message(model.said) if model.said is not None else tr.text(_WORDS)

    def _show_filters(self, *, listed: bool) -> None:
        found, planned = self.model.findings, self.model.dry_run
        may_choose = not listed and planned is None and not self.model.busy
        self._groups.setVisible(listed or may_choose)  # first: what is arranged unseen gets no room for its label
        for group, button in self.filters.items():
            name = GROUP_NAMES[group] if group else N_("all")
            words = self.ui.text(_SHORT.get(group, name))
            button.set_label(f"{words[:1].upper()}{words[1:]} {found.count(group)}")
            button.setToolTip(self.ui.text(name))
            button.setChecked(group is found.group)
            button.setVisible(listed and (group is None or bool(found.count(group))))
        self.thorough.set_label(self.ui.text(N_("Ask for each card by itself (slow)")))
        self.thorough.setToolTip(self.ui.text(N_("ESC-Router's lists leave out status and chip")))
        self.thorough.setVisible(may_choose)

    def _show_dry_run(self, planned: DryRun) -> None:
        tr = self.ui.tr_
        title = tr.plural(
            "This would be queued for {n} card:", "This would be queued for {n} cards:", len(planned.lines)
        )
        self._plan_title.setText(title if planned.lines else tr.text(N_("Nothing can be queued.")))
        kinds = [f"{count} × {tr.text(KIND_NAMES[kind])}" for kind, count in planned.kinds.items()]
        self._plan_kinds.setText(" · ".join(kinds))
        self._plan_kinds.setVisible(bool(kinds))
        self._plan_names.setText("\n".join(self._plan_lines(planned)))

    def _plan_lines(self, planned: DryRun) -> Iterable[str]:
        tr = self.ui.tr_
        for line in planned.lines[:_NAMED]:
            yield " · ".join(part for part in (line.finding.name, line.finding.escn, self._then(line.finding)) if part)
        if len(planned.lines) > _NAMED:
            yield tr.text(N_("and {n} more"), n=len(planned.lines) - _NAMED)
        if planned.deletes:
            yield tr.text(N_("What is deleted there is not known abroad any more."))
        if planned.left:
            yield tr.plural(
                "For {n} card nothing can be: it waits already, or the person is not known or doesn't agree.",
                "For {n} cards nothing can be: they wait already, or the person is not known or doesn't agree.",
                len(planned.left),
            )

    def _then(self, finding: Finding) -> str:
        """Return what is so at ESC-Router when it has been told."""
        if finding.group in (Group.MISSING_HERE, Group.UNWANTED):
            return self.ui.text(N_("is deleted there"))
        if finding.group is Group.MISSING_THERE:
            return self.ui.text(N_("is told anew"))
        changed = ((d.name, self._value(d.name, d.there), self._value(d.name, d.here)) for d in finding.differences)
        return ", ".join(f"{self.ui.text(FIELDS[name])}: {there} → {here}" for name, there, here in changed)

    def _show_choice(self) -> None:
        """Show what is to be said of the line the keyboard is at, and what the buttons would do."""
        model, text, planned = self.model, self.ui.text, self.model.dry_run
        line = self.table.current() if self.table.isVisibleTo(self) else None
        self._about.setText(self._about_line(line) if line is not None else "")
        self._about.setVisible(bool(self._about.text()))
        chosen = len(self._able) if planned is None and not model.busy else 0
        again = not chosen and model.whole and bool(model.findings.count(None))
        if model.busy:
            label, enabled = text(N_("Stop")), True
        elif planned is not None:
            label, enabled = text(N_("Put it in the queue")), bool(planned.lines)
        elif model.findings.count(None) and not again:
            label, enabled = text(N_("What would be queued: {count}"), count=chosen), bool(chosen)
        else:
            label, enabled = text(N_("Compare again") if model.whole else N_("Compare")), True
        deletes = planned is not None and planned.deletes
        self.go.set_label(label, "" if deletes or model.busy else "Enter")
        self.go.setEnabled(enabled)
        group = model.findings.group
        count = model.findings.open[group] if group in APPLICABLE else 0
        self.whole.set_label(text(N_("The whole group: {count}"), count=count))
        self.whole.setVisible(planned is None and not model.busy and bool(count))
        self.leave.set_label(text(N_("Leave it")), "Esc")
        self.leave.setVisible(planned is not None)
        self.back.setVisible(planned is None)
        keeps = len(self._undecided) if self.table.isVisibleTo(self) and not model.busy else 0
        self.keep.set_label(text(N_("Leave as it is: {count}"), count=keeps))
        self.keep.setVisible(bool(keeps))

    def _line_words(self, line: Line) -> tuple[str, str]:
        """Return the two lines of a row."""
        finding, text = line.finding, self.ui.text
        group = text(_MARKS[line.mark]) if line.mark is not None else text(GROUP_NAMES[finding.group])
        fields = ", ".join(self._difference(d.name, d.here, d.there) for d in finding.differences)
        return (
            f"{finding.name or '–'} · {group}",
            " · ".join(part for part in (fields, finding.issuer, finding.escn) if part),
        )

    def _about_line(self, line: Line) -> str:
        finding, text = line.finding, self.ui.text
        parts = [finding.name, finding.escn, text(GROUP_NAMES[finding.group])]
        parts += [self._difference(d.name, d.here, d.there) for d in finding.differences]
        head = " · ".join(part for part in (*parts, finding.issuer) if part)
        if line.mark is Mark.LEFT:
            return f"{head}\n{text(_MARKS[Mark.LEFT])}"
        return f"{head}\n{text(_ADVICE[finding.group])}" if line.mark is None else head

    def _difference(self, name: str, here: str, there: str) -> str:
        said = {"here": self._value(name, here), "there": self._value(name, there)}
        return self.ui.text(_DIFFERENCE, field=self.ui.text(FIELDS[name]), **said)

    def _value(self, name: str, value: str) -> str:
        """Return a field's value as people here write it."""
        if name in ("issued_on", "expires_on") and value:
            return self.ui.tr_.date(date.fromisoformat(value))
        return self.ui.text(_STATUSES[value]) if name == "status" and value in _STATUSES else value or "–"


_WORDS = N_(
    "Walks through the cards at ESC-Router and those here and lists what is not the same. What waits in the queue is"
    " left out. Nothing is changed before you say so."
)
_COMPARING = N_("Comparing. Cards there: {there}, here: {here}, in the queue: {queued}.")
_DIFFERENCE = N_("{field}: here {here}, there {there}")
_DOING = {
    Doing.LOOKING_AHEAD: N_("Looking what would be queued…"),
    Doing.QUEUING: N_("Putting it in the queue…"),
    Doing.LEAVING: N_("A moment…"),
}
_MARKS = {
    Mark.QUEUED: N_("in the queue now"),
    Mark.NOTHING: N_("nothing could be queued"),
    Mark.LEFT: N_("left as it is"),
}
_STATUSES = {"ACTIVE": N_("in use"), "INACTIVE": N_("not to be used"), "EXPIRED": N_("expired")}
_SHORT: dict[Group | None, str] = {Group.UNWANTED: N_("should be forgotten there")}
_ADVICE = {
    Group.MISSING_THERE: N_("ESC-Router can be told all of it anew."),
    Group.MISSING_HERE: N_("Find out first whose it is: all that can be done from here is to delete it there."),
    Group.DIFFERS: N_("ESC-Router can be told the record here."),
    Group.UNWANTED: N_("It can be deleted there."),
    Group.ELSEWHERE: N_("Ask that institution, or IT. Nothing is changed from here."),
}
