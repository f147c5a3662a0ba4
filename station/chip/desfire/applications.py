"""Commands about the card and its applications."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.apdu import DesfireStatus
from station.chip.desfire.link import DesfireLink, Native, refusal
from station.chip.desfire.model import AES_KEYS, ISO_IDS, PICC, KeySettings, Protection, Version
from station.domain.errors import N_, ChipError

UID_LENGTH = 7


@dataclass(frozen=True, slots=True)
class NewApplication:
    """What CreateApplication takes; ``aid`` is 3 bytes, low byte first; all keys are AES."""

    aid: bytes
    settings: int
    keys: int
    iso_fid: int | None = None
    df_name: bytes = b""


def get_version(link: DesfireLink) -> Version:
    """Return what kind of chip this is."""
    return Version.parse(link.send(Native(0x60)))


def select(link: DesfireLink, aid: bytes = PICC) -> bool:
    """Select an application, and say whether it is there; the session ends.

    Raises:
        ChipRefusedError: the card refused for another reason.
    """
    answer = link.bare(0x5A, aid)
    if answer.status == DesfireStatus.OK:
        return True
    if answer.status == DesfireStatus.APPLICATION_NOT_FOUND:
        return False
    raise refusal(0x5A, answer.status)


def create_application(link: DesfireLink, new: NewApplication) -> None:
    """Create an application, with all keys zero; the card itself must be selected."""
    kinds = AES_KEYS | new.keys | (ISO_IDS if new.iso_fid is not None else 0)
    header = new.aid + bytes((new.settings, kinds))
    if new.iso_fid is not None:
        header += new.iso_fid.to_bytes(2, "little") + new.df_name
    link.send(Native(0xCA, header))


def get_key_settings(link: DesfireLink) -> KeySettings:
    """Return the key settings of what is selected."""
    data = _exactly(link.send(Native(0x45)), 2)
    return KeySettings(data[0], data[1] & 0x0F, bool(data[1] & AES_KEYS))


def free_memory(link: DesfireLink) -> int:
    """Return how many bytes are free on the card."""
    return int.from_bytes(_exactly(link.send(Native(0x6E)), 3), "little")


def get_application_ids(link: DesfireLink) -> tuple[bytes, ...]:
    """Return the ids (3 bytes, low byte first) of all applications; the card itself must be selected."""
    data = link.send(Native(0x6A))
    return tuple(data[i : i + 3] for i in range(0, len(data) - 2, 3))


def get_card_uid(link: DesfireLink) -> bytes:
    """Return the real UID, also of a card that shows a random one; a key must be authenticated."""
    return link.send(Native(0x51, received=Protection.FULL, length=UID_LENGTH))


def _exactly(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise ChipError(N_("The chip gave a senseless answer ({length} bytes)."), length=len(data))
    return data
