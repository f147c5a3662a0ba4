"""Everything behind the designer's window, made together and closed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from station.domain.errors import LayoutError
from station.domain.holder import Holder
from station.domain.layout import CardFields
from station.ports.tasks import Tasks
from station.render.paint import Brand
from station.services.cardmaking import brand_of
from station.services.desk import Desk
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_checks import ChecksModel
from station.ui.viewmodels.designer_document import DocumentModel
from station.ui.viewmodels.designer_people import PeopleModel
from station.ui.viewmodels.designer_pictures import PictureBook


class Studio(QObject):
    """The view-models of one designer's window."""

    def __init__(self, desk: Desk, tasks: Tasks, waiting: Callable[[], Sequence[Holder]]) -> None:
        super().__init__()
        self.desk = desk
        self.brand = _brand_of(desk)
        self.model = DesignerModel(desk.making.layout)
        self.document = DocumentModel(desk, tasks, self.model)
        self.checks = ChecksModel(self.model, tasks)
        self.people = PeopleModel(desk, tasks, waiting)
        self.book = PictureBook()
        self.model.design_changed.connect(self._fill_in)
        self.people.changed.connect(self._fill_in)
        self._fill_in()

    def begin(self) -> bool:
        """Open a layout, find somebody to show, check; say whether unsaved work of the last time was opened."""
        restored = self.document.begin()
        self.people.choose(self.people.kind)
        self.checks.begin(self.desk.making.printer, self.brand, self.desk.clock.now().date())
        return restored

    def close(self) -> bool:
        """Keep what is unsaved and stop; say whether it is safe."""
        if not self.document.leave():
            return False
        self.checks.stop()
        return True

    def _fill_in(self) -> None:
        sample = self.people.sample
        fields, portrait = (CardFields(), None) if sample is None else (sample.fields, sample.portrait)
        self.book.fill_in(self.model.design.layout, fields, portrait, self.brand)


def _brand_of(desk: Desk) -> Brand:
    """Return the institution's colour and artwork; without the artwork where a file of it can't be read."""
    institution = desk.settings.institution
    try:
        return brand_of(institution)
    except LayoutError:
        return Brand(accent=institution.accent)  # the desk itself says so at the first card
