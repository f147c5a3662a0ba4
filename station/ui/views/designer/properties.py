"""The form beside the card: what is selected, in millimetres, and what can be set of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from station.domain.arranging import Alignment, Spread
from station.domain.elements import EscLogo, Image, Logo
from station.domain.errors import N_
from station.services.design_palette import kind_name
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, SECONDARY, SECONDARY_STRONG, STRONG, TextStyle
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_document import DocumentModel
from station.ui.viewmodels.designer_properties import Kind, Section, sections_of
from station.ui.views.designer.editors import ColourEditor, Editor, NumberEditor, editor_for
from station.ui.views.designer.tools import ToolButton
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.flow import FlowBox
from station.ui.widgets.labels import OneLine, Text

_TITLE = TextStyle(INSTRUCTION.size_px, INSTRUCTION.line_px, 600)
_LABEL_PX = 92
_PLACES = ("x_mm", "y_mm", "width_mm", "height_mm")
_ALIGNS = (
    ("align-left", N_("Align left edges"), Alignment.LEFT),
    ("align-centre", N_("Align centres"), Alignment.CENTRE),
    ("align-right", N_("Align right edges"), Alignment.RIGHT),
    ("align-top", N_("Align upper edges"), Alignment.TOP),
    ("align-middle", N_("Align middles"), Alignment.MIDDLE),
    ("align-bottom", N_("Align lower edges"), Alignment.BOTTOM),
)
_SPREADS = (
    ("spread-across", N_("Equal gaps across"), Spread.ACROSS),
    ("spread-down", N_("Equal gaps down"), Spread.DOWN),
)


class PropertiesPanel(View):
    """The form. ``font_wanted`` asks for a font's file, ``picture_wanted`` for that of what is selected."""

    font_wanted = Signal()
    picture_wanted = Signal()

    def __init__(self, ui: Ui, model: DesignerModel, document: DocumentModel, parent: QWidget) -> None:
        super().__init__(ui, parent)
        self._model, self._document = model, document
        self.accent = "#2c4390"
        self.editors: dict[str, Editor] = {}
        self._shape: object = None
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = arrange(QVBoxLayout(self))
        column.addWidget(self.area)
        self._form = QWidget(self.area)
        self.area.setWidget(self._form)
        model.selection_changed.connect(self.refresh)
        model.design_changed.connect(self.refresh)
        model.gesture_changed.connect(self._follow)
        document.changed.connect(self._document_changed)
        self.refresh()

    def refresh(self) -> None:
        sections = self._sections()
        shape = (self.ui.tr_.language, tuple(map(_shape, sections)), len(self._model.selected), self._locked)
        # Made anew only for other properties: the field in which somebody types must not be replaced by its like.
        if shape != self._shape:
            self._shape = shape
            self._build(sections)
        self._show(sections)
        if not sections:
            self._document_changed()

    def commit(self) -> None:
        """Take a number that is being typed."""
        for editor in self.editors.values():
            if isinstance(editor, NumberEditor) and editor.box.hasFocus():
                editor.commit()

    def edit_text(self) -> bool:
        """Put the keyboard into the text, or what comes nearest to it; say whether there is anything to edit."""
        for name in ("text", "track2", "fill", "colour", "x_mm"):
            if name in self.editors and self.editors[name].isEnabled():
                editor = self.editors[name]
                editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
                self.area.ensureWidgetVisible(editor)
                box = getattr(editor, "box", None)
                if name == "text" and box is not None:
                    box.selectAll()
                return True
        return False

    # --- inside --------------------------------------------------------------------------------------------------

    @property
    def _locked(self) -> bool:
        selected = self._model.selected
        return bool(selected) and selected <= self._model.design.locked

    def _sections(self) -> tuple[Section, ...]:
        model = self._model
        chosen = model.design.elements(model.selected)
        boxes = [model.box_of(key) or element.box for key, element in chosen]
        return sections_of([element for _, element in chosen], boxes, model.design.layout)

    def _follow(self) -> None:
        """Show the numbers of what is dragged."""
        sections = self._sections()
        if sections and self._model.gesture is not None:
            for prop in sections[0].properties:
                if prop.name in _PLACES and prop.name in self.editors:
                    self.editors[prop.name].show_value(prop)

    def _show(self, sections: tuple[Section, ...]) -> None:
        for section in sections:
            for prop in section.properties:
                if prop.name in self.editors:
                    self.editors[prop.name].show_value(prop)

    def _build(self, sections: tuple[Section, ...]) -> None:
        """Make the form anew, for what is selected has other properties."""
        self.editors = {}
        form = QWidget(self.area)
        form.setObjectName("form")
        column = arrange(QVBoxLayout(form), (14, 12, 14, 14), gap=6)
        if sections:
            self._add_head(form, column)
            for section in sections:
                self._add_section(form, column, section)
        else:
            self._add_document(form, column)
        column.addStretch(1)
        self.area.setWidget(form)
        self._form = form
        for editor in self.editors.values():
            editor.setEnabled(not self._locked)

    def _add_head(self, form: QWidget, column: QVBoxLayout) -> None:
        ui, model = self.ui, self._model
        title = OneLine(ui, _TITLE, parent=form)
        one = model.one
        count = len(model.selected)
        title.set_text(ui.text(kind_name(one[1])) if one is not None else ui.text(N_("{count} selected"), count=count))
        column.addWidget(title)
        if one is not None:
            name = QLineEdit(one[0][1], form)
            name.setObjectName("set-name")
            name.setAccessibleName(ui.text(N_("Name in the layout")))
            name.setToolTip(ui.text(N_("Name in the layout")))
            name.editingFinished.connect(lambda: self._rename(name))
            column.addWidget(name)
        if self._locked:
            unlock = QuietButton(ui, form)
            unlock.setObjectName("unlock")
            unlock.set_label(ui.text(N_("Locked. Unlock it")))
            unlock.clicked.connect(lambda: model.set_locked(model.selected, False))
            column.addWidget(unlock)
            return
        if one is not None and isinstance(one[1], Image | Logo | EscLogo):
            choose = QuietButton(ui, form)
            choose.setObjectName("chooseFile")
            choose.set_label(ui.text(N_("Choose a picture’s file…")))
            choose.clicked.connect(self.picture_wanted)
            column.addWidget(choose, 0, Qt.AlignmentFlag.AlignLeft)
        tools = FlowBox(form, gap=0)
        for icon, label, how in _ALIGNS:
            button = ToolButton(ui, icon, label, parent=tools)
            button.setObjectName(icon)
            button.clicked.connect(lambda _checked=False, each=how: model.align(each))
            tools.add(button)
        if count > 2:
            for icon, label, along in _SPREADS:
                button = ToolButton(ui, icon, label, parent=tools)
                button.setObjectName(icon)
                button.clicked.connect(lambda _checked=False, each=along: model.spread(each))
                tools.add(button)
        column.addWidget(tools)

    def _add_section(self, form: QWidget, column: QVBoxLayout, section: Section) -> None:
        ui = self.ui
        label = Text(ui, SECONDARY_STRONG, "muted", wrap=False, parent=form)
        label.setText(ui.text(section.title))
        column.addSpacing(6)
        column.addWidget(label)
        grid = arrange(QGridLayout(), gap=6)
        grid.setColumnStretch(1, 1)
        place = all(prop.name in _PLACES for prop in section.properties)
        if place:
            grid.setColumnStretch(3, 1)
        for number, prop in enumerate(section.properties):
            editor = editor_for(ui, prop, form)
            if isinstance(editor, ColourEditor):
                editor.accent = self.accent
            editor.set.connect(self._set)
            self.editors[prop.name] = editor
            if prop.kind in (Kind.TEXT, Kind.SWITCH):
                grid.addWidget(editor, number, 0, 1, 2)
                continue
            name = Text(ui, SECONDARY, "muted", wrap=False, parent=form)
            name.setText(ui.text(prop.label))
            name.setBuddy(editor)
            if not place:
                name.setMinimumWidth(ui.theme.scaled(_LABEL_PX))
            row, across = (number // 2, number % 2 * 2) if place else (number, 0)
            grid.addWidget(name, row, across)
            grid.addWidget(editor, row, across + 1)
        column.addLayout(grid)
        if "family" in self.editors and section.title == N_("Letters"):
            more = QuietButton(ui, form)
            more.setObjectName("addFont")
            more.set_label(ui.text(N_("Add a font…")))
            more.clicked.connect(self.font_wanted)
            column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_document(self, form: QWidget, column: QVBoxLayout) -> None:
        """Show what the layout itself is called, where nothing is selected."""
        ui = self.ui
        title = OneLine(ui, _TITLE, parent=form)
        title.set_text(ui.text(N_("The layout")))
        column.addWidget(title)
        name = QLineEdit(form)
        name.setObjectName("set-title")
        name.setAccessibleName(ui.text(N_("Title")))
        name.setPlaceholderText(ui.text(N_("Title")))
        name.editingFinished.connect(lambda: self._document.retitle(name.text()))
        column.addWidget(name)
        borne = QCheckBox(ui.text(N_("The blank cards bear the ESC logo already")), form)
        borne.setObjectName("set-preprinted")
        borne.clicked.connect(self._document.set_preprinted)
        column.addWidget(borne)
        facts = Text(ui, SECONDARY, "muted", parent=form)
        facts.setObjectName("facts")
        column.addWidget(facts)
        column.addSpacing(10)
        for heading, words in _HINTS:
            head = Text(ui, STRONG, parent=form)
            head.setText(ui.text(heading))
            body = Text(ui, SECONDARY, "muted", parent=form)
            body.setText(ui.text(words))
            column.addWidget(head)
            column.addWidget(body)

    def _document_changed(self) -> None:
        name = self._form.findChild(QLineEdit, "set-title")
        facts = self._form.findChild(Text, "facts")
        if name is None or facts is None:
            return
        layout = self._model.design.layout
        if not name.hasFocus():
            name.setText(layout.title)
        borne = self._form.findChild(QCheckBox, "set-preprinted")
        if borne is not None:
            borne.setChecked(bool(layout.preprinted))
        facts.setText(
            self.ui.text(
                N_("{name}, version {version} · {width} × {height} mm"),
                name=layout.name,
                version=layout.version,
                width=f"{layout.width_mm:g}",
                height=f"{layout.height_mm:g}",
            )
        )

    def _set(self, name: str, value: object) -> None:
        if name in _PLACES and isinstance(value, int | float):
            self._model.place(**{name: float(value)})
        else:
            self._model.set(**{name: value})

    def _rename(self, field: QLineEdit) -> None:
        one = self._model.one
        # Qt says that editing has finished at Enter, and once more when the field is left.
        if one is not None and field.text().strip() and field.text() != one[0][1]:
            self._model.rename(one[0], field.text())
            self._shape = None  # the field shows what the name has become
            self.refresh()


def _shape(section: Section) -> object:
    return section.title, tuple((p.name, p.kind, p.choices, p.nothing) for p in section.properties)


_HINTS = (
    (N_("Add"), N_("Press what you want on the left; it comes onto the side whose name is coloured.")),
    (N_("Move and resize"), N_("Drag it, or pull its corners. Arrows move by 0.1 mm, with Shift by 1 mm.")),
    (N_("Line up"), N_("Things rest on edges and middles by themselves; hold Alt to move them freely.")),
    (N_("Guides"), N_("Pull a line out of a ruler.")),
    (N_("By keyboard"), N_("Tab walks through what is on the card, Enter edits it, Ctrl+Z takes back.")),
)
