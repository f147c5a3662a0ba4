"""Which layout is open, where it lies, and that nothing of it is lost: opened, saved, approved, kept as a draft."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from station.domain.elements import CARD_HEIGHT_MM, CARD_WIDTH_MM
from station.domain.errors import N_, InputError, LayoutError, StationError
from station.domain.layout import Layout, Preprinted, edited
from station.domain.layout_state import LayoutState
from station.domain.message import Message
from station.ports.tasks import Cancel, Lane, Tasks
from station.resources import asset
from station.services.designing import PICTURE_ENDINGS, Design, as_id, is_font, without_spare_files
from station.services.drafts import UNREADABLE, Draft, Drafts
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_state import started

if TYPE_CHECKING:
    from station.services.desk import Desk

AUTOSAVE_MS = 1500
_LARGEST_FILE = 20_000_000


class DocumentModel(QObject):
    """The file behind a design. ``changed`` says that its name, place or state is another; ``told`` carries a
    ``Message`` or a ``StationError`` for the person.
    """

    changed = Signal()
    told = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, model: DesignerModel) -> None:
        super().__init__()
        self._desk, self._tasks, self._model = desk, tasks, model
        self.drafts = Drafts(desk.data / "drafts") if desk.data is not None else None
        self.path: Path | None = None
        self._name = uuid.uuid4().hex
        self._kept: Design | None = None
        self._ready: tuple[Layout, ...] | None = None
        self._keeping = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.keep)
        model.design_changed.connect(self._edited)

    # --- what is open --------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """Return what the layout is called."""
        layout = self._model.design.layout
        return layout.title or layout.name

    @property
    def unsaved(self) -> bool:
        """Say whether anything is not saved yet."""
        return self._model.history.unsaved

    @property
    def target(self) -> Path | None:
        """Return where it is saved without a question: nowhere for what is new, or ships with the station."""
        shipped = self.path is not None and self.path.resolve().is_relative_to(asset("layouts").resolve())
        return None if shipped else self.path

    @property
    def state(self) -> LayoutState:
        """Return how this version stands."""
        return self._model.design.layout.state

    def waiting_drafts(self) -> tuple[Draft, ...]:
        """Return the other unsaved layouts that are kept."""
        if self.drafts is None:
            return ()
        return tuple(draft for draft in self.drafts.all() if draft.name != self._name)

    # --- opening -------------------------------------------------------------------------------------------------

    def begin(self) -> bool:
        """Open what was left unsaved the last time, else the station's own layout; say whether it was unsaved."""
        for draft in self.waiting_drafts():
            if self.open_draft(draft):
                return True
        part, layout = self._desk.settings.layout, self._desk.making.layout
        self.path = part.file or part.folder
        self._model.load(started(layout) if self.path is None else self._as_it_was_left(self.path, layout), saved=True)
        self.changed.emit()
        return False

    def new(self, name: str = "card") -> None:
        """Begin an empty card of two sides."""
        if not self.leave():
            return
        layout = Layout(name=name, version=1, front=(), width_mm=CARD_WIDTH_MM, height_mm=CARD_HEIGHT_MM)
        self._opened(Design(layout), None, saved=True)

    def ready_layouts(self) -> tuple[Layout, ...]:
        """Return the layouts that ship; one that can't be read is left out."""
        from station.render.layout_file import bundled_layout, bundled_names

        if self._ready is not None:
            return self._ready
        found = []
        for name in bundled_names():
            try:
                found.append(bundled_layout(name))
            except LayoutError as error:
                self.told.emit(error)
        self._ready = tuple(found)
        return self._ready

    def open_ready(self, layout: Layout) -> None:
        """Begin from a layout that ships; it is saved as a new one."""
        if self.leave():
            self._opened(started(layout), None, saved=True)

    def open_file(self, path: Path) -> bool:
        """Open a layout's folder or file; say whether that went well."""
        from station.render.layout_file import load_layout

        try:
            # Read before anything is left: where it can't be read, what is open stays open.
            layout = load_layout(path.parent if path.name == "layout.json" else path, self._desk.layouts.find)
        except LayoutError as error:
            self.told.emit(error)
            return False
        if not self.leave():
            return False
        path = path.parent if path.name == "layout.json" else path
        self._opened(self._as_it_was_left(path, layout), path, saved=True)
        return True

    def open_draft(self, draft: Draft) -> bool:
        """Go on with unsaved work; say whether it could be read."""
        if self.drafts is None:
            return False
        try:
            design = self.drafts.load(draft)
        except UNREADABLE as error:
            self._report(error)
            return False
        if not self.leave():
            return False
        self._opened(design, draft.path, saved=False)
        self._name, self._kept = draft.name, self._model.design
        return True

    # --- saving --------------------------------------------------------------------------------------------------

    def save(self, path: Path | None = None, name: str = "") -> bool:
        """Save the layout where it was, or at ``path`` under ``name``; say whether that went well."""
        from station.render.layout_file import save_layout

        target = path or self.target
        if target is None:
            return False
        design = self._model.design
        layout = self._versioned(without_spare_files(design.layout))
        if path is not None and path != self.path:
            layout = replace(layout, name=_layout_name(name or path.stem) or layout.name, digest="")
        if not layout.front and layout.back:
            self.told.emit(LayoutError(file=layout.name, place="front", detail=N_("the front is empty")))
            return False
        try:
            save_layout(layout, target)
        except LayoutError as error:
            self.told.emit(error)
            return False
        if layout is not design.layout:
            self._model.history.do(replace(design, layout=layout), self._model.selected, N_("Save"))
        self._model.history.saved()
        self.path = target
        if self.drafts is not None:
            # Guides and locks stand in no layout's file, and would be lost with the first saving.
            self.drafts.remember(target, design)
        # Last of all: until the file is written, the draft is the only copy of the work.
        self._forget_draft()
        self.told.emit(Message(_SAVED, {"file": target.name}))
        self.changed.emit()
        return True

    def approve(self) -> None:
        """Sign the layout as it is and have cards made to it; ``told`` says how that went."""
        design, desk = self._model.design, self._desk
        layout = self._versioned(without_spare_files(design.layout))

        def work(_cancel: Cancel) -> Layout:
            signed = desk.layouts.sign(layout, desk.devices.secrets)
            desk.layouts.approve(signed)
            return signed

        self._tasks.run(Lane.DESIGN, work, done=lambda signed: self._approved(design, signed), failed=self._report)

    def retitle(self, title: str) -> None:
        """Call the layout something else, as people read it."""
        design = self._model.design
        if title.strip() != design.layout.title:
            layout = replace(design.layout, title=title.strip(), digest="")
            self._model.do(replace(design, layout=layout), self._model.selected, N_("Rename"))
            self.changed.emit()

    def set_preprinted(self, borne: bool) -> None:
        """Say whether the blank cards bear the European Student Card's logo already."""
        design = self._model.design
        marks = (Preprinted.ESC_LOGO,) if borne else ()
        if marks != design.layout.preprinted:
            layout = edited(design.layout, preprinted=marks)
            self._model.do(replace(design, layout=layout), self._model.selected, N_("Blank cards"))
            self.changed.emit()

    # --- drafts --------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Keep what is unsaved, away from the window."""
        design, drafts, name, path = self._model.design, self.drafts, self._name, self.path
        if drafts is None or self._keeping or not self.unsaved or design is self._kept:
            return
        self._keeping = True
        self._tasks.run(
            Lane.DESIGN,
            lambda _cancel: self._write(drafts, design, name, path),
            done=lambda _draft: self._was_kept(design, name),
            failed=self._was_not_kept,
        )

    def leave(self) -> bool:
        """Keep what is unsaved at once, for something else takes its place; say whether it is safe."""
        self._timer.stop()
        self._model.give_up()
        design = self._model.design
        if self.drafts is None or not self.unsaved or design is self._kept:
            return True
        try:
            self._write(self.drafts, design, self._name, self.path)
        except UNREADABLE as error:
            self._report(error)
            return False
        self._kept = design
        return True

    def read_file(self, path: Path) -> tuple[str, bytes] | None:
        """Return a picture's or font's name and bytes; tell the person, and return ``None``, when it is neither."""
        try:
            too_large = path.stat().st_size > _LARGEST_FILE
            data = b"" if too_large else path.read_bytes()
        except OSError as error:
            self._report(error)
            return None
        if not (path.suffix.lower() in PICTURE_ENDINGS or is_font(path.name)):
            self.told.emit(InputError(_WRONG_KIND, _RIGHT_KIND, file=path.name))
            return None
        if too_large:
            self.told.emit(InputError(_TOO_LARGE, _RIGHT_KIND, file=path.name))
            return None
        return path.name, data

    # --- inside --------------------------------------------------------------------------------------------------

    def _opened(self, design: Design, path: Path | None, *, saved: bool) -> None:
        self.path, self._name, self._kept = path, uuid.uuid4().hex, None
        self._model.load(design, saved=saved)
        self.changed.emit()

    def _as_it_was_left(self, path: Path, layout: Layout) -> Design:
        design = started(layout)
        return design if self.drafts is None else self.drafts.recalled(path, design)

    def _edited(self) -> None:
        if self.unsaved:
            self._timer.start()
        elif self._kept is not None:
            self._forget_draft()  # undone back to what was saved
        self.changed.emit()

    def _write(self, drafts: Drafts, design: Design, name: str, path: Path | None) -> Draft:
        return drafts.keep(design, self._desk.clock.now(), name=name, path=path)

    def _was_kept(self, design: Design, name: str) -> None:
        self._keeping = False
        if name != self._name:
            return  # another layout is open by now; this one waits among the drafts
        if not self.unsaved and self.drafts is not None:
            self.drafts.drop(name)  # it was saved while the draft was written
            return
        self._kept = design
        if design is not self._model.design:
            self._timer.start()

    def _was_not_kept(self, error: Exception) -> None:
        self._keeping = False
        self._report(error)

    def _versioned(self, layout: Layout) -> Layout:
        """Return a layout under a version that nobody has approved with other contents."""
        taken = [k for k in self._desk.layouts.all() if k.name == layout.name and k.state is not LayoutState.DRAFT]
        same = any(kept.digest == layout.digest for kept in taken)
        newest = max((kept.version for kept in taken), default=0)
        return layout if same or layout.version > newest else replace(layout, version=newest + 1, digest="")

    def _approved(self, before: Design, signed: Layout) -> None:
        # Edited meanwhile, what is open is another layout than the one that was signed.
        if self._model.design is before:
            self._model.history.do(replace(before, layout=signed), self._model.selected, N_("Approve"))
            self._model.history.saved()
            self._forget_draft()
            self._model.design_changed.emit()
        self.told.emit(Message(_APPROVED, {"layout": signed.reference}))
        self.changed.emit()
        if self.target is not None:
            self.save()

    def _forget_draft(self) -> None:
        if self.drafts is not None:
            self.drafts.drop(self._name)
        self._kept = None

    def _report(self, error: Exception) -> None:
        if isinstance(error, OSError):
            error = InputError(_NOT_KEPT, _ELSEWHERE, detail=error.strerror or type(error).__name__)
        if not isinstance(error, StationError):
            raise error
        self.told.emit(error)


def _layout_name(name: str) -> str:
    return as_id(name).replace("_", "-")


_SAVED = N_("Saved as {file}.")
_APPROVED = N_("{layout} is approved: new cards can be made to it.")
_WRONG_KIND = N_("{file} is neither a picture nor a font.")
_TOO_LARGE = N_("{file} is larger than 20 MB.")
_RIGHT_KIND = N_("Choose a PNG, JPEG, SVG or PDF picture, or a TTF or OTF font. Nothing was changed.")
_NOT_KEPT = N_("The file can't be read or written: {detail}")
_ELSEWHERE = N_("Save the layout in another place. What you see is still here.")
