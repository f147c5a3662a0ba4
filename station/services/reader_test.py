"""Try a reader again and again with one card: how many rounds were good, what went wrong, how long each took.

One round is what every use of a card begins with: connect, ask for the UID, ask the chip who it is, look for the
card's number. Nothing is written. The card may be taken off and put back: that is counted, and the test goes on.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from station.chip.encoder import ChipContents, inspect
from station.domain.errors import N_, StationError
from station.ports.chip import ChipConnection, Readers, ReaderTraits, traits_of
from station.ports.clock import Clock
from station.ports.tasks import Cancel, Progress

TESTING = N_("Testing the reader")
ANOTHER_ANSWER = "AnotherAnswer"
"""The kind of error of a round in which the same card told something else than in the first."""
# Only after a bad round: a reader that fails at once, or a card that is seen for a while after it left, would else be
# counted thousands of times.
_PAUSE_S = 0.1
_LONGEST_WAIT_S = 2.0
_RANDOM_LENGTH, _RANDOM_FIRST = 8, "08"


@dataclass(frozen=True, slots=True)
class Limits:
    """When the test ends: after so many seconds, or so many rounds, whichever comes first."""

    seconds: float = 20.0
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One round: when it began and how long it took, in seconds, and the kind of error, empty when it was good."""

    at_s: float
    took_s: float
    error: str = ""

    @property
    def good(self) -> bool:
        """Say whether nothing went wrong."""
        return not self.error


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the test's time, for a chart: from when to when, in seconds, and how many rounds were what."""

    from_s: float
    to_s: float
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class ReaderTestReport:
    """What came of the test; ``last_error`` is the last thing that went wrong, to be shown with what to do."""

    reader: str
    card: ChipContents
    rounds: tuple[Round, ...]
    apdus: int
    seconds: float
    cancelled: bool = False
    traits: ReaderTraits = field(default_factory=ReaderTraits)
    last_error: StationError | None = None

    @property
    def good(self) -> int:
        """Return how many rounds were good."""
        return sum(each.good for each in self.rounds)

    @property
    def bad(self) -> int:
        """Return how many rounds were not."""
        return len(self.rounds) - self.good

    @property
    def errors(self) -> dict[str, int]:
        """Return how often each kind of error came, the most frequent first."""
        return dict(Counter(each.error for each in self.rounds if not each.good).most_common())

    def percentile_ms(self, percent: float) -> float:
        """Return the time in ms that so many percent of the good rounds did not exceed; 0 when none was good."""
        times = sorted(each.took_s for each in self.rounds if each.good)
        if not times:
            return 0.0
        # The nearest rank and no value in between: each figure is a time that a round really took.
        return times[max(0, math.ceil(len(times) * percent / 100) - 1)] * 1000

    def spans(self, count: int) -> tuple[Span, ...]:
        """Return the test's time in ``count`` equal pieces, with the rounds that began in each."""
        width = max(self.seconds, 1e-9) / count
        good, bad = [0] * count, [0] * count
        for each in self.rounds:
            # A round that begins with the last tick would fall behind the last piece.
            at = min(count - 1, int(each.at_s / width))
            (good if each.good else bad)[at] += 1
        return tuple(Span(i * width, (i + 1) * width, good[i], bad[i]) for i in range(count))


class ReaderTest:
    """Test one reader; blocks, runs on the ``chip`` lane."""

    def __init__(self, readers: Readers, clock: Clock) -> None:
        self._readers, self._clock = readers, clock

    def run(
        self, pattern: str, limits: Limits = Limits(), *, wait_s: float = 10.0, cancel: Cancel, progress: Progress
    ) -> ReaderTestReport:
        """Wait for a card on a matching reader, then test until the limits or ``cancel``; report what was found.

        Raises:
            CardAbsentError, ReaderMissingError, ReaderServiceDownError, Cancelled: before the first round. What goes
                wrong later is in the report.
        """
        reader = self._readers.wait_card(pattern, cancel=cancel, timeout_s=wait_s)
        work = _Rounds(self._readers, self._clock, reader, limits)
        while not (cancel.is_set() or work.over):
            progress(TESTING, work.share)
            if not work.one(cancel) and not work.over:
                self._recover(reader, work.left_s, cancel)
        progress(TESTING, 1.0)
        return work.report(cancelled=cancel.is_set())

    def _recover(self, reader: str, left_s: float, cancel: Cancel) -> None:
        """Give the reader a moment, then wait for the card to come back; the next round shows whether it did."""
        cancel.wait(_PAUSE_S)
        with suppress(StationError):
            self._readers.wait_card(reader, cancel=cancel, timeout_s=min(left_s, _LONGEST_WAIT_S))


class _Rounds:
    """The rounds of one test, as they come."""

    def __init__(self, readers: Readers, clock: Clock, reader: str, limits: Limits) -> None:
        self._readers, self._clock, self._reader, self._limits = readers, clock, reader, limits
        self._began_s = clock.monotonic()
        self._rounds: list[Round] = []
        self._apdus = 0
        self._first: ChipContents | None = None
        self._traits = ReaderTraits()
        self._error: StationError | None = None

    @property
    def left_s(self) -> float:
        """Return how much of the time is left."""
        return max(0.0, self._limits.seconds - (self._clock.monotonic() - self._began_s))

    @property
    def over(self) -> bool:
        """Say whether a limit is reached."""
        return self.left_s <= 0 or (self._limits.rounds is not None and len(self._rounds) >= self._limits.rounds)

    @property
    def share(self) -> float:
        """Return how much of the test is done, from 0 to 1."""
        by_time = 1 - self.left_s / self._limits.seconds if self._limits.seconds else 1.0
        by_count = len(self._rounds) / self._limits.rounds if self._limits.rounds else 0.0
        return max(by_time, by_count)

    def one(self, cancel: Cancel) -> bool:
        """Do one round and note it; say whether the reader answered."""
        at_s = self._clock.monotonic()
        kind, answered = "", True
        try:
            with self._readers.open_card(self._reader, cancel=cancel) as connection:
                found = inspect(_Counted(connection, self))
                self._traits = traits_of(connection)
        except StationError as error:
            if cancel.is_set():
                return True  # stopped in the middle: neither good nor bad
            kind, answered, self._error = error.code, False, error
        else:
            self._first = self._first or found
            kind = "" if _same(self._first, found) else ANOTHER_ANSWER
        self._rounds.append(Round(at_s - self._began_s, self._clock.monotonic() - at_s, kind))
        return answered

    def count(self) -> None:
        """Note one command to the card."""
        self._apdus += 1

    def report(self, *, cancelled: bool) -> ReaderTestReport:
        """Return what was found."""
        return ReaderTestReport(
            reader=self._reader,
            card=self._first or ChipContents("", ""),
            rounds=tuple(self._rounds),
            apdus=self._apdus,
            seconds=self._clock.monotonic() - self._began_s,
            cancelled=cancelled,
            traits=self._traits,
            last_error=self._error,
        )


class _Counted:
    """A connection that counts its commands."""

    def __init__(self, connection: ChipConnection, rounds: _Rounds) -> None:
        self._connection, self._rounds = connection, rounds
        self.reader, self.atr = connection.reader, connection.atr

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command APDU, return the response."""
        self._rounds.count()
        return self._connection.transmit(apdu)


def _same(first: ChipContents, now: ChipContents) -> bool:
    """Say whether a card tells what it told before; a UID that is drawn anew each time may differ."""
    # Four bytes that begin with 08 are drawn anew at each activation (ISO/IEC 14443-3, 6.5.4).
    random = _is_random(first.uid) and _is_random(now.uid)
    return (random or first.uid == now.uid) and (first.kind, first.escn) == (now.kind, now.escn)


def _is_random(uid: str) -> bool:
    return len(uid) == _RANDOM_LENGTH and uid.startswith(_RANDOM_FIRST)


def bars(spans: Iterable[Span], width: int) -> list[tuple[int, int]]:
    """Return how long the good and the bad part of each span's bar are, the longest being ``width``.

    What is there at all is at least one wide: a single bad round must not vanish beside thousands of good ones.
    """
    rows = list(spans)
    most = max((each.good + each.bad for each in rows), default=0)

    def length(count: int) -> int:
        return max(1, round(count / most * (width - 1))) if count else 0

    return [(length(each.good), length(each.bad)) for each in rows]
