"""The card on the reader as the window sees it: told by the reader, looked at on the chip lane, never in the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from station.domain.errors import Cancelled, StationError
from station.domain.holder import Holder
from station.ports.tasks import Handle, Lane, Tasks
from station.services.card_watch import Presence, SeenCard, Standing
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.pages import Page

_OPENS = (Standing.OURS, Standing.IN_WORK)


class ReaderModel(QObject):
    """What lies on the reader. A tap opens its holder when nobody is being served, and is offered otherwise."""

    changed = Signal()

    def __init__(self, desk: DeskModel, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks, self._watch = desk, tasks, desk.desk.card_watch
        self._lock = threading.Lock()
        self._unwatch: Callable[[], None] | None = None
        self._stopped = False
        self._looking: Handle | None = None
        self._sight: tuple[str, int, int] | None = None
        self._greeted = 0
        self._step: object = None
        self.presence = Presence()
        self.seen: SeenCard | None = None
        self.error: StationError | None = None
        desk.people_changed.connect(self._card_moved)

    def start(self) -> None:
        """Watch the reader, from now on."""
        self._tasks.run(Lane.CHIP, lambda _c: self._begin(), failed=self._not_watched)

    def stop(self) -> None:
        """Watch no more."""
        with self._lock:
            self._stopped, unwatch, self._unwatch = True, self._unwatch, None
        if self._looking is not None:
            self._looking.cancel()
        if unwatch is not None:
            unwatch()

    @property
    def looking(self) -> bool:
        """Say whether the card is being looked at."""
        return self._looking is not None

    @property
    def offer(self) -> Holder | None:
        """Return whose page can be opened by this card, unless it is open."""
        holder = self.seen.holder if self.seen is not None else None
        current = self._desk.current
        return holder if holder is not None and (current is None or current.holder.id != holder.id) else None

    def open_holder(self) -> None:
        """Turn to the card's holder."""
        holder = self.offer
        if holder is not None:
            self._desk.serve(holder)

    def look_again(self) -> None:
        """Look once more: what was in the way may be gone."""
        if self._looking is None:
            self._sight = None
            self._look()

    def record_changed(self) -> None:
        """Read the record of the card that lies there anew; the card is left alone."""
        found, step = self.seen, self._step
        if found is not None:
            self._tasks.run(Lane.LOOKUP, lambda _c: self._watch.known(found.seen), done=partial(self._known_anew, step))

    # --- what the reader says ------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Begin to watch; on the chip lane, for what talks to readers is loaded with it."""
        stop = self._watch.start(lambda _presence: self._tasks.post(self._news))
        with self._lock:
            # Readers take a while to begin with, and the window may be closed meanwhile: then nobody else ends the
            # watch.
            late = self._stopped
            if not late:
                self._unwatch = stop
        if late:
            stop()

    def _not_watched(self, error: Exception) -> None:
        if not isinstance(error, StationError):
            raise error  # without a reader there is no card to show; the reader's light says why

    def _news(self) -> None:
        if self._stopped:
            return
        # As it stands now: of two reports that overtake each other, the second would be the older.
        before, self.presence = self.presence, self._watch.presence
        if self.presence == before:
            return
        # Another card, or the reader was pulled out: nothing that was read before is true of what lies there.
        if self.presence.turn != before.turn or not self.presence.reader:
            self.seen = self.error = None
        if self.presence.busy:
            self._greeted = self.presence.turn  # it was laid there for the work: that is no tap
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        now = self.presence
        if now.reader and not now.busy and now.sight != self._sight and self._looking is None and not self._stopped:
            sight = now.sight
            self._looking = self._tasks.run(
                Lane.CHIP,
                lambda cancel: self._watch.look(now.reader, cancel=cancel),
                done=partial(self._looked, sight),
                failed=partial(self._not_looked, sight),
            )

    def _looked(self, sight: tuple[str, int, int], seen: SeenCard) -> None:
        if self._ended(sight):
            self.seen, self.error, self._step = seen, None, None
            self._card_moved()  # the record may have gone on while the card was read
            self._greet(seen)
            self.changed.emit()

    def _not_looked(self, sight: tuple[str, int, int], error: Exception) -> None:
        if not isinstance(error, StationError):
            self._ended(sight)
            raise error
        if isinstance(error, Cancelled):
            self._looking = None
            self._look()  # behind whoever needed the reader
        elif self._ended(sight):
            self.seen, self.error = None, error
            self.changed.emit()

    def _card_moved(self) -> None:
        """Read the record anew when the card that lies there has come a step further; the card is left alone."""
        found = self.seen
        session = self._desk.session_of(found.holder.id) if found is not None and found.holder is not None else None
        if found is None or session is None:
            return
        step = (session.stage, session.issuance)
        if step != self._step:
            self._step = step
            self.record_changed()

    def _known_anew(self, step: object, now: SeenCard) -> None:
        """Show the newest record of the card that still lies there; an older answer may have come in between."""
        if step == self._step and self.seen is not None and self.seen.seen is now.seen and now != self.seen:
            self.seen = now
            self.changed.emit()

    def _ended(self, sight: tuple[str, int, int]) -> bool:
        """Note that a look has ended; say whether it was at what lies there now, and look again if not."""
        self._looking = None
        if sight != self.presence.sight:
            self._look()
            return False
        self._sight = sight
        return True

    def _greet(self, seen: SeenCard) -> None:
        """Open the holder of a card that was just tapped, while nobody is being served."""
        turn, self._greeted = self._greeted, self.presence.turn
        # Once for each laying down: a card that is left there does not open its holder again when the desk is free.
        new = self.presence.tapped and turn != self.presence.turn
        free = self._desk.current is None and self._desk.page is Page.HOME
        if new and free and seen.holder is not None and seen.standing in _OPENS:
            self._desk.serve(seen.holder)
