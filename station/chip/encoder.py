"""Read a card, encode a card, prove a card: what the station does with a chip.

Encoding reads first and computes a plan of what is missing, so a card that was pulled at any moment and put back is
simply finished, with the same number. Whatever speaks against a card is found before the first command that writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from station.chip.apdu import DesfireStatus, Transmit
from station.chip.desfire import applications, files
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.link import DesfireLink
from station.chip.esc import escn_on_chip, read_escn
from station.chip.identify import Identity, identify
from station.chip.plan import STEP_NAMES, WRITING, CreateApplication, Step, carry_out, make_plan
from station.chip.processors import IsoChaining, TrafficCounter
from station.chip.profiles import ChipProfile, FileSpec
from station.chip.survey import LOCKED, NO_ROOM, Found, Wanted, check_uid, expected_settings, survey
from station.domain.card import RouterCardType
from station.domain.errors import (
    N_,
    Cancelled,
    ChipKeyError,
    ChipMismatchError,
    ChipRefusedError,
    ChipUnsuitableError,
    DeviceError,
)
from station.domain.escn import escn_to_bytes
from station.ports.chip import ChipConnection
from station.ports.secrets import Secrets
from station.ports.tasks import Cancel, Progress

# The first DESFire has no AES, the Light no room for applications of ours.
_TOO_SMALL = ("MF3ICD40", "Light")
READING = N_("Reading the chip")
CHECKING = N_("Checking the chip")


@dataclass(frozen=True, slots=True)
class ChipData:
    """What goes onto one card's chip."""

    escn: str
    esi: str | None = None


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
    applications.select(link)
    free = _free_memory(link)
    has_esc, escn = read_escn(link)
    return ChipContents(chip.uid_text, chip.kind, escn, has_esc, free)


def encode(  # noqa: PLR0913 - who, what and with which keys; then three ways to take part, by name
    connection: ChipConnection,
    profile: ChipProfile,
    data: ChipData,
    secrets: Secrets,
    *,
    before_write: Callable[[str], None],
    cancel: Cancel,
    progress: Progress,
) -> EncodeReport:
    """Make a card what ``profile`` says, and prove it by reading it back.

    ``before_write`` is called once with the UID, when everything was read and checked and before the first command
    that writes (also when nothing turns out to be missing); what it raises stops the encoding. It is not called for a
    profile without a chip. ``cancel`` is obeyed until then.

    Raises:
        ChipUnsuitableError, ChipMismatchError, ChipKeyError, SecretError, Cancelled: nothing was written, unless the
            error's ``written`` says otherwise.
        CardRemovedError, ReaderError, ChipError: its ``written`` says whether something may be on the chip. Then the
            same call, with the same card and data, finishes it.
    """
    if not profile.needs_reader:
        return EncodeReport("", None, 0, profile.card_type, verified=True)
    counter = TrafficCounter(connection.transmit)
    gate = _Cancellable(counter, cancel)
    transmit = IsoChaining(gate)
    progress(READING, 0.0)
    chip = identify(transmit, connection.atr)
    _check_suits(chip, profile)
    link = DesfireLink(transmit)
    jobs = [_Job(wanted, survey(link, wanted)) for wanted in _wanted(profile, data, chip, secrets)]
    if cancel.is_set():
        raise Cancelled
    before_write(chip.uid_text)
    gate.armed = False
    _write_all(link, jobs, progress)
    on_chip = data.escn.lower() if profile.carries_escn else None
    return EncodeReport(chip.uid_text, on_chip, counter.apdus, profile.card_type, verified=True)


def verify(connection: ChipConnection, profile: ChipProfile, data: ChipData, secrets: Secrets) -> ChipContents:
    """Check that the card on the reader is the one that was encoded with ``data``, and return what it tells.

    Besides the number, the card must know the keys that only its own chip was given; a copy does not.

    Raises:
        ChipMismatchError: it carries another number, or none, or is a copy.
        CardRemovedError, ReaderError, ChipError, SecretError: it could not be found out.
    """
    if not profile.needs_reader:
        return ChipContents("", "")
    transmit = IsoChaining(TrafficCounter(connection.transmit))
    chip = identify(transmit, connection.atr)
    if chip.version is None and profile.applications:
        raise ChipMismatchError(_NO_NUMBER)
    link = DesfireLink(transmit)
    for wanted in _wanted(profile, data, chip, secrets):
        _prove(link, wanted)
    on_chip = data.escn.lower() if profile.carries_escn else None
    return ChipContents(chip.uid_text, chip.kind, on_chip, profile.carries_escn)


@dataclass(frozen=True, slots=True, repr=False)
class _Job:
    wanted: Wanted
    found: Found


def _check_suits(chip: Identity, profile: ChipProfile) -> None:
    if profile.applications and (chip.version is None or chip.version.generation in _TOO_SMALL):
        raise ChipUnsuitableError(_NO_DESFIRE, kind=chip.kind)
    if not chip.uid:
        raise ChipUnsuitableError(_NO_UID, kind=chip.kind)
    if chip.random_uid:
        raise ChipUnsuitableError(_RANDOM_UID)


def _wanted(profile: ChipProfile, data: ChipData, chip: Identity, secrets: Secrets) -> list[Wanted]:
    if not profile.applications:
        return []
    contents = {"escn": escn_to_bytes(data.escn)}
    found = []
    for app in profile.applications:
        parts = {**contents, "uid": chip.uid, "aid": app.aid}
        keys = {
            key.number: secrets.diversified(key.secret, key.version, b"".join(parts[p] for p in key.diversify))
            for key in app.keys
        }
        found.append(Wanted(chip.uid, app, {file.number: contents[file.content] for file in app.files}, keys))
    return found


def _write_all(link: DesfireLink, jobs: list[_Job], progress: Progress) -> None:
    """Carry all plans out and prove the outcome; an error says whether anything may have reached the chip."""
    steps = [(job.wanted, step) for job in jobs for step in make_plan(job.wanted, job.found)]
    # An application that was there before may carry the number already.
    written = any(job.found.present for job in jobs)
    for done, (wanted, step) in enumerate(steps):
        progress(STEP_NAMES[type(step)], done / (len(steps) + 1))
        try:
            carry_out(link, step, wanted)
        except DeviceError as error:
            explained = _explained(error, step)
            explained.written = written or _may_have_written(link, step, error)
            raise explained from (error if explained is not error else None)
        written |= isinstance(step, WRITING)
    progress(CHECKING, len(steps) / (len(steps) + 1))
    try:
        for job in jobs:
            _prove(link, job.wanted)
    except DeviceError as error:
        error.written = written
        raise
    progress(CHECKING, 1.0)


def _may_have_written(link: DesfireLink, step: Step, error: DeviceError) -> bool:
    """Say whether the very first step may have written something, although it ended in ``error``."""
    if not (isinstance(step, CreateApplication) and isinstance(error, ChipRefusedError)):
        return True
    # A refusal that was garbled on its way may have been a consent: the card is asked what it has.
    try:
        return applications.select(link, step.app.aid)
    except DeviceError:
        return True


def _explained(error: DeviceError, step: Step) -> DeviceError:
    """Return an error in the operator's words where the card's refusal has one plain meaning."""
    if not isinstance(error, ChipRefusedError):
        return error
    status = error.sw & 0xFF
    if isinstance(step, CreateApplication):
        if status in (DesfireStatus.OUT_OF_MEMORY, DesfireStatus.COUNT_ERROR):
            return ChipUnsuitableError(NO_ROOM)
        if status in (DesfireStatus.AUTHENTICATION_ERROR, DesfireStatus.PERMISSION_DENIED):
            return ChipUnsuitableError(LOCKED)
    elif status == DesfireStatus.OUT_OF_MEMORY:
        return ChipUnsuitableError(NO_ROOM, _PUT_ASIDE)
    return error


def _prove(link: DesfireLink, wanted: Wanted) -> None:
    """Read everything as a stranger would, compare it, and have the card prove each of its keys.

    Raises:
        ChipMismatchError: something is not as wanted.
    """
    if not applications.select(link, wanted.app.aid):
        raise ChipMismatchError(_NO_NUMBER)
    for file in wanted.app.files:
        _prove_file(link, file, wanted)
    for key in wanted.app.keys:
        try:
            authenticate_aes(link, key.number, wanted.keys[key.number])
        except ChipKeyError as error:
            raise ChipMismatchError(_COPY, key=key.number) from error
    check_uid(link, wanted)


def _prove_file(link: DesfireLink, file: FileSpec, wanted: Wanted) -> None:
    try:
        settings = files.get_file_settings(link, file.number)
        content = files.read_data(link, file.number, file.size)
    except ChipRefusedError as error:
        raise ChipMismatchError(_NO_NUMBER) from error
    if content != wanted.contents[file.number]:
        number = escn_on_chip(content) if file.content == "escn" else None
        raise ChipMismatchError(_NO_NUMBER) if number is None else ChipMismatchError(_OTHER_NUMBER, escn=number)
    if settings != expected_settings(file):
        raise ChipMismatchError(_OTHER_RIGHTS, rights=str(settings.rights))


def _free_memory(link: DesfireLink) -> int | None:
    try:
        return applications.free_memory(link)
    except ChipRefusedError:
        return None  # a locked card keeps it to itself


_NO_DESFIRE = N_("This card can't be used here: the card number needs a DESFire EV1 or newer, and this is: {kind}.")
_NO_UID = N_("This card can't be used here: its chip doesn't tell a UID ({kind}).")
_RANDOM_UID = N_("This card can't be used here: its chip shows another UID each time.")
_NO_NUMBER = N_("The card on the reader carries no card number.")
_OTHER_NUMBER = N_("The card on the reader carries another card number: {escn}.")
_OTHER_RIGHTS = N_("The card on the reader carries the right number, but not safely: its access rights are {rights}.")
_COPY = N_("The card on the reader carries the right number, but not the institution's keys: it may be a copy.")
_PUT_ASIDE = N_("Put this card aside as spoiled, and take another one.")
