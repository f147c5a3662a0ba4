"""Native commands about the card and its applications (DESFire EV1 data sheet, PICC and application level)."""

from __future__ import annotations

from station.chip.virtual_card.body import FREE, NEVER, Body, Command, Reply
from station.chip.virtual_card.ciphers import AES, KEY_BYTES, TDES, TDES3, CardKey
from station.chip.virtual_card.memory import APPLICATION_COST, PICC_AID, CardApplication
from station.chip.virtual_card.status import (
    AUTHENTICATION,
    COUNT,
    DUPLICATE,
    ILLEGAL,
    LENGTH,
    NO_APPLICATION,
    NO_MEMORY,
    PARAMETER,
    Refusal,
)

_MOST_APPLICATIONS = 28
_MOST_KEYS = 14
_KINDS = {0x00: TDES, 0x40: TDES3, 0x80: AES}
KIND_BITS = {kind: bits for bits, kind in _KINDS.items()}
# GetVersion of an EV1 with 8 KB: vendor NXP, type DESFire, version 1.0 (hardware) and 1.4 (software), protocol 5.
_HARDWARE = bytes.fromhex("04010101001A05")
_SOFTWARE = bytes.fromhex("04010101041A05")
_BATCH = bytes.fromhex("BA54B05A20")
_WEEK_AND_YEAR = bytes.fromhex("2624")


def get_version(body: Body, _: bytes) -> Reply:
    """60: hardware, software, and the UID with batch and date; a card with a random UID shows zeros."""
    uid = bytes(7) if body.memory.random_uid else body.memory.uid
    return Reply((_HARDWARE, _SOFTWARE, uid + _BATCH + _WEEK_AND_YEAR))


def select(body: Body, data: bytes) -> Reply:
    """5A: select an application, or the card itself by 000000."""
    if data == PICC_AID:
        body.select(body.memory.picc)
    elif data in body.memory.applications:
        body.select(body.memory.applications[data])
    else:
        # A failed selection leaves the card itself selected, and nobody authenticated.
        body.select(body.memory.picc)
        raise Refusal(NO_APPLICATION)
    return Reply()


def create_application(body: Body, data: bytes) -> Reply:
    """CA: AID, key settings, kind and number of keys; with ISO ids: file id and name of the directory."""
    _need_picc(body, free_bit=0x04)
    aid, settings, kinds = data[:3], data[3], data[4]
    iso = data[5:]
    count = kinds & 0x0F
    if aid == PICC_AID or count > _MOST_KEYS or kinds & 0xC0 not in _KINDS:
        raise Refusal(PARAMETER)
    if len(iso) == 1:
        raise Refusal(LENGTH)
    fid = int.from_bytes(iso[:2], "little") if iso else None
    name = bytes(iso[2:])
    for other in body.memory.applications.values():
        if other.aid == aid or (fid is not None and other.iso_fid == fid) or (name and other.df_name == name):
            raise Refusal(DUPLICATE)
    if len(body.memory.applications) >= _MOST_APPLICATIONS:
        raise Refusal(COUNT)
    if body.memory.free < APPLICATION_COST:
        raise Refusal(NO_MEMORY)
    kind = _KINDS[kinds & 0xC0]
    default = body.memory.default_key
    keys = [CardKey(kind, default.value[: KEY_BYTES[kind]], default.version) for _ in range(count)]
    app = CardApplication(aid, settings, kind, keys, fid, name, bool(kinds & 0x20))
    body.memory.applications[aid] = app
    body.touch()
    return Reply()


def delete_application(body: Body, data: bytes) -> Reply:
    """DA: with the card's master key, or with the application's own where its deletion is free."""
    if data not in body.memory.applications:
        raise Refusal(NO_APPLICATION)
    app = body.memory.applications[data]
    own = body.selected is app and body.key_no == 0
    if not own and not (body.on_picc and (body.key_no == 0 or body.memory.picc.settings & 0x04)):
        raise Refusal(AUTHENTICATION)
    del body.memory.applications[data]
    if body.selected is app:
        body.select(body.memory.picc)
    body.touch()
    return Reply()


def application_ids(body: Body, _: bytes) -> Reply:
    """6A: all application ids, 19 in the first frame."""
    _need_picc(body, free_bit=0x02)
    ids = list(body.memory.applications)
    frames = tuple(b"".join(ids[i : i + 19]) for i in range(0, len(ids), 19))
    return Reply(frames or (b"",))


def df_names(body: Body, _: bytes) -> Reply:
    """6D: AID, file id and name of each application that has an ISO name, one a frame."""
    _need_picc(body, free_bit=0x02)
    named = [
        app.aid + (app.iso_fid or 0).to_bytes(2, "little") + app.df_name
        for app in body.memory.applications.values()
        if app.df_name
    ]
    return Reply(tuple(named) or (b"",))


def free_memory(body: Body, _: bytes) -> Reply:
    """6E: three bytes, low one first."""
    return Reply.of(body.memory.free.to_bytes(3, "little"))


def format_picc(body: Body, _: bytes) -> Reply:
    """FC: everything but the card's own key is gone; with its master key only."""
    _need_picc(body, free_bit=0)
    if not body.memory.picc.settings & 0x08:
        raise Refusal(AUTHENTICATION)
    body.memory.applications.clear()
    body.touch()
    return Reply()


def card_uid(body: Body, data: bytes) -> Reply:
    """51: the real UID, enciphered; any key will do, but there must be one."""
    if body.session is None:
        raise Refusal(AUTHENTICATION)
    body.session.take_plain(0x51, data)
    return Reply.of(body.session.give_enciphered(body.memory.uid))


def key_settings(body: Body, _: bytes) -> Reply:
    """45: the settings byte; kind and number of keys."""
    app = body.selected
    if not app.settings & 0x02 and body.key_no != 0:
        raise Refusal(AUTHENTICATION)
    return Reply.of(bytes([app.settings, KIND_BITS[app.kind] | len(app.keys)]))


def change_key_settings(body: Body, data: bytes) -> Reply:
    """54: one enciphered byte, with key 0, where the settings are not frozen."""
    session = body.need_key(0)
    if not body.selected.settings & 0x08:
        raise Refusal(AUTHENTICATION)
    body.selected.settings = session.take_enciphered(0x54, b"", data, 1)[0]
    body.touch()
    return Reply.of(session.give(b""))


def _need_picc(body: Body, *, free_bit: int) -> None:
    if not body.on_picc:
        raise Refusal(ILLEGAL)
    if not body.memory.picc.settings & free_bit and body.key_no != 0:
        raise Refusal(AUTHENTICATION)


def change_right(app: CardApplication, number: int) -> int:
    """Return which key may change key ``number``: a key number, ``FREE`` for the key itself, ``NEVER`` for none."""
    if number == 0:
        return 0 if app.settings & 0x01 else NEVER
    right = app.settings >> 4
    return number if right == FREE else right


COMMANDS = {
    0x60: Command(get_version),
    0x5A: Command(select, plain=False, lengths=range(3, 4)),
    0xCA: Command(create_application, lengths=range(5, 24)),
    0xDA: Command(delete_application, lengths=range(3, 4)),
    0x6A: Command(application_ids),
    0x6D: Command(df_names),
    0x6E: Command(free_memory),
    0xFC: Command(format_picc),
    0x51: Command(card_uid, plain=False),
    0x45: Command(key_settings),
    0x54: Command(change_key_settings, plain=False, lengths=range(8, 17)),
}
