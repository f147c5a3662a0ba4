"""Words for what a DESFire tells in numbers: applications, rights, modes, kinds (DESFire EV1 data sheet)."""

from __future__ import annotations

from station.chip.desfire.model import AccessRights, CommMode, FileKind, FileSettings, KeySettings, Right
from station.domain.errors import N_
from station.domain.message import Message
from station.ports.secrets import KeyKind

_REGISTERED = 0xF
# Ids as people write them. The first four are in use on student cards; NDEF by the NFC Forum's Type 4 tag and its
# mapping of version 1; FFFFFF by NXP AN10787.
APPLICATIONS = {
    "F58840": N_("European Student Card (data zone)"),
    "F58540": N_("Crous / Izly (payment)"),
    "F585C0": N_("access control"),
    "F585C1": N_("access control"),
    "000001": N_("NDEF message (Type 4 tag)"),
    "EEEE10": N_("NDEF message (Type 4 tag, version 1)"),
    "FFFFFF": N_("card issuer (MIFARE application directory)"),
}
_KINDS = {
    FileKind.STANDARD: N_("data file"),
    FileKind.BACKUP: N_("data file with backup"),
    FileKind.VALUE: N_("value file"),
    FileKind.LINEAR: N_("record file"),
    FileKind.CYCLIC: N_("cyclic record file"),
    FileKind.TRANSACTION_MAC: N_("transaction MAC file"),
}
_MODES = {
    CommMode.PLAIN: N_("in clear"),
    CommMode.MACED: N_("with a checksum that needs the key"),
    CommMode.FULL: N_("enciphered"),
}
_KEYS = {KeyKind.AES128: "AES-128", KeyKind.TDES2K: "DES / 2K3DES", KeyKind.TDES3K: "3K3DES"}
EVERYBODY, NOBODY = Message(N_("everybody")), Message(N_("nobody"))


def aid_text(aid: bytes) -> str:
    """Return an application id as people write it: high byte first."""
    return aid[::-1].hex().upper()


def application_name(aid: bytes) -> Message | str:
    """Return what an application is for, or what little its id tells (NXP AN10787: F, function cluster, code)."""
    text = aid_text(aid)
    if text in APPLICATIONS:
        return Message(APPLICATIONS[text])
    if int(text[0], 16) == _REGISTERED:
        return Message(N_("registered with NXP as {number}"), {"number": text[1:5]})
    return Message(N_("unknown application"))


def file_kind(kind: int) -> Message:
    """Return what a kind of file is called."""
    known = {int(each): text for each, text in _KINDS.items()}
    return Message(known[kind]) if kind in known else Message(N_("file of kind {number}"), {"number": kind})


def mode_name(mode: int) -> Message:
    """Return how data travels; a mode that is not one counts as plain."""
    return Message(_MODES[CommMode.PLAIN if mode == 0x02 else CommMode(mode)])


def key_kind(settings: KeySettings) -> str:
    """Return what kind of keys these are."""
    return _KEYS[settings.kind]


def who(*rights: int) -> Message:
    """Return who may do something that any of these rights allows."""
    if Right.FREE in rights:
        return EVERYBODY
    numbers = sorted({right for right in rights if right != Right.NEVER})
    if not numbers:
        return NOBODY
    if len(numbers) == 1:
        return Message(N_("key {number}"), {"number": numbers[0]})
    return Message(N_("one of the keys {numbers}"), {"numbers": ", ".join(map(str, numbers))})


def rights_in_words(settings: FileSettings) -> tuple[tuple[Message, Message], ...]:
    """Return what may be done with a file, and by whom."""
    sets = (settings.rights, *settings.more_rights)
    return (
        (Message(N_("May read")), who(*(right for each in sets for right in reading(each)))),
        (Message(N_("May write")), who(*(right for each in sets for right in (each.write, each.read_write)))),
        (Message(N_("May change these rights")), who(settings.rights.change)),
    )


def reading(rights: AccessRights) -> tuple[int, int]:
    """Return the two rights that allow to read."""
    return rights.read, rights.read_write


def settings_in_words(settings: KeySettings, *, card: bool) -> tuple[tuple[Message, Message], ...]:
    """Return what the key settings of the card, or of an application, allow and to whom."""
    bits = settings.settings
    master = Message(N_("key {number}"), {"number": 0})
    found = [
        (Message(N_("May list what is there")), EVERYBODY if bits & 0x02 else master),
        (
            Message(N_("May create applications")) if card else Message(N_("May create and delete files")),
            EVERYBODY if bits & 0x04 else master,
        ),
        (Message(N_("May change key 0")), master if bits & 0x01 else NOBODY),
        (Message(N_("May change these settings")), master if bits & 0x08 else NOBODY),
    ]
    if not card:
        itself = Message(N_("each key changes itself"))
        changing = itself if settings.change_key == Right.FREE else who(settings.change_key)
        found.append((Message(N_("May change the other keys")), changing))
    return tuple(found)
