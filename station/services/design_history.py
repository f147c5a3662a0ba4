"""The designs that were, in order: undo and redo without limit, for each keeps only what differs from the next."""

from __future__ import annotations

from dataclasses import dataclass

from station.services.designing import Design, Keys


@dataclass(frozen=True, slots=True)
class Moment:
    """One design, what was selected in it, and what was done to get there (a text to translate)."""

    design: Design
    selected: Keys = frozenset()
    done: str = ""


class History:
    """Where a design came from and where it can go again.

    Edits that carry the same ``merge`` mark one after the other are one step: a property that is typed, an arrow key
    that is held. ``settle`` ends such a step.
    """

    def __init__(self, design: Design) -> None:
        self._past: list[Moment] = []
        self._future: list[Moment] = []
        self._now = Moment(design)
        self._merge: object = None
        self._saved: Design | None = design

    @property
    def now(self) -> Moment:
        """Return the moment that is shown."""
        return self._now

    @property
    def design(self) -> Design:
        """Return the design as it is."""
        return self._now.design

    @property
    def unsaved(self) -> bool:
        """Tell whether anything of the layout differs from what was saved."""
        return self._saved is None or self.design.layout is not self._saved.layout

    @property
    def steps(self) -> int:
        """Return how many steps can be undone."""
        return len(self._past)

    @property
    def undoes(self) -> str:
        """Return what undo would take back; empty when there is nothing."""
        return self._now.done if self._past else ""

    @property
    def redoes(self) -> str:
        """Return what redo would do again; empty when there is nothing."""
        return self._future[-1].done if self._future else ""

    def do(self, design: Design, selected: Keys, done: str, *, merge: object = None) -> bool:
        """Go on to another design; say whether it is another one at all."""
        # By identity: an edit that changes nothing returns the very same value, and comparing a whole layout would take
        # long.
        if design is self.design:
            return False
        # A key that is held makes a hundred edits, and whoever undoes wants the place from before the key.
        if merge is None or merge != self._merge or not self._past:
            self._past.append(self._now)
        self._now = Moment(design, selected, done)
        self._future.clear()
        self._merge = merge
        return True

    def settle(self) -> None:
        """Let the next edit be a step of its own."""
        self._merge = None

    def select(self, selected: Keys) -> None:
        """Note what is selected now; that is no step."""
        self._now = Moment(self._now.design, selected, self._now.done)

    def undo(self) -> bool:
        """Go back a step; say whether there was one."""
        return self._go(self._past, self._future)

    def redo(self) -> bool:
        """Go on again; say whether there was anything to go on to."""
        return self._go(self._future, self._past)

    def saved(self, design: Design | None = None) -> None:
        """Note that the design, or another one of these, is what is saved now."""
        self._saved = design or self.design

    def never_saved(self) -> None:
        """Note that nothing of it is saved: it came from a draft, or is new."""
        self._saved = None

    def _go(self, source: list[Moment], target: list[Moment]) -> bool:
        self._merge = None
        if not source:
            return False
        target.append(self._now)
        self._now = source.pop()
        return True
