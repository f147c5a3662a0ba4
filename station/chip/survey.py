"""Look at a card before writing: what of a profile is there, whose it is, and whether it can be finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from station.chip.apdu import DesfireStatus
from station.chip.desfire import applications
from station.chip.desfire.applications import get_key_settings
from station.chip.desfire.auth import authenticate
from station.chip.desfire.files import get_file_ids, get_file_settings, read_data
from station.chip.desfire.keys import Key, default_key, get_key_version
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC, CommMode, FileKind, FileSettings, KeySettingBit
from station.chip.desfire.session import Scheme
from station.chip.esc import escn_on_chip
from station.chip.profiles import ApplicationSpec, CardKeySpec, FileSpec
from station.chip.wanted import KeyRing, Wanted
from station.domain.errors import N_, ChipKeyError, ChipMismatchError, ChipRefusedError, ChipUnsuitableError
from station.ports.secrets import KeyKind

# What an application and a file cost besides their data is not published; the card's own answer has the last word.
_BLOCK = 32
NEEDS_KEY = (DesfireStatus.AUTHENTICATION_ERROR, DesfireStatus.PERMISSION_DENIED)
"""How a card says that a key is missing."""
FACTORY_KEY = Key.des()
"""The card's own master key as it comes from the factory: DES, all zeros."""


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """What a card has of an application. Never shown.

    ``keys`` are those that it has now, each proved by authentication; ``contents`` is what its files hold.
    """

    present: bool = False
    keys: Mapping[int, Key] = field(default_factory=dict)
    contents: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class FoundCard:
    """The card itself: its master key now (``None``: not asked for), and its settings where they were asked for."""

    key: Key | None = None
    settings: int | None = None


def survey(link: DesfireLink, wanted: Wanted, ring: KeyRing) -> Found:
    """Read what is there and check that it can become what is wanted; writes nothing.

    Raises:
        ChipMismatchError: the card carries another number.
        ChipKeyError: the application has keys that are not ours.
        ChipUnsuitableError: it is laid out otherwise.
    """
    before = link.selected
    if not applications.select(link, wanted.app.aid):
        # Whether the card itself is selected now, or still what was, is not said: it is known only where both are one.
        link.selected = PICC if before == PICC else None
        return Found()
    _check_number(link, wanted)
    layout = _layout(link, wanted.app)
    held = {0: _find_key(link, wanted, ring, 0)}
    check_uid(link, wanted.uid)
    if layout is None:
        layout = _layout(link, wanted.app, with_key=True) or {}
    contents: dict[int, bytes] = {}
    for key in wanted.app.keys:
        if key.number:
            held[key.number] = _find_key(link, wanted, ring, key.number)
        for file in wanted.app.files:
            if file.number in layout and (0 if file.free_read else file.read_key) == key.number:
                size = layout[file.number].size
                contents[file.number] = read_data(link, file.number, size, mode_for(link, file, writing=False))
    _check_owner(wanted, contents)
    return Found(True, held, contents)


def survey_card(
    link: DesfireLink, spec: CardKeySpec | None, ring: KeyRing, missing: tuple[Wanted, ...], *, uid: bytes
) -> FoundCard:
    """Look at the card itself: may applications be created, is there room for those ``missing``; writes nothing.

    Afterwards the card's master key is authenticated where the profile has one.

    Raises:
        ChipUnsuitableError: there is no room, or the card is locked with a master key that is not ours.
        ChipMismatchError: its UID is not ``uid``.
    """
    # On a blank card nothing else was ever selected, and selecting costs a command.
    if link.selected != PICC:
        applications.select(link)
    found = FoundCard() if spec is None else FoundCard(_find_card_key(link, spec, ring))
    if spec is not None:
        check_uid(link, uid)
    try:
        settings = get_key_settings(link).settings if spec is None or spec.settings is not None else None
    except ChipRefusedError as error:
        raise ChipUnsuitableError(LOCKED) from error
    if settings is not None and _is_shut(settings, spec, found.key, ring, missing=bool(missing)):
        raise ChipUnsuitableError(LOCKED)
    if missing:
        _check_room(link, missing)
    return FoundCard(found.key, settings)


def _is_shut(settings: int, spec: CardKeySpec | None, key: Key | None, ring: KeyRing, *, missing: bool) -> bool:
    """Say whether the card's settings forbid what is to come; they were asked for where that costs nothing more."""
    allowed = KeySettingBit(settings & 0x0F)
    if spec is None:
        return missing and KeySettingBit.FREE_CREATION not in allowed
    new_key = KeySettingBit.MASTER_CHANGEABLE not in allowed and key != ring.key(spec, None)
    return new_key or (KeySettingBit.SETTINGS_CHANGEABLE not in allowed and settings != spec.settings)


def check_uid(link: DesfireLink, uid: bytes) -> None:
    """Have the chip say its UID inside the session, and raise ChipMismatchError when it is not the one read before.

    What the reader said at first could come from anywhere; this comes from the chip that knows the key.
    """
    if applications.get_card_uid(link) != uid:
        raise ChipMismatchError(_SWAPPED)


def fits(spec: FileSpec, found: FileSettings) -> bool:
    """Say whether a file is laid out as ``spec`` wants it; whose size is "exact" may have any."""
    size = spec.size is None or spec.size == found.size
    return (found.kind, found.mode, found.rights, found.more_rights) == (spec.kind, spec.mode, spec.rights, ()) and size


def mode_for(link: DesfireLink, file: FileSpec, *, writing: bool) -> CommMode:
    """Return how a file's data travels now: plain where no key is needed and the key in use does not give the right."""
    right = file.rights.write if writing else file.rights.read
    given = link.authenticated in (right, file.rights.read_write)
    return file.mode if link.authenticated is not None and given else CommMode.PLAIN


def _find_key(link: DesfireLink, wanted: Wanted, ring: KeyRing, number: int) -> Key:
    """Return the key that the application has now, authenticated: ours, one of ours from before, or the default."""
    app = wanted.app
    ours, default = wanted.keys[number], default_key(app.key_type)
    # Asked for free, it tells which key to try: each wrong one costs two commands.
    version = get_key_version(link, number)
    choices = [ours] if version == ours.version else []
    if version not in (0, ours.version):
        choices = list(ring.older(app.keys[number], app, version))
    if version == 0 or number == 0:
        choices += [default] if version else [default, ours]
    for key in choices:
        try:
            authenticate(link, number, key, scheme=app.messaging if app.key_type is KeyKind.AES128 else None)
        except ChipKeyError:
            continue
        return key
    # The master key is ours and this one claims our version, so it was made from another card's number: the card was
    # pulled before that number was written.
    if number and version == ours.version:
        raise ChipUnsuitableError(_BEGUN, _BEGUN_TODO, key=number)
    raise ChipKeyError(key=number, version=version)


def _find_card_key(link: DesfireLink, spec: CardKeySpec, ring: KeyRing) -> Key:
    for key in card_keys(spec, ring):
        try:
            authenticate(link, 0, key, scheme=Scheme.EV1)
        except ChipKeyError:
            continue
        except ChipRefusedError as error:
            raise ChipUnsuitableError(LOCKED) from error
        return key
    raise ChipUnsuitableError(LOCKED)


def card_keys(spec: CardKeySpec, ring: KeyRing) -> Iterator[Key]:
    """Yield what the card's own master key may be, the likeliest first; each is made only when it is asked for."""
    yield FACTORY_KEY
    yield ring.key(spec, None)
    # A card that was made ready for AES by somebody and given no key of its own is as blank as any.
    yield default_key(KeyKind.AES128)
    yield from ring.older(spec, None)


def _layout(link: DesfireLink, app: ApplicationSpec, *, with_key: bool = False) -> dict[int, FileSettings] | None:
    """Return the files' settings; ``None`` where that needs a key."""
    try:
        found = get_key_settings(link)
        numbers = get_file_ids(link)
        settings = {number: get_file_settings(link, number) for number in numbers}
    except ChipRefusedError as error:
        if not with_key and not app.key_settings & 0x02 and error.sw & 0xFF in NEEDS_KEY:
            return None
        raise ChipUnsuitableError(_FOREIGN, aid=app.name) from error
    same = (found.settings, found.keys, found.kind) == (app.key_settings, len(app.keys), app.key_type)
    specs = {file.number: file for file in app.files}
    if not same or any(number not in specs or not fits(specs[number], settings[number]) for number in numbers):
        raise ChipUnsuitableError(_FOREIGN, aid=app.name)
    return settings


def _check_number(link: DesfireLink, wanted: Wanted) -> None:
    """Read the card number where anybody may, before any key is tried: it tells whose card this is."""
    for file in wanted.app.files:
        if not (file.is_escn and file.free_read):
            continue
        ours = wanted.contents[file.number]
        try:
            found = read_data(link, file.number, len(ours))
        except ChipRefusedError:
            continue  # not there yet, or laid out otherwise: the next look tells
        if _may_be_ours(found, ours):
            continue
        number = escn_on_chip(found)
        if number is not None:
            raise ChipMismatchError(_OTHER_NUMBER, _OTHER_NUMBER_TODO, escn=number)


def _check_owner(wanted: Wanted, contents: Mapping[int, bytes]) -> None:
    """Compare what follows from the card number alone, and so never changes, where only a key reads it."""
    for file in wanted.app.files:
        found, ours = contents.get(file.number), wanted.contents.get(file.number)
        if file.free_read or not file.is_of_number or found is None or ours is None:
            continue
        if len(found) == len(ours) and not _may_be_ours(found, ours):
            raise ChipMismatchError(_OTHER_OWNER, _OTHER_OWNER_TODO)


def _may_be_ours(found: bytes, ours: bytes) -> bool:
    """Say whether a write of ours that was cut short may have left this: some of our bytes, and zeros."""
    return all(there in (0, want) for there, want in zip(found, ours, strict=True))


def check_room_for_files(link: DesfireLink, wanted: Wanted, found: Found) -> None:
    """Check that an application that is there can have the files that it lacks, or that need another length.

    A file that is deleted gives nothing back, so one whose new content has no room must not be deleted.

    Raises:
        ChipUnsuitableError: there is no room; nothing was written.
    """
    lacking = [file for file in wanted.app.files if wanted.needs_new(file, found.contents.get(file.number))]
    if not lacking:
        return
    applications.select(link)
    try:
        _need_free(link, sum(_room_of(wanted, file) for file in lacking))
    except ChipRefusedError as error:
        if error.sw & 0xFF not in NEEDS_KEY:
            raise  # else a locked card keeps it to itself, and has the last word later


def _check_room(link: DesfireLink, missing: tuple[Wanted, ...]) -> None:
    needed = 0
    for wanted in missing:
        needed += _BLOCK * (1 + len(wanted.app.keys)) + sum(_room_of(wanted, file) for file in wanted.app.files)
    try:
        _need_free(link, needed)
    except ChipRefusedError as error:
        if error.sw & 0xFF in NEEDS_KEY:
            raise ChipUnsuitableError(LOCKED) from error
        raise


def _room_of(wanted: Wanted, file: FileSpec) -> int:
    size = len(wanted.contents.get(file.number, b"")) if file.size is None else file.size
    # A backup file has a mirror of the same size (DESFire EV1 data sheet, CreateBackupDataFile).
    copies = 2 if file.kind is FileKind.BACKUP else 1
    return _BLOCK + copies * -(-size // _BLOCK) * _BLOCK


def _need_free(link: DesfireLink, needed: int) -> None:
    free = applications.free_memory(link)
    if free < needed:
        raise ChipUnsuitableError(_TOO_FULL, free=free, needed=needed)


_FOREIGN = N_("This card can't be used here: it has an application {aid} already, and it is laid out otherwise.")
NO_ROOM = N_("This card can't be used here: there is not enough room on its chip.")
LOCKED = N_("This card can't be used here: it is locked with a master key, and takes nothing new without it.")
_TOO_FULL = N_(
    "This card can't be used here: there is not enough room on its chip ({free} bytes free, {needed} needed)."
)
_OTHER_NUMBER = N_("This card already carries another card number: {escn}.")
_OTHER_OWNER = N_("This card already carries the data of another card number.")
_OTHER_OWNER_TODO = N_(
    "Put the right card on the reader, or take a blank one from the stock. IT can erase this one. "
    "Nothing was written on it."
)
_BEGUN = N_("This card was begun with another number and never finished.")
_BEGUN_TODO = N_("Take another blank card. IT can erase this one; then it is as good as new. Nothing was written now.")
_SWAPPED = N_("The card on the reader is no longer the one that was there at first.")
_OTHER_NUMBER_TODO = N_(
    "Put the right card on the reader, or take a blank one from the stock. Nothing was written on this one."
)
