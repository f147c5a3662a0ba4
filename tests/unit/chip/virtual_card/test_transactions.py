"""Value files, commit and abort, and the transaction MAC of the software card."""

from __future__ import annotations

import pytest

from station.chip.virtual_card import store
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.models import EV1, EV2
from tests.helpers.card_host import APP, FACTORY, FULL, MACED, PLAIN, ZERO_AES, Cbc, Host
from tests.helpers.chip import UID, unhex

MODES = {PLAIN: 0, MACED: 1, FULL: 3}
WAYS = {0x0A: FACTORY, 0x1A: FACTORY, 0xAA: ZERO_AES, 0x71: ZERO_AES}
GET, CREDIT, DEBIT, LIMITED, COMMIT, ABORT = 0x6C, 0x0C, 0xDC, 0x1C, 0xC7, 0xA7


def le4(number: int) -> bytes:
    return number.to_bytes(4, "little", signed=True)


class Purse(Host):
    """A host with a value file, number 5, from -10 to 100, holding 20; key 0 is authenticated."""

    def __init__(self, way: int = 0xAA, mode: str = PLAIN, *, flags: int = 1, rights: str = "0000") -> None:
        super().__init__(VirtualDesfire.new(EV2, uid=UID))
        self.mode = mode
        self.send(0xCA, APP + bytes((0x0F, 0x82 if way in (0xAA, 0x71) else 2)))
        self.send(0x5A, APP)
        limits = le4(-10) + le4(100) + le4(20)
        assert self.send(0xCC, b"\x05" + bytes((MODES[mode],)) + unhex(rights) + limits + bytes((flags,)))[1] == 0
        assert self.authenticate(way, 0, WAYS[way]) == 0

    @property
    def value(self) -> int:
        data, status = self.command(GET, b"\x05", sent=self.mode, length=4)
        assert status == 0
        return int.from_bytes(data, "little", signed=True)

    def change(self, ins: int, amount: int) -> int:
        return self.command(ins, b"\x05", le4(amount), sent=self.mode)[1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_value_in_every_mode(way: int, mode: str) -> None:
    purse = Purse(way, mode)
    assert purse.value == 20
    assert (purse.change(CREDIT, 5), purse.change(DEBIT, 8)) == (0, 0)
    assert purse.value == 20  # nothing shows before the commit
    assert purse.managed(COMMIT) == 0
    assert purse.value == 17
    assert (purse.change(DEBIT, 1), purse.managed(ABORT), purse.value) == (0, 0, 17)


def test_limits() -> None:
    purse = Purse()
    assert purse.change(CREDIT, 81) == 0xBE
    assert purse.change(DEBIT, 31) == 0xBE
    assert purse.change(CREDIT, -1) == 0x9E
    assert (purse.change(DEBIT, 30), purse.change(DEBIT, 1)) == (0, 0xBE)
    assert purse.command(COMMIT)[1] == 0x0C  # the error has ended the transaction
    assert purse.value == 20


def test_limited_credit_gives_back_once() -> None:
    purse = Purse()
    assert purse.change(LIMITED, 1) == 0xBE  # nothing was taken yet
    purse.change(DEBIT, 4)
    purse.change(DEBIT, 6)
    purse.managed(COMMIT)
    assert purse.command(0xF5, b"\x05")[0][12:17] == le4(10) + b"\x01"
    assert purse.change(LIMITED, 11) == 0xBE
    assert purse.change(LIMITED, 3) == 0
    assert purse.change(LIMITED, 3) == 0xBE  # once
    assert (purse.change(LIMITED, 3), purse.managed(COMMIT), purse.value) == (0, 0, 13)
    assert purse.change(LIMITED, 1) == 0xBE


def test_limited_credit_may_be_off_and_the_value_free() -> None:
    purse = Purse(flags=2)
    assert purse.change(LIMITED, 0) == 0x9D
    purse.card.reset()
    purse.way = 0
    purse.send(0x5A, APP)
    assert purse.send(GET, b"\x05") == (le4(20), 0)
    assert purse.send(DEBIT, b"\x05" + le4(1))[1] == 0xAE


@pytest.mark.parametrize(
    ("rights", "get", "debit", "limited", "credit"),
    [
        ("ffff", 0x9D, 0x9D, 0x9D, 0x9D),
        ("ff0f", 0, 0, 0x9D, 0x9D),  # read
        ("fff0", 0, 0, 0, 0x9D),  # write
        ("0fff", 0, 0, 0, 0),  # both
    ],
)
def test_who_may_do_what(rights: str, get: int, debit: int, limited: int, credit: int) -> None:
    purse = Purse(rights=rights)
    assert purse.command(GET, b"\x05", sent=PLAIN)[1] == get
    assert purse.change(DEBIT, 1) == debit
    purse.command(COMMIT)
    assert (purse.change(LIMITED, 0), purse.change(CREDIT, 1)) == (limited, credit)


@pytest.mark.parametrize(
    "limits",
    [le4(0) + le4(10) + le4(11) + b"\0", le4(5) + le4(4) + le4(5) + b"\0", le4(0) + le4(9) + le4(5) + b"\4"],
)
def test_limits_that_make_no_sense(limits: bytes) -> None:
    purse = Purse()
    assert purse.command(0xCC, unhex("06000000") + limits)[1] == 0x9E


@pytest.mark.parametrize("ending", ["select", "error", "field", "ev2first", "iso"])
def test_what_ends_a_transaction(ending: str) -> None:
    way = 0x71 if ending == "ev2first" else 0xAA
    purse = Purse(way)
    assert purse.change(CREDIT, 5) == 0
    if ending == "select":
        purse.send(0x5A, APP)
    elif ending == "error":
        assert purse.command(0xF5, b"\x09")[1] == 0xF0
    elif ending == "field":
        purse.card.reset()
        purse.send(0x5A, APP)
    elif ending == "iso":
        assert purse.card.transmit(unhex("00a4000002beef00")) == unhex("6a82")
    if ending in ("select", "field", "ev2first"):
        assert purse.authenticate(way, 0, ZERO_AES) == 0
    assert purse.command(COMMIT)[1] == 0x0C
    assert purse.value == 20


def test_another_key_goes_on_with_the_transaction() -> None:
    for way, following in ((0xAA, 0xAA), (0x71, 0x77)):
        purse = Purse(way)
        assert purse.change(CREDIT, 5) == 0
        assert purse.authenticate(following, 1, ZERO_AES) == 0
        assert purse.managed(COMMIT) == 0
        assert purse.authenticate(following, 0, ZERO_AES) == 0
        assert purse.value == 25


def test_nothing_to_commit_or_to_abort() -> None:
    purse = Purse()
    assert (purse.command(COMMIT)[1], purse.command(ABORT)[1]) == (0x0C, 0x0C)
    assert purse.command(COMMIT, b"\x02")[1] == 0x9E
    assert purse.command(COMMIT, b"\x01")[1] == 0x9E  # there is no transaction MAC file
    purse.card.reset()
    purse.way = 0
    assert (purse.send(COMMIT)[1], purse.send(ABORT)[1]) == (0x1C, 0x1C)


# --- transaction MAC --------------------------------------------------------------------------------------------

TM_KEY = bytes(range(16))


def witnessed() -> Purse:
    purse = Purse(0x71)
    assert purse.command(0xCE, unhex("0f00ff0f02"), TM_KEY + b"\x07", sent=FULL, back="managed")[1] == 0
    return purse


def test_a_transaction_is_testified() -> None:
    purse = witnessed()
    assert purse.command(0xF5, b"\x0f")[0] == unhex("0500ff0f0207")
    assert purse.change(DEBIT, 3) == 0
    answer, status = purse.command(COMMIT, b"\x01")
    assert (status, answer[:4], len(answer)) == (0, unhex("01000000"), 12)
    # AN12343: the session key from counter and UID, the MAC over command, file, value and ten zeros.
    session = Cbc("aes", Cbc("aes", TM_KEY).cmac(unhex("5a00010080" + "01000000") + UID))
    assert answer[4:] == session.cmac(unhex("dc0503000000") + bytes(10))[1::2]
    assert purse.command(0xBD, unhex("0f000000000000"), sent=PLAIN) == (answer, 0)


def test_the_mac_covers_reads_and_writes() -> None:
    purse = witnessed()
    assert purse.command(0xCB, unhex("01000000200000"))[1] == 0
    assert purse.command(0x3D, unhex("01000000030000"), b"abc", sent=PLAIN)[1] == 0
    assert purse.command(0xBD, unhex("01000000020000"), sent=PLAIN)[1] == 0
    answer, _ = purse.command(COMMIT, b"\x01")
    log = unhex("3d01000000030000") + bytes(8) + b"abc" + bytes(13) + unhex("bd01000000020000") + bytes(24)
    session = Cbc("aes", Cbc("aes", TM_KEY).cmac(unhex("5a00010080" + "01000000") + UID))
    assert answer[4:] == session.cmac(log)[1::2]


def test_one_witness_an_application_and_with_the_master_key() -> None:
    purse = witnessed()
    assert purse.command(0xCE, unhex("0e00ff0f02"), TM_KEY + b"\x07", sent=FULL)[1] == 0xDE
    assert purse.command(0xCE, unhex("0e00ff0f01"), TM_KEY + b"\x07", sent=FULL)[1] == 0x9E
    assert purse.authenticate(0x71, 1, ZERO_AES) == 0
    assert purse.command(0xCE, unhex("0e00ff0f02"), TM_KEY + b"\x07", sent=FULL)[1] == 0xAE
    assert Host(VirtualDesfire.new(EV1)).send(0xCE, bytes(22))[1] == 0x1C


def test_a_reader_must_name_itself_where_the_file_says_so() -> None:
    purse = Purse(0x71)
    assert purse.command(0xC8, b"", bytes(16), sent=MACED)[1] == 0x9D  # no such file
    assert purse.command(0xCE, unhex("0f000f0f02"), TM_KEY + b"\x07", sent=FULL, back="managed")[1] == 0
    assert purse.change(DEBIT, 3) == 0
    assert purse.command(COMMIT, b"\x01")[1] == 0x9D
    before, counter = bytes(16), 1
    for reader in (b"\x11" * 16, b"\x22" * 16):
        assert purse.change(DEBIT, 3) == 0
        hidden, status = purse.command(0xC8, b"", reader, sent=MACED)
        assert status == 0
        tail = counter.to_bytes(4, "little") + UID
        assert Cbc("aes", Cbc("aes", TM_KEY).cmac(unhex("a500010080") + tail)).dec(hidden) == before
        answer, status = purse.command(COMMIT, b"\x01")
        log = unhex("dc0503000000") + bytes(10) + b"\xc8" + reader + hidden + bytes(15)
        session = Cbc("aes", Cbc("aes", TM_KEY).cmac(unhex("5a00010080") + tail))
        assert (status, answer[4:]) == (0, session.cmac(log)[1::2])
        before, counter = reader, counter + 1
    assert purse.change(DEBIT, 1) == 0
    assert purse.command(0xC8, b"", bytes(16), sent=MACED)[1] == 0
    assert purse.command(0xC8, b"", bytes(16), sent=MACED)[1] == 0x9D
    assert store.desfire_memory(purse.card.snapshot()) == purse.card.memory
