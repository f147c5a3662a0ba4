"""Data and record files of the software card: every mode in every messaging, and what a torn write leaves."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.models import EV2, EV3
from station.domain.errors import CardRemovedError
from tests.helpers.card_host import APP, FACTORY, FULL, MACED, PLAIN, ZERO_AES, Host
from tests.helpers.chip import UID, unhex

MODES = {PLAIN: 0, MACED: 1, FULL: 3}
WAYS = {0x0A: FACTORY, 0x1A: FACTORY, 0xAA: ZERO_AES, 0x71: ZERO_AES}
CREATE = {"standard": 0xCD, "backup": 0xCB}


def le3(number: int) -> bytes:
    return number.to_bytes(3, "little")


def opened(way: int = 0xAA, generation: str = EV2, keys: int = 2) -> Host:
    """Return a host with an application, and key 0 of it authenticated."""
    host = Host(VirtualDesfire.new(generation, uid=UID))
    host.frame_bytes = 54
    host.send(0xCA, APP + bytes((0x0F, (0x80 if way in (0xAA, 0x71) else 0) | keys)))
    host.send(0x5A, APP)
    assert host.authenticate(way, 0, WAYS[way]) == 0
    return host


@pytest.mark.parametrize("kind", CREATE)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("length", [1, 16, 47, 300])
def test_written_and_read_back(kind: str, way: int, mode: str, length: int) -> None:
    host = opened(way)
    assert host.managed(CREATE[kind], b"\x01" + bytes((MODES[mode],)) + b"\x00\x00" + le3(400)) == 0
    data = bytes((7 * i + 0x80) % 256 for i in range(length))
    assert host.command(0x3D, b"\x01" + le3(3) + le3(length), data, sent=mode)[1] == 0
    if kind == "backup":
        before = host.command(0xBD, b"\x01" + le3(3) + le3(length), sent=mode, length=length)
        assert before == (bytes(length), 0)
        assert host.managed(0xC7) == 0
    assert host.command(0xBD, b"\x01" + le3(3) + le3(length), sent=mode, length=length) == (data, 0)
    whole = host.command(0xBD, b"\x01" + le3(0) + le3(0), sent=mode, length=400)
    assert whole == (bytes(3) + data + bytes(397 - length), 0)


@pytest.mark.parametrize("way", WAYS)
def test_a_free_file_is_plain_whatever_its_mode(way: int) -> None:
    host = opened(way)
    assert host.managed(0xCD, unhex("0103eeee200000")) == 0
    assert host.command(0x3D, unhex("01000000040000"), b"free", sent=PLAIN)[1] == 0
    assert host.command(0xBD, unhex("01000000040000"), sent=PLAIN, length=4) == (b"free", 0)
    assert host.managed(0x6F) == 0


@pytest.mark.parametrize("way", [0x0A, 0x1A, 0xAA, 0x71])
def test_a_flipped_bit_is_noticed(way: int) -> None:
    for mode in (MACED, FULL):
        host = opened(way)
        host.managed(0xCD, b"\x01" + bytes((MODES[mode],)) + unhex("0000200000"))
        wire = bytearray(host._protect(0x3D, unhex("01000000080000"), b"12345678", mode))
        wire[9] ^= 0x10
        assert host.send(0x3D, bytes(wire))[1] == 0x1E
        assert host.send(0x6F)[1] == 0
        assert host.send(0xBD, unhex("01000000080000"))[1] == 0xAE
        assert bytes(host.card.memory.applications[APP].files[1].content) == bytes(32)


@pytest.mark.parametrize(("mode", "stored"), [(PLAIN, 47), (MACED, 47), (FULL, 32)])
def test_a_standard_file_torn_between_frames_holds_a_mixture(mode: str, stored: int) -> None:
    host = opened(0xAA)
    host.managed(0xCD, b"\x01" + bytes((MODES[mode],)) + unhex("0000800000"))
    wire = host._protect(0x3D, unhex("01000000600000"), b"\x99" * 96, mode)
    assert host.send(0x3D, wire[:54])[1] == 0xAF
    host.card.power_off()
    with pytest.raises(CardRemovedError):
        host.send(0xAF, wire[54:])
    content = bytes(host.card.memory.applications[APP].files[1].content)
    assert content == b"\x99" * stored + bytes(128 - stored)


@pytest.mark.parametrize("how", Tear)
def test_a_backup_file_is_never_torn(how: Tear) -> None:
    host = opened(0xAA)
    host.managed(0xCB, unhex("01000000800000"))
    assert host.command(0x3D, unhex("01000000600000"), b"\x99" * 96, sent=PLAIN)[1] == 0
    host.card.tear_after(0, how)
    with pytest.raises(CardRemovedError):
        host.managed(0xC7)
    content = bytes(host.card.memory.applications[APP].files[1].content)
    assert content == (b"\x99" * 96 if how is Tear.AFTER else bytes(96)) + bytes(32)


def test_another_command_in_mid_write_aborts() -> None:
    host = opened(0xAA)
    host.managed(0xCB, unhex("01000000800000"))
    host.managed(0xCD, unhex("02000000800000"))
    assert host.command(0x3D, unhex("01000000040000"), b"told", sent=PLAIN)[1] == 0
    assert host.send(0x3D, unhex("02000000600000") + b"\x99" * 47)[1] == 0xAF
    assert host.send(0x6F)[1] == 0xCA
    assert host.send(0xAF)[1] == 0x1C
    assert host.authenticate(0xAA, 0, ZERO_AES) == 0
    assert host.command(0xC7)[1] == 0x0C  # the transaction is gone, too


@pytest.mark.parametrize(
    ("ins", "data", "status"),
    [
        (0xBD, "05000000010000", 0xF0),
        (0xBD, "01000000810000", 0xBE),
        (0xBD, "01800000000000", 0xBE),
        (0xBD, "0100000001000000", 0x7E),
        (0xBD, "03000000010000", 0x9D),
        (0x3D, "0300000001000000", 0x9D),
        (0x3B, "0100000001000000", 0x9D),
        (0xBB, "01000000000000", 0x9D),
        (0x6C, "01", 0x9D),
        (0xEB, "01", 0x9D),
        (0xDB, "0100000000000001000000", 0x9D),
        (0xDB, "0300000000000001000000", 0xBE),
    ],
)
def test_the_wrong_kind_of_file_and_the_wrong_place(ins: int, data: str, status: int) -> None:
    host = opened(0xAA)
    host.managed(0xCD, unhex("01000000800000"))
    host.managed(0xC1, unhex("03000000" + "100000" + "040000"))
    assert host.frames(ins, unhex(data))[1] == status


# --- records ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_records_are_appended_and_read_oldest_first(way: int, mode: str) -> None:
    host = opened(way)
    assert host.managed(0xC1, b"\x03" + bytes((MODES[mode],)) + unhex("0000" + "080000" + "040000")) == 0
    for text in (b"record-1", b"record-2", b"record-3"):
        assert host.command(0x3B, unhex("03000000080000"), text, sent=mode)[1] == 0
        assert host.managed(0xC7) == 0
    both = b"record-2record-3"
    assert host.command(0xBB, unhex("03000000020000"), sent=mode, length=16) == (both, 0)
    assert host.command(0xBB, unhex("03010000010000"), sent=mode, length=8) == (b"record-2", 0)
    assert host.command(0xBB, unhex("03000000000000"), sent=mode, length=24) == (b"record-1" + both, 0)
    assert host.command(0xF5, b"\x03")[0][4:] == le3(8) + le3(4) + le3(3)


def test_records_come_with_the_commit_only() -> None:
    host = opened(0xAA)
    host.managed(0xC1, unhex("03000000" + "080000" + "020000"))
    assert host.command(0x3B, unhex("03000000040000"), b"part", sent=PLAIN)[1] == 0
    assert host.command(0x3B, unhex("03040000020000"), b"of", sent=PLAIN)[1] == 0
    assert host.command(0xBB, unhex("03000000000000"), sent=PLAIN)[1] == 0xBE  # nothing there, and the transaction ends
    assert host.command(0xC7)[1] == 0x0C
    host.command(0x3B, unhex("03000000040000"), b"part", sent=PLAIN)
    host.command(0x3B, unhex("03040000020000"), b"of", sent=PLAIN)
    assert host.managed(0xC7) == 0
    assert host.command(0xBB, unhex("03000000000000"), sent=PLAIN, length=8) == (b"partof\x00\x00", 0)


def test_a_linear_file_is_full_and_a_cyclic_one_goes_round() -> None:
    for ins, most, kept in ((0xC1, 2, b"12"), (0xC0, 3, b"34")):
        host = opened(0xAA)
        assert host.managed(ins, unhex("03000000") + le3(1) + le3(most)) == 0
        statuses = []
        for text in (b"1", b"2", b"3", b"4"):
            statuses.append(host.command(0x3B, unhex("03000000010000"), text, sent=PLAIN)[1])
            host.command(0xC7)
        assert statuses == ([0, 0, 0xBE, 0xBE] if ins == 0xC1 else [0] * 4)
        assert host.command(0xBB, unhex("03000000000000"), sent=PLAIN, length=2) == (kept, 0)


def test_clearing_records_is_a_transaction() -> None:
    host = opened(0xAA)
    host.managed(0xC0, unhex("03000000" + "010000" + "030000"))
    host.command(0x3B, unhex("03000000010000"), b"1", sent=PLAIN)
    host.managed(0xC7)
    assert host.managed(0xEB, b"\x03") == 0
    assert host.command(0xBB, unhex("03000000000000"), sent=PLAIN, length=1) == (b"1", 0)
    assert host.managed(0xA7) == 0
    assert host.managed(0xEB, b"\x03") == 0
    assert host.command(0x3B, unhex("03000000010000"), b"2", sent=PLAIN)[1] == 0x9D  # commit first
    assert host.managed(0xEB, b"\x03") == 0
    assert host.managed(0xC7) == 0
    assert host.command(0xBB, unhex("03000000000000"), sent=PLAIN)[1] == 0xBE
    host.command(0x3B, unhex("03000000010000"), b"2", sent=PLAIN)
    assert host.command(0xEB, b"\x03")[1] == 0x9E


@pytest.mark.parametrize("mode", MODES)
def test_a_record_is_updated_in_its_place(mode: str) -> None:
    host = opened(0x71, EV3)
    host.managed(0xC1, b"\x03" + bytes((MODES[mode],)) + unhex("0000" + "040000" + "040000"))
    for text in (b"old1", b"old2"):
        host.command(0x3B, unhex("03000000040000"), text, sent=mode)
        host.managed(0xC7)
    assert host.command(0xDB, unhex("03010000" + "000000" + "030000"), b"new", sent=mode)[1] == 0
    assert host.command(0xBA, unhex("03000000" + "030000" + "010000"), b"!", sent=mode)[1] == 0
    assert host.managed(0xC7) == 0
    assert host.command(0xAB, unhex("03000000000000"), sent=mode) == (b"new1old!", 0)
    assert host.command(0x8B, unhex("03000000040000"), b"next", sent=mode)[1] == 0
    assert host.managed(0xC7) == 0
    assert host.command(0xAB, unhex("03000000010000"), sent=mode) == (b"next", 0)
    assert host.command(0xDB, unhex("03030000" + "000000" + "010000"), b"?", sent=mode)[1] == 0xBE
