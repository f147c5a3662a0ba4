"""Native commands about keys: authentication and change (DESFire EV1 data sheet; AN0945)."""

from __future__ import annotations

from station.chip.virtual_card.body import NEVER, Body, Command, Reply
from station.chip.virtual_card.ciphers import AES, KEY_BYTES, TDES, TDES3, CardKey, checksum, session_value
from station.chip.virtual_card.messaging import CardSession
from station.chip.virtual_card.picc_commands import change_right
from station.chip.virtual_card.status import AUTHENTICATION, ILLEGAL, INTEGRITY, LENGTH, MORE, NO_KEY, Refusal

_CHANGE = 0xC4
# ChangeKey of the card's own key says by the two highest bits of the number what kind the new one is.
_PICC_KINDS = {0x00: TDES, 0x40: TDES3, 0x80: AES}


def authenticate_aes(body: Body, data: bytes) -> Reply:
    """AA: mutual authentication with an AES key, both sides contributing 16 random bytes."""
    return _authenticate(body, data[0], aes=True)


def authenticate_iso(body: Body, data: bytes) -> Reply:
    """1A: the same with a DES, 2K3DES (8 random bytes) or 3K3DES key (16)."""
    return _authenticate(body, data[0], aes=False)


def _authenticate(body: Body, number: int, *, aes: bool) -> Reply:
    body.session = None
    key = body.key(number)
    if (key.kind == AES) is not aes:
        raise Refusal(AUTHENTICATION)
    size = 8 if key.kind == TDES else 16
    card_random = body.random(size)
    challenge = key.encipher(card_random, bytes(key.block))

    def second(token: bytes) -> Reply:
        if len(token) != 2 * size:
            raise Refusal(LENGTH)
        clear = key.decipher(token, challenge[-key.block :])
        host_random, turned = clear[:size], clear[size:]
        if turned != card_random[1:] + card_random[:1]:
            raise Refusal(AUTHENTICATION)
        proof = key.encipher(host_random[1:] + host_random[:1], token[-key.block :])
        body.session = CardSession(number, CardKey(key.kind, session_value(key, host_random, card_random)))
        return Reply((proof,))

    body.awaited = second
    return Reply((challenge,), MORE)


def key_version(body: Body, data: bytes) -> Reply:
    """64: the version byte of a key."""
    return Reply.of(bytes([body.key(data[0]).version]))


def change_key(body: Body, data: bytes) -> Reply:
    """C4: a new key, enciphered; one that is not the authenticated one comes XORed with the old."""
    number = data[0] & 0x3F if body.on_picc else data[0]
    old = body.key(number)
    kind = _PICC_KINDS.get(data[0] & 0xC0, AES) if body.on_picc else old.kind
    right = change_right(body.selected, number)
    if right == NEVER:
        raise Refusal(AUTHENTICATION)
    session = body.need_key(right)
    same = session.key_no == number
    if not same and kind != old.kind:
        raise Refusal(NO_KEY)
    value, version = _new_key(session.take_sealed(data[1:]), data[:1], kind, None if same else old)
    body.selected.keys[number] = CardKey(kind, value, version)
    if body.on_picc:
        body.selected.kind = kind
    body.touch()
    if same:
        # The session lived on the key that is gone, and ends with a bare status.
        body.session = None
        return Reply()
    return Reply.of(session.give(b""))


def _new_key(clear: bytes, number: bytes, kind: str, xored_with: CardKey | None) -> tuple[bytes, int]:
    length = KEY_BYTES[kind]
    end = length + (1 if kind == AES else 0)
    if len(clear) < end + 4:
        raise Refusal(LENGTH)
    if clear[end : end + 4] != checksum(bytes([_CHANGE]) + number + clear[:end]):
        raise Refusal(INTEGRITY)
    value = clear[:length]
    if xored_with is not None:
        value = bytes(a ^ b for a, b in zip(value, xored_with.value, strict=True))
        if clear[end + 4 : end + 8] != checksum(value):
            raise Refusal(INTEGRITY)
    # The version of an AES key is a byte of its own; DES keys carry it in the parity bits, highest bit first.
    version = clear[length] if kind == AES else sum((value[i] & 1) << (7 - i) for i in range(8))
    return value, version


def nothing_awaited(_: Body, __: bytes) -> Reply:
    """AF when there is nothing to go on with."""
    raise Refusal(ILLEGAL)


COMMANDS = {
    0xAA: Command(authenticate_aes, plain=False, lengths=range(1, 2)),
    0x1A: Command(authenticate_iso, plain=False, lengths=range(1, 2)),
    0x64: Command(key_version, lengths=range(1, 2)),
    _CHANGE: Command(change_key, plain=False, lengths=range(17, 50)),
    0xAF: Command(nothing_awaited, plain=False, lengths=range(256)),
}
