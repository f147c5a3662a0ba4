"""Files: each command byte for byte, and as a card carries it out."""

from __future__ import annotations

import pytest

from station.chip.desfire import files, keys
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.files import NewBackupFile, NewRecordFile, NewStdFile, NewValueFile
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import AccessRights, CommMode, FileSettings
from station.domain.errors import ChipError, ChipRefusedError
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


FREE = AccessRights.parse(0xEEEE)


@pytest.mark.parametrize(
    ("new", "wire"),
    [
        (NewBackupFile(1, 32, CommMode.MACED, FREE, 0x1001), "90cb000009" + "010110" + "01eeee" + "200000" + "00"),
        (
            NewValueFile(2, CommMode.FULL, FREE, -1, 100, 5, limited_credit=True, free_get_value=True),
            "90cc000011" + "02" + "03eeee" + "ffffffff" + "64000000" + "05000000" + "03" + "00",
        ),
        (NewRecordFile(3, CommMode.PLAIN, FREE, 16, 10), "90c100000a" + "03" + "00eeee" + "100000" + "0a0000" + "00"),
        (
            NewRecordFile(3, CommMode.PLAIN, FREE, 16, 10, cyclic=True, iso_fid=0x1003),
            "90c000000c" + "030310" + "00eeee" + "100000" + "0a0000" + "00",
        ),
    ],
)
def test_creating_the_other_kinds_on_the_wire(new: files.NewFile, wire: str) -> None:
    files.create_file(link_to((wire, "9100")), new)


def test_what_ends_a_transaction_and_a_file_on_the_wire() -> None:
    files.commit_transaction(link_to(("90c7000000", "9100")))
    files.abort_transaction(link_to(("90a7000000", "9100")))
    files.delete_file(link_to(("90df0000010300", "9100")), 3)


def test_free_settings_are_changed_in_plain() -> None:
    before = FileSettings(0, 0, FREE, 16)
    files.change_file_settings(
        link_to(("905f00000402033412" + "00", "9100")), 2, CommMode.FULL, AccessRights.parse(0x1234), before=before
    )
    with pytest.raises(ChipError, match="needs a key"):
        files.change_file_settings(
            link_to(), 2, CommMode.FULL, FREE, before=FileSettings(0, 0, AccessRights.parse(0), 16)
        )


def test_iso_file_ids() -> None:
    assert files.get_iso_file_ids(link_to(("9061000000", "011002109100"))) == (0x1001, 0x1002)
    with pytest.raises(ChipError):
        files.get_iso_file_ids(link_to(("9061000000", "0110029100")))


def test_long_data_is_cut_by_offset_where_the_reader_cuts() -> None:
    link = DesfireLink(
        Replay(
            [
                (f"908d0000e701000000e00000{'41' * 224}00", "9100"),
                ("908d00000801e000000100004100", "9100"),
                ("90ad00000701000000e0000000", "41" * 224 + "9100"),
                ("90ad00000701e0000001000000", "419100"),
            ]
        ).transmit,
        iso_chaining=True,
    )
    files.write_data(link, 1, b"A" * 225)
    assert files.read_data(link, 1, 225) == b"A" * 225
