"""What each type of card says of itself, how much it holds, and how long its frames are."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.models import EV1, EV2, EV3, LIGHT, model
from tests.helpers.card_host import APP, FACTORY, FULL, MACED, ZERO_AES, Host
from tests.helpers.chip import UID, unhex


@pytest.mark.parametrize(
    ("generation", "size", "hardware", "software", "free"),
    [
        (EV1, 2, "04010101001605", "04010101041605", 0x0900),
        (EV1, 4, "04010101001805", "04010101041805", 0x1300),
        (EV1, 8, "04010101001a05", "04010101041a05", 0x1F00),
        (EV2, 8, "04010112001a05", "04010102011a05", 0x2000),
        (EV2, 32, "04010112001e05", "04010102011e05", 0x8000),
        (EV3, 4, "04010133001805", "04010103001805", 0x1400),
    ],
)
def test_versions_and_memory(generation: str, size: int, hardware: str, software: str, free: int) -> None:
    host = Host(VirtualDesfire.new(generation, size, uid=UID))
    said, status = host.frames(0x60)
    assert (said[:7].hex(), said[7:14].hex(), said[14:21], len(said), status) == (hardware, software, UID, 28, 0)
    assert host.send(0x6E) == (free.to_bytes(3, "little"), 0)


def test_there_is_no_such_card() -> None:
    for generation, size in ((EV1, 16), (LIGHT, 8), ("EV9", None)):
        with pytest.raises(ValueError, match="there is no DESFire"):
            model(generation, size)


def test_a_hidden_uid_is_hidden_in_the_version() -> None:
    card = VirtualDesfire.new(EV2, uid=UID, random_id=True)
    host = Host(card)
    assert host.frames(0x60)[0][14:21] == bytes(7)
    shown = card.transmit(unhex("ffca000000"))
    assert (shown[0], len(shown)) == (0x08, 6)
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.command(0x51, back=FULL, length=7) == (UID, 0)


@pytest.mark.parametrize(("generation", "command", "answer"), [(EV1, 54, 59), (EV2, 54, 59), (EV3, 247, 251)])
def test_frames(generation: str, command: int, answer: int) -> None:
    host = Host(VirtualDesfire.new(generation))
    host.send(0xCA, APP + b"\x0f\x81")
    host.send(0x5A, APP)
    host.send(0xCD, unhex("0100eeee") + (600).to_bytes(3, "little"))
    header = unhex("01000000") + (300).to_bytes(3, "little")
    assert host.send(0x3D, header + bytes(command - 6))[1] == 0x7E
    assert host.send(0x3D, header + bytes(command - 7))[1] == 0xAF
    assert host.send(0xAF, bytes(command + 1))[1] == 0x7E
    first, status = host.send(0xBD, unhex("0100000000000000")[:7])
    assert (len(first), status) == (answer, 0xAF)


@pytest.mark.parametrize(("generation", "limit"), [(EV1, 28), (EV3, 40)])
def test_how_many_applications(generation: str, limit: int) -> None:
    host = Host(VirtualDesfire.new(generation))
    statuses = [host.send(0xCA, bytes((n + 1, 0, 0x12, 0x0F, 0x81)))[1] for n in range(40)]
    assert statuses == [0] * limit + [0xCE] * (40 - limit)


def test_whole_reads_and_writes_since_ev2() -> None:
    for generation, known in ((EV1, False), (EV2, True), (EV3, True)):
        host = Host(VirtualDesfire.new(generation))
        host.send(0xCA, APP + b"\x0f\x81")
        host.send(0x5A, APP)
        host.send(0xCD, unhex("0100eeee200100"))
        data = bytes(range(200))
        header = unhex("01000000") + (200).to_bytes(3, "little")
        assert host.send(0x8D, header + data)[1] == (0 if known else 0x1C)
        assert host.send(0xAD, header) == ((data, 0) if known else (b"", 0x1C))
        if known:
            assert host.send(0x8D, header + data[1:])[1] == 0x7E  # it does not wait for more
            assert host.send(0xAD, unhex("01000000000000"))[1] == 0x7E  # 288 bytes do not fit
            extended = unhex("90ad0000000007") + unhex("01000000000000") + unhex("0200")
            assert len(host.card.transmit(extended)) == 290


def test_the_light_has_one_application_and_its_own_commands() -> None:
    card = VirtualDesfire.new(LIGHT, uid=UID)
    host = Host(card)
    assert host.frames(0x60)[0].hex().startswith("04080130001305" * 2)
    for ins in (0xCA, 0x5A, 0x6A, 0xFC, 0x3D, 0xBD, 0xCD):
        assert host.send(ins, bytes(7))[1] == 0x1C
    assert card.transmit(unhex("00a4040010a00000039656434103f015400000000b00")) == b"\x90\x00"
    assert host.authenticate(0x71, 0, ZERO_AES) == 0
    assert set(host.command(0x6F)[0]) == {0x00, 0x01, 0x03, 0x04, 0x1F}
    assert host.authenticate(0x77, 1, ZERO_AES) == 0
    assert host.command(0xAD, unhex("04000000100000"), sent=MACED, back=FULL) == (bytes(16), 0)
    assert host.authenticate(0x77, 3, ZERO_AES) == 0
    data = b"software"
    assert host.command(0x8D, unhex("1f000000080000"), data, sent=FULL)[1] == 0
    assert bytes(card.memory.applications[b"\x01\0\0"].files[0x1F].content[:8]) == data
    assert host.command(0x5C, b"\x00", b"\x02", sent=FULL)[1] == 0xAE


def test_the_light_hides_its_uid_for_ever() -> None:
    card = VirtualDesfire.new(LIGHT, uid=UID)
    host = Host(card)
    card.transmit(unhex("00a4000002df0100"))
    assert host.authenticate(0x71, 0, ZERO_AES) == 0
    assert host.command(0x5C, b"\x01", bytes(25), sent=FULL)[1] == 0x9E
    assert host.authenticate(0x71, 0, ZERO_AES) == 0
    assert host.command(0x5C, b"\x00", b"\x02", sent=FULL)[1] == 0
    card.reset()
    assert len(card.transmit(unhex("ffca000000"))) == 6
    assert host.send(0x6F)[1] == 0x1C
