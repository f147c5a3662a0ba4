"""The queue on a stick: written here, sent by a station that has a network, and its answers brought back.

    here                      a station with a network               here
    carry ──▶ queue file ──▶  take: sends, person by person  ──▶     answer: what was told is done
                              └──▶ answer file ───────────────▶      what was refused waits for a person

Nothing leaves the queue by being carried: until the answer is here, or the network is back, everything still waits.
Told twice is as told once, for each card has its number; what was corrected meanwhile is still to be told. A file may
be overtaken on its way: no card that was blocked since is put into use by it, and who withdrew since is forgotten.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from station.domain.card import Registration
from station.domain.errors import N_, StationError, StoreError
from station.domain.outbox import UPLOADS, OutboxEntry, OutboxKind, failed, succeeded
from station.domain.queue_export import Export, ExportWay, content_of
from station.domain.station_errors import QueueFileError, QueueFileSentError
from station.ports.router import Crew, Router
from station.ports.store import OutboxOutcome
from station.ports.tasks import Cancel, Progress
from station.services.consent import agrees
from station.services.courier_run import STRANGE_ENTRY, CourierRun, queues_of
from station.services.journal import Journal
from station.services.outbox_sending import Sender, picture_of
from station.services.queue_file import (
    ENTRIES_MAX,
    AnswerBody,
    CarriedEntry,
    Kind,
    Opened,
    QueueBody,
    Result,
    Seal,
    read_file,
    write_file,
)
from station.services.registration import RegistrationPolicy, refreshed, taking_back

Policies = Callable[[str], RegistrationPolicy]
GOOD_FOR = timedelta(days=14)
"""An older queue file is not sent: what it says has most likely changed since."""

_TAKEN = "taken:"
_SETTLED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Carried:
    """A queue file that was made: its id, its bytes, what is in it, and how many people without an ESI are not.

    ``behind`` is how many entries are left for another file, because one holds no more.
    """

    file_id: str
    data: bytes
    marks: tuple[Export, ...]
    left_out: int
    behind: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a station did with another's queue file. ``trouble`` is why the rest was not sent.

    ``blocked`` cards were left as they are: the file would have put them into use again.
    """

    answer: bytes
    station: str
    signer: bytes
    told: int
    refused: int
    entries: int
    trouble: StationError | None = None
    blocked: int = 0


@dataclass(frozen=True, slots=True)
class Applied:
    """What an answer file changed here; ``changed`` were corrected meanwhile and are still to be told.

    ``withdrawn`` was told although somebody had withdrawn by then, and is taken back.
    """

    station: str
    done: int
    refused: int
    changed: int
    left: int
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom this station believes, and for whom it sends: fingerprints (none: who has the shared key), its PICs."""

    signers: Collection[str] = ()
    pics: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Bag:
    """What a courier needs besides: with what files are sealed, who is believed, helpers that talk to the router.

    ``router_url`` is the profile's: a queue for the sandbox must never get into production.
    """

    seal: Seal
    trust: Trust
    crew: Callable[[], Crew]
    router_url: str


class Courier:
    """Carry the queue. Blocks on the disk and, in ``take``, on the router."""

    def __init__(self, journal: Journal, router: Router, policies: Policies, bag: Bag) -> None:
        self._store, self._clock, self._who = journal.store, journal.clock, journal.who
        self._router, self._policies, self._seal, self._trust = router, policies, bag.seal, bag.trust
        self._crew, self._place = bag.crew, urlsplit(bag.router_url).netloc

    # --- here: out

    def carry(self, *, pictures: bool = True) -> Carried:
        """Return a queue file with everything that is to be told; ``mark`` it when it is written.

        Raises:
            SecretError: a key is not there. QueueFileError: nothing waits, or it would be too large.
        """
        found = [self._as_the_records_say(e) for e in self._store.outbox.entries(limit=ENTRIES_MAX)]
        mine = [
            e for e in found if e.lane == UPLOADS and not e.final and (pictures or e.kind is not OutboxKind.PICTURE)
        ]
        told = [entry for entry in mine if entry.payload.get("esi")]
        if not told:
            raise QueueFileError(_NOTHING, _NOTHING_TODO)
        portraits = {str(e.payload["portrait"]) for e in told if e.kind is OutboxKind.PICTURE}
        body = QueueBody(
            made_at=self._clock.now(),
            station=self._who.station,
            router=self._place,
            entries=tuple(_carried(entry) for entry in sorted(told, key=lambda entry: entry.sequence)),
            pictures=self._pictures(portraits),
        )
        file_id, data = write_file(self._seal, Kind.QUEUE, body, key_version=self._seal.newest_version())
        now, who = self._clock.now(), self._who
        # Kept by the caller once the file is on the stick: one that never got there must not be waited for.
        marks = tuple(
            Export(e.key, e.escn, ExportWay.STICK, file_id, content_of(e.payload), now, who.operator, who.station)
            for e in told
        )
        return Carried(file_id, data, marks, len(mine) - len(told), self._behind(found))

    def _behind(self, found: Collection[OutboxEntry]) -> int:
        """Return how many entries wait beyond those that were found."""
        if len(found) < ENTRIES_MAX:
            return 0
        summary = self._store.outbox.summary()
        return max(0, summary.waiting + summary.parked - sum(entry.lane == UPLOADS for entry in found))

    def mark(self, carried: Carried) -> None:
        """Note what left in a file, so that its answer is known when it comes."""
        self._store.queue_exports.mark(carried.marks)

    # --- at a station with a network

    def take(self, data: bytes, name: str, *, cancel: Cancel, progress: Progress, again: bool = False) -> Taken:
        """Send what is in another station's queue file, and return the answer file; ``name`` is what messages say.

        ``again``: although it was sent from here before.

        Raises:
            QueueFileError: it is no such file, altered, too old, for another router, of an institution that this
                station has no key for, signed by somebody unknown, or was sent. SecretError: a key is not there.
        """
        opened, body = read_file(self._seal, Kind.QUEUE, QueueBody, data, name)
        _need_signer(opened, self._trust, name)
        self._need_mine(body, name)
        taken_at = self._store.outbox.fact(_TAKEN + opened.file_id)
        if taken_at is not None and not again:
            raise QueueFileSentError(file=name, day=taken_at[:10])
        pictures = {portrait: _decoded(text, name) for portrait, text in body.pictures.items()}
        queues = queues_of(body, name)
        sender = Sender(self._router, self._clock, lambda portrait: _known(pictures, portrait))
        run = CourierRun(sender, self._crew())
        try:
            results, trouble = run.send(queues, cancel, progress)
        finally:
            run.close()
        told = sum(result.done for result in results)
        answer = AnswerBody(
            made_at=self._clock.now(),
            station=self._who.station,
            router=self._place,
            answers_to=opened.file_id,
            results=tuple(results),
        )
        # With the key of the question and not the newest: the station that wrote it may not have that one yet.
        _id, sealed = write_file(self._seal, Kind.ANSWER, answer, key_version=opened.key_version)
        # What stopped in the middle may be taken once more; what was told of it is the same the second time.
        if trouble is None and not cancel.is_set():
            self._store.outbox.keep_fact(_TAKEN + opened.file_id, self._clock.now().isoformat())
        refused = len(results) - told
        entries, blocked = len(body.entries), len(run.blocked)
        return Taken(sealed, body.station, opened.certificate, told, refused, entries, trouble, blocked)

    # --- here: back

    def answer(self, data: bytes, name: str) -> Applied:
        """Write down what became of what left in a queue file; once more changes nothing.

        Raises:
            QueueFileError: it is no such file, altered, of another router, signed by somebody unknown, or answers a
                file that was not written here. SecretError: the shared key is not there.
        """
        opened, body = read_file(self._seal, Kind.ANSWER, AnswerBody, data, name)
        _need_signer(opened, self._trust, name)
        if body.router != self._place:
            raise QueueFileError(file=name, detail=_OTHER_ROUTER)
        marks = {mark.key: mark for mark in self._store.queue_exports.of_file(body.answers_to)}
        # What is not in the queue any more, because somebody withdrew, left in a file from here all the same.
        gone = [result for result in body.results if self._store.outbox.get(result.key) is None]
        left_here = self._store.queue_exports.latest([result.key for result in gone])
        if not marks and not left_here:
            raise QueueFileError(_NOT_OURS, _NOT_OURS_TODO, file=name)
        outcomes: list[OutboxOutcome] = []
        done = refused = changed = 0
        for result in body.results:
            entry = self._store.outbox.get(result.key) if result.key in marks else None
            # The network may have been back before the stick was: then the router's own answer to this station counts.
            if entry is None or entry.done_at is not None:
                continue
            content = content_of(self._as_the_records_say(entry).payload)
            # All three: what the records say now, what left, and what was sent there. Else the newer of them is still
            # to be told.
            if not content == result.content == marks[result.key].content:
                changed += 1
                continue
            done, refused = done + result.done, refused + (not result.done)
            outcomes.append(self._outcome(entry, result, body.station))
            if len(outcomes) >= _SETTLED_AT_ONCE:
                self._store.outbox.settle(outcomes)
                outcomes = []
        self._store.outbox.settle(outcomes)
        told = [
            self._told_in_vain(result.key, left_here[result.key])
            for result in gone
            if result.key in left_here and result.done
        ]
        back = taking_back([entry for entry in told if entry is not None], self._clock.now())
        if back:
            self._store.outbox.add(back)
        left = len(marks.keys() - {result.key for result in body.results})
        return Applied(body.station, done, refused, changed, left, len(back))

    def _told_in_vain(self, key: str, mark: Export) -> OutboxEntry | None:
        """Return what was told there of somebody who had withdrawn here by then, ``None`` when they agree again."""
        card = self._store.cards.get(mark.escn)
        holder = self._store.holders.get(card.holder_id) if card is not None else None
        if card is None or holder is None or not holder.esi or agrees(self._store, holder.id):
            return None
        payload: dict[str, object] = {"esi": holder.esi, "pic": self._policies(card.institution).pic}
        kind, order, now = OutboxKind(key.split(":", 1)[0]), holder.esi.casefold(), self._clock.now()
        return OutboxEntry(key, UPLOADS, kind, order, payload, now, escn=mark.escn)

    def _outcome(self, entry: OutboxEntry, result: Result, station: str) -> OutboxOutcome:
        if result.done:
            said: dict[str, object] = {**result.said, "carried_by": station}
            done = succeeded(entry, self._clock.now(), router_at=result.router_at, said=said)
            return OutboxOutcome(done, Registration.REGISTERED if entry.kind is OutboxKind.CARD else None)
        counts = entry.kind in (OutboxKind.PERSON, OutboxKind.CARD)
        after = failed(entry, result.answer, dict(result.said), None, router_at=result.router_at)
        return OutboxOutcome(after, Registration.PARKED if counts else None)

    # --- what both sides need

    def _as_the_records_say(self, entry: OutboxEntry) -> OutboxEntry:
        card = self._store.cards.get(entry.escn) if entry.escn else None
        holder = self._store.holders.get(card.holder_id) if card is not None else None
        if card is None or holder is None:
            return entry
        return refreshed(entry, card, holder, self._policies(card.institution))

    def _pictures(self, portraits: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for portrait in portraits:
            try:
                found[portrait] = base64.b64encode(picture_of(self._store, portrait)).decode("ascii")
            except StoreError:
                raise
            except StationError:
                continue  # told as missing where it is sent, as it would be here
        return found

    def _need_mine(self, body: QueueBody, name: str) -> None:
        if body.router != self._place:
            raise QueueFileError(file=name, detail=_OTHER_ROUTER)
        # A day ahead is let pass: the two computers' clocks are set by nobody who knows both.
        if not timedelta(days=-1) <= self._clock.now() - body.made_at <= GOOD_FOR:
            raise QueueFileError(_OLD, _OLD_TODO, file=name, day=body.made_at.date().isoformat())
        foreign = {str(each.payload.get("pic", "")) for each in body.entries}.difference(self._trust.pics)
        if foreign:
            raise QueueFileError(_OTHER_PIC, _OTHER_PIC_TODO, file=name, pic=sorted(foreign)[0] or "-")


def _carried(entry: OutboxEntry) -> CarriedEntry:
    # Our own id of the person helps nobody elsewhere, and what isn't in the file can't be lost with it.
    payload = {name: value for name, value in entry.payload.items() if name != "holder"}
    return CarriedEntry(
        key=entry.key,
        kind=entry.kind,
        order_key=entry.order_key,
        escn=entry.escn,
        sequence=entry.sequence,
        payload=payload,  # type: ignore[arg-type]  # pydantic looks at it
        content=content_of(entry.payload),
    )


def _need_signer(opened: Opened, trust: Trust, name: str) -> None:
    from station.render.layout_signing import fingerprint, signer

    if trust.signers and fingerprint(opened.certificate) not in trust.signers:
        whose = signer(opened.certificate) or fingerprint(opened.certificate)
        raise QueueFileError(_UNKNOWN_SIGNER, _UNKNOWN_SIGNER_TODO, file=name, signer=whose)


def _decoded(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise QueueFileError(file=name, detail=STRANGE_ENTRY) from error


def _known(pictures: dict[str, bytes], portrait: str) -> bytes:
    if portrait not in pictures:
        raise StationError(_NO_PICTURE, _NO_PICTURE_TODO)
    return pictures[portrait]


_NOTHING = N_("Nothing waits that could be carried.")
_NOTHING_TODO = N_("There is nothing to do: what the queue still has needs a decision first, or is final.")
_OTHER_ROUTER = N_("it belongs to another ESC-Router than this station tells")
_OLD = N_("The queue file {file} was written on {day}; by now most of it will have changed.")
_OLD_TODO = N_("Have a new one written, and look whether the clocks of both computers are right. Nothing was sent.")
_OTHER_PIC = N_("The queue file {file} is of an institution (PIC {pic}) that this station has no key for.")
_OTHER_PIC_TODO = N_("Take it to a station of that institution. Nothing was sent.")
_UNKNOWN_SIGNER = N_("The file {file} is signed by {signer}, whom this station's profile does not name.")
_UNKNOWN_SIGNER_TODO = N_("Ask IT to add that station's fingerprint to [carry] signers. Nothing was changed or sent.")
_NOT_OURS = N_("The file {file} answers a queue file that was not written at this station.")
_NOT_OURS_TODO = N_("Take it to the station that wrote the queue file. Nothing was changed.")
_NO_PICTURE = N_("The picture was not in the queue file.")
_NO_PICTURE_TODO = N_("It goes out by itself when this station has a network.")
