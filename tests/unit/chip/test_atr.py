"""What an ATR says: memory cards by name, Plus and type B by their historical bytes, and nothing by the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.atr import Family, contactless_history, read_atr
from station.chip.virtual_card.reader import iso_atr, storage_atr
from tests.helpers.chip import unhex


@pytest.mark.parametrize(
    ("atr", "kind", "family"),
    [
        ("3B8F8001804F0CA000000306030001000000006A", "MIFARE Classic 1K", Family.CLASSIC),
        ("3B8F8001804F0CA0000003060300020000000069", "MIFARE Classic 4K", Family.CLASSIC),
        ("3B8F8001804F0CA000000306030026000000004D", "MIFARE Mini", Family.CLASSIC),
        ("3B8F8001804F0CA0000003060300030000000068", "MIFARE Ultralight or NTAG", Family.TYPE2),
        ("3B8F8001804F0CA00000030603003A0000000051", "MIFARE Ultralight C", Family.TYPE2),
        ("3B8F8001804F0CA00000030603003D0000000056", "MIFARE Ultralight EV1", Family.TYPE2),
        ("3B8F8001804F0CA000000306030036000000005D", "MIFARE Plus 2K SL1", Family.CLASSIC),
        ("3B8F8001804F0CA000000306030037000000005C", "MIFARE Plus 4K SL1", Family.CLASSIC),
        ("3B8F8001804F0CA0000003060300380000000053", "MIFARE Plus 2K SL2", Family.PLUS),
        ("3B8F8001804F0CA00000030611003B0000000042", "FeliCa", Family.FELICA),
        ("3B8F8001804F0CA00000030611F01100000000B8", "FeliCa 212K", Family.FELICA),
        ("3B8F8001804F0CA00000030611FFFF0000000079", "FeliCa", Family.FELICA),
        ("3B8F8001804F0CA0000003060A0018000000007A", "HID iCLASS (PicoPass 2KS)", Family.ICLASS),
        ("3B8F8001804F0CA0000003060B00140000000077", "ICODE SLI", Family.VICINITY),
        ("3B8F8001804F0CA0000003060B00990000000000", "ISO 15693 card", Family.VICINITY),
        ("3B8F8001804F0CA00000030603F004000000009F", "Topaz", Family.MEMORY),
        ("3B8F8001804F0CA00000030603FF88000000001C", "MIFARE Classic 1K", Family.CLASSIC),
        ("3B878001C1052F2F0035C730", "MIFARE Plus S (SL0 or SL3)", Family.PLUS),
        ("3B878001C1052F2F01BCD6A9", "MIFARE Plus X (SL0 or SL3)", Family.PLUS),
        # An identity card and a passport, both type B.
        ("3B8880010000000033818100BB", "ISO 14443-4 type B card", Family.TYPE_B),
        ("3B888001E1F35E117781950087", "ISO 14443-4 type B card", Family.TYPE_B),
    ],
)
def test_what_an_atr_says(atr: str, kind: str, family: Family) -> None:
    facts = read_atr(unhex(atr))
    assert (facts.kind, facts.family, facts.contactless) == (kind, family, True)
    assert facts.memory_card is ("804F0CA0" in atr)


@pytest.mark.parametrize(
    ("atr", "contactless"),
    [
        ("3B8F8001804F0CA00000030603FFFF000000006A", True),  # a memory card with no name that we know
        ("3B8F8001804F0CA00000030603", False),  # cut short
        ("3B8180018080", True),  # a DESFire says nothing
        ("3B888001" + "0073C84000009000" + "FA", True),  # eight bytes, but not those of type B
        ("3B888001" + "000000003381F10000", True),  # a waiting time that there is not
        ("3B828001" + "80" + "00", False),  # fewer historical bytes than it says
        ("3B6500002063CB6800", False),
        ("3B00", False),
        ("", False),
    ],
)
def test_what_an_atr_does_not_say(atr: str, contactless: bool) -> None:
    facts = read_atr(unhex(atr))
    assert (facts.kind, facts.contactless, facts.memory_card) == ("", contactless, False)


@given(st.binary(max_size=40))
def test_any_bytes_can_be_asked(atr: bytes) -> None:
    facts = read_atr(atr)
    assert not facts.memory_card or facts.kind


@given(st.binary(max_size=15))
def test_historical_bytes_come_back(history: bytes) -> None:
    assert contactless_history(iso_atr(history)) == history


@given(st.integers(0, 0xFFFF), st.integers(0, 255))
def test_a_memory_card_is_never_taken_for_a_smart_card(number: int, standard: int) -> None:
    facts = read_atr(storage_atr(number, standard))
    assert facts.contactless
    assert facts.family is not Family.TYPE_B
