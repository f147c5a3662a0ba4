"""Look at a card before writing: what of an application is there, whose it is, and whether it can be finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from station.chip.apdu import DesfireStatus
from station.chip.desfire import applications, files, keys
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import FileSettings
from station.chip.esc import escn_on_chip
from station.chip.profiles import ApplicationSpec, FileSpec
from station.domain.errors import N_, ChipKeyError, ChipMismatchError, ChipRefusedError, ChipUnsuitableError

# What an application and a file cost besides their data is not published; the card's own answer has the last word.
_BLOCK = 32
_STANDARD_FILE = 0


class Master(Enum):
    """Which master key the application has now."""

    NONE = "none"
    DEFAULT = "default"
    OURS = "ours"


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """What an application shall have on this one card: file contents, and the card's own keys. Never shown."""

    uid: bytes
    app: ApplicationSpec
    contents: Mapping[int, bytes]
    keys: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Found:
    """What a card has of an application; ``contents`` by file number, ``versions`` by key number."""

    master: Master = Master.NONE
    contents: Mapping[int, bytes] = field(default_factory=dict)
    versions: Mapping[int, int] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        """Say whether the application is there."""
        return self.master is not Master.NONE


def survey(link: DesfireLink, wanted: Wanted) -> Found:
    """Read what is there and check that it can become what is wanted; writes nothing.

    Raises:
        ChipMismatchError: the card carries another number.
        ChipKeyError: the application has keys that are not ours.
        ChipUnsuitableError: it is laid out otherwise, or there is no room, or the card is locked.
    """
    if not applications.select(link, wanted.app.aid):
        _check_room(link, wanted.app)
        return Found()
    contents = {spec.number: data for spec in wanted.app.files if (data := _file(link, spec)) is not None}
    for spec in wanted.app.files:
        if spec.number in contents:
            _check_number(spec, contents[spec.number], wanted.contents[spec.number])
    _check_layout(link, wanted.app)
    master = _find_master(link, wanted)
    versions = {key.number: keys.get_key_version(link, key.number) for key in wanted.app.keys}
    for key in wanted.app.keys:
        if versions[key.number] not in (0, key.version):
            raise ChipKeyError(key=key.number, version=versions[key.number])
    return Found(master, contents, versions)


def check_uid(link: DesfireLink, wanted: Wanted) -> None:
    """Have the chip say its UID inside the session, and raise ChipMismatchError when it is not the one read before.

    What the reader said at first could come from anywhere; this comes from the chip that knows the key.
    """
    if applications.get_card_uid(link) != wanted.uid:
        raise ChipMismatchError(_SWAPPED)


def expected_settings(spec: FileSpec) -> FileSettings:
    """Return what GetFileSettings says of a file that is as ``spec`` wants it."""
    return FileSettings(_STANDARD_FILE, spec.mode, spec.rights, spec.size)


def _find_master(link: DesfireLink, wanted: Wanted) -> Master:
    choices = [(Master.OURS, wanted.keys[0]), (Master.DEFAULT, keys.ZERO_KEY)]
    if keys.get_key_version(link, 0) == 0:
        choices.reverse()
    for master, key in choices:
        try:
            authenticate_aes(link, 0, key)
        except ChipKeyError:
            continue
        return master
    raise ChipKeyError(key=0)


def _file(link: DesfireLink, spec: FileSpec) -> bytes | None:
    try:
        found = files.get_file_settings(link, spec.number)
    except ChipRefusedError as error:
        if error.sw & 0xFF == DesfireStatus.FILE_NOT_FOUND:
            return None
        raise ChipUnsuitableError(_FOREIGN) from error
    if found != expected_settings(spec):
        raise ChipUnsuitableError(_FOREIGN)
    return files.read_data(link, spec.number, spec.size)


def _check_number(spec: FileSpec, found: bytes, ours: bytes) -> None:
    if spec.content != "escn" or found == ours:
        return
    # A card pulled in mid-write may hold our first bytes and then none, which can look like a number.
    if all(there in (0, want) for there, want in zip(found, ours, strict=True)):
        return
    number = escn_on_chip(found)
    if number is not None:
        raise ChipMismatchError(_OTHER_NUMBER, _OTHER_NUMBER_TODO, escn=number)


def _check_layout(link: DesfireLink, app: ApplicationSpec) -> None:
    try:
        found = applications.get_key_settings(link)
        numbers = files.get_file_ids(link)
    except ChipRefusedError as error:
        raise ChipUnsuitableError(_FOREIGN) from error
    same = found.settings == app.key_settings and found.keys == len(app.keys) and found.aes
    if not same or not set(numbers) <= {file.number for file in app.files}:
        raise ChipUnsuitableError(_FOREIGN)


def _check_room(link: DesfireLink, app: ApplicationSpec) -> None:
    applications.select(link)
    try:
        free_creation = applications.get_key_settings(link).free_creation
    except ChipRefusedError as error:
        raise ChipUnsuitableError(LOCKED) from error
    if not free_creation:
        raise ChipUnsuitableError(LOCKED)
    needed = _BLOCK * (1 + len(app.keys)) + sum(_BLOCK + -(-file.size // _BLOCK) * _BLOCK for file in app.files)
    free = applications.free_memory(link)
    if free < needed:
        raise ChipUnsuitableError(_TOO_FULL, free=free, needed=needed)


_FOREIGN = N_("This card can't be used here: it has a European Student Card application that is laid out otherwise.")
NO_ROOM = N_("This card can't be used here: there is not enough room on its chip.")
LOCKED = N_("This card can't be used here: it is locked with a master key, and takes nothing new without it.")
_TOO_FULL = N_(
    "This card can't be used here: there is not enough room on its chip ({free} bytes free, {needed} needed)."
)
_OTHER_NUMBER = N_("This card already carries another card number: {escn}.")
_SWAPPED = N_("The card on the reader is no longer the one that was there at first.")
_OTHER_NUMBER_TODO = N_(
    "Put the right card on the reader, or take a blank one from the stock. Nothing was written on this one."
)
