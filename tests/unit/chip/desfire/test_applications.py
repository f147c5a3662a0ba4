"""The card and its applications: each command byte for byte, and what it says about itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.chip.desfire import applications, files, keys
from station.chip.desfire.applications import NewApplication
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC, AccessRights, FileSettings
from station.domain.errors import ChipError, ChipRefusedError
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
