"""The first look at the card on the reader: is it the kind of chip that the profile needs, and which one is it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from station.chip.apdu import ResponseApdu, Transmit
from station.chip.desfire.applications import get_version
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import Version
from station.chip.identify import GET_UID, Identity, identify
from station.chip.processors import LONG_FRAME_DATA
from station.chip.profiles import ChipProfile
from station.domain.errors import N_, ChipError, ChipRefusedError, ChipUnsuitableError
from station.ports.chip import ChipConnection, traits_of

_NXP = 0x04
# The first DESFire has no AES, the Light no room for applications of ours.
_TOO_SMALL = ("MF3ICD40", "Light")
_GENERATIONS = {"EV1": 0x01, "EV2": 0x12, "EV3": 0x33}


def within_reader(profile: ChipProfile, connection: ChipConnection) -> ChipProfile:
    """Return the profile with short frames where the reader is known to take no others; what is written is the same."""
    if profile.frames == "short" or not traits_of(connection).refuses_long_frames:
        return profile
    return profile.model_copy(update={"frames": "short"})


def look_at(transmit: Transmit, atr: bytes) -> Identity:
    """Return what chip lies on the reader, of whatever kind, as long as it can be told from others.

    Raises:
        ChipUnsuitableError: it tells no UID, or another one each time.
    """
    chip = identify(transmit, atr)
    if not chip.uid:
        raise ChipUnsuitableError(_NO_UID, kind=chip.kind)
    if chip.random_uid:
        raise ChipUnsuitableError(_RANDOM_UID)
    return chip


def desfire_on(transmit: Transmit, atr: bytes, profile: ChipProfile) -> tuple[DesfireLink, bytes]:
    """Return the way to the DESFire on the reader, and its UID as far as it is shown (4 bytes for a random one).

    Where the profile is content with any DESFire from EV1 on, the reader is asked for the UID, which costs one command
    instead of three; what the chip is turns out by what it answers next, and it confirms its UID under its own key.

    Raises:
        ChipUnsuitableError: it is of an older generation than the profile asks for, or tells no UID.
    """
    link = DesfireLink(transmit)
    if profile.generation == "EV1":
        uid = _reader_uid(transmit)
        # Some readers turn the bytes round. One that can be read both ways, or is none of NXP's, is asked for again.
        if len(uid) == 7 and uid[0] == _NXP and uid[-1] != _NXP:
            return link, uid
    chip = _versioned(link) or identify(transmit, atr)
    if chip.version is None:
        raise ChipUnsuitableError(_NO_DESFIRE, kind=chip.kind, wanted=profile.generation)
    _check_generation(chip.version, profile)
    if not any(chip.uid):
        raise ChipUnsuitableError(_NO_UID, kind=chip.kind)
    if profile.frames == "long" and chip.version.has_long_frames:
        link.frame_data = LONG_FRAME_DATA
    return link, chip.uid


def is_random(uid: bytes) -> bool:
    """Say whether a chip hides its UID behind this number (ISO 14443-3: four bytes, 08 first)."""
    return Identity(uid, "").random_uid


@contextmanager
def explained_by_kind(transmit: Transmit, atr: bytes) -> Iterator[None]:
    """Tell what the chip is where it does not do what every DESFire EV1 does; nothing was written by then."""
    try:
        yield
    except ChipError as error:
        # Errors with a meaning of their own have told more than the chip's kind would.
        if type(error) not in (ChipError, ChipRefusedError):
            raise
        try:
            chip = identify(transmit, atr)
        except ChipError:
            raise error from None
        if chip.version is None or chip.version.generation in _TOO_SMALL:
            raise ChipUnsuitableError(_NO_DESFIRE, kind=chip.kind, wanted="EV1") from error
        raise


def _versioned(link: DesfireLink) -> Identity | None:
    """Return the chip by its own word alone; ``None`` where it does not speak, or hides its UID."""
    try:
        version = get_version(link)
    except ChipError:
        return None
    return Identity(version.uid, version.name, version) if version.is_desfire and any(version.uid) else None


def _check_generation(version: Version, profile: ChipProfile) -> None:
    old = not version.is_light and version.major < _GENERATIONS[profile.generation]
    if version.generation in _TOO_SMALL or old:
        raise ChipUnsuitableError(_NO_DESFIRE, kind=version.name, wanted=profile.generation)


def _reader_uid(transmit: Transmit) -> bytes:
    try:
        answer = ResponseApdu.parse(transmit(GET_UID))
    except ChipError:
        return b""
    return answer.data if answer.ok else b""


_NO_DESFIRE = N_("This card can't be used here: it needs a DESFire {wanted} or newer, and this is: {kind}.")
_NO_UID = N_("This card can't be used here: its chip doesn't tell a UID ({kind}).")
_RANDOM_UID = N_("This card can't be used here: its chip shows another UID each time.")
