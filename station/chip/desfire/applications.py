"""Commands about the applications of a card: what there is, how it is set, made and removed."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.apdu import SW, CommandApdu, DesfireStatus, status_name
from station.chip.desfire.link import DesfireLink, refusal
from station.chip.desfire.model import ISO_IDS, KEY_SETS, PICC, SENSELESS, KeySettings, Version
from station.chip.desfire.native import Native, Protection
from station.domain.errors import ChipError, ChipRefusedError
from station.ports.secrets import KeyKind

UID_LENGTH = 7
_KINDS = {KeyKind.TDES2K: 0x00, KeyKind.TDES3K: 0x40, KeyKind.AES128: 0x80}


@dataclass(frozen=True, slots=True)
class KeySets:
    """Further key sets of a new application, to be put in force at one stroke (EV2 and later)."""

    count: int
    roll_key: int = 0
    version: int = 0
    longest_key: int = 16
    """16 or 24 bytes: whether a set may be of 3K3DES keys."""


@dataclass(frozen=True, slots=True)
class NewApplication:
    """What CreateApplication takes; ``aid`` is 3 bytes, low byte first."""

    aid: bytes
    settings: int
    keys: int
    iso_fid: int | None = None
    df_name: bytes = b""
    kind: KeyKind = KeyKind.AES128
    key_sets: KeySets | None = None


@dataclass(frozen=True, slots=True)
class DfName:
    """An application as ISO 7816-4 calls it: its id (3 bytes), its ISO file id, and its name of up to 16 bytes."""

    aid: bytes
    iso_fid: int
    name: bytes


def get_version(link: DesfireLink) -> Version:
    """Return what kind of chip this is."""
    return Version.parse(link.send(Native(0x60)))


def select(link: DesfireLink, aid: bytes = PICC) -> bool:
    """Select an application, and say whether it is there; the session ends.

    Raises:
        ChipRefusedError: the card refused for another reason.
    """
    # A selection that fails does not lead back to the card itself; until the card agrees, nothing is selected.
    link.selected = None
    answer = link.bare(0x5A, aid)
    if answer.status == DesfireStatus.OK:
        link.selected = aid
        return True
    if answer.status == DesfireStatus.APPLICATION_NOT_FOUND:
        return False
    raise refusal(0x5A, answer.status)


def select_df_name(link: DesfireLink, name: bytes) -> bool:
    """Select an application by its ISO name, the only way on a Light, and say whether it is there; the session ends.

    Raises:
        ChipRefusedError: the card refused for another reason.
    """
    link.selected = None
    answer = link.iso(CommandApdu(0x00, 0xA4, 0x04, 0x0C, name))
    if answer.ok:
        return True
    if answer.sw == SW.NOT_FOUND:
        return False
    raise ChipRefusedError(sw=answer.sw, command="SELECT", detail=status_name(answer.sw))


def create_application(link: DesfireLink, new: NewApplication) -> None:
    """Create an application, with all keys zero (or the card's default key); the card itself must be selected."""
    link.send(Native(0xCA, new.aid + described(new)))


def described(new: NewApplication) -> bytes:
    """Return what CreateApplication says of an application after its id (DESFire EV2 data sheet, CreateApplication)."""
    kinds = _KINDS[new.kind] | new.keys
    kinds |= ISO_IDS if new.iso_fid is not None else 0
    kinds |= KEY_SETS if new.key_sets is not None else 0
    data = bytes((new.settings, kinds))
    if new.key_sets is not None:
        sets = new.key_sets
        data += bytes((0x01, sets.version, sets.count, sets.longest_key, sets.roll_key))
    if new.iso_fid is not None:
        data += new.iso_fid.to_bytes(2, "little") + new.df_name
    return data


def delete_application(link: DesfireLink, aid: bytes) -> None:
    """Delete an application with all that is in it; its memory is free again only after a format."""
    command = Native(0xDA, aid)
    if link.selected != aid:
        link.send(command)
        return
    # By its own master key: the session goes with the application, and nothing vouches for the answer any more.
    link.send_last(command)
    link.selected = PICC


def get_key_settings(link: DesfireLink) -> KeySettings:
    """Return the key settings of what is selected."""
    return KeySettings.parse(link.send(Native(0x45)))


def change_key_settings(link: DesfireLink, settings: int) -> None:
    """Change what the master key of the selected application, or of the card, is needed for."""
    link.send(Native(0x54, b"", bytes((settings,)), Protection.FULL))


def free_memory(link: DesfireLink) -> int:
    """Return how many bytes are free on the card."""
    return int.from_bytes(exactly(link.send(Native(0x6E)), 3), "little")


def get_application_ids(link: DesfireLink) -> tuple[bytes, ...]:
    """Return the ids (3 bytes, low byte first) of all applications; the card itself must be selected."""
    data = link.send(Native(0x6A))
    if len(data) % 3:
        raise ChipError(SENSELESS, length=len(data))
    return tuple(data[at : at + 3] for at in range(0, len(data), 3))


def get_df_names(link: DesfireLink) -> tuple[DfName, ...]:
    """Return the applications that have an ISO file id, one a frame; the card itself must be selected."""
    names = []
    for frame in link.send_frames(Native(0x6D)):
        if not frame:
            continue  # there are none, or only the MAC was in it
        # Three bytes of the id, two of the file id, and a name of at most 16 (ISO 7816-4).
        if not 5 <= len(frame) <= 21:
            raise ChipError(SENSELESS, length=len(frame))
        names.append(DfName(frame[:3], int.from_bytes(frame[3:5], "little"), frame[5:]))
    return tuple(names)


def get_card_uid(link: DesfireLink) -> bytes:
    """Return the real UID, also of a card that shows a random one; a key must be authenticated."""
    return exactly(link.send(Native(0x51, mode=Protection.FULL, length=UID_LENGTH)), UID_LENGTH)


def exactly(data: bytes, length: int) -> bytes:
    """Return ``data``, or raise ChipError when it has another length."""
    if len(data) != length:
        raise ChipError(SENSELESS, length=len(data))
    return data
