"""The fields of the form: one widget a kind of property. Each shows a value, and tells when a person sets another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QLocale, QObject, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from station.domain.errors import N_, LayoutError
from station.render.colour import palette, resolved
from station.ui.context import Ui
from station.ui.viewmodels.designer_fields import COLOUR_LABELS, TEXT_FIELDS, field_label
from station.ui.viewmodels.designer_properties import MIXED, Kind, Property
from station.ui.views.designer.tools import Chooser
from station.ui.widgets.base import arrange
from station.ui.widgets.painting import smooth

_UNDO_KEYS = (Qt.Key.Key_Z, Qt.Key.Key_Y)


class Editor(QWidget):
    """The base. ``set`` carries the name of the property and its new value."""

    set = Signal(str, object)

    def __init__(self, ui: Ui, prop: Property, parent: QWidget) -> None:
        super().__init__(parent)
        self.ui, self.prop = ui, prop
        self.showing = False
        self.row = arrange(QHBoxLayout(self), gap=4)

    def show_value(self, prop: Property) -> None:
        """Show what the property is now."""
        self.prop, self.showing = prop, True
        self.display(prop.value)
        self.showing = False

    def display(self, value: object) -> None:
        """Put a value into the widget."""

    def tell(self, value: object) -> None:
        """Say that a person has set another value."""
        if not self.showing:
            self.set.emit(self.prop.name, value)

    def take(self, widget: QWidget) -> None:
        """Put the widget that is edited into place, under the property's name."""
        widget.setAccessibleName(self.ui.text(self.prop.label))
        widget.setObjectName(f"set-{self.prop.name}")
        widget.installEventFilter(self)
        self.setFocusProxy(widget)
        self.row.addWidget(widget, 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        # A field's own undo knows its letters only; here Ctrl+Z takes back what was done to the card.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and _undoes(event):
            return self._pass_on(event)
        return super().eventFilter(watched, event)

    def _pass_on(self, event: QKeyEvent) -> bool:
        window = self.window()
        press = getattr(window, "press", None)
        return bool(press is not None and press(event))


class _Spin(QDoubleSpinBox):
    """A number without buttons; a wheel over the form scrolls the form."""

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's name
        """Return a number without the noughts that say nothing."""
        number, point = super().textFromValue(value), self.locale().decimalPoint()
        return number.rstrip("0").rstrip(point) if point in number else number

    def _fit(self) -> None:
        # With a frame of the style sheet's and no buttons, Qt leaves the text a width of one dot.
        self.lineEdit().setGeometry(self.rect().adjusted(8, 2, -6, -2))


class _Combo(QComboBox):
    """A choice; a wheel over the form scrolls the form."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        event.ignore()


class NumberEditor(Editor):
    """A number with its unit; what was typed counts when the field is left or Enter is pressed."""

    def __init__(self, ui: Ui, prop: Property, parent: QWidget) -> None:
        super().__init__(ui, prop, parent)
        self.box = _Spin(self)
        self.box.setLocale(QLocale(ui.tr_.language))
        # Else each digit that is typed would be a value, and 85 come by way of 8.
        self.box.setKeyboardTracking(False)
        self.box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.box.setAccelerated(True)
        self.box.setMinimumWidth(48)
        self._factor = 100.0 if prop.kind is Kind.PERCENT else 1.0
        least, most, step = prop.limits
        whole = prop.kind in (Kind.COUNT, Kind.PERCENT)
        self.box.setDecimals(0 if whole else 2)
        self.box.setRange(least, most)
        self.box.setSingleStep(step)
        if prop.unit:
            self.box.setSuffix(f" {prop.unit}")
        self.take(self.box)
        self.box.valueChanged.connect(self._changed)

    def display(self, value: object) -> None:
        least, step = self.prop.limits[0], self.prop.limits[2]
        special = self.ui.text(self.prop.nothing) if self.prop.nothing else ""
        if value is MIXED:
            special = self.ui.text(N_("various"))
        number = float(value) * self._factor if isinstance(value, int | float) else None
        special = special if number is None or self.prop.nothing else ""
        if special != self.box.specialValueText():
            self.box.setSpecialValueText(special)
        # Qt shows the special text in place of the lowest number: one step below the least stands for none, or for
        # several.
        lowest = least - step if number is None or self.prop.nothing else least
        if lowest != self.box.minimum():
            self.box.setMinimum(lowest)
        self.box.setValue(self.box.minimum() if number is None else number)

    def commit(self) -> None:
        """Take what is typed."""
        self.box.interpretText()

    def _changed(self, number: float) -> None:
        if number < self.prop.limits[0]:
            if self.prop.nothing and self.prop.value is not MIXED:
                self.tell(None)
            return
        value = number / self._factor
        self.tell(round(value) if self.prop.kind is Kind.COUNT else round(value, 4))


class TextEditor(Editor):
    """Some lines of text, and the fields that can be put into it."""

    def __init__(self, ui: Ui, prop: Property, parent: QWidget) -> None:
        super().__init__(ui, prop, parent)
        column = arrange(QVBoxLayout(), gap=4)
        self.box = QPlainTextEdit(self)
        self.box.setTabChangesFocus(True)
        self.box.setUndoRedoEnabled(False)
        self.box.setFixedHeight(max(64, ui.theme.scaled(64)))
        self.take(self.box)
        self.row.removeWidget(self.box)
        column.addWidget(self.box)
        self.fields = Chooser(ui, self)
        self.fields.setObjectName("insertField")
        self.fields.set_label(ui.text(N_("Insert a field")))
        self.fields.clicked.connect(self._open_fields)
        column.addWidget(self.fields)
        self.row.addLayout(column)
        self.box.textChanged.connect(lambda: self.tell(self.box.toPlainText()))

    def display(self, value: object) -> None:
        text = value if isinstance(value, str) else ""
        self.box.setPlaceholderText(self.ui.text(N_("various")) if value is MIXED else "")
        # Set anew, the text would send the caret to its beginning at each letter.
        if text != self.box.toPlainText():
            self.box.setPlainText(text)

    def build_menu(self) -> QMenu:
        """Return the menu of fields; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in TEXT_FIELDS:
            action = menu.addAction(f"{self.ui.text(field_label(name))}\t{{{name}}}")
            action.setObjectName(f"field-{name}")
            action.triggered.connect(lambda _checked=False, each=name: self.box.insertPlainText(f"{{{each}}}"))
        return menu

    def _open_fields(self) -> None:
        self.build_menu().popup(self.fields.mapToGlobal(QPoint(0, self.fields.height() + 2)))


class LineEditor(Editor):
    """One line of text."""

    def __init__(self, ui: Ui, prop: Property, parent: QWidget) -> None:
        super().__init__(ui, prop, parent)
        self.box = QLineEdit(self)
        self.take(self.box)
        self.box.textEdited.connect(self.tell)

    def display(self, value: object) -> None:
        text = value if isinstance(value, str) else ""
        hint = N_("various") if value is MIXED else self.prop.hint
        self.box.setPlaceholderText(self.ui.text(hint))
        # Set anew, the text would send the caret to its end at each letter.
        if text != self.box.text():
            self.box.setText(text)


class ChoiceEditor(Editor):
    """One of a few values."""

    def __init__(self, ui: Ui, prop: Property, parent: QWidget) -> None:
        super().__init__(ui, prop, parent)
        self.box = _Combo(self)
        self.box.setMinimumContentsLength(4)
        self.box.setMinimumWidth(60)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for _, label in prop.choices:
            self.box.addItem(ui.text(label))
        self.take(self.box)
        self.box.activated.connect(self._chosen)

    def display(self, value: object) -> None:
        values = [each for each, _ in self.prop.choices]
        self.box.setPlaceholderText(self.ui.text(N_("various")) if value is MIXED else "")
        self.box.setCurrentIndex(values.index(value) if value in values else -1)

    def _chosen(self, index: int) -> None:
        self.tell(self.prop.choices[index][0])


class SwitchEditor(Editor):
    """Yes or no."""

    def __init__(self, ui: Ui, prop: Property, parent: QWidget) -> None:
        super().__init__(ui, prop, parent)
        self.box = QCheckBox(ui.text(prop.label), self)
        self.take(self.box)
        self.box.clicked.connect(self._clicked)

    def display(self, value: object) -> None:
        self.box.setTristate(value is MIXED)
        state = Qt.CheckState.PartiallyChecked if value is MIXED else Qt.CheckState.Unchecked
        self.box.setCheckState(Qt.CheckState.Checked if value is True else state)

    def _clicked(self) -> None:
        self.tell(self.box.checkState() is not Qt.CheckState.Unchecked)


class FieldsEditor(Editor):
    """The fields that must not be empty."""

    def __init__(self, ui: Ui, prop: Property, parent: QWidget) -> None:
        super().__init__(ui, prop, parent)
        self.box = Chooser(ui, self)
        self.take(self.box)
        self.box.clicked.connect(self._open)

    def display(self, value: object) -> None:
        names = value if isinstance(value, tuple) else ()
        words = ", ".join(self.ui.text(field_label(name)) for name in names) or self.ui.text(self.prop.nothing)
        self.box.set_label(self.ui.text(N_("various")) if value is MIXED else words, self.ui.text(self.prop.label))

    def build_menu(self) -> QMenu:
        """Return the menu of fields with those that are needed ticked."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        now = self.prop.value if isinstance(self.prop.value, tuple) else ()
        for name, _ in self.prop.choices:
            action = menu.addAction(self.ui.text(field_label(str(name))))
            action.setCheckable(True)
            action.setChecked(name in now)
            action.triggered.connect(lambda _checked=False, each=name: self._toggle(str(each)))
        return menu

    def _open(self) -> None:
        self.build_menu().popup(self.box.mapToGlobal(QPoint(0, self.box.height() + 2)))

    def _toggle(self, name: str) -> None:
        now = self.prop.value if isinstance(self.prop.value, tuple) else ()
        self.tell(tuple(each for each in now if each != name) if name in now else (*now, name))


class ColourEditor(Editor):
    """A colour: one that follows the institution's, or one of one's own."""

    def __init__(self, ui: Ui, prop: Property, parent: QWidget) -> None:
        super().__init__(ui, prop, parent)
        self.accent = "#2c4390"
        self.box = _Swatch(ui, self)
        self.take(self.box)
        self.box.clicked.connect(self._open)

    def display(self, value: object) -> None:
        if isinstance(value, str):
            name = _NAMED.get(value, value)
            label = self.ui.text(COLOUR_LABELS[name]) if name in COLOUR_LABELS else value
            self.box.show_colour(_colour_of(value, self.accent), label, self.ui.text(self.prop.label))
        else:
            label = self.ui.text(N_("various") if value is MIXED else self.prop.nothing)
            self.box.show_colour(None, label, self.ui.text(self.prop.label))

    def build_menu(self) -> QMenu:
        """Return the menu of colours; it deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.prop.nothing:
            menu.addAction(self.ui.text(self.prop.nothing)).triggered.connect(lambda: self.tell(None))
        for name in palette(self.accent):
            action = menu.addAction(self.ui.text(COLOUR_LABELS.get(name, name)))
            action.setIcon(_chip(_colour_of(name, self.accent)))
            action.setObjectName(f"colour-{name}")
            action.triggered.connect(lambda _checked=False, each=name: self.tell(_written(each)))
        menu.addSeparator()
        menu.addAction(self.ui.text(N_("Another colour…"))).triggered.connect(self._ask)
        return menu

    def _open(self) -> None:
        self.build_menu().popup(self.box.mapToGlobal(QPoint(0, self.box.height() + 2)))

    def _ask(self) -> None:
        dialog = QColorDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        value = self.prop.value
        dialog.setCurrentColor(_colour_of(value, self.accent) if isinstance(value, str) else QColor("#2c4390"))
        dialog.colorSelected.connect(lambda colour: self.tell(colour.name()))
        dialog.open()


class _Swatch(Chooser):
    """A chooser that shows a colour before its name."""

    def __init__(self, ui: Ui, parent: QWidget) -> None:
        super().__init__(ui, parent)
        self._colour: QColor | None = None

    def show_colour(self, colour: QColor | None, label: str, name: str) -> None:
        """Show a colour, or none."""
        self._colour = colour
        self.set_label(f"      {label}" if colour is not None else label, name)
        self.setAccessibleName(f"{name}: {label}")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self._colour is None:
            return
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(self._ui.theme.colour("line"))
        painter.setBrush(self._colour)
        painter.drawRoundedRect(QRectF(10, self.height() / 2 - 8, 16, 16), 4, 4)
        painter.end()


def _undoes(event: QKeyEvent) -> bool:
    return event.key() in _UNDO_KEYS and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def editor_for(ui: Ui, prop: Property, parent: QWidget) -> Editor:
    """Return the widget that a property is edited with."""
    return _EDITORS[prop.kind](ui, prop, parent)


_EDITORS: dict[Kind, Callable[[Ui, Property, QWidget], Editor]] = {
    Kind.LENGTH: NumberEditor,
    Kind.NUMBER: NumberEditor,
    Kind.COUNT: NumberEditor,
    Kind.PERCENT: NumberEditor,
    Kind.TEXT: TextEditor,
    Kind.LINE: LineEditor,
    Kind.CHOICE: ChoiceEditor,
    Kind.SIGNS: ChoiceEditor,
    Kind.COLOUR: ColourEditor,
    Kind.SWITCH: SwitchEditor,
    Kind.FIELDS: FieldsEditor,
}


_NAMED = {"#000000": "black", "#ffffff": "white"}


def _written(name: str) -> str:
    """Return a named colour as a layout has it: black by its number, for the resin panel knows no other."""
    return "#000000" if name == "black" else name


def _colour_of(value: str, accent: str) -> QColor:
    try:
        return QColor(*resolved(value, accent))
    except LayoutError:
        return QColor("#ffffff")


def _chip(colour: QColor) -> QPixmap:
    chip = QPixmap(QSize(14, 14))
    chip.fill(colour)
    return chip
