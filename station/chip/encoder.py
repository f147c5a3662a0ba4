"""Read a card, encode a card, prove a card: what the station does with a chip.

Encoding reads first and computes a plan of what is missing, so a card that was pulled at any moment and put back is
simply finished, with the same number. Whatever speaks against a card is found before the first command that writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from station.chip.apdu import DesfireStatus, Transmit
from station.chip.carrying import Work, carry_out
from station.chip.content import ChipData, HolderData, values_of
from station.chip.desfire import applications
from station.chip.desfire.link import DesfireLink
from station.chip.esc import read_escn
from station.chip.identify import identify
from station.chip.looking import desfire_on, explained_by_kind, is_random, look_at, within_reader
from station.chip.plan import (
    STEP_NAMES,
    WRITING,
    CreateApplication,
    CreateFile,
    OpenCard,
    SetCardKey,
    SetKey,
    Step,
    WriteFile,
    plan_application,
    plan_card,
    plan_hiding,
)
from station.chip.processors import IsoChaining, TrafficCounter
from station.chip.profiles import ChipProfile
from station.chip.proving import NO_NUMBER, RANDOM_UID, prove, prove_card_key, real_uid
from station.chip.survey import LOCKED, NEEDS_KEY, NO_ROOM, FoundCard, check_room_for_files, survey, survey_card
from station.chip.tags import check_tag, write_tag
from station.chip.wanted import KeyRing, Wanted, make_wanted
from station.domain.card import RouterCardType
from station.domain.errors import (
    N_,
    Cancelled,
    ChipKeyError,
    ChipMismatchError,
    ChipRefusedError,
    ChipUnsuitableError,
    DeviceError,
    StationError,
)
from station.ports.chip import ChipConnection
from station.ports.secrets import Secrets
from station.ports.tasks import Cancel, Progress

__all__ = ["ChipContents", "ChipData", "EncodeReport", "HolderData", "encode", "inspect", "verify"]

READING = N_("Reading the chip")
CHECKING = N_("Checking the chip")
MILESTONES: dict[type[Step], str] = {
    CreateApplication: "created",
    SetKey: "locked",
    SetCardKey: "locked",
    CreateFile: "written",
    WriteFile: "written",
}
"""What is done for good after the last step of such a kind."""


@dataclass(frozen=True, slots=True)
class ChipContents:
    """What a chip tells anybody: ``uid`` in upper-case hex, empty where it is unknown."""

    uid: str
    kind: str
    escn: str | None = None
    has_esc: bool = False
    free_memory: int | None = None


@dataclass(frozen=True, slots=True)
class EncodeReport:
    """A card that is encoded and was read back; ``uid`` is empty for a card without a chip."""

    uid: str
    escn_on_chip: str | None
    apdus: int
    card_type: RouterCardType
    verified: bool
    keys: tuple[tuple[str, int], ...] = ()
    """Names and versions of the master keys that its keys are made from."""


class _Cancellable:
    """Stop before the next command while nothing has been written; after that, finishing is the safer way out."""

    def __init__(self, transmit: Transmit, cancel: Cancel) -> None:
        self._transmit = transmit
        self._cancel = cancel
        self.armed = True

    def __call__(self, apdu: bytes) -> bytes:
        if self.armed and self._cancel.is_set():
            raise Cancelled
        return self._transmit(apdu)


def inspect(connection: ChipConnection) -> ChipContents:
    """Return what is on a chip, without any key; a chip of a kind we don't know is named so, with its ATR.

    Raises:
        CardRemovedError, ReaderError: as the connection does.
        ChipError: two cards lie on the reader, or a DESFire gives senseless answers.
    """
    transmit = IsoChaining(TrafficCounter(connection.transmit))
    chip = identify(transmit, connection.atr)
    if chip.version is None:
        return ChipContents(chip.uid_text, chip.kind)
    link = DesfireLink(transmit)
    try:
        applications.select(link)
    except ChipRefusedError:
        return ChipContents(chip.uid_text, chip.kind)  # a DESFire Light has applications of its own kind
    free = _free_memory(link)
    has_esc, escn = read_escn(link)
    return ChipContents(chip.uid_text, chip.kind, escn, has_esc, free)


def encode(  # noqa: PLR0913 - who, what and with which keys; then four ways to take part, by name
    connection: ChipConnection,
    profile: ChipProfile,
    data: ChipData,
    secrets: Secrets,
    *,
    before_write: Callable[[str], None],
    cancel: Cancel,
    progress: Progress,
    reached: Callable[[str], None] | None = None,
) -> EncodeReport:
    """Make a card what ``profile`` says, and prove it by reading it back.

    ``before_write`` is called once with the UID, when everything was read and checked and before the first command
    that writes (also when nothing turns out to be missing); what it raises stops the encoding. It is not called for a
    profile without a chip. ``reached`` is told what was done for good: ``created``, ``locked``, ``written``.
    ``cancel`` is obeyed until writing begins.

    Raises:
        ChipUnsuitableError, ChipMismatchError, ChipKeyError, SecretError, CertificateError, ExpressionError, Cancelled:
            nothing was written, unless the error's ``written`` says otherwise.
        CardRemovedError, ReaderError, ChipError: its ``written`` says whether something may be on the chip. Then the
            same call, with the same card and data, finishes it.
    """
    if not profile.needs_reader:
        return EncodeReport("", None, 0, profile.card_type, verified=True)
    profile = within_reader(profile, connection)
    counter = TrafficCounter(connection.transmit)
    gate = _Cancellable(counter, cancel)
    transmit = IsoChaining(gate)
    progress(READING, 0.0)

    def begin(uid: bytes) -> None:
        if cancel.is_set():
            raise Cancelled
        # Asked once more right before the journal says that writing begins; from there on nobody is listened to.
        before_write(uid.hex().upper())
        gate.armed = False

    if profile.chip == "desfire":
        uid = _encode_desfire(_Way(transmit, connection.atr, begin, progress, reached), profile, data, secrets)
    elif profile.chip == "type2":
        uid = write_tag(transmit, connection.atr, profile, data, begin)
        progress(CHECKING, 1.0)
    else:
        uid = look_at(transmit, connection.atr).uid
        begin(uid)
    on_chip = data.escn.lower() if profile.carries_escn else None
    return EncodeReport(
        uid.hex().upper(), on_chip, counter.apdus, profile.card_type, verified=True, keys=profile.master_keys
    )


def verify(connection: ChipConnection, profile: ChipProfile, data: ChipData, secrets: Secrets) -> ChipContents:
    """Check that the card on the reader is the one that was encoded with ``data``, and return what it tells.

    Besides the data, the card must know the keys that only its own chip was given; a copy does not. Where the profile
    signs, the signature must be of this card, by a certificate that leads to a pinned root.

    Raises:
        ChipMismatchError: it carries another number, or none, or is a copy.
        CertificateError: its certificate leads to no pinned root.
        CardRemovedError, ReaderError, ChipError, SecretError: it could not be found out.
    """
    if not profile.needs_reader:
        return ChipContents("", "")
    transmit = IsoChaining(TrafficCounter(connection.transmit))
    chip = identify(transmit, connection.atr)
    if profile.chip == "type2":
        check_tag(transmit, profile, data, chip)
        return ChipContents(chip.uid_text, chip.kind)
    if chip.version is None and profile.applications:
        raise ChipMismatchError(NO_NUMBER)
    uid = chip.uid
    if profile.applications:
        link = DesfireLink(transmit)
        uid = real_uid(link, profile, KeyRing(secrets, values_of(data, b""))) if chip.random_uid else uid
        wanted, ring = make_wanted(profile, data, uid, secrets, to_write=False)
        for each in wanted:
            prove(link, each)
        if profile.card_key is not None:
            prove_card_key(link, ring.key(profile.card_key, None))
    on_chip = data.escn.lower() if profile.carries_escn else None
    return ChipContents(uid.hex().upper(), chip.kind, on_chip, profile.carries_escn)


@dataclass(frozen=True, slots=True)
class _Way:
    """The way to the card on the reader, and who is to be told how far it has come."""

    transmit: Transmit
    atr: bytes
    begin: Callable[[bytes], None]
    progress: Progress
    reached: Callable[[str], None] | None


def _encode_desfire(way: _Way, profile: ChipProfile, data: ChipData, secrets: Secrets) -> bytes:
    with explained_by_kind(way.transmit, way.atr):
        link, uid = desfire_on(way.transmit, way.atr, profile)
        hidden = is_random(uid)
        if hidden:
            if not profile.opens_hidden:
                raise ChipUnsuitableError(RANDOM_UID)
            uid = real_uid(link, profile, KeyRing(secrets, values_of(data, b"")))
        wanted, ring = make_wanted(profile, data, uid, secrets, to_write=True)
        work = replace(_surveyed(link, profile, uid, wanted, ring), hidden=hidden)
    way.begin(uid)
    _write_all(link, profile, work, way)
    return uid


def _surveyed(link: DesfireLink, profile: ChipProfile, uid: bytes, wanted: tuple[Wanted, ...], ring: KeyRing) -> Work:
    found = {each.app.aid: survey(link, each, ring) for each in wanted}
    missing = tuple(each for each in wanted if not found[each.app.aid].present)
    for each in wanted:
        if found[each.app.aid].present:
            check_room_for_files(link, each, found[each.app.aid])
    card = FoundCard()
    if missing or profile.card_key is not None:
        # Last, so that the card's own session, if there is one, serves the first steps of the plan.
        card = survey_card(link, profile.card_key, ring, missing, uid=uid)
    card_key = None if profile.card_key is None else ring.key(profile.card_key, None)
    return Work(uid, {each.app.aid: each for each in wanted}, found, card_key, card)


def _write_all(link: DesfireLink, profile: ChipProfile, work: Work, way: _Way) -> None:
    """Carry all plans out and prove the outcome; an error says whether anything may have reached the chip."""
    missing = tuple(each.app for aid, each in work.wanted.items() if not work.found[aid].present)
    ours = work.card_key == work.found_card.key
    steps = plan_card(profile.card_key, work.found_card, missing, key_is_ours=ours)
    checked = profile.card_key is not None
    plans = {aid: plan_application(w, work.found[aid], uid_checked=checked) for aid, w in work.wanted.items()}
    steps += tuple(step for plan in plans.values() for step in plan)
    steps += plan_hiding(profile.card_key, hidden=work.hidden)
    # An application that was there before may carry the number already.
    written = any(found.present for found in work.found.values())
    for done, step in enumerate(steps):
        way.progress(STEP_NAMES[type(step)], done / (len(steps) + 1))
        try:
            carry_out(link, step, work)
        except DeviceError as error:
            explained = _explained(error, step)
            explained.written = written or _may_have_written(link, step, error)
            raise explained from (error if explained is not error else None)
        written |= isinstance(step, WRITING)
        try:
            _tell(way.reached, steps, done)
        except StationError as error:
            # Whoever keeps the journal could not: the card has what it has all the same.
            error.written = written
            raise
    way.progress(CHECKING, len(steps) / (len(steps) + 1))
    try:
        # A new application was proved step by step: each file read back, the new master key authenticated, each other
        # key acknowledged under the session's MAC. One where nothing was missing was proved by the survey. But of one
        # that was mended only what was missing has been touched: so all of it is proved.
        for aid, plan in plans.items():
            if plan and work.found[aid].present:
                prove(link, work.wanted[aid])
    except DeviceError as error:
        error.written = written
        raise
    way.progress(CHECKING, 1.0)


def _tell(reached: Callable[[str], None] | None, steps: tuple[Step, ...], done: int) -> None:
    """Tell once when the last of several steps of a kind is done."""
    name = MILESTONES.get(type(steps[done]))
    if reached is None or name is None:
        return
    if all(MILESTONES.get(type(step)) != name for step in steps[done + 1 :]):
        reached(name)


def _may_have_written(link: DesfireLink, step: Step, error: DeviceError) -> bool:
    """Say whether the very first step may have written something, although it ended in ``error``."""
    if isinstance(step, OpenCard):
        return False
    if not (isinstance(step, CreateApplication) and isinstance(error, ChipRefusedError)):
        return True
    # A refusal that was garbled on its way may have been a consent: the card is asked what it has.
    try:
        return applications.select(link, step.app.aid)
    except DeviceError:
        return True


def _explained(error: DeviceError, step: Step) -> DeviceError:
    """Return an error in the operator's words where the card's refusal has one plain meaning."""
    if isinstance(error, ChipKeyError):
        return ChipMismatchError(_KEY_NOT_KEPT, _KEY_NOT_KEPT_TODO)
    if not isinstance(error, ChipRefusedError):
        return error
    status = error.sw & 0xFF
    if isinstance(step, CreateApplication):
        return _unsuitable(status, step) or error
    return ChipUnsuitableError(NO_ROOM, _PUT_ASIDE) if status == DesfireStatus.OUT_OF_MEMORY else error


def _unsuitable(status: int, step: CreateApplication) -> ChipUnsuitableError | None:
    if status in (DesfireStatus.OUT_OF_MEMORY, DesfireStatus.COUNT_ERROR):
        return ChipUnsuitableError(NO_ROOM)
    if status in NEEDS_KEY:
        return ChipUnsuitableError(LOCKED)
    # Its id was looked for, so it is the ISO file id or the name that somebody else has.
    return ChipUnsuitableError(_SAME_NAME, aid=step.app.name) if status == DesfireStatus.DUPLICATE else None


def _free_memory(link: DesfireLink) -> int | None:
    try:
        return applications.free_memory(link)
    except ChipRefusedError:
        return None  # a locked card keeps it to itself


_KEY_NOT_KEPT = N_("The chip does not have the key that it was given.")
_KEY_NOT_KEPT_TODO = N_("Put the card back and try once more. If it happens again, put this card aside as spoiled.")
_SAME_NAME = N_("This card can't be used here: another application on it has the ISO name of our {aid} already.")
_PUT_ASIDE = N_("Put this card aside as spoiled, and take another one.")
