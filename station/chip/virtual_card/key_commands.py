"""Native commands that change keys (DESFire data sheets; AN0945 for EV1, AN12343 for EV2)."""

from __future__ import annotations

from station.chip.virtual_card.body import NEVER, Body, Command, Reply
from station.chip.virtual_card.ciphers import AES, KEY_BYTES, TDES, TDES3, CardKey, checksum, checksum16
from station.chip.virtual_card.memory import KeySet, KeySets
from station.chip.virtual_card.messaging import D40Session, Ev2Session
from station.chip.virtual_card.picc_commands import change_right
from station.chip.virtual_card.status import (
    AUTHENTICATION,
    DENIED,
    ILLEGAL,
    INTEGRITY,
    LENGTH,
    NO_KEY,
    NO_MEMORY,
    PARAMETER,
    Refusal,
)

_CHANGE, _CHANGE_EV2 = 0xC4, 0xC6
# ChangeKey of the card's own key says by the two highest bits of the number what kind the new one is.
_PICC_KINDS = {0x00: TDES, 0x40: TDES3, 0x80: AES}


def key_version(body: Body, data: bytes) -> Reply:
    """64: the version byte of a key; with bit 6 (EV2) that of a key in the set that follows."""
    if not data[0] & 0x40:
        if len(data) != 1:
            raise Refusal(LENGTH)
        return Reply((bytes((body.key(data[0]).version,)),))
    sets = body.selected.key_sets
    if sets is None or len(data) != 2:
        raise Refusal(LENGTH)
    number, keys = data[0] & 0x3F, sets.others[data[1]].keys if data[1] in sets.others else []
    if number >= len(keys):
        raise Refusal(NO_KEY)
    return Reply((bytes((keys[number].version,)),))


def change_key(body: Body, wire: bytes) -> Reply:
    """C4: a new key, enciphered; one that is not the authenticated one comes XORed with the old."""
    header = wire[:1]
    number = header[0] & 0x3F if body.on_picc else header[0]
    old = body.key(number)
    # The card's own key alone may become one of another kind.
    kind = _PICC_KINDS.get(header[0] & 0xC0, AES) if body.on_picc and number == 0 else old.kind
    same = _may_change(body, number)
    new = _new_key(body, wire, 1, kind, None if same else old)
    if number in body.memory.extra_keys and body.on_picc:
        body.memory.extra_keys[number] = new
    else:
        body.selected.keys[number] = new
    if body.on_picc and number == 0:
        body.selected.kind = kind
    body.touch()
    return _changed(body, same=same)


def change_key_ev2(body: Body, wire: bytes) -> Reply:
    """C6: the same for a key of any key set; the set's number comes before the key's."""
    set_no, number = wire[0], wire[1]
    sets = body.selected.key_sets
    if set_no == 0:
        keys = body.selected.keys
    elif sets is not None and set_no in sets.others and not sets.others[set_no].ready:
        keys = sets.others[set_no].keys
    else:
        raise Refusal(PARAMETER)
    if number >= len(keys):
        raise Refusal(NO_KEY)
    same = _may_change(body, number) and set_no == 0
    keys[number] = _new_key(body, wire, 2, keys[number].kind, None if same else keys[number])
    body.touch()
    return _changed(body, same=same)


def _changed(body: Body, *, same: bool) -> Reply:
    if same:
        # The session lived on the key that is gone, and ends with a bare status.
        body.session = None
        return Reply()
    return body.answer()


def _may_change(body: Body, number: int) -> bool:
    """Refuse unless the key may be changed now; say whether it is the authenticated one."""
    if body.session is None:
        raise Refusal(AUTHENTICATION)
    right = 0 if body.on_picc else change_right(body.selected, number)
    if right == NEVER or (body.on_picc and number == 0 and not body.selected.settings & 0x01):
        raise Refusal(DENIED)
    body.need_key(right)
    return body.session.key_no == number


def _new_key(body: Body, wire: bytes, header: int, kind: str, xored_with: CardKey | None) -> CardKey:
    """Return the key that the enciphered part of ``wire`` brings, after its checksums were found right."""
    session = body.session
    if session is None:
        raise Refusal(AUTHENTICATION)
    ins = _CHANGE if header == 1 else _CHANGE_EV2
    clear = session.unseal(ins, wire[:header], wire[header:])
    length = KEY_BYTES[kind]
    end = length + (1 if kind == AES else 0)
    if isinstance(session, D40Session):
        crc, first = checksum16, checksum16(clear[:end])
    else:
        crc, first = checksum, checksum(bytes((ins,)) + wire[:header] + clear[:end])
    if isinstance(session, Ev2Session):
        first = b""  # the MAC has covered it
    value = clear[:length]
    if xored_with is not None:
        value = bytes(a ^ b for a, b in zip(value, xored_with.value, strict=True)) if len(value) == length else b""
    sums = first + (b"" if xored_with is None else crc(value))
    if len(clear) < end + len(sums):
        raise Refusal(LENGTH)
    # A wrong old key shows only here: the XOR has made something else of the new one.
    if clear[end : end + len(sums)] != sums or any(clear[end + len(sums) :]):
        raise Refusal(INTEGRITY)
    # The version of an AES key is a byte of its own; DES keys carry it in the parity bits, highest bit first.
    version = clear[length] if kind == AES else sum((value[i] & 1) << (7 - i) for i in range(8))
    return CardKey(kind, value, version)


# --- key sets, since EV2 ----------------------------------------------------------------------------------------


def initialize_key_set(body: Body, data: bytes) -> Reply:
    """56: a new key set of a kind, with the default key, to be filled by ChangeKeyEV2."""
    sets = _sets(body)
    number, kind = data[0] & 0x0F, _SET_KINDS.get(data[1])
    if kind is None or not 0 < number < sets.most or KEY_BYTES[kind] > sets.biggest:
        raise Refusal(PARAMETER)
    default = body.memory.default_key
    key = CardKey(kind, default.value[: KEY_BYTES[kind]], default.version)
    made = KeySet(kind, 0, [key for _ in body.selected.keys])
    sets.others[number] = made
    if body.memory.free < 0:
        del sets.others[number]
        raise Refusal(NO_MEMORY)
    body.touch()
    return Reply()


def finalize_key_set(body: Body, data: bytes) -> Reply:
    """57: the set is complete, gets its version, and may be rolled to."""
    each = _other(_sets(body), data[0])
    each.version, each.ready = data[1], True
    body.touch()
    return Reply()


def roll_key_set(body: Body, data: bytes) -> Reply:
    """55: the set becomes the active one, and the active one is gone; nobody is authenticated any more."""
    app, sets = body.selected, body.selected.key_sets
    if sets is None:
        raise Refusal(ILLEGAL)
    body.need_key(sets.settings & 0x0F)
    each = _other(sets, data[0])
    if not each.ready:
        raise Refusal(DENIED)
    del sets.others[data[0] & 0x0F]
    app.keys, app.kind, sets.active_version = each.keys, each.kind, each.version
    body.session = None
    body.touch()
    return Reply()


def _sets(body: Body) -> KeySets:
    if body.selected.key_sets is None:
        raise Refusal(ILLEGAL)
    body.need_key(0)
    return body.selected.key_sets


def _other(sets: KeySets, number: int) -> KeySet:
    if number & 0x0F not in sets.others:
        raise Refusal(PARAMETER)
    return sets.others[number & 0x0F]


_SET_KINDS = {0x00: TDES, 0x01: TDES3, 0x02: AES}
EVERY = {
    0x64: Command(key_version, lengths=range(1, 3)),
    _CHANGE: Command(change_key, managed=False, lengths=range(17, 60)),
}
SECOND = {
    _CHANGE_EV2: Command(change_key_ev2, managed=False, lengths=range(18, 60)),
    0x56: Command(initialize_key_set, lengths=range(2, 3)),
    0x57: Command(finalize_key_set, lengths=range(2, 3)),
    0x55: Command(roll_key_set, lengths=range(1, 2)),
}
