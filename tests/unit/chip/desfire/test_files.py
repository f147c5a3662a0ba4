"""Files: each command byte for byte, and as a card carries it out."""

from __future__ import annotations

import pytest

from station.chip.desfire import files, keys
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.files import NewStdFile
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import AccessRights, CommMode, FileSettings
from station.domain.errors import ChipRefusedError
from tests.helpers.chip import Replay

NEW_KEY = bytes(range(16))


def link_to(*exchange: tuple[str, str]) -> DesfireLink:
    return DesfireLink(Replay(exchange).transmit)


def test_create_file_on_the_wire() -> None:
    with_iso = NewStdFile(0, 16, CommMode.PLAIN, AccessRights.parse(0xE000), 0x1001)
    files.create_file(link_to(("90cd00000900011000" + "00e0" + "10000000", "9100")), with_iso)
    without = NewStdFile(1, 300, CommMode.FULL, AccessRights.parse(0x1234))
    files.create_file(link_to(("90cd00000701033412" + "2c010000", "9100")), without)


def test_reading_and_writing_on_the_wire() -> None:
    assert files.read_data(link_to(("90bd000007020a000003000000", "0102039100")), 2, 3, offset=10) == b"\x01\x02\x03"
    files.write_data(link_to(("903d00000a020a0000030000" + "01020300", "9100")), 2, b"\x01\x02\x03", offset=10)


@pytest.mark.parametrize("mode", list(CommMode))
@pytest.mark.parametrize("size", [1, 16, 59, 60, 300, 1000])
def test_a_file_comes_back_as_it_was_written(link: DesfireLink, mode: CommMode, size: int) -> None:
    data = bytes((7 * i) % 256 for i in range(size - 1)) + b"\x00"  # a zero at the end is no padding
    files.create_file(link, NewStdFile(3, size, mode, AccessRights.parse(0x1000), 0x1003))
    files.write_data(link, 3, data, mode)
    keys.change_key(link, 1, Key.aes(NEW_KEY, 1))
    authenticate_aes(link, 1, NEW_KEY)
    assert files.read_data(link, 3, size, mode) == data
    assert files.get_file_settings(link, 3) == FileSettings(0, mode, AccessRights.parse(0x1000), size)


def test_a_part_of_a_file_can_be_written_and_read(link: DesfireLink) -> None:
    files.create_file(link, NewStdFile(3, 20, CommMode.FULL, AccessRights.parse(0x0000), 0x1003))
    files.write_data(link, 3, b"abc", CommMode.FULL, offset=5)
    assert files.read_data(link, 3, 6, CommMode.FULL, offset=4) == b"\x00abc\x00\x00"
    with pytest.raises(ChipRefusedError) as caught:
        files.read_data(link, 3, 21, CommMode.FULL)
    assert caught.value.sw == 0x91BE


def test_what_is_closed_stays_closed(link: DesfireLink) -> None:
    files.create_file(link, NewStdFile(3, 16, CommMode.PLAIN, AccessRights.parse(0x1222), 0x1003))
    for forbidden in (
        lambda: files.read_data(link, 3, 16),
        lambda: files.write_data(link, 3, b"x"),
        lambda: files.read_data(link, 4, 16),
    ):
        with pytest.raises(ChipRefusedError):
            forbidden()
