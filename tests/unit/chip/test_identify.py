"""Which chip is this: by its own word, by its ATR, or not at all."""

from __future__ import annotations

import pytest

from station.chip.identify import identify, kind_by_atr
from station.chip.virtual_card import VirtualCard, VirtualDesfire
from station.chip.virtual_card.memory import CardMemory
from station.domain.errors import CardRemovedError, ChipError
from tests.helpers.chip import UID, Altered, Direct, Pulled, Rambling, unhex

GET_UID = "ffca000000"


def test_a_desfire_names_itself() -> None:
    card = VirtualCard.blank(UID)
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
    card = Altered(VirtualCard.blank(UID), lambda i, a: UID[::-1] + b"\x90\x00" if i == 0 else a)
    assert identify(card.transmit, b"").uid == UID


def test_a_reader_that_gives_no_uid_is_helped_by_the_chip() -> None:
    card = Altered(VirtualCard.blank(UID), lambda i, a: b"\x6a\x81" if i == 0 else a)
    assert identify(card.transmit, b"").uid == UID


def test_two_cards_on_one_reader_are_noticed() -> None:
    card = Altered(VirtualCard.blank(UID), lambda i, a: unhex("04A1B2C3D4E5809000") if i == 0 else a)
    with pytest.raises(ChipError, match="two cards") as caught:
        identify(card.transmit, b"")
    assert "one card" in caught.value.todo


@pytest.mark.parametrize(
    ("atr", "kind"),
    [
        ("3B8F8001804F0CA000000306030001000000006A", "MIFARE Classic 1K"),
        ("3B8F8001804F0CA0000003060300020000000069", "MIFARE Classic 4K"),
        ("3B8F8001804F0CA0000003060300030000000068", "MIFARE Ultralight or NTAG"),
        ("3B8F8001804F0CA00000030611003B0000000042", "FeliCa"),
        ("3B8F8001804F0CA00000030611F01100000000B8", "FeliCa 212K"),
        ("3B8F8001804F0CA00000030603FFFF000000006A", "unknown chip (ATR 3B8F8001804F0CA00000030603FFFF000000006A)"),
        ("3B8180018080", "unknown chip (ATR 3B8180018080)"),
        ("3B8F8001804F0CA00000030603", "unknown chip (ATR 3B8F8001804F0CA00000030603)"),
        ("", "unknown chip (ATR empty)"),
    ],
)
def test_memory_cards_are_named_by_their_atr(atr: str, kind: str) -> None:
    assert kind_by_atr(unhex(atr)) == kind


@pytest.mark.parametrize("answer", ["6d00", "6e00", "9000", "91ae", "911c", "", "91", "00" * 300])
def test_whatever_a_chip_answers_it_is_named(answer: str) -> None:
    chip = identify(Rambling([unhex("040102039000"), unhex(answer)]).transmit, unhex("3B00"))
    assert (chip.uid_text, chip.kind, chip.version) == ("04010203", "unknown chip (ATR 3B00)", None)


def test_another_nfc_chip_that_knows_get_version_is_no_desfire() -> None:
    # NTAG 424 DNA: vendor NXP, type 04.
    version = "04040201001105"
    answers = [unhex("04010203040506" + "9000"), unhex(version + "91af"), unhex(version + "91af")]
    answers.append(unhex("04010203040506" + "00" * 7 + "9100"))
    assert identify(Rambling(answers).transmit, unhex("3B00")).version is None


def test_a_card_that_is_gone_is_not_called_unknown() -> None:
    with pytest.raises(CardRemovedError):
        identify(Pulled(VirtualCard.blank(UID), 2).transmit, b"")
