"""A returned card: what is ours goes, what is of others stays, and the card can be encoded again."""

from __future__ import annotations

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipData, inspect
from station.chip.erasing import EraseReport, erase
from station.chip.profiles import ChipProfile
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.ciphers import AES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.memory import CardApplication
from station.domain.errors import (
    CardRemovedError,
    ChipKeyError,
    ChipMismatchError,
    ChipUnsuitableError,
    WorkflowError,
)
from tests.helpers.chip import ESC_AID, ESCN, OTHER_ESCN, UID, Direct, Pulled, demo_profile, run_encode, unhex
from tests.helpers.chip_profiles import hiding, with_card_key

NEIGHBOUR = unhex("C05885")
DATA = ChipData(ESCN)
PLAIN = demo_profile("deuinfo-unsigned")


def new_card(*, neighbour: bool = True) -> VirtualDesfire:
    card = VirtualDesfire.new(uid=UID)
    if neighbour:
        card.memory.applications[NEIGHBOUR] = CardApplication(NEIGHBOUR, 0x0B, AES, [CardKey(AES, b"\x77" * 16, 3)])
    return card


def run_erase(
    connection: Direct, profile: ChipProfile = PLAIN, *, escn: str = ESCN, whole_card: bool = False
) -> EraseReport:
    return erase(
        connection,
        profile,
        ChipData(escn),
        VirtualSecrets(demo=True),
        before_write=lambda _: None,
        whole_card=whole_card,
    )


@pytest.mark.parametrize("profile", [PLAIN, with_card_key("deuinfo", settings="09")], ids=["plain", "card key"])
def test_an_erased_card_can_be_another_s(profile: ChipProfile) -> None:
    card = new_card()
    blank = card.memory.copy()
    run_encode(Direct(card), profile=profile)
    report = run_erase(Direct(card), profile)
    assert (report.uid, report.deleted, report.left) == (UID.hex().upper(), ("F58840",), ("8558C0",))
    assert card.memory.applications == blank.applications
    assert (card.memory.picc.keys[0].value, card.memory.picc.settings) == (blank.picc.keys[0].value, 0x0F)
    assert run_encode(Direct(card), OTHER_ESCN, profile=profile).escn_on_chip == OTHER_ESCN


@pytest.mark.parametrize("how", list(Tear))
@pytest.mark.parametrize("profile", [PLAIN, with_card_key("deuinfo", settings="09")], ids=["plain", "card key"])
def test_a_card_pulled_while_it_is_erased(profile: ChipProfile, how: Tear) -> None:
    card = new_card()
    run_encode(Direct(card), profile=profile)
    whole = Direct(card)
    run_erase(whole, profile)
    for after in range(len(whole.log)):
        card = new_card()
        run_encode(Direct(card), profile=profile)
        before = card.memory.copy()
        with pytest.raises(CardRemovedError) as caught:
            run_erase(Pulled(card, after, how), profile)
        if not caught.value.written:
            assert card.memory == before
        assert run_erase(Direct(card), profile).left == ("8558C0",)
        assert card.memory.picc.settings == 0x0F


def test_a_card_begun_and_never_finished_is_erased() -> None:
    card = new_card()
    with pytest.raises(CardRemovedError):
        run_encode(Pulled(card, 14), profile=PLAIN)
    with pytest.raises(ChipUnsuitableError, match="another number"):
        run_encode(Direct(card), OTHER_ESCN, profile=PLAIN)
    assert run_erase(Direct(card), escn=OTHER_ESCN).deleted == ("F58840",)
    assert run_encode(Direct(card), OTHER_ESCN, profile=PLAIN).verified


def test_nothing_there_is_nothing_deleted() -> None:
    assert run_erase(Direct(new_card())).deleted == ()


def test_another_number_is_left_alone() -> None:
    card = new_card()
    run_encode(Direct(card), OTHER_ESCN, profile=PLAIN)
    before = card.memory.copy()
    with pytest.raises(ChipMismatchError, match="Nothing was deleted"):
        run_erase(Direct(card))
    assert card.memory == before


def test_a_stranger_s_application_is_left_alone() -> None:
    card = new_card()
    run_encode(Direct(card), profile=PLAIN)
    card.memory.applications[ESC_AID].keys[0] = CardKey(AES, b"\x55" * 16, 1)
    with pytest.raises(ChipKeyError):
        run_erase(Direct(card))
    assert inspect(Direct(card)).escn == ESCN


def test_the_whole_card_is_formatted_when_everything_on_it_is_ours() -> None:
    card = new_card(neighbour=False)
    run_encode(Direct(card), profile=PLAIN)
    report = run_erase(Direct(card), whole_card=True)
    assert (report.deleted, report.left, report.formatted) == (("F58840",), (), True)
    assert card.memory.free == VirtualDesfire.new(uid=UID).memory.free


def test_what_others_have_is_never_formatted() -> None:
    card = new_card()
    run_encode(Direct(card), profile=PLAIN)
    before = card.memory.copy()
    with pytest.raises(ChipUnsuitableError, match="8558C0"):
        run_erase(Direct(card), whole_card=True)
    card.memory.picc.keys[0] = CardKey(AES, b"\x66" * 16, 1)
    card.memory.picc.kind = AES
    with pytest.raises(ChipUnsuitableError, match="master key that is not ours"):
        run_erase(Direct(card), whole_card=True)
    assert card.memory.applications == before.applications


def test_of_a_card_known_by_its_uid_alone_nothing_is_deleted() -> None:
    card = new_card()
    before = card.memory.copy()
    report = run_erase(Direct(card), demo_profile("uid"))
    assert (report.uid, report.deleted, report.formatted) == (UID.hex().upper(), (), False)
    assert card.memory.applications == before.applications
    with pytest.raises(ChipUnsuitableError, match="nothing to erase"):
        run_erase(Direct(card), demo_profile("uid"), whole_card=True)
    with pytest.raises(ChipUnsuitableError, match="nothing to erase"):
        run_erase(Direct(card), demo_profile("ndef-url"))


def test_a_caller_who_refuses_is_obeyed() -> None:
    card = new_card()
    run_encode(Direct(card), profile=PLAIN)
    before = card.memory.copy()

    def refuse(_: str) -> None:
        raise WorkflowError(detail="somebody's")

    with pytest.raises(WorkflowError):
        erase(Direct(card), PLAIN, DATA, VirtualSecrets(demo=True), before_write=refuse)
    assert card.memory == before


def test_a_card_that_lets_only_its_master_delete_is_told() -> None:
    card = new_card()
    run_encode(Direct(card), profile=PLAIN)
    card.memory.picc.settings = 0x0B
    before = card.memory.copy()
    with pytest.raises(ChipUnsuitableError, match="locked") as caught:
        run_erase(Direct(card))
    assert not caught.value.written
    assert card.memory == before


def test_a_card_that_keeps_its_list_to_itself_is_erased() -> None:
    card = new_card()
    run_encode(Direct(card), profile=PLAIN)
    card.memory.picc.settings = 0x0D
    report = run_erase(Direct(card))
    assert (report.deleted, report.left) == (("F58840",), ())
    assert list(card.memory.applications) == [NEIGHBOUR]


@pytest.mark.parametrize("whole_card", [False, True])
@pytest.mark.parametrize("how", list(Tear))
def test_a_card_that_hides_its_uid_is_never_lost_while_it_is_erased(how: Tear, whole_card: bool) -> None:
    profile = hiding("deuinfo")
    card = new_card(neighbour=False)
    run_encode(Direct(card), profile=profile)
    whole = Direct(card)
    run_erase(whole, profile, whole_card=whole_card)
    for after in range(len(whole.log)):
        card = new_card(neighbour=False)
        run_encode(Direct(card), profile=profile)
        with pytest.raises(CardRemovedError):
            run_erase(Pulled(card, after, how), profile, whole_card=whole_card)
        run_erase(Direct(card), profile, whole_card=whole_card)
        assert card.memory.applications == {}
        assert not any(card.memory.picc.keys[0].value)
    assert run_encode(Direct(card), OTHER_ESCN, profile=profile).verified
