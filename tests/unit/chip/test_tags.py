"""Cards without keys: the address is written, read back, and never put over somebody else's."""

from __future__ import annotations

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipData, verify
from station.chip.ndef import encode_uri
from station.chip.type2 import Type2Tag
from station.chip.virtual_card.classic import VirtualClassic
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import new_card
from station.domain.card import RouterCardType
from station.domain.errors import CardRemovedError, ChipError, ChipMismatchError, ChipUnsuitableError, ExpressionError
from tests.helpers.chip import ESCN, OTHER_ESCN, Altered, Direct, Pulled, demo_profile, run_encode

PROFILE = demo_profile("ndef-url")
DATA = ChipData(ESCN, url=f"https://s.esc-r.eu/{ESCN}")
SECRETS = VirtualSecrets(demo=True)
KINDS = ("ntag213", "ntag215", "ntag216")


def carried(connection: Direct) -> bytes | None:
    return Type2Tag(connection.transmit).read_message()


@pytest.mark.parametrize("kind", KINDS)
def test_a_tag_carries_the_card_s_address(kind: str) -> None:
    card, begun = new_card(kind), list[str]()
    report = run_encode(Direct(card), profile=PROFILE, begun=begun)
    assert carried(Direct(card)) == encode_uri(DATA.url)
    assert (report.escn_on_chip, report.card_type, report.verified) == (None, RouterCardType.SMART_NO_CDZ, True)
    assert begun == [report.uid]
    assert verify(Direct(card), PROFILE, DATA, SECRETS).uid == report.uid


def test_a_finished_tag_is_only_checked() -> None:
    card = new_card("ntag213")
    run_encode(Direct(card), profile=PROFILE)
    again = Direct(card)
    run_encode(again, profile=PROFILE)
    assert all(sent[1] != 0xD6 for sent, _ in again.log)


def test_a_tag_pulled_at_every_command_is_finished_when_it_is_put_back() -> None:
    whole = Direct(new_card("ntag213"))
    run_encode(whole, profile=PROFILE)
    for after in range(len(whole.log)):
        card, begun = new_card("ntag213"), list[str]()
        with pytest.raises(CardRemovedError) as caught:
            run_encode(Pulled(card, after), profile=PROFILE, begun=begun)
        assert caught.value.written is bool(begun)
        # At no time does a telephone see a half of the address.
        assert carried(Direct(card)) in (b"", encode_uri(DATA.url))
        assert run_encode(Direct(card), profile=PROFILE).verified


@pytest.mark.parametrize("host", ["s.esc-r.eu", "esc.gg"])
def test_another_card_s_address_is_left_alone(host: str) -> None:
    card, begun = new_card("ntag213"), list[str]()
    theirs = encode_uri(f"https://{host}/{OTHER_ESCN}")
    Type2Tag(Direct(card).transmit).write_message(theirs)
    with pytest.raises(ChipMismatchError) as caught:
        run_encode(Direct(card), profile=PROFILE, begun=begun)
    assert (caught.value.params["escn"], caught.value.written, begun) == (OTHER_ESCN, False, [])
    assert carried(Direct(card)) == theirs


def test_any_other_message_is_left_alone() -> None:
    card = new_card("ntag213")
    Type2Tag(Direct(card).transmit).write_message(encode_uri("https://example.org/menu"))
    with pytest.raises(ChipUnsuitableError, match="carries a message already"):
        run_encode(Direct(card), profile=PROFILE)
    with pytest.raises(ChipMismatchError, match="address"):
        verify(Direct(card), PROFILE, DATA, SECRETS)


def test_another_chip_is_refused_by_name() -> None:
    for card, name in ((VirtualClassic.new(1), "Classic"), (VirtualDesfire.new(), "DESFire")):
        with pytest.raises(ChipUnsuitableError, match=name):
            run_encode(Direct(card), profile=PROFILE)
        with pytest.raises(ChipMismatchError):
            verify(Direct(card), PROFILE, DATA, SECRETS)


def test_a_tag_that_forgets_is_noticed() -> None:
    card = new_card("ntag213")

    def forget(index: int, answer: bytes) -> bytes:
        # Said to be written, and read back as zeros.
        return bytes(len(answer) - 2) + answer[-2:] if index > 20 else answer

    with pytest.raises(ChipError) as caught:
        run_encode(Altered(card, forget), profile=PROFILE)
    assert caught.value.written


def test_a_card_without_an_address_is_refused() -> None:
    with pytest.raises(ExpressionError, match=r"card\.url"):
        verify(Direct(new_card("ntag213")), PROFILE, ChipData(ESCN), SECRETS)
