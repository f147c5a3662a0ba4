"""Native commands that set the card up, and the proximity check (DESFire data sheets)."""

from __future__ import annotations

from station.chip.virtual_card.body import Body, Command, Reply
from station.chip.virtual_card.ciphers import AES, CardKey, odd_bytes
from station.chip.virtual_card.messaging import Mode
from station.chip.virtual_card.models import LIGHT
from station.chip.virtual_card.status import AUTHENTICATION, DENIED, ILLEGAL, LENGTH, PARAMETER, SIGNED, Refusal

_SET = 0x5C
_PICC, _DEFAULT_KEY, _ATS, _MESSAGING, _CAPABILITIES = 0, 1, 2, 4, 5
# How much data each option brings; an ATS says so itself.
_LENGTHS: dict[int, int | None] = {_PICC: 1, _DEFAULT_KEY: 25, _ATS: None, _MESSAGING: 2, _CAPABILITIES: 10}
_LONGEST_ATS = 20


def set_configuration(body: Body, wire: bytes) -> Reply:
    """5C: an option, then its data, enciphered; with the card's master key."""
    light = body.memory.model.generation == LIGHT
    if body.on_picc is light:
        raise Refusal(ILLEGAL)
    if body.session is None or body.key_no != 0:
        raise Refusal(AUTHENTICATION)
    option = wire[0]
    known = _options(body)
    if option not in known:
        raise Refusal(PARAMETER)
    data = body.session.receive(_SET, wire[:1], wire[1:], Mode.FULL, _LENGTHS[option])
    _set(body, option, data)
    body.touch()
    return body.answer()


def _options(body: Body) -> tuple[int, ...]:
    kind = body.memory.model
    if kind.generation == LIGHT:
        return (_PICC, _CAPABILITIES)
    return (_PICC, _DEFAULT_KEY, _ATS) + ((_MESSAGING, _CAPABILITIES) if kind.second_generation else ())


def _set(body: Body, option: int, data: bytes) -> None:
    memory = body.memory
    if option == _PICC:
        # Both are for ever: a bit that is not set any more changes nothing.
        memory.format_disabled = memory.format_disabled or bool(data[0] & 0x01)
        memory.random_uid = memory.random_uid or bool(data[0] & 0x02)
    elif option == _DEFAULT_KEY:
        memory.default_key = CardKey(AES, data[:24], data[24])
    elif option == _ATS:
        if not 2 <= len(data) <= _LONGEST_ATS:
            raise Refusal(LENGTH)
        memory.ats = data
    elif option == _MESSAGING:
        memory.forbidden |= data[1] & 0x03
    else:
        memory.capabilities = bytes(4) + data[8:10]


# --- proximity check, since EV2: the messages of it; the time between them is a matter of radio -----------------

_PREPARE, _EXCHANGE, _VERIFY = 0xF0, 0xF2, 0xFD
_OPTION, _RESPONSE_TIME = b"\x00", b"\x01\x90"
_PROXIMITY_KEY = 0x21


def prepare_proximity(body: Body, _: bytes) -> Reply:
    """F0: the card draws its eight random bytes, and says how long it will take to send them."""
    body.proximity = body.random(8)
    body.proximity_log = b""
    return Reply((_OPTION + _RESPONSE_TIME,), SIGNED)


def exchange_proximity(body: Body, data: bytes) -> Reply:
    """F2: so many random bytes of the host for as many of the card's, in one round or in several."""
    count, theirs = data[0], data[1:]
    if not body.proximity:
        raise Refusal(DENIED)
    sent = len(body.proximity_log) // 2
    if count != len(theirs) or not 1 <= count <= 8 - sent:
        raise Refusal(LENGTH)
    ours = body.proximity[sent : sent + count]
    body.proximity_log += ours + theirs
    return Reply((ours,), SIGNED)


def verify_proximity(body: Body, mac: bytes) -> Reply:
    """FD: the host's MAC over all that was said, and the card's; with the card's proximity key."""
    said, body.proximity = body.proximity_log, b""
    if len(said) != 16:
        raise Refusal(DENIED)
    key = body.memory.extra_keys[_PROXIMITY_KEY]
    rest = _OPTION + _RESPONSE_TIME + said
    if mac != odd_bytes(key.cmac(bytes((_VERIFY,)) + rest)):
        raise Refusal(AUTHENTICATION)
    return Reply((odd_bytes(key.cmac(bytes((SIGNED,)) + rest)),), SIGNED)


EVERY = {_SET: Command(set_configuration, managed=False, lengths=range(9, 60))}
PROXIMITY = {
    _PREPARE: Command(prepare_proximity, managed=False),
    _EXCHANGE: Command(exchange_proximity, managed=False, lengths=range(2, 10)),
    _VERIFY: Command(verify_proximity, managed=False, lengths=range(8, 9)),
}
