"""Send what the outbox holds: each thing once, in the order of its person, and nobody waits for anybody else.

What an answer does:

    done (also: it was the same already)      the entry is done; with the card's own entry the card is registered
    unreachable, 5xx                          later, with back-off; after a few in a row the whole lane rests
    429                                       the lane rests as long as the router asks for, and sends less at a time
    key refused, address not allowed          the institution rests, others go on; no entry is blamed
    the person is not known there             the person is told again first, once
    refused, another's, anything else         parked, with the reason in plain words: a person decides, or the records
                                              are corrected, and then it goes out by itself
    anonymised (410)                          parked for ever

Many entries are on their way at once, of different persons; what came back is made durable together, before the next
thing of the same person is sent. A crash between the answer and that record makes the station tell the router twice,
which compares and says that it is the same.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from secrets import SystemRandom

from station.domain.errors import N_, RouterError, RouterUnreachableError, StationError
from station.domain.outbox import (
    DOWNLOADS,
    UPLOADS,
    Backoff,
    OutboxEntry,
    OutboxState,
)
from station.ports.claims import Claims
from station.ports.clock import Clock
from station.ports.router import Crew, Router
from station.ports.store import OutboxOutcome, Store
from station.ports.tasks import Cancel
from station.services.outbox_claims import TAKE_OVER_S, LaneClaims
from station.services.outbox_corrections import Corrections
from station.services.outbox_lane import Judged, Lane, LaneOptions
from station.services.outbox_safety import RouterGuard
from station.services.outbox_sending import Answer, Sender, picture_of
from station.services.outbox_window import MOST, START, Window
from station.services.registration import RegistrationPolicy

log = logging.getLogger(__name__)

ENTRY_BACKOFF = Backoff()
# A minute at most for the lane, which asks for all entries at once; a single entry may be put off for far longer.
LANE_BACKOFF = Backoff(cap_s=60.0)
LOOK_AGAIN_S = 60.0
# A card was just handed over: the desk shows that before the processor goes to a router nobody waits for.
_BREATH_S = 0.1
# So often what others hear of the router may hurry the queue: they may ask it a thousand times a minute.
_OVERHEARD_S = 5.0
# In such pieces is waited: whoever cancels sets an event that no queue listens to.
_TICK_S = 0.5
# So many outcomes are worth a wait for the disk; fewer wait for more, a moment.
_ENOUGH, _GATHERING_S = 16, 0.05
# So many ticks are those waited for who are on their way when the station stops.
_LAST_TICKS = 6
# A quarter of the window for questions, while there is something to tell.
_BESIDE = 4

_OURS = N_("The station could not make this message for ESC-Router: {detail}")
_OURS_TODO = N_("The card is valid. Call IT and show them this message.")


@dataclass(frozen=True, slots=True)
class WorkReport:
    """What a run told; ``next_at`` is when there is something to do again, ``error`` why the lane rests."""

    sent: int = 0
    failed: int = 0
    parked: int = 0
    next_at: datetime | None = None
    error: RouterError | None = None


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How the worker waits, whom it tells, and how many it sends at once.

    ``entry_backoff`` and ``lane_backoff`` with ``draw`` (0..1) make the waits; ``policy`` returns what the profile
    says of an institution, so that corrected records go out; ``answered`` is told how the router stands after every
    answer (``None`` when it works); ``crew`` makes helpers, and without one a single entry is on its way at a time.
    With ``claims`` another station that shares the store sends nothing of a lane that this one sends.
    With ``read_back`` the station asks, after it has told of a card, how everybody sees it. ``recorded`` is called, on
    any thread, when something was settled.
    """

    entry_backoff: Backoff = ENTRY_BACKOFF
    lane_backoff: Backoff = LANE_BACKOFF
    draw: Callable[[], float] = SystemRandom().random
    policy: Callable[[str], RegistrationPolicy] | None = None
    answered: Callable[[RouterError | None], None] | None = None
    crew: Callable[[], Crew] | None = None
    in_flight_start: int = START
    in_flight_max: int = MOST
    claims: Claims | None = None
    read_back: bool = False
    recorded: Callable[[], None] | None = None


class OutboxWorker:
    """Drain the outbox. One thread runs it; ``wake``, ``retry`` and reading are allowed from any."""

    def __init__(self, store: Store, router: Router, clock: Clock, options: WorkerOptions | None = None) -> None:
        self._store, self._router, self._clock = store, router, clock
        self._options = options = options or WorkerOptions()
        self._sender = Sender(router, clock, partial(picture_of, store))
        self._guard = RouterGuard(store.outbox, router, clock)
        self._corrections = Corrections(store, options.policy)
        most = options.in_flight_max if options.crew is not None else 1
        self._lanes = tuple(
            Lane(
                name,
                store,
                clock,
                LaneOptions(
                    options.entry_backoff,
                    options.lane_backoff,
                    options.draw,
                    say,
                    read_back=options.read_back,
                    recorded=options.recorded,
                ),
                window=Window(options.in_flight_start, most),
            )
            for name, say in ((UPLOADS, self._say), (DOWNLOADS, self._say_of_downloads))
        )
        self._claims = LaneClaims(options.claims, clock)
        self._woken = threading.Event()
        self._asked_at_s: float | None = None
        self._compared_at_s: float | None = None
        self._overheard_s: float | None = None
        self._there: bool | None = None
        self._ask_at_once = False

    # --- what others call

    def wake(self) -> None:
        """Make ``run_forever`` look at the outbox now; a rest that was begun is still kept."""
        self._woken.set()

    def records_changed(self) -> None:
        """Note that the register was imported or the profile corrected: what was parked for that goes out by itself."""
        self._compared_at_s = None
        self.wake()

    def queue_changed(self) -> None:
        """Note that entries were taken out of the queue or put into it: what was read of it before is too old."""
        self._corrections.note_change()
        self.wake()

    def overheard(self, error: RouterError | None) -> None:
        """Take in how the router answered somebody else: where that is news the queue asks, too (any thread).

        So a rest because nobody answered ends as soon as somebody else was answered.
        """
        there = not isinstance(error, RouterUnreachableError)
        now_s, before_s = self._clock.monotonic(), self._overheard_s
        lately = before_s is not None and now_s - before_s < _OVERHEARD_S
        asked_nobody = error is not None and there and not error.status
        if self._there is not None and there is not self._there and not lately and not asked_nobody:
            self._overheard_s, self._ask_at_once = now_s, True
            self.wake()

    def accept_router(self) -> None:
        """Go on with a router that looked strange: a person says that it was changed on purpose."""
        self._guard.accept()
        self._end_rests()

    def retry(self, key: str | None = None) -> int:
        """Send an entry, or all that are parked or delayed, at once; return how many.

        What is told is made anew from the records, which someone may have corrected. The router may not know the
        person any more, so a card or a picture that was parked takes the person's entry along. An answer that is
        final stays.
        """
        count = 0
        if key is None:
            count += self._store.outbox.release()
        found = self._store.outbox.get(key) if key is not None else None
        for entry in self._corrections.parked() if key is None else filter(None, [found]):
            if entry.state is OutboxState.DONE or entry.final:
                continue
            self._corrections.send_again(entry)
            count += 1
        self._end_rests()
        return count

    def run_once(self, cancel: Cancel) -> WorkReport:
        """Send everything that is due; return when nothing is left, the lanes rest or ``cancel`` is set.

        What another station sends is left to it.

        Raises:
            StoreError: an outcome could not be recorded; what was sent is told again later, and is the same.
        """
        for lane in self._lanes:
            lane.begin()
            self._claims.begin(lane)
        if self._lanes[0].ours:
            self._look_for_corrections()
        if self._anything_due() and not self._is_strange():
            run = _Run(self._sender, self._options.crew)
            try:
                self._drain(run, cancel)
            finally:
                run.close()
                self._corrections.forget()
        report = self._report()
        for lane in self._lanes:
            self._claims.end(lane)
        return report

    def run_forever(self, cancel: Cancel) -> None:
        """Drain the outbox whenever something is due or ``wake`` is called, until ``cancel`` is set.

        In between the router is asked, once a minute, whether it is there: the status bar shows it.
        """
        while not cancel.is_set():
            self._woken.clear()
            next_at: datetime | None = None
            try:
                next_at = self.run_once(cancel).next_at
                self._ask_how_it_is()
            except StationError as error:
                # Its causes may quote what was to be written, which is personal: the log gets the name of the trouble.
                log.error("the outbox could not be worked on: %s", error.code)  # noqa: TRY400
            except Exception:
                # The lane must outlive whatever happens in it: a full disk now may have room in a minute.
                log.exception("the outbox could not be worked on")
            self._wait(cancel, next_at)
            if self._woken.is_set():
                cancel.wait(_BREATH_S)

    # --- a run

    def _drain(self, run: _Run, cancel: Cancel) -> None:
        done_before = -1
        while not cancel.is_set():
            self._send_what_may_go(run)
            if run.anything:
                self._take_in(run, cancel)
            elif done_before == (done := sum(lane.counts[OutboxState.DONE] for lane in self._lanes)):
                return
            else:
                # Behind what was done there may be more by now.
                done_before = done
                self._restart()
        for _tick in range(_LAST_TICKS):
            if run.anything:
                self._take_in(run, cancel)

    def _send_what_may_go(self, run: _Run) -> None:
        if self._corrections.changes != run.generation:
            # Somebody corrected something: what is in memory says what it said before.
            run.generation = self._corrections.changes
            self._restart()
        self._claims.look(self._lanes)
        for lane in self._lanes:
            while lane.ours and run.has_room(lane):
                entry = lane.next()
                if entry is None:
                    break
                run.send(entry)

    def _take_in(self, run: _Run, cancel: Cancel) -> None:
        """Take in what came back, send other persons' entries meanwhile, and record it before anything behind it."""
        answers = run.answers(_TICK_S)
        for lane in self._lanes:
            run.judged[lane.name] += lane.judge(answers, self._corrections)
        if any(answer.person_is_missing for answer in answers):
            # The router took that person once. One who was lost is told again; but it may have lost everybody.
            self._guard.suspect()
            self._is_strange()
        if run.together and not cancel.is_set():
            # Others go first, so that the router never waits for our disk.
            self._send_what_may_go(run)
        run.record(self._lanes, self._corrections, at_once=not answers)

    def _restart(self) -> None:
        for lane in self._lanes:
            lane.queue.restart()

    def _is_strange(self) -> bool:
        """Tell whether the router is not the one it was; then everything rests until a person has decided."""
        error = self._guard.look()
        if error is not None:
            log.error("nothing more is sent: %s", error.code)
            for lane in self._lanes:
                lane.rest_for(error, timedelta(seconds=LOOK_AGAIN_S))
        return error is not None

    def _anything_due(self) -> bool:
        now, lanes = self._clock.now(), [lane for lane in self._lanes if lane.ours and not lane.rest.left()]
        return any(self._store.outbox.page(lane.name, now, limit=1).entries for lane in lanes)

    def _look_for_corrections(self) -> None:
        now_s, before = self._clock.monotonic(), self._compared_at_s
        if before is None or now_s - before >= LOOK_AGAIN_S:
            self._compared_at_s = now_s
            self._corrections.look()

    def _report(self) -> WorkReport:
        told = self._lanes[0].counts
        times = [at for lane in self._lanes if lane.ours and (at := lane.next_at()) is not None]
        if not all(lane.ours for lane in self._lanes):
            times.append(self._clock.now() + timedelta(seconds=TAKE_OVER_S))
        return WorkReport(
            sent=told[OutboxState.DONE],
            failed=told[OutboxState.WAITING],
            parked=told[OutboxState.PARKED],
            next_at=min(times, default=None),
            error=next((lane.why for lane in self._lanes if lane.why is not None), None),
        )

    def _end_rests(self) -> None:
        for lane in self._lanes:
            lane.end_rests()
        self.wake()

    # --- how the router is

    def _say(self, error: RouterError | None) -> None:
        self._asked_at_s = self._clock.monotonic()
        self._there = not isinstance(error, RouterUnreachableError)
        if self._options.answered is not None:
            self._options.answered(error)

    def _say_of_downloads(self, error: RouterError | None) -> None:
        # Anybody's question is answered; that proves nothing of what uploads rest for.
        self._say(error or self._lanes[0].why)

    def _ask_how_it_is(self) -> None:
        asked_at_s, at_once = self._asked_at_s, self._ask_at_once
        self._ask_at_once = False
        asked_lately = asked_at_s is not None and self._clock.monotonic() - asked_at_s < LOOK_AGAIN_S
        rests = any(lane.rest.left() or lane.keys.any_left() for lane in self._lanes)
        if (asked_lately or rests) and not at_once:
            return
        try:
            self._router.ping()
        except RouterError as error:
            self._say(error)
        else:
            self._lanes[0].works()
            if at_once:
                self.wake()  # what rested goes out now

    def _wait(self, cancel: Cancel, next_at: datetime | None) -> None:
        """Wait for ``wake``, ``next_at`` or ``cancel``; at most until it is time to look again."""
        left = LOOK_AGAIN_S
        if next_at is not None:
            left = min(left, max(0.0, (next_at - self._clock.now()).total_seconds()))
        until = self._clock.monotonic() + left
        # In short pieces, for nobody who cancels knows what this waits for.
        while not cancel.is_set() and not self._woken.is_set():
            left = until - self._clock.monotonic()
            if left <= 0:
                return
            self._woken.wait(min(left, _TICK_S))


@dataclass(frozen=True, slots=True)
class _Written:
    """What was made durable, or why it could not be."""

    lane: Lane
    judged: list[Judged]
    outcomes: dict[str, OutboxOutcome]
    error: Exception | None = None


class _Run:
    """What is on its way in one run, sent by a crew or, without one, by whoever asks."""

    def __init__(self, sender: Sender, make_crew: Callable[[], Crew] | None) -> None:
        self._sender = sender
        self._crew = make_crew() if make_crew is not None else None
        self._back: queue.SimpleQueue[Answer | _Written] = queue.SimpleQueue()
        self.on_way: Counter[str] = Counter()
        self.judged: defaultdict[str, list[Judged]] = defaultdict(list)
        self._writing: set[str] = set()
        self.generation = 0

    @property
    def together(self) -> bool:
        """Tell whether several may be on their way at a time."""
        return self._crew is not None

    def has_room(self, lane: Lane) -> bool:
        """Tell whether another entry of a lane may be sent now."""
        if not self.together and self.anything:
            return False
        # Downloads take a part only: a card that is not registered yet goes before one that is looked up.
        beside = lane.name == DOWNLOADS and self.on_way[UPLOADS] > 0
        most = max(1, lane.window.size // _BESIDE) if beside else lane.window.size
        return self.on_way[lane.name] < most and not lane.rest.left()

    @property
    def anything(self) -> bool:
        """Tell whether anything is on its way, or back and not recorded."""
        return self.on_way.total() > 0 or bool(self._writing) or any(self.judged.values())

    def send(self, entry: OutboxEntry) -> None:
        """Have an entry sent."""
        generation = self.generation
        self.on_way[entry.lane] += 1
        self._have_done(lambda: self._answer(entry, generation))

    def record(self, lanes: Sequence[Lane], corrections: Corrections, *, at_once: bool) -> None:
        """Have what came back made durable: all that has gathered while the disk was busy with what came before.

        A little is waited for, as long as there are other persons' entries to send.
        """
        for lane in lanes:
            gathered = len(self.judged[lane.name])
            enough = at_once or gathered >= _ENOUGH or self.has_room(lane) or not self.together
            if gathered and enough and lane.name not in self._writing:
                self._writing.add(lane.name)
                self._have_done(partial(_write, lane, self.judged.pop(lane.name), corrections))

    def answers(self, wait_s: float) -> list[Answer]:
        """Return everything that has come back, after waiting for something; nothing when nothing came in time.

        Raises:
            StoreError: something that came back before could not be recorded.
        """
        found: list[Answer | _Written] = []
        with suppress(queue.Empty):
            found.append(self._back.get(timeout=_GATHERING_S if any(self.judged.values()) else wait_s))
            while True:
                found.append(self._back.get_nowait())
        for each in found:
            if isinstance(each, Answer):
                self.on_way[each.entry.lane] -= 1
                continue
            self._writing.discard(each.lane.name)
            if each.error is not None:
                raise each.error
            each.lane.finish(each.judged, each.outcomes)
        return [each for each in found if isinstance(each, Answer)]

    def close(self) -> None:
        """Send the crew home."""
        if self._crew is not None:
            self._crew.close()

    def _have_done(self, job: Callable[[], Answer | _Written]) -> None:
        if self._crew is None:
            self._back.put(job())
        else:
            self._crew.submit(lambda: self._back.put(job()))

    def _answer(self, entry: OutboxEntry, generation: int) -> Answer:
        try:
            return self._sender.send(entry, generation)
        except Exception as error:
            # A bad entry must not hold up anybody else's: it is put aside, and the cause is in the log.
            log.exception("the outbox entry of card %s could not be sent", entry.escn)
            ours = StationError(_OURS, _OURS_TODO, detail=type(error).__name__)
            return Answer(entry, ours, generation=generation)


def _write(lane: Lane, judged: list[Judged], corrections: Corrections) -> _Written:
    try:
        return _Written(lane, judged, lane.write(judged, corrections))
    except Exception as error:  # noqa: BLE001 - it is raised again, by who waits for it
        return _Written(lane, judged, {}, error)
