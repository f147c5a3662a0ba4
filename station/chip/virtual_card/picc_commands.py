"""Native commands about the card and its applications (DESFire data sheets, PICC and application level)."""

from __future__ import annotations

from station.chip.virtual_card.body import FREE, NEVER, Body, Command, Reply
from station.chip.virtual_card.ciphers import AES, KEY_BYTES, TDES, TDES3, CardKey
from station.chip.virtual_card.memory import PICC_AID, CardApplication, KeySets
from station.chip.virtual_card.messaging import Mode
from station.chip.virtual_card.originality import signature
from station.chip.virtual_card.status import (
    AUTHENTICATION,
    COUNT,
    DENIED,
    DUPLICATE,
    ILLEGAL,
    LENGTH,
    NO_APPLICATION,
    NO_MEMORY,
    PARAMETER,
    SIGNED,
    Refusal,
)

_MOST_KEYS = 14
_KINDS = {0x00: TDES, 0x40: TDES3, 0x80: AES}
KIND_BITS = {kind: bits for bits, kind in _KINDS.items()}
_BATCH = bytes.fromhex("BA54B05A20")
_WEEK_AND_YEAR = bytes.fromhex("2624")
_GET_UID, _CHANGE_SETTINGS, _READ_SIGNATURE = 0x51, 0x54, 0x3C


def get_version(body: Body, _: bytes) -> Reply:
    """60: hardware, software, and the UID with batch and date; a card with a random UID shows zeros."""
    kind = body.memory.model
    uid = bytes(7) if body.memory.random_uid else body.memory.uid
    return Reply((kind.hardware, kind.software, uid + _BATCH + _WEEK_AND_YEAR))


def select(body: Body, data: bytes) -> Reply:
    """5A: select an application, or the card itself by 000000; a second one, shared, is not supported."""
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
    """CA: AID, key settings, kind and number of keys; key sets (EV2); ISO ids: file id and name of the directory."""
    _need_picc(body, free_bit=0x04)
    aid, settings, kinds = data[:3], data[3], data[4]
    count = kinds & 0x0F
    if aid == PICC_AID or count > _MOST_KEYS or kinds & 0xC0 not in _KINDS:
        raise Refusal(PARAMETER)
    sets, iso = _key_sets(data[5:]) if kinds & 0x10 and body.memory.model.second_generation else (None, data[5:])
    if len(iso) == 1 or len(iso) > 18:
        raise Refusal(LENGTH)
    kind, default = _KINDS[kinds & 0xC0], body.memory.default_key
    keys = [CardKey(kind, default.value[: KEY_BYTES[kind]], default.version) for _ in range(count)]
    fid = int.from_bytes(iso[:2], "little") if iso else None
    _install(body, CardApplication(aid, settings, kind, keys, fid, bytes(iso[2:]), bool(kinds & 0x20), key_sets=sets))
    return Reply()


def _key_sets(data: bytes) -> tuple[KeySets | None, bytes]:
    """Return the key sets that KeySett3 and its followers ask for, and what comes after them."""
    if not data:
        raise Refusal(LENGTH)
    if not data[0] & 0x01:
        return None, data[1:]
    if len(data) < 5:
        raise Refusal(LENGTH)
    version, most, biggest, settings = data[1:5]
    if not 2 <= most <= 16 or biggest not in (16, 24):
        raise Refusal(PARAMETER)
    return KeySets(most, biggest, settings, version), data[5:]


def _install(body: Body, app: CardApplication) -> None:
    memory = body.memory
    for other in memory.applications.values():
        same_fid = app.iso_fid is not None and other.iso_fid == app.iso_fid
        if other.aid == app.aid or same_fid or (app.df_name and other.df_name == app.df_name):
            raise Refusal(DUPLICATE)
    most = memory.model.most_applications
    if most is not None and len(memory.applications) >= most:
        raise Refusal(COUNT)
    if memory.free < app.cost:
        raise Refusal(NO_MEMORY)
    memory.applications[app.aid] = app
    body.touch()


def delete_application(body: Body, data: bytes) -> Reply:
    """DA: with the card's master key, or with the application's own where applications are free to be made.

    Its memory is lost until the card is formatted; since EV2 that of the newest application is given back.
    """
    memory = body.memory
    if data not in memory.applications:
        raise Refusal(NO_APPLICATION)
    app = memory.applications[data]
    own = body.selected is app and memory.picc.settings & 0x04
    if not (own or body.on_picc) or body.key_no != 0:
        raise Refusal(AUTHENTICATION)
    newest = next(reversed(memory.applications.values()))
    if app is not newest or not memory.model.second_generation:
        memory.lost += app.cost
    del memory.applications[data]
    if body.selected is app:
        body.select(memory.picc)
    body.touch()
    return Reply()


def application_ids(body: Body, _: bytes) -> Reply:
    """6A: all application ids, as many whole ones as fit in a frame."""
    _need_picc(body, free_bit=0x02)
    ids, some = list(body.memory.applications), body.memory.model.answer_bytes // 3
    return Reply(tuple(b"".join(ids[i : i + some]) for i in range(0, len(ids), some)) or (b"",))


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
    return Reply((body.memory.free.to_bytes(3, "little"),))


def format_picc(body: Body, _: bytes) -> Reply:
    """FC: applications and files are gone, keys and settings of the card stay; with its master key only."""
    _need_picc(body, free_bit=0)
    if body.memory.format_disabled:
        raise Refusal(DENIED)
    body.memory.applications.clear()
    body.memory.lost = 0
    body.touch()
    return Reply()


def card_uid(body: Body, wire: bytes) -> Reply:
    """51: the real UID, enciphered; any key will do, but there must be one."""
    if body.session is None:
        raise Refusal(AUTHENTICATION)
    body.request(_GET_UID, wire, Mode.MANAGED, range(1))
    return body.answer(body.memory.uid, Mode.FULL)


def read_signature(body: Body, wire: bytes) -> Reply:
    """3C: the originality signature over the UID: of this program's test key, never of NXP's."""
    address = body.request(_READ_SIGNATURE, wire, Mode.MANAGED, range(1, 2))
    if address != b"\x00":
        raise Refusal(PARAMETER)
    return body.answer(signature(body.memory.uid), Mode.FULL, SIGNED)


def key_settings(body: Body, _: bytes) -> Reply:
    """45: the settings byte; kind and number of keys; how many key sets, of which kind, if there are any."""
    app = body.selected
    if not app.settings & 0x02 and body.key_no != 0:
        raise Refusal(AUTHENTICATION)
    data = bytes((app.settings, KIND_BITS[app.kind] | len(app.keys)))
    if app.key_sets is not None:
        sets = app.key_sets
        data += bytes((0x01, sets.active_version, sets.most, sets.biggest, sets.settings))
    return Reply((data,))


def change_key_settings(body: Body, wire: bytes) -> Reply:
    """54: one enciphered byte, with key 0, where the settings are not frozen."""
    body.need_key(0)
    if not body.selected.settings & 0x08:
        raise Refusal(DENIED)
    body.selected.settings = body.receive(_CHANGE_SETTINGS, b"", wire, Mode.FULL, 1)[0]
    body.touch()
    return body.answer()


def _need_picc(body: Body, *, free_bit: int) -> None:
    if not body.on_picc:
        raise Refusal(ILLEGAL)
    if not body.memory.picc.settings & free_bit and body.key_no != 0:
        raise Refusal(AUTHENTICATION)


def change_right(app: CardApplication, number: int) -> int:
    """Return which key may change key ``number``: a key number, or ``NEVER``."""
    if number == 0:
        return 0 if app.settings & 0x01 else NEVER
    right = app.settings >> 4
    if right == FREE:
        return number
    # The key that changes the others is changed with the master key.
    return 0 if right == number else right


EVERY = {
    0x60: Command(get_version),
    _READ_SIGNATURE: Command(read_signature, managed=False, lengths=range(1, 10)),
    _GET_UID: Command(card_uid, managed=False, lengths=range(9)),
}
APPLICATIONS = {
    0x5A: Command(select, managed=False, lengths=range(3, 4)),
    0xCA: Command(create_application, lengths=range(5, 29)),
    0xDA: Command(delete_application, lengths=range(3, 4)),
    0x6A: Command(application_ids),
    0x6D: Command(df_names),
    0x6E: Command(free_memory),
    0xFC: Command(format_picc),
    0x45: Command(key_settings),
    _CHANGE_SETTINGS: Command(change_key_settings, managed=False, lengths=range(1, 25)),
}
