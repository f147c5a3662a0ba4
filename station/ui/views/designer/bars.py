"""The bar above the card, and the one below it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.layout_state import LayoutState
from station.domain.lint import Level
from station.ui.context import Ui
from station.ui.theme.tokens import SECONDARY, STRONG
from station.ui.viewmodels.designer_people import KIND_NAMES
from station.ui.viewmodels.designer_studio import Studio
from station.ui.viewmodels.designer_words import length_text
from station.ui.views.designer.canvas import Canvas
from station.ui.views.designer.tools import Chooser, ToolButton
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.labels import OneLine

STATE_NAMES = {
    LayoutState.DRAFT: N_("draft"),
    LayoutState.APPROVED: N_("approved"),
    LayoutState.RETIRED: N_("retired"),
}


class TopBar(View):
    """What is open, undo and redo, the zoom, save."""

    file_wanted = Signal()
    guides_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, ui: Ui, studio: Studio, canvas: Canvas, parent: QWidget) -> None:
        super().__init__(ui, parent)
        self._studio, self._canvas = studio, canvas
        self.setObjectName("designerBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        model = studio.model
        self.file = Chooser(ui, self)
        self.file.setObjectName("file")
        self.file.clicked.connect(self.file_wanted)
        words = arrange(QVBoxLayout(), gap=0)
        self._title, self._state = OneLine(ui, STRONG, parent=self), OneLine(ui, SECONDARY, "muted", self)
        self._state.setObjectName("documentState")
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self._state)
        words.addStretch(1)
        self.undo = ToolButton(ui, "undo", N_("Undo"), key="Ctrl+Z", parent=self)
        self.redo = ToolButton(ui, "redo", N_("Redo"), key="Ctrl+Y", parent=self)
        self.snap = ToolButton(ui, "magnet", N_("Rest on edges and middles"), parent=self)
        self.guides = ToolButton(ui, "guide", N_("Guides"), parent=self)
        self.out = ToolButton(ui, "minus", N_("Zoom out"), key="Ctrl+-", parent=self)
        self.inward = ToolButton(ui, "plus", N_("Zoom in"), key="Ctrl++", parent=self)
        self.fit = ToolButton(ui, "fit", N_("Show both sides whole"), key="Ctrl+0", parent=self)
        self.true = ToolButton(ui, "true-size", N_("True size"), key="Ctrl+1", parent=self)
        self.zoom = OneLine(ui, SECONDARY, parent=self)
        self.zoom.setFixedWidth(ui.theme.scaled(46))
        self.save = ActionButton(ui, primary=True, parent=self)
        self.save.setObjectName("save")
        self.save.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        names = ("undo", "redo", "snap", "guides", "zoomOut", "zoomIn", "fit", "trueSize")
        tools = (self.undo, self.redo, self.snap, self.guides, self.out, self.inward, self.fit, self.true)
        for name, tool in zip(names, tools, strict=True):
            tool.setObjectName(name)
        self.snap.setCheckable(True)
        self.snap.setChecked(model.snaps)
        row = arrange(QHBoxLayout(self), (12, 5, 12, 5), gap=2)
        row.addWidget(self.file)
        row.addSpacing(10)
        row.addLayout(words, 1)
        for tool in (self.undo, self.redo):
            row.addWidget(tool)
        row.addSpacing(8)
        for tool in (self.snap, self.guides):
            row.addWidget(tool)
        row.addSpacing(8)
        for widget in (self.out, self.zoom, self.inward, self.fit, self.true):
            row.addWidget(widget)
        row.addSpacing(10)
        row.addWidget(self.save)
        self._wire()
        self.refresh()

    def set_brief(self, brief: bool) -> None:
        """Leave out what can be done in another way, on a narrow window."""
        for widget in (self.guides, self.zoom, self.out, self.inward, self.snap):
            widget.setVisible(not brief)
        self._title.setVisible(not brief)
        self._state.setVisible(not brief)

    def refresh(self) -> None:
        text, studio = self.ui.text, self._studio
        document, history = studio.document, studio.model.history
        self.file.set_label(text(N_("File")))
        self._title.set_text(document.title)
        state = text(STATE_NAMES[document.state])
        parts = [state, text(N_("not saved yet")) if document.unsaved else ""]
        parts.append(document.path.name if document.path is not None else "")
        self._state.set_text(" · ".join(part for part in parts if part))
        self.save.set_label(text(N_("Save")))
        self.save.setEnabled(document.unsaved or document.path is None)
        self.undo.setEnabled(bool(history.undoes))
        self.redo.setEnabled(bool(history.redoes))
        undo, redo = text(N_("Undo")), text(N_("Redo"))
        self.undo.setToolTip(f"{undo}: {text(history.undoes)}  Ctrl+Z" if history.undoes else undo)
        self.redo.setToolTip(f"{redo}: {text(history.redoes)}  Ctrl+Y" if history.redoes else redo)
        self._zoomed()

    def _wire(self) -> None:
        model, canvas = self._studio.model, self._canvas
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        self.snap.toggled.connect(lambda on: setattr(model, "snaps", on))
        self.guides.clicked.connect(self.guides_wanted)
        self.out.clicked.connect(lambda: canvas.zoom_by(-1))
        self.inward.clicked.connect(lambda: canvas.zoom_by(1))
        self.fit.clicked.connect(canvas.fit)
        self.true.clicked.connect(canvas.show_true_size)
        self.save.clicked.connect(self.save_wanted)
        canvas.zoomed.connect(self._zoomed)
        model.design_changed.connect(self.refresh)
        self._studio.document.changed.connect(self.refresh)

    def _zoomed(self) -> None:
        share = self._canvas.placement.zoom / self._canvas.true_zoom
        self.zoom.set_text(f"{round(share * 100)} %")
        self.zoom.setToolTip(self.ui.text(N_("100 % is the card’s true size")))


class Foot(View):
    """Whose card is shown, where the mouse is, what was found."""

    people_wanted = Signal()
    findings_wanted = Signal()

    def __init__(self, ui: Ui, studio: Studio, canvas: Canvas, parent: QWidget) -> None:
        super().__init__(ui, parent)
        self._studio = studio
        self.setObjectName("designerFoot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.people = Chooser(ui, self)
        self.people.setObjectName("people")
        self.people.clicked.connect(self.people_wanted)
        self._name = OneLine(ui, SECONDARY, "muted", self)
        self._name.setObjectName("shownName")
        self._place = OneLine(ui, SECONDARY, "muted", self)
        self._place.setFixedWidth(ui.theme.scaled(150))
        self._told = OneLine(ui, SECONDARY, "text", self)
        self._told.setObjectName("designerTold")
        self.findings = Chooser(ui, self)
        self.findings.setObjectName("findings")
        self.findings.clicked.connect(self.findings_wanted)
        row = arrange(QHBoxLayout(self), (12, 4, 12, 4), gap=10)
        row.addWidget(self.people)
        row.addWidget(self._name, 1)
        row.addWidget(self._told, 2)
        row.addWidget(self._place)
        row.addWidget(self.findings)
        studio.people.changed.connect(self.refresh)
        studio.checks.changed.connect(self.refresh)
        canvas.pointed.connect(self._pointed)
        self.refresh()

    def set_brief(self, brief: bool) -> None:
        """Leave out what a narrow window has no room for."""
        self._place.setVisible(not brief)
        self._name.setVisible(not brief)

    def tell(self, words: str, colour: str = "text") -> None:
        """Say what was done, or what went wrong."""
        self._told.set_text(words, colour)

    def refresh(self) -> None:
        text, studio = self.ui.text, self._studio
        people = studio.people
        self.people.set_label(text(KIND_NAMES[people.kind]), text(N_("Whose card is shown")))
        sample = people.sample
        self._name.set_text("" if sample is None else sample.fields.full_name)
        counts = studio.checks.counts
        parts = [
            self.ui.tr_.plural("{n} error", "{n} errors", counts[Level.ERROR]) if counts[Level.ERROR] else "",
            self.ui.tr_.plural("{n} warning", "{n} warnings", counts[Level.WARNING]) if counts[Level.WARNING] else "",
            self.ui.tr_.plural("{n} note", "{n} notes", counts[Level.NOTE]) if counts[Level.NOTE] else "",
        ]
        found = ", ".join(part for part in parts if part)
        if not found:
            found = text(N_("Nothing found")) if studio.checks.settled else text(N_("checking…"))
        self.findings.set_label(found, text(N_("Checks")))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(400, max(44, self.ui.theme.scaled(44)))

    def _pointed(self, at: object) -> None:
        if not isinstance(at, tuple):
            self._place.set_text("")
            return
        _, x, y = at
        text = self.ui.text
        self._place.set_text(f"{length_text(round(x, 1), text, unit=False)} ; {length_text(round(y, 1), text)}")
