"""Applications, files and keys: each command byte for byte, and as a card carries it out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.chip.desfire import applications, files, keys
from station.chip.desfire.applications import NewApplication
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.files import NewFile
from station.chip.desfire.keys import NewKey
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC, AccessRights, CommMode, FileSettings
from station.chip.virtual_card import VirtualCard
from station.domain.errors import ChipError, ChipKeyError, ChipRefusedError
from tests.helpers.chip import ESC_AID, UID, Direct, Rambling, Replay, unhex

DF_NAME = unhex("A00000061404F58840")
ESC = NewApplication(ESC_AID, 0x0B, 3, 0x1000, DF_NAME)
NEW_KEY = bytes(range(16))


def link_to(*exchange: tuple[str, str]) -> DesfireLink:
    return DesfireLink(Replay(exchange).transmit)


def test_create_application_on_the_wire() -> None:
    applications.create_application(link_to(("90ca0000104088f50ba30010a00000061404f5884000", "9100")), ESC)
    applications.create_application(link_to(("90ca0000055634120f8100", "9100")), NewApplication(b"V4\x12", 0x0F, 1))


def test_create_file_on_the_wire() -> None:
    with_iso = NewFile(0, 16, CommMode.PLAIN, AccessRights.parse(0xE000), 0x1001)
    files.create_std_file(link_to(("90cd00000900011000" + "00e0" + "10000000", "9100")), with_iso)
    without = NewFile(1, 300, CommMode.FULL, AccessRights.parse(0x1234))
    files.create_std_file(link_to(("90cd00000701033412" + "2c010000", "9100")), without)


def test_reading_and_writing_on_the_wire() -> None:
    assert files.read_data(link_to(("90bd000007020a000003000000", "0102039100")), 2, 3, offset=10) == b"\x01\x02\x03"
    files.write_data(link_to(("903d00000a020a0000030000" + "01020300", "9100")), 2, b"\x01\x02\x03", offset=10)


def test_what_the_card_says_about_itself_on_the_wire() -> None:
    assert applications.free_memory(link_to(("906e000000", "001f009100"))) == 7936
    ids = applications.get_application_ids(link_to(("906a000000", "4088f556341291af"), ("90af000000", "0102039100")))
    assert ids == (ESC_AID, b"V4\x12", b"\x01\x02\x03")
    settings = applications.get_key_settings(link_to(("9045000000", "0b839100")))
    assert (settings.settings, settings.keys, settings.aes, settings.free_creation) == (0x0B, 3, True, False)
    assert applications.get_key_settings(link_to(("9045000000", "0f019100"))).free_creation
    assert files.get_file_ids(link_to(("906f000000", "0001029100"))) == (0, 1, 2)
    found = files.get_file_settings(link_to(("90f500000100" + "00", "000000e01000009100")), 0)
    assert found == FileSettings(0, 0, AccessRights(0xE, 0, 0, 0), 16)
    assert keys.get_key_version(link_to(("906400000101" + "00", "019100")), 1) == 1


def test_selecting_says_whether_it_is_there() -> None:
    assert applications.select(link_to(("905a00000300000000", "9100")), PICC)
    assert not applications.select(link_to(("905a0000034088f500", "91a0")), ESC_AID)
    with pytest.raises(ChipRefusedError):
        applications.select(link_to(("905a0000034088f500", "91cd")), ESC_AID)


@pytest.mark.parametrize(
    ("ask", "length"),
    [
        (applications.get_version, 27),
        (applications.get_version, 0),
        (applications.free_memory, 2),
        (applications.free_memory, 4),
        (applications.get_key_settings, 1),
        (applications.get_key_settings, 3),
        (lambda link: files.get_file_settings(link, 0), 6),
        (lambda link: files.read_data(link, 0, 16), 15),
        (lambda link: files.read_data(link, 0, 16), 17),
        (lambda link: keys.get_key_version(link, 0), 0),
        (lambda link: keys.get_key_version(link, 0), 2),
    ],
)
def test_answers_of_a_senseless_length_are_refused(ask: Callable[[DesfireLink], object], length: int) -> None:
    with pytest.raises(ChipError) as caught:
        ask(DesfireLink(Rambling([bytes(length) + b"\x91\x00"]).transmit))
    assert caught.value.params["length"] == length


@pytest.fixture
def card() -> VirtualCard:
    return VirtualCard.blank(UID)


@pytest.fixture
def link(card: VirtualCard) -> DesfireLink:
    """Give a link with a new application selected, and its zero key authenticated."""
    opened = DesfireLink(Direct(card).transmit)
    applications.create_application(opened, ESC)
    applications.select(opened, ESC_AID)
    authenticate_aes(opened, 0, keys.ZERO_KEY)
    return opened


@pytest.mark.parametrize("mode", list(CommMode))
@pytest.mark.parametrize("size", [1, 16, 59, 60, 300, 1000])
def test_a_file_comes_back_as_it_was_written(link: DesfireLink, mode: CommMode, size: int) -> None:
    data = bytes((7 * i) % 256 for i in range(size - 1)) + b"\x00"  # a zero at the end is no padding
    files.create_std_file(link, NewFile(3, size, mode, AccessRights.parse(0x1000), 0x1003))
    files.write_data(link, 3, data, mode)
    keys.change_key(link, NewKey(1, NEW_KEY, 1))
    authenticate_aes(link, 1, NEW_KEY)
    assert files.read_data(link, 3, size, mode) == data
    assert files.get_file_settings(link, 3) == FileSettings(0, mode, AccessRights.parse(0x1000), size)


def test_a_part_of_a_file_can_be_written_and_read(link: DesfireLink) -> None:
    files.create_std_file(link, NewFile(3, 20, CommMode.FULL, AccessRights.parse(0x0000), 0x1003))
    files.write_data(link, 3, b"abc", CommMode.FULL, offset=5)
    assert files.read_data(link, 3, 6, CommMode.FULL, offset=4) == b"\x00abc\x00\x00"
    with pytest.raises(ChipRefusedError) as caught:
        files.read_data(link, 3, 21, CommMode.FULL)
    assert caught.value.sw == 0x91BE


def test_another_key_is_changed_and_proved(card: VirtualCard, link: DesfireLink) -> None:
    keys.change_key(link, NewKey(2, NEW_KEY, 7))
    assert keys.get_key_version(link, 2) == 7
    assert applications.get_card_uid(link) == UID  # the session lives on
    authenticate_aes(link, 2, NEW_KEY)
    assert card.memory.applications[ESC_AID].keys[2].value == NEW_KEY


def test_changing_from_a_wrong_old_key_is_refused_and_changes_nothing(card: VirtualCard, link: DesfireLink) -> None:
    with pytest.raises(ChipRefusedError) as caught:
        keys.change_key(link, NewKey(2, NEW_KEY, 7, old=b"\x01" * 16))
    assert caught.value.sw == 0x911E
    assert card.memory.applications[ESC_AID].keys[2].value == keys.ZERO_KEY


def test_changing_the_key_in_use_ends_the_session(link: DesfireLink) -> None:
    keys.change_key(link, NewKey(0, NEW_KEY, 1))
    assert link.authenticated is None
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, 0, keys.ZERO_KEY)
    authenticate_aes(link, 0, NEW_KEY)


def test_a_refused_change_of_the_key_in_use_is_an_error(card: VirtualCard, link: DesfireLink) -> None:
    card.memory.applications[ESC_AID].settings &= ~0x01  # the master key is frozen
    with pytest.raises(ChipRefusedError) as caught:
        keys.change_key(link, NewKey(0, NEW_KEY, 1))
    assert caught.value.sw == 0x91AE


def test_a_new_key_does_not_show_itself() -> None:
    assert "0001" not in repr(NewKey(0, NEW_KEY, 1))
    assert "\\x01" not in repr(NewKey(0, NEW_KEY, 1))


def test_what_is_closed_stays_closed(link: DesfireLink) -> None:
    files.create_std_file(link, NewFile(3, 16, CommMode.PLAIN, AccessRights.parse(0x1222), 0x1003))
    for forbidden in (
        lambda: files.read_data(link, 3, 16),
        lambda: files.write_data(link, 3, b"x"),
        lambda: files.read_data(link, 4, 16),
    ):
        with pytest.raises(ChipRefusedError):
            forbidden()
