"""What can be asked of the designer's window: open, save, approve, bring something in, show a part of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QWidget

from station.domain.errors import N_
from station.domain.lint import Level, LintFinding
from station.services.designing import is_font
from station.ui.context import Ui
from station.ui.viewmodels.designer_studio import Studio
from station.ui.views.designer.bars import Foot, TopBar
from station.ui.views.designer.canvas import Canvas
from station.ui.views.designer.dialogs import ask_file, ask_target, font_kinds, picture_kinds
from station.ui.views.designer.findings import FindingsPanel
from station.ui.views.designer.layers import LayersPanel
from station.ui.views.designer.palette import Palette
from station.ui.views.designer.properties import PropertiesPanel
from station.ui.widgets.base import View

_RATIO = 1.5


class DesignerActions(View):
    """The parts of a designer's window and what they do together; where they stand is the window's own matter.

    ``help_wanted`` asks for the help page, ``closed`` says that the window has gone.
    """

    help_wanted = Signal()
    closed = Signal()

    def __init__(self, ui: Ui, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.studio = studio
        self.canvas = Canvas(ui, studio.model, studio.book, studio.checks, self)
        self.palette_ = Palette(ui, self)
        self.layers = LayersPanel(ui, studio.model, self)
        self.properties = PropertiesPanel(ui, studio.model, studio.document, self)
        self.properties.accent = studio.brand.accent
        self.findings = FindingsPanel(ui, studio.checks, self)
        self.bar, self.foot = TopBar(ui, studio, self.canvas, self), Foot(ui, studio, self.canvas, self)
        self.tabs = QStackedWidget(self)

    def next_region(self) -> None:
        """Put the keyboard into the next part of the window."""

    def open_file_menu(self) -> None:
        """Open the menu of files."""

    def new(self) -> None:
        """Begin an empty card."""
        self.studio.document.new()

    def open_file(self) -> None:
        """Ask which layout to open."""
        text = self.ui.text
        layouts = text(N_("Layouts"))
        kinds = f"{layouts} (*.zip layout.json)"
        ask_file(self, text(N_("Open a layout")), kinds, lambda f: self.studio.document.open_file(Path(f)))

    def save(self) -> None:
        """Save where it was, or ask where."""
        self.properties.commit()
        if self.studio.document.target is None:
            self.save_as()
        else:
            self.studio.document.save()

    def save_as(self) -> None:
        """Ask where to save."""
        self.properties.commit()
        document = self.studio.document
        folder = document.target.parent if document.target is not None else Path.home()
        suggestion = folder / f"{self.studio.model.design.layout.name}.zip"
        ask_target(self, self.ui.text(N_("Save the layout")), str(suggestion), lambda file: document.save(Path(file)))

    def approve(self) -> None:
        """Have the layout signed, unless the linter has found errors."""
        self.properties.commit()
        errors = self.studio.checks.counts[Level.ERROR]
        # Until they have settled, the checks tell of the design before this one.
        if errors or not self.studio.checks.settled:
            words = N_("It can’t be approved yet: see what was found.") if errors else N_("Wait for the checks to end.")
            self.foot.tell(self.ui.text(words), "bad" if errors else "text")
            self.show_findings()
        else:
            self.studio.document.approve()

    def rename(self) -> None:
        """Put the keyboard into the name of what is selected."""
        field = self.properties.findChild(QWidget, "set-name")
        if field is not None:
            self.show_properties()
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_help(self) -> None:
        """Open the help page about designing, in the main window."""
        self.help_wanted.emit()

    def show_findings(self) -> None:
        """Show what was found, in the place of the properties."""
        self.tabs.setCurrentWidget(self.findings)

    def show_properties(self) -> None:
        """Show the properties again."""
        self.tabs.setCurrentWidget(self.properties)

    def bring(self, path: Path) -> None:
        """Put a picture onto the card, or set the selected texts in a font."""
        brought = self.studio.document.read_file(path)
        if brought is None:
            return
        name, data = brought
        if is_font(name):
            family = self.studio.model.add_font(name, data)
            self.foot.tell(self.ui.text(N_("The font {font} is in the layout now."), font=family))
        else:
            self.studio.model.add_picture(name, data, picture_ratio(data), self.canvas.centre_mm())
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_picture(self) -> None:
        """Ask for a picture and put it onto the card."""
        title = self.ui.text(N_("Put a picture onto the card"))
        ask_file(self, title, picture_kinds(self.ui), lambda file: self.bring(Path(file)))

    def ask_font(self) -> None:
        """Ask for a font and bring it into the layout."""
        ask_file(self, self.ui.text(N_("Add a font")), font_kinds(self.ui), lambda file: self.bring(Path(file)))

    def ask_replacement(self) -> None:
        """Ask for the picture of what is selected."""
        title = self.ui.text(N_("Choose a picture’s file"))
        ask_file(self, title, picture_kinds(self.ui), lambda file: self._replace(Path(file)))

    def _replace(self, path: Path) -> None:
        brought = self.studio.document.read_file(path)
        if brought is not None:
            self.studio.model.put_picture(*brought)

    def edit(self) -> None:
        """Put the keyboard into the text of what is selected, or what comes nearest to it."""
        self.show_properties()
        self.properties.edit_text()

    def show_finding(self, finding: LintFinding) -> None:
        """Select what a finding is about, and bring it into sight."""
        if finding.side is not None and finding.element:
            key = (finding.side, finding.element)
            self.studio.model.select(frozenset({key}))
            self.canvas.reveal(key)


def picture_ratio(data: bytes) -> float:
    """Return a picture's width to its height; what can't be told is taken for one and a half."""
    image = QImage.fromData(data)
    return image.width() / image.height() if not image.isNull() and image.height() else _RATIO
