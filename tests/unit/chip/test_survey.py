"""The survey: it tells every obstacle, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.content import ChipData
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.profiles import parse_profile
from station.chip.survey import Found, survey, survey_card
from station.chip.virtual_card.ciphers import AES, TDES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.memory import CardApplication, CardFile
from station.chip.wanted import make_wanted
from station.domain.errors import ChipKeyError, ChipMismatchError, ChipUnsuitableError
from station.resources import asset
from tests.helpers.chip import ESC_AID, ESCN, OTHER_ESCN, UID, Altered, Direct, demo_profile, run_encode, unhex
from tests.helpers.chip_profiles import CARD_KEY, changed, shipped_text, with_card_key

PROFILE = demo_profile("deuinfo-unsigned")
(APP,) = PROFILE.applications
NUMBER = unhex(ESCN.replace("-", ""))
OTHER_NUMBER = unhex(OTHER_ESCN.replace("-", ""))
(WANTED,), RING = make_wanted(PROFILE, ChipData(ESCN), UID, VirtualSecrets(demo=True), to_write=True)
DEFAULT = Key.aes()
FOREIGN_KEY = CardKey(AES, b"\x55" * 16, 1)

Change = Callable[[CardApplication], object]


def survey_both(link: DesfireLink) -> Found:
    found = survey(link, WANTED, RING)
    if not found.present:
        survey_card(link, None, RING, (WANTED,), uid=UID)
    return found


def look(card: VirtualDesfire) -> Found:
    before = card.memory.copy()
    try:
        return survey_both(DesfireLink(Direct(card).transmit))
    finally:
        assert card.memory == before


@pytest.fixture
def blank() -> VirtualDesfire:
    return VirtualDesfire.new(uid=UID)


@pytest.fixture
def encoded(blank: VirtualDesfire) -> VirtualDesfire:
    run_encode(Direct(blank), profile=PROFILE)
    return blank


def test_a_blank_card_has_nothing(blank: VirtualDesfire) -> None:
    found = look(blank)
    assert found == Found()
    assert not found.present


def test_a_finished_card(encoded: VirtualDesfire) -> None:
    assert look(encoded) == Found(True, WANTED.keys, {0: NUMBER})


def test_a_half_finished_card(encoded: VirtualDesfire) -> None:
    app = encoded.memory.applications[ESC_AID]
    app.keys[0] = app.keys[1] = CardKey(AES, bytes(16))
    app.files[0].content[8:] = bytes(8)
    assert look(encoded) == Found(True, {0: DEFAULT, 1: DEFAULT, 2: WANTED.keys[2]}, {0: NUMBER[:8] + bytes(8)})


def test_an_application_without_its_file(encoded: VirtualDesfire) -> None:
    encoded.memory.applications[ESC_AID].files.clear()
    assert look(encoded).contents == {}


def test_another_number_is_told(encoded: VirtualDesfire) -> None:
    encoded.memory.applications[ESC_AID].files[0].content[:] = OTHER_NUMBER
    with pytest.raises(ChipMismatchError, match="already carries") as caught:
        look(encoded)
    assert caught.value.params["escn"] == OTHER_ESCN
    assert "Nothing was written" in caught.value.todo


@pytest.mark.parametrize("kept", range(17))
def test_the_beginning_of_our_number_is_no_other_number(encoded: VirtualDesfire, kept: int) -> None:
    # With 13 of 16 bytes it reads like a number of another institution.
    content = NUMBER[:kept] + bytes(16 - kept)
    encoded.memory.applications[ESC_AID].files[0].content[:] = content
    assert look(encoded).contents == {0: content}


def _add_file(app: CardApplication) -> None:
    app.files[9] = CardFile(9, 0, 0xE000, bytearray(16), 0x1009)


@pytest.mark.parametrize(
    "change",
    [
        lambda app: setattr(app.files[0], "rights", 0xEEEE),
        lambda app: setattr(app.files[0], "mode", 3),
        lambda app: setattr(app.files[0], "content", bytearray(32)),
        lambda app: setattr(app, "settings", 0x0F),
        lambda app: setattr(app, "settings", 0x09),
        lambda app: app.keys.append(CardKey(AES, bytes(16))),
        lambda app: setattr(app, "kind", TDES),
        _add_file,
    ],
    ids=[
        "open file",
        "other mode",
        "other size",
        "other settings",
        "closed directory",
        "more keys",
        "DES",
        "more files",
    ],
)
def test_another_layout_is_refused(encoded: VirtualDesfire, change: Change) -> None:
    change(encoded.memory.applications[ESC_AID])
    with pytest.raises(ChipUnsuitableError, match="laid out otherwise"):
        look(encoded)


@pytest.mark.parametrize(("number", "version"), [(0, 0), (0, 1), (0, 9), (1, 9), (2, 9)])
def test_foreign_keys_are_told(encoded: VirtualDesfire, number: int, version: int) -> None:
    encoded.memory.applications[ESC_AID].keys[number] = CardKey(AES, FOREIGN_KEY.value, version)
    with pytest.raises(ChipKeyError):
        look(encoded)


@pytest.mark.parametrize("settings", [0x0B, 0x09, 0x00])
def test_a_locked_card_is_told(blank: VirtualDesfire, settings: int) -> None:
    blank.memory.picc.settings = settings
    with pytest.raises(ChipUnsuitableError, match="master key"):
        look(blank)


@pytest.mark.parametrize("capacity", [0, 100])
def test_a_full_card_is_told(blank: VirtualDesfire, capacity: int) -> None:
    blank.memory.capacity = capacity
    with pytest.raises(ChipUnsuitableError, match="not enough room") as caught:
        look(blank)
    assert caught.value.params["free"] == capacity


@pytest.mark.parametrize("status", ["91ae", "919d"])
def test_an_application_that_keeps_its_files_to_itself_is_foreign(encoded: VirtualDesfire, status: str) -> None:
    connection = Altered(encoded, lambda index, answer: unhex(status) if index == 2 else answer)
    with pytest.raises(ChipUnsuitableError, match="laid out otherwise"):
        survey(DesfireLink(connection.transmit), WANTED, RING)


def test_a_card_begun_for_another_number_is_told_from_a_stranger(encoded: VirtualDesfire) -> None:
    app = encoded.memory.applications[ESC_AID]
    app.keys[1] = CardKey(AES, b"\x55" * 16, 1)
    app.files.clear()
    with pytest.raises(ChipUnsuitableError, match="begun with another number") as caught:
        look(encoded)
    assert "erase" in caught.value.todo


def test_a_key_of_an_older_version_is_found(encoded: VirtualDesfire) -> None:
    newer = parse_profile(
        asset("chip-profiles", "deuinfo-unsigned.toml").read_text("utf-8").replace("version = 1", "version = 3")
    )
    (wanted,), ring = make_wanted(newer, ChipData(ESCN), UID, VirtualSecrets(demo=True), to_write=True)
    found = survey(DesfireLink(Direct(encoded).transmit), wanted, ring)
    assert [found.keys[number].version for number in range(3)] == [1, 1, 1]
    assert found.keys == WANTED.keys


def test_nothing_of_a_survey_is_ever_shown(encoded: VirtualDesfire) -> None:
    found = look(encoded)
    shown = repr(found) + repr(WANTED) + repr(found.keys[0])
    assert not any(key.value.hex() in shown or str(key.value) in shown for key in WANTED.keys.values())


DOORS = demo_profile("access-control")
(DOOR_APP,) = DOORS.applications


def door_survey(card: VirtualDesfire, escn: str = ESCN) -> Found:
    (wanted,), ring = make_wanted(DOORS, ChipData(escn), UID, VirtualSecrets(demo=True), to_write=True)
    return survey(DesfireLink(Direct(card).transmit), wanted, ring)


def test_the_data_of_another_number_are_told_also_behind_a_key(blank: VirtualDesfire) -> None:
    run_encode(Direct(blank), profile=DOORS)
    before = blank.memory.copy()
    with pytest.raises(ChipMismatchError, match="data of another card number") as caught:
        door_survey(blank, OTHER_ESCN)
    assert "Nothing was written" in caught.value.todo
    with pytest.raises(ChipMismatchError):
        run_encode(Direct(blank), OTHER_ESCN, profile=DOORS)
    assert blank.memory == before


@pytest.mark.parametrize("kept", range(32))
def test_what_a_pulled_card_keeps_of_our_data_is_no_other_s(blank: VirtualDesfire, kept: int) -> None:
    run_encode(Direct(blank), profile=DOORS)
    content = blank.memory.applications[DOOR_APP.aid].files[0].content
    content[kept:] = bytes(31 - kept)
    assert door_survey(blank).contents == {0: bytes(content)}


def test_a_backup_file_needs_its_room_twice(blank: VirtualDesfire) -> None:
    content = ('content = "card.escn"', 'content = "pad(card.escn, 2048)"')
    twice = changed("deuinfo-unsigned", ("size = 16", 'size = 2048\nkind = "backup"'), content)
    (wanted,), ring = make_wanted(twice, ChipData(ESCN), UID, VirtualSecrets(demo=True), to_write=True)
    blank.memory.capacity = blank.memory.capacity - blank.memory.free + 3000
    with pytest.raises(ChipUnsuitableError, match="not enough room"):
        survey_card(DesfireLink(Direct(blank).transmit), None, ring, (wanted,), uid=UID)


class Staying(Direct):
    """A card on which a selection that failed leaves selected what was before."""

    before = b""

    def transmit(self, apdu: bytes) -> bytes:
        answer = super().transmit(apdu)
        if apdu[1] == 0x5A and answer == b"\x91\xa0" and self.before:
            self.card.transmit(self.before)
        elif apdu[1] == 0x5A:
            self.before = apdu
        return answer


@pytest.mark.parametrize("kind", [Direct, Staying])
def test_what_a_failed_selection_leaves_selected_is_not_guessed(encoded: VirtualDesfire, kind: type[Direct]) -> None:
    doors = shipped_text("access-control")
    both = parse_profile(shipped_text("deuinfo-unsigned") + doors[doors.index("[[application]]") :] + CARD_KEY)
    assert run_encode(kind(encoded), profile=both).verified
    assert len(encoded.memory.applications) == 2


def test_a_card_that_was_made_ready_for_aes_is_as_blank_as_any(blank: VirtualDesfire) -> None:
    blank.memory.picc.keys[0], blank.memory.picc.kind = CardKey(AES, bytes(16)), AES
    assert run_encode(Direct(blank), profile=with_card_key("deuinfo-unsigned")).verified
    assert any(blank.memory.picc.keys[0].value)


def test_no_older_key_is_made_where_none_is_needed(blank: VirtualDesfire) -> None:
    asked: list[str] = []

    class Listening(VirtualSecrets):
        def versions(self, name: str) -> tuple[int, ...]:
            asked.append(name)
            return super().versions(name)

    run_encode(Direct(blank), profile=with_card_key("deuinfo-unsigned"), secrets=Listening(demo=True))
    assert asked == []


@pytest.mark.parametrize("settings", [0x0E, 0x07])
def test_a_card_whose_key_or_settings_are_frozen_is_told_before_anything_is_written(
    blank: VirtualDesfire, settings: int
) -> None:
    blank.memory.picc.settings = settings
    before = blank.memory.copy()
    with pytest.raises(ChipUnsuitableError, match="locked") as caught:
        run_encode(Direct(blank), profile=with_card_key("deuinfo-unsigned", settings="09"))
    assert not caught.value.written
    assert blank.memory == before
