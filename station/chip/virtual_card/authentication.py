"""How card and host prove to each other that they know a key (data sheets; AN0945 for EV1, AN12343 for EV2)."""

from __future__ import annotations

from collections.abc import Callable

from station.chip.virtual_card.body import Body, Command, Reply, Transaction
from station.chip.virtual_card.ciphers import AES, TDES, TDES3, CardKey, ev2_session_values, session_value
from station.chip.virtual_card.messaging import D40Session, Ev1Session, Ev2Session
from station.chip.virtual_card.status import AUTHENTICATION, ILLEGAL, LENGTH, MORE, Refusal

# Bits of SetConfiguration 04: ways that are switched off.
NO_D40, NO_EV1 = 0x01, 0x02


def authenticate_d40(body: Body, data: bytes) -> Reply:
    """0A: with a DES or 2K3DES key; the host deciphers only, the card enciphers only."""
    key = _key(body, data[0], (TDES,), NO_D40)
    ours = body.random(8)

    def second(token: bytes) -> Reply:
        host, turned = _halves(key.unmake(_sized(token, 16)))
        _prove(turned, ours)
        body.session = D40Session(data[0], CardKey(TDES, session_value(key, host, ours)))
        return Reply((key.encipher(_turned(host), bytes(8)),))

    return _challenge(body, key.encipher(ours, bytes(8)), second)


def authenticate_iso(body: Body, data: bytes) -> Reply:
    """1A: with a DES or 2K3DES key (8 random bytes from each side) or a 3K3DES key (16)."""
    return _authenticate_ev1(body, data[0], (TDES, TDES3))


def authenticate_aes(body: Body, data: bytes) -> Reply:
    """AA: with an AES key, 16 random bytes from each side."""
    return _authenticate_ev1(body, data[0], (AES,))


def _authenticate_ev1(body: Body, number: int, kinds: tuple[str, ...]) -> Reply:
    key = _key(body, number, kinds, NO_EV1)
    size = 8 if key.kind == TDES else 16
    ours = body.random(size)
    challenge = key.encipher(ours, bytes(key.block))

    def second(token: bytes) -> Reply:
        # The initial vector goes on through all three messages.
        host, turned = _halves(key.decipher(_sized(token, 2 * size), challenge[-key.block :]))
        _prove(turned, ours)
        body.session = Ev1Session(number, CardKey(key.kind, session_value(key, host, ours)))
        return Reply((key.encipher(_turned(host), token[-key.block :]),))

    return _challenge(body, challenge, second)


def authenticate_first(body: Body, data: bytes) -> Reply:
    """71: opens EV2's messaging and a transaction: a new identifier, and the counter at zero.

    The host may announce up to six bytes of capabilities; both sides' stand in the answer.
    """
    if len(data) != 2 + data[1] or data[1] > 6:
        raise Refusal(LENGTH)
    theirs = data[2:].ljust(6, b"\x00")
    key = _key(body, data[0], (AES,), 0)
    # A new transaction begins with this one; 77 goes on with the old (AN12343).
    body.transaction = Transaction()
    ours = body.random(16)

    def second(token: bytes) -> Reply:
        host = _ev2_proved(key, token, ours)
        ti = body.random(4)
        body.session = Ev2Session(data[0], ev2_session_values(key, host, ours), ti)
        clear = ti + _turned(host) + body.memory.capabilities + theirs
        return Reply((key.encipher(clear, bytes(16)),))

    return _challenge(body, key.encipher(ours, bytes(16)), second)


def authenticate_next(body: Body, data: bytes) -> Reply:
    """77: another key within EV2's transaction: identifier and counter stay."""
    before = body.session
    if not isinstance(before, Ev2Session):
        raise Refusal(AUTHENTICATION)
    key = _key(body, data[0], (AES,), 0)
    ours = body.random(16)

    def second(token: bytes) -> Reply:
        host = _ev2_proved(key, token, ours)
        body.session = Ev2Session(data[0], ev2_session_values(key, host, ours), before.ti, before.counter)
        return Reply((key.encipher(_turned(host), bytes(16)),))

    return _challenge(body, key.encipher(ours, bytes(16)), second)


def nothing_awaited(_: Body, __: bytes) -> Reply:
    """AF when there is nothing to go on with."""
    raise Refusal(ILLEGAL)


def _key(body: Body, number: int, kinds: tuple[str, ...], way: int) -> CardKey:
    # Whoever was authenticated is no longer, also where what comes now fails.
    body.session = None
    key = body.key(number)
    if key.kind not in kinds or body.memory.forbidden & way:
        raise Refusal(AUTHENTICATION)
    return key


def _challenge(body: Body, challenge: bytes, second: Callable[[bytes], Reply]) -> Reply:
    body.awaited = second
    return Reply((challenge,), MORE)


def _ev2_proved(key: CardKey, token: bytes, ours: bytes) -> bytes:
    host, turned = _halves(key.decipher(_sized(token, 32), bytes(16)))
    _prove(turned, ours)
    return host


def _sized(token: bytes, length: int) -> bytes:
    if len(token) != length:
        raise Refusal(LENGTH)
    return token


def _halves(clear: bytes) -> tuple[bytes, bytes]:
    middle = len(clear) // 2
    return clear[:middle], clear[middle:]


def _turned(random: bytes) -> bytes:
    return random[1:] + random[:1]


def _prove(turned: bytes, ours: bytes) -> None:
    if turned != _turned(ours):
        raise Refusal(AUTHENTICATION)


_ONE = range(1, 2)
LEGACY = {
    0x0A: Command(authenticate_d40, managed=False, lengths=_ONE),
    0x1A: Command(authenticate_iso, managed=False, lengths=_ONE),
    0xAA: Command(authenticate_aes, managed=False, lengths=_ONE),
}
SECOND = {
    0x71: Command(authenticate_first, managed=False, lengths=range(2, 9)),
    0x77: Command(authenticate_next, managed=False, lengths=_ONE),
}
EVERY = {0xAF: Command(nothing_awaited, managed=False, lengths=range(256))}
