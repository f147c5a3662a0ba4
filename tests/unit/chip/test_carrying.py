"""Steps carried out on a card: each does its one thing, and none says that something was written when it was not."""

from __future__ import annotations

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.carrying import Work, carry_out, read_back
from station.chip.content import ChipData
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.plan import (
    CheckUid,
    CreateApplication,
    CreateFile,
    DeleteFile,
    OpenApplication,
    OpenCard,
    ReadBack,
    SetCardKey,
    SetKey,
    Step,
    UseKey,
    WriteFile,
)
from station.chip.survey import Found, FoundCard
from station.chip.virtual_card.ciphers import AES
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.wanted import make_wanted
from station.domain.errors import ChipKeyError, ChipMismatchError, ChipRefusedError
from tests.helpers.chip import ESCN, UID, Direct
from tests.helpers.chip_profiles import changed, with_card_key

PROFILE = changed("access-control", ("size = 31", 'kind = "backup"\nsize = 31'))
(WANTED,), RING = make_wanted(PROFILE, ChipData(ESCN), UID, VirtualSecrets(demo=True), to_write=True)
APP, (FILE,) = WANTED.app, WANTED.app.files
WORK = Work(UID, {APP.aid: WANTED}, {APP.aid: Found()})


class Bench:
    """A blank card, and steps carried out on it."""

    def __init__(self) -> None:
        self.card = VirtualDesfire.new(uid=UID)
        self.connection = Direct(self.card)
        self.link = DesfireLink(self.connection.transmit)

    def do(self, *steps: Step, work: Work = WORK) -> int:
        """Carry steps out, and return how many commands they took."""
        before = len(self.connection.log)
        for step in steps:
            carry_out(self.link, step, work)
        return len(self.connection.log) - before


@pytest.fixture
def bench() -> Bench:
    return Bench()


BEGUN = (OpenCard(None), CreateApplication(APP), OpenApplication(APP), UseKey(APP, 0, ours=False))


def test_an_application_is_created_with_its_own_keys_and_settings(bench: Bench) -> None:
    assert bench.do(*BEGUN) == 4
    app = bench.card.memory.applications[APP.aid]
    assert (app.settings, len(app.keys), app.kind, app.files) == (0x0B, 4, AES, {})


def test_the_card_is_not_selected_when_it_is(bench: Bench) -> None:
    assert bench.do(OpenCard(None)) == 0
    bench.do(CreateApplication(APP), OpenApplication(APP))
    assert bench.do(OpenCard(None)) == 1


def test_a_key_is_changed_from_what_it_was_and_used_as_what_it_is(bench: Bench) -> None:
    bench.do(*BEGUN, SetKey(APP, APP.keys[2]), SetKey(APP, APP.keys[0]), UseKey(APP, 0, ours=True), CheckUid())
    held = bench.card.memory.applications[APP.aid].keys
    assert held[2].value == WANTED.keys[2].value
    with pytest.raises(ChipKeyError):
        bench.do(UseKey(APP, 1, ours=True))
    # What was found on the card is what a key is changed from.
    rolled = Work(UID, {APP.aid: WANTED}, {APP.aid: Found(True, {1: Key.aes(b"\x01" * 16, 7)})})
    with pytest.raises(ChipRefusedError):
        bench.do(UseKey(APP, 0, ours=True), SetKey(APP, APP.keys[1]), work=rolled)


def test_a_backup_file_counts_when_it_was_committed(bench: Bench) -> None:
    bench.do(*BEGUN, CreateFile(APP, FILE), UseKey(APP, 2, ours=False), WriteFile(APP, FILE), ReadBack(APP, FILE))
    bench.card.reset()
    assert bytes(bench.card.memory.applications[APP.aid].files[0].content) == WANTED.contents[0]


def test_a_file_of_another_length_is_made_anew(bench: Bench) -> None:
    bench.do(*BEGUN, CreateFile(APP, FILE), DeleteFile(APP, FILE))
    assert bench.card.memory.applications[APP.aid].files == {}
    bench.do(CreateFile(APP, FILE))


def test_what_is_read_back_must_be_what_was_written(bench: Bench) -> None:
    bench.do(*BEGUN, CreateFile(APP, FILE), UseKey(APP, 2, ours=False), WriteFile(APP, FILE))
    with pytest.raises(ChipMismatchError, match="does not hold"):
        read_back(bench.link, FILE, bytes(31))


def test_another_chip_than_at_first_is_noticed(bench: Bench) -> None:
    other = Work(bytes(7), WORK.wanted, WORK.found)
    with pytest.raises(ChipMismatchError, match="no longer the one"):
        bench.do(*BEGUN, CheckUid(), work=other)


def test_the_card_s_own_key_is_changed_and_proved(bench: Bench) -> None:
    spec = with_card_key("access-control").card_key
    assert spec is not None
    ours = RING.key(spec, None)
    work = Work(UID, WORK.wanted, WORK.found, ours, FoundCard(Key.des()))
    assert bench.do(OpenCard(spec), SetCardKey(spec), OpenCard(spec, ours=True), work=work) == 5
    assert bench.card.memory.picc.keys[0].value == ours.value
    with pytest.raises(ChipKeyError):
        bench.do(SetCardKey(spec))


def test_nothing_of_it_is_ever_shown() -> None:
    assert WANTED.keys[0].value.hex() not in repr(WORK) + repr(BEGUN)
