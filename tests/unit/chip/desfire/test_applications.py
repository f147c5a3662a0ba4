"""The card and its applications: each command byte for byte, and what it says about itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.chip.ciphers import tdes
from station.chip.desfire import applications, files, keys
from station.chip.desfire.applications import KeySets, NewApplication
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC, AccessRights, FileSettings
from station.chip.desfire.session_d40 import D40Session
from station.domain.errors import ChipError, ChipRefusedError
from station.ports.secrets import KeyKind
from tests.helpers.chip import ESC_AID, Rambling, Replay, unhex

DF_NAME = unhex("A00000061404F58840")
ESC = NewApplication(ESC_AID, 0x0B, 3, 0x1000, DF_NAME)


def link_to(*exchange: tuple[str, str]) -> DesfireLink:
    return DesfireLink(Replay(exchange).transmit)


def test_create_application_on_the_wire() -> None:
    applications.create_application(link_to(("90ca0000104088f50ba30010a00000061404f5884000", "9100")), ESC)
    applications.create_application(link_to(("90ca0000055634120f8100", "9100")), NewApplication(b"V4\x12", 0x0F, 1))


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


def test_applications_of_other_kinds_on_the_wire() -> None:
    sets = NewApplication(b"V4\x12", 0x0F, 2, key_sets=KeySets(2, roll_key=1, version=5))
    applications.create_application(link_to(("90ca00000a5634120f92" + "0105021001" + "00", "9100")), sets)
    three = NewApplication(b"V4\x12", 0x0F, 2, kind=KeyKind.TDES3K)
    applications.create_application(link_to(("90ca0000055634120f4200", "9100")), three)
    applications.delete_application(link_to(("90da00000356341200", "9100")), b"V4\x12")


def test_deleting_what_is_selected_leaves_the_card_selected() -> None:
    link = link_to(("905a00000356341200", "9100"), ("90da00000356341200", "9100"))
    applications.select(link, b"V4\x12")
    assert link.selected == b"V4\x12"
    link.open_session(D40Session(0, tdes(bytes(16))))
    applications.delete_application(link, b"V4\x12")
    assert link.selected == PICC
    assert link.authenticated is None


def test_names_come_one_a_frame() -> None:
    link = link_to(("906d000000", "4088f5001041424391af"), ("90af000000", "0102030110" + "44" * 16 + "9100"))
    assert applications.get_df_names(link) == (
        applications.DfName(ESC_AID, 0x1000, b"ABC"),
        applications.DfName(b"\x01\x02\x03", 0x1001, b"D" * 16),
    )
    assert applications.get_df_names(link_to(("906d000000", "9100"))) == ()


@pytest.mark.parametrize("frame", ["01", "01020304", "00" * 22])
def test_a_name_of_a_senseless_length_is_refused(frame: str) -> None:
    with pytest.raises(ChipError):
        applications.get_df_names(link_to(("906d000000", frame + "9100")))


def test_ids_that_are_none_are_refused() -> None:
    with pytest.raises(ChipError):
        applications.get_application_ids(link_to(("906a000000", "010203049100")))


def test_selecting_by_name() -> None:
    wire = f"00a4040c09{DF_NAME.hex()}"
    assert applications.select_df_name(link_to((wire, "9000")), DF_NAME)
    link = link_to((wire, "6a82"))
    assert not applications.select_df_name(link, DF_NAME)
    assert link.selected is None
    with pytest.raises(ChipRefusedError) as caught:
        applications.select_df_name(link_to((wire, "6d00")), DF_NAME)
    assert caught.value.sw == 0x6D00
