"""Keys that roll over, cards with a key of their own, signatures and generations: told before anything is written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from station.adapters.secrets.demo_signer import demo_root
from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipData, verify
from station.chip.profiles import ChipProfile, shipped_profile
from station.chip.virtual_card.card import Tear, VirtualCard
from station.chip.virtual_card.ciphers import AES, TDES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.errors import (
    CardRemovedError,
    CertificateError,
    ChipKeyError,
    ChipMismatchError,
    ChipUnsuitableError,
    SecretError,
    StationError,
)
from tests.helpers.chip import ESC_AID, ESCN, UID, Direct, Pulled, demo_profile, run_encode
from tests.helpers.chip_profiles import changed, sized, with_card_key

SECRETS = VirtualSecrets(demo=True)
DATA = ChipData(ESCN)
NEWER = ("version = 1", "version = 2")


def refused(card: VirtualCard, profile: ChipProfile, kind: type[StationError], says: str, **given: object) -> None:
    before, begun = card.memory.copy(), list[str]()  # type: ignore[attr-defined]
    with pytest.raises(kind, match=says) as caught:
        run_encode(Direct(card), profile=profile, begun=begun, **given)  # type: ignore[arg-type]
    assert (begun, getattr(caught.value, "written", False)) == ([], False)
    assert card.memory == before  # type: ignore[attr-defined]


# --- roll-over --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["deuinfo", "access-control"])
def test_keys_go_from_one_version_to_the_next_at_the_next_tap(name: str) -> None:
    card = VirtualDesfire.new(uid=UID)
    old, new = demo_profile(name), changed(name, NEWER)
    run_encode(Direct(card), profile=old)
    content = {n: bytes(file.content) for n, file in card.memory.applications[old.applications[0].aid].files.items()}
    report = run_encode(Direct(card), profile=new)
    app = card.memory.applications[new.applications[0].aid]
    assert [key.version for key in app.keys] == [2] * len(app.keys)
    assert {n: bytes(file.content) for n, file in app.files.items()} == content
    assert {version for _, version in report.keys} == {2}
    verify(Direct(card), new, DATA, SECRETS)
    with pytest.raises(ChipMismatchError, match="of version 2, and the chip profile wants 1"):
        verify(Direct(card), old, DATA, SECRETS)


@pytest.mark.parametrize("how", list(Tear))
def test_a_card_pulled_while_its_keys_roll_over_is_finished(how: Tear) -> None:
    old, new = with_card_key("deuinfo-unsigned"), with_card_key("deuinfo-unsigned", version=2)
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=old)
    whole = Direct(card)
    run_encode(whole, profile=new)
    for after in range(len(whole.log)):
        card = VirtualDesfire.new(uid=UID)
        run_encode(Direct(card), profile=old)
        with pytest.raises(CardRemovedError):
            run_encode(Pulled(card, after, how), profile=new)
        assert run_encode(Direct(card), profile=new).verified
        verify(Direct(card), new, DATA, SECRETS)
        assert (card.memory.picc.kind, card.memory.picc.keys[0].version) == (AES, 2)


def test_a_version_that_the_keeper_has_no_more_is_told() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card))
    refused(card, changed("deuinfo", NEWER), ChipKeyError, "keys", secrets=VirtualSecrets(demo=True, versions=[2]))


# --- the card's own key -----------------------------------------------------------------------------------------


def test_the_card_s_own_key_is_made_ours_and_nothing_goes_onto_it_without() -> None:
    card = VirtualDesfire.new(uid=UID)
    profile = with_card_key("deuinfo", settings="09")
    run_encode(Direct(card), profile=profile)
    assert (card.memory.picc.kind, card.memory.picc.settings) == (AES, 0x09)
    assert card.memory.picc.keys[0].value == SECRETS.diversified("card-master", 1, UID)
    refused(card, demo_profile("access-control"), ChipUnsuitableError, "locked with a master key")
    assert run_encode(Direct(card), profile=profile).verified


@pytest.mark.parametrize("kind", [TDES, AES])
def test_a_card_with_a_stranger_s_master_key_is_told_before_anything_is_written(kind: str) -> None:
    card = VirtualDesfire.new(uid=UID)
    card.memory.picc.kind = kind
    card.memory.picc.keys[0] = CardKey(kind, b"\x54\x32" * 8, 1)
    refused(card, with_card_key("deuinfo"), ChipUnsuitableError, "locked with a master key")


def test_verify_asks_for_the_card_s_own_key() -> None:
    card = VirtualDesfire.new(uid=UID)
    profile = with_card_key("deuinfo")
    run_encode(Direct(card), profile=profile)
    card.memory.picc.keys[0] = CardKey(AES, b"\x54\x32" * 8, 1)
    with pytest.raises(ChipMismatchError, match="copy"):
        verify(Direct(card), profile, DATA, SECRETS)


# --- generations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("card", "asked"), [("EV1", "EV2"), ("EV1", "EV3"), ("EV2", "EV3")])
def test_an_older_card_than_asked_for_is_named(card: str, asked: str) -> None:
    profile = sized(16, generation=asked)
    refused(
        VirtualDesfire.new(card, uid=UID), profile, ChipUnsuitableError, f"DESFire {asked} or newer.*DESFire {card}"
    )


@pytest.mark.parametrize("card", ["EV2", "EV3"])
def test_a_newer_card_is_as_good(card: str) -> None:
    assert run_encode(Direct(VirtualDesfire.new(card, uid=UID)), profile=sized(16, generation="EV2")).verified
    assert run_encode(Direct(VirtualDesfire.new(card, uid=UID))).verified


# --- signatures -------------------------------------------------------------------------------------------------


def test_a_card_without_a_pinned_root_is_not_made() -> None:
    refused(VirtualDesfire.new(uid=UID), shipped_profile("deuinfo"), CertificateError, "pins no root")


def test_a_card_is_not_signed_without_a_key() -> None:
    class Empty(VirtualSecrets):
        def certificate(self, name: str) -> bytes:
            raise SecretError(name=name)

    refused(VirtualDesfire.new(uid=UID), demo_profile(), SecretError, "deuinfo-signing", secrets=Empty(demo=True))


def test_an_unsigned_card_becomes_whole_by_the_signing_profile() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=demo_profile("deuinfo-unsigned"))
    with pytest.raises(ChipMismatchError, match="missing"):
        verify(Direct(card), demo_profile(), DATA, SECRETS)
    assert run_encode(Direct(card)).verified
    verify(Direct(card), demo_profile(), DATA, SECRETS)


def test_verify_believes_no_signature_of_another_card() -> None:
    card, other = VirtualDesfire.new(uid=UID), VirtualDesfire.new()
    run_encode(Direct(card))
    run_encode(Direct(other))
    theirs = other.memory.applications[ESC_AID].files[1]
    card.memory.applications[ESC_AID].files[1] = theirs
    with pytest.raises(ChipMismatchError, match="copy or a forgery"):
        verify(Direct(card), demo_profile(), DATA, SECRETS)
    # Encoding mends it: what is on the card is not what proves it.
    assert run_encode(Direct(card)).verified
    verify(Direct(card), demo_profile(), DATA, SECRETS)


def test_verify_minds_the_time() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card))
    late = ChipData(ESCN, at=datetime(2050, 1, 1, tzinfo=UTC))
    with pytest.raises(CertificateError, match="valid from"):
        verify(Direct(card), demo_profile(), late, SECRETS)


def test_verify_pins_the_root_of_its_own_profile() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card))
    with pytest.raises(CertificateError, match="pins no root"):
        verify(Direct(card), shipped_profile("deuinfo"), DATA, SECRETS)
    verify(Direct(card), shipped_profile("deuinfo").trusting(demo_root()), DATA, SECRETS)


def filled(card: VirtualDesfire, free: int) -> VirtualDesfire:
    card.memory.capacity += free - card.memory.free
    return card


def test_a_longer_signature_that_has_no_room_leaves_the_card_as_it_is() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card))
    # As if it had been signed under an older certificate: shorter, and with it goes the signature.
    file = card.memory.applications[ESC_AID].files[2]
    file.content = file.content[:-1]
    refused(filled(card, 100), demo_profile(), ChipUnsuitableError, "not enough room")
    assert run_encode(Direct(filled(card, 2000))).verified
    verify(Direct(card), demo_profile(), DATA, SECRETS)


def test_files_that_have_no_room_are_told_before_the_first_is_made() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=demo_profile("deuinfo-unsigned"))
    refused(filled(card, 200), demo_profile(), ChipUnsuitableError, "not enough room")


def test_a_card_that_does_not_tell_its_room_has_the_last_word_itself() -> None:
    card = VirtualDesfire.new(uid=UID)
    run_encode(Direct(card), profile=demo_profile("deuinfo-unsigned"))

    class Silent(Direct):
        def transmit(self, apdu: bytes) -> bytes:
            return b"\x91\xae" if apdu[:2] == b"\x90\x6e" else super().transmit(apdu)

    assert run_encode(Silent(card)).verified
