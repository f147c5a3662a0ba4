"""Which chip is this: by its own word, by its ATR, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.apdu import Transmit
from station.chip.atr import Family
from station.chip.identify import Identity, identify, kind_by_atr
from station.chip.type2 import ULTRALIGHT_C
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import KINDS, blank_card, new_card
from station.chip.virtual_card.memory import CardMemory
from station.chip.virtual_card.reader import storage_atr
from station.domain.errors import CardRemovedError, ChipError
from tests.helpers.chip import UID, Altered, Direct, Pulled, Rambling, unhex

GET_UID = "ffca000000"


def test_a_desfire_names_itself() -> None:
    card = blank_card(UID)
    chip = identify(Direct(card).transmit, card.atr)
    assert (chip.uid, chip.uid_text, chip.kind) == (UID, "04782E21801D80", "DESFire EV1 8K")
    assert not chip.random_uid


def test_a_random_uid_is_recognised() -> None:
    memory = CardMemory.blank(UID)
    memory.random_uid = True
    chip = identify(Direct(VirtualDesfire(memory)).transmit, b"")
    assert chip.random_uid
    assert chip.uid[0] == 0x08
    assert chip.kind == "DESFire EV1 8K"


def test_a_reader_that_turns_the_uid_round_is_forgiven() -> None:
    card = Altered(blank_card(UID), lambda i, a: UID[::-1] + b"\x90\x00" if i == 0 else a)
    assert identify(card.transmit, b"").uid == UID


def test_a_reader_that_gives_no_uid_is_helped_by_the_chip() -> None:
    card = Altered(blank_card(UID), lambda i, a: b"\x6a\x81" if i == 0 else a)
    assert identify(card.transmit, b"").uid == UID


def test_two_cards_on_one_reader_are_noticed() -> None:
    card = Altered(blank_card(UID), lambda i, a: unhex("04A1B2C3D4E5809000") if i == 0 else a)
    with pytest.raises(ChipError, match="two cards") as caught:
        identify(card.transmit, b"")
    assert "one card" in caught.value.todo


def test_the_atr_alone_names_a_chip_or_calls_it_unknown() -> None:
    assert kind_by_atr(unhex("3B8F8001804F0CA000000306030001000000006A")) == "MIFARE Classic 1K"
    assert kind_by_atr(unhex("3B8180018080")) == "unknown chip (ATR 3B8180018080)"
    assert kind_by_atr(b"") == "unknown chip (ATR empty)"


@pytest.mark.parametrize(
    ("card", "kind", "family"),
    [
        ("desfire-ev1", "DESFire EV1 8K", Family.DESFIRE),
        ("desfire-ev2", "DESFire EV2 8K", Family.DESFIRE),
        ("desfire-ev3", "DESFire EV3 8K", Family.DESFIRE),
        ("desfire-light", "DESFire Light 512 bytes", Family.DESFIRE),
        ("desfire-random-id", "DESFire EV2 8K", Family.DESFIRE),
        ("classic-1k", "MIFARE Classic 1K", Family.CLASSIC),
        ("classic-4k", "MIFARE Classic 4K", Family.CLASSIC),
        ("ultralight", "MIFARE Ultralight", Family.TYPE2),
        ("ntag213", "NTAG213", Family.TYPE2),
        ("ntag215", "NTAG215", Family.TYPE2),
        ("ntag216", "NTAG216", Family.TYPE2),
        ("iso7816", "ISO 7816 card", Family.ISO7816),
        ("random-id", "ISO 7816 card", Family.ISO7816),
        ("unknown", "unknown chip (ATR 3B8680015354524E47451E)", Family.UNKNOWN),
    ],
)
def test_every_software_card_is_told_apart(card: str, kind: str, family: Family) -> None:
    direct = Direct(new_card(card))
    chip = identify(direct.transmit, direct.atr)
    assert (chip.kind, chip.family) == (kind, family)
    assert chip.random_uid is ("random" in card)
    assert chip.uid
    assert (chip.tag.name if chip.tag else "") == (kind if family is Family.TYPE2 else "")


def test_every_kind_of_software_card_is_in_the_list_above() -> None:
    assert len(KINDS) == 14


@pytest.mark.parametrize("card", ["classic-1k", "ntag213"])
def test_a_memory_card_is_sent_no_command_that_it_does_not_know(card: str) -> None:
    direct = Direct(new_card(card))
    identify(direct.transmit, direct.atr)
    assert {apdu[0] for apdu, _ in direct.log} == {0xFF}


def without(transmit: Transmit, *commands: str) -> Transmit:
    return lambda apdu: b"\x6d\x00" if apdu[:2].hex() in commands else transmit(apdu)


@pytest.mark.parametrize(
    ("card", "missing", "kind"),
    [
        ("ntag213", ("ffc2",), "NTAG213"),
        ("ntag213", ("ff00",), "NTAG213"),
        ("ntag213", ("ffc2", "ff00"), "MIFARE Ultralight or NTAG"),
        ("ntag215", ("ffc2", "ff00"), "NTAG215"),
        ("ultralight", ("ffc2", "ff00"), "MIFARE Ultralight"),
        ("ntag213", ("ffc2", "ff00", "ffb0"), "MIFARE Ultralight or NTAG"),
    ],
)
def test_a_tag_is_named_as_well_as_the_reader_lets_us(card: str, missing: tuple[str, ...], kind: str) -> None:
    direct = Direct(new_card(card))
    assert identify(without(direct.transmit, *missing), direct.atr).kind == kind


def test_an_ultralight_c_has_a_name_of_its_own_or_is_told_by_its_silence() -> None:
    named = identify(Rambling([unhex("04782E21801D809000")]).transmit, storage_atr(0x003A))
    assert (named.kind, named.tag) == ("MIFARE Ultralight C", ULTRALIGHT_C)
    direct = Direct(new_card("ntag213"))

    def silent(apdu: bytes) -> bytes:
        return unhex("C0030164019000") if apdu[:4] == unhex("FFC20001") else direct.transmit(apdu)

    assert identify(silent, direct.atr).kind == "MIFARE Ultralight C"


def other_nxp(version: str, atr: str = "3B8180018080") -> Identity:
    answers = [unhex("04010203040506" + "9000"), unhex(version + "91af"), unhex(version + "91af")]
    answers.append(unhex("04010203040506" + "00" * 7 + "9100"))
    return identify(Rambling(answers).transmit, unhex(atr))


@pytest.mark.parametrize(
    ("version", "kind", "family"),
    [
        ("04020111001605", "MIFARE Plus EV1 2K (SL0 or SL3)", Family.PLUS),
        ("04020122001805", "MIFARE Plus EV2 4K (SL0 or SL3)", Family.PLUS),
        ("04040230001105", "NTAG 424 DNA", Family.NTAG_DNA),
        ("04040210001105", "NTAG 413 DNA", Family.NTAG_DNA),
    ],
)
def test_other_chips_that_know_get_version(version: str, kind: str, family: Family) -> None:
    chip = other_nxp(version)
    assert (chip.kind, chip.family, chip.version) == (kind, family, None)
    assert chip.uid_text == "04010203040506"


def test_an_older_plus_is_known_by_its_historical_bytes() -> None:
    chip = identify(Rambling([unhex("041122339000"), unhex("6D00")]).transmit, unhex("3B878001C1052F2F01BCD6A9"))
    assert (chip.kind, chip.family) == ("MIFARE Plus X (SL0 or SL3)", Family.PLUS)


def test_a_card_in_a_contact_reader() -> None:
    answers = [unhex("6D00"), unhex("6E00"), unhex("6A82")]
    chip = identify(Rambling(answers).transmit, unhex("3B6500002063CB6800"))
    assert (chip.uid, chip.kind, chip.family) == (b"", "contact smart card", Family.CONTACT)


@given(st.binary(max_size=40), st.lists(st.binary(max_size=70), min_size=1, max_size=12))
def test_any_atr_and_any_answers_are_named_or_refused_in_words(atr: bytes, answers: list[bytes]) -> None:
    try:
        chip = identify(Rambling(answers).transmit, atr)
    except ChipError as error:
        words = str(error)
    else:
        words = chip.kind
    assert words


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFF), st.lists(st.binary(max_size=20), min_size=1, max_size=12))
def test_any_memory_card_is_named(number: int, standard: int, answers: list[bytes]) -> None:
    assert identify(Rambling(answers).transmit, storage_atr(number, standard)).kind


@pytest.mark.parametrize("answer", ["6d00", "6e00", "9000", "91ae", "911c", "", "91", "00" * 300])
def test_whatever_a_chip_answers_it_is_named(answer: str) -> None:
    chip = identify(Rambling([unhex("040102039000"), unhex(answer)]).transmit, unhex("3B00"))
    assert (chip.uid_text, chip.kind, chip.version) == ("04010203", "unknown chip (ATR 3B00)", None)


def test_another_nfc_chip_that_knows_get_version_is_no_desfire() -> None:
    # NTAG 424 DNA: vendor NXP, type 04.
    version = "04040201001105"
    assert other_nxp(version, "3B00").version is None


def test_a_card_that_is_gone_is_not_called_unknown() -> None:
    with pytest.raises(CardRemovedError):
        identify(Pulled(blank_card(UID), 2).transmit, b"")
