"""Prove a card: everything is read and compared, each key authenticated, its signature checked to a pinned root."""

from __future__ import annotations

from collections.abc import Mapping

from station.chip.carrying import use_key
from station.chip.desfire import applications
from station.chip.desfire.auth import authenticate
from station.chip.desfire.files import get_file_settings, read_data
from station.chip.desfire.keys import Key, default_key, get_key_version
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import FileSettings, KeySettingBit
from station.chip.desfire.session import Scheme
from station.chip.esc import escn_on_chip
from station.chip.profiles import ChipProfile, FileSpec
from station.chip.survey import FACTORY_KEY, card_keys, check_uid, fits, mode_for
from station.chip.wanted import KeyRing, Wanted
from station.domain.errors import N_, ChipKeyError, ChipMismatchError, ChipRefusedError, ChipUnsuitableError
from station.ports.secrets import KeyKind


def prove(link: DesfireLink, wanted: Wanted) -> None:
    """Read everything, compare it, and have the card prove each of its keys, as the one chip they were made for.

    Raises:
        ChipMismatchError: something is not as wanted.
        CertificateError: what is signed leads to no root that the profile pins.
    """
    if not applications.select(link, wanted.app.aid):
        raise ChipMismatchError(NO_NUMBER)
    app = wanted.app
    told: dict[int, FileSettings] = {}
    if not app.key_settings & KeySettingBit.FREE_LISTING:
        # How its files are set, such an application tells to its master key only.
        _prove_key(link, wanted, 0)
        told = {file.number: _settings(link, file) for file in app.files}
    found = {file.number: _read(link, file, wanted, told) for file in app.files if file.free_read}
    for key in app.keys:
        _prove_key(link, wanted, key.number)
        for file in app.files:
            if not file.free_read and file.read_key == key.number:
                found[file.number] = _read(link, file, wanted, told)
    # In the session of the last key: what says the UID is the chip that has just proved to know it.
    check_uid(link, wanted.uid)
    wanted.check_genuine(found)


def _prove_key(link: DesfireLink, wanted: Wanted, number: int) -> None:
    ours = wanted.keys[number]
    try:
        use_key(link, wanted.app, number, ours)
    except ChipKeyError as error:
        # A card whose keys are only of another version is told from one that has none of ours.
        version = _version(link, number)
        if version in (None, ours.version):
            raise ChipMismatchError(_COPY, key=number) from error
        places = {"key": number, "found": version, "wanted": ours.version}
        raise ChipMismatchError(_OTHER_VERSION, _OTHER_VERSION_TODO, **places) from error


def _version(link: DesfireLink, number: int) -> int | None:
    try:
        return get_key_version(link, number)
    except ChipRefusedError:
        return None  # there is no such key


def prove_card_key(link: DesfireLink, key: Key) -> None:
    """Have the card prove that its own master key is ``key``; raises ChipMismatchError when it is not."""
    applications.select(link)
    try:
        authenticate(link, 0, key, scheme=Scheme.EV1)
    except ChipKeyError as error:
        raise ChipMismatchError(_COPY, key=0) from error


def real_uid(link: DesfireLink, profile: ChipProfile, ring: KeyRing) -> bytes:
    """Return the UID of a card that shows a random one: it tells the real one to who knows one of its keys.

    A card of ours is asked with a key that was not made from the UID (as key 1 of the data zone, made from the card
    number); a blank one with the key that it has from the factory, and one that was begun with that of its application.

    Raises:
        ChipUnsuitableError: it knows none of these keys.
    """
    for app in profile.applications:
        if not applications.select(link, app.aid):
            continue
        for spec in (key for key in app.keys if not key.needs_uid):
            for key in (ring.key(spec, app), *ring.older(spec, app)):
                if _opens(link, spec.number, key):
                    return applications.get_card_uid(link)
        # One that was begun and pulled away has its first key still.
        if _opens(link, 0, default_key(app.key_type)):
            return applications.get_card_uid(link)
    applications.select(link)
    blank = (FACTORY_KEY, default_key(KeyKind.AES128))
    own = profile.card_key
    for key in blank if own is None or own.needs_uid else card_keys(own, ring):
        if _opens(link, 0, key):
            return applications.get_card_uid(link)
    raise ChipUnsuitableError(RANDOM_UID)


def _opens(link: DesfireLink, number: int, key: Key) -> bool:
    try:
        authenticate(link, number, key, scheme=Scheme.EV1)
    except (ChipKeyError, ChipRefusedError):
        return False
    return True


def _settings(link: DesfireLink, file: FileSpec) -> FileSettings:
    try:
        return get_file_settings(link, file.number)
    except ChipRefusedError as error:
        raise _missing(file) from error


def _missing(file: FileSpec) -> ChipMismatchError:
    return ChipMismatchError(NO_NUMBER if file.is_escn else _NOT_ALL, file=file.number)


def _read(link: DesfireLink, file: FileSpec, wanted: Wanted, told: Mapping[int, FileSettings]) -> bytes:
    settings = told.get(file.number) or _settings(link, file)
    try:
        content = read_data(link, file.number, settings.size, mode_for(link, file, writing=False))
    except ChipRefusedError as error:
        raise _missing(file) from error
    if not wanted.is_right(file, content):
        number = escn_on_chip(content) if file.is_escn else None
        if number is not None:
            raise ChipMismatchError(_OTHER_NUMBER, escn=number)
        raise ChipMismatchError(NO_NUMBER if file.is_escn else _OTHER_DATA, file=file.number)
    if not fits(file, settings):
        raise ChipMismatchError(_OTHER_RIGHTS, rights=str(settings.rights))
    return content


NO_NUMBER = N_("The card on the reader carries no card number.")
_NOT_ALL = N_("The card on the reader doesn't carry all that it should (file {file} is missing).")
_OTHER_DATA = N_("The card on the reader carries other data than the record says (file {file}).")
_OTHER_NUMBER = N_("The card on the reader carries another card number: {escn}.")
_OTHER_RIGHTS = N_("The card on the reader carries the right number, but not safely: its access rights are {rights}.")
_COPY = N_("The card on the reader carries the right number, but not the institution's keys: it may be a copy.")
_OTHER_VERSION = N_(
    "The card on the reader says that its keys are of version {found}, and the chip profile wants {wanted}."
)
_OTHER_VERSION_TODO = N_("Encode it again: then it gets the new keys. If that is refused, it may be a copy.")
RANDOM_UID = N_("This card can't be used here: its chip shows another UID each time.")
