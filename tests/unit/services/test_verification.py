"""Nothing is handed over that does not agree with its record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from station.chip.virtual_card.ciphers import AES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.card import RouterCardType
from station.domain.errors import ChipMismatchError, EscnError
from station.domain.escn import qr_text
from station.domain.holder import Holder
from station.domain.workflow import Issuance, State, Verified
from station.services.verification import Seen, disagreement
from tests.helpers.chip_profiles import hiding
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet

HIDING = hiding("deuinfo")


def test_a_good_card_is_verified_by_chip_and_qr(bench: TestDesk) -> None:
    assert bench.verified().state is State.VERIFIED


def test_a_scanned_qr_counts_in_every_written_form(bench: TestDesk) -> None:
    issuance = bench.printed()
    done = bench.desk.verify(issuance, cancel=never(), qr_text=f"http://esc.gg/{issuance.escn.upper()}")
    assert done.state is State.VERIFIED


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("https://s.esc-r.eu/14625400-9326-103f-8001-001999465982", ChipMismatchError),
        ("https://example.org/", EscnError),
        ("", EscnError),
    ],
)
def test_a_wrong_qr_is_refused_and_journaled(bench: TestDesk, text: str, error: type[Exception]) -> None:
    issuance = bench.printed()
    with pytest.raises(error):
        bench.desk.verify(issuance, cancel=never(), qr_text=text)
    assert bench.desk.journal.issuance(issuance.id).state is State.PRINTED
    last = bench.desk.store.issuances.journal(issuance.id)[-1]
    assert type(last.event).__name__ == "VerifyFailed"


@pytest.mark.parametrize("name", ["guest", "staff"])
def test_a_card_whose_layout_has_no_qr_is_made_like_any_other(tmp_path: Path, name: str) -> None:
    with open_test_desk(tmp_path, layout={"name": name}) as bench:
        card = bench.desk.issuances.hand_over(bench.verified().id)
        assert card.layout == f"{name}/1"
        verified = bench.desk.store.issuances.journal(card.issuance_id)[-2].event
        assert verified == Verified(card.uid or "", verified.escn_chip, "")  # type: ignore[union-attr]


def test_an_address_of_ones_own_is_read_wherever_a_qr_is(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, card={"qr_address": "https://id.rpu.example/"}) as bench:
        printed = bench.printed()
        done = bench.desk.verify(printed, cancel=never(), qr_text=f"https://id.rpu.example/{printed.escn}")
        assert done.state is State.VERIFIED
        assert bench.desk.verify(done, cancel=never()).state is State.VERIFIED
        with pytest.raises(EscnError):
            bench.desk.verify(done, cancel=never(), qr_text=f"https://other.example/{printed.escn}")


def test_two_students_cards_that_were_swapped_are_noticed(bench: TestDesk) -> None:
    mine, other = bench.printed(), bench.printed(bench.martins)
    bench.tray.put(other.uid)
    verification = bench.desk.verification
    with pytest.raises(ChipMismatchError, match="another card"):
        verification.verify(mine.id, bench.desk.chip_profile, lambda: qr_text(mine.escn), cancel=never())
    assert bench.desk.journal.issuance(mine.id).state is State.PRINTED


def test_every_kind_of_disagreement_has_its_words(bench: TestDesk) -> None:
    issuance = replace(bench.printed(), card_type=RouterCardType.SMART_CDZ)
    good = Seen(issuance.uid, issuance.escn)
    assert disagreement(issuance, good, issuance.escn) is None
    seen = {
        disagreement(issuance, replace(good, uid="04"), issuance.escn),
        disagreement(issuance, replace(good, escn="x"), issuance.escn),
        disagreement(issuance, replace(good, escn=""), issuance.escn),
        disagreement(issuance, good, "x"),
    }
    assert len(seen) == 4
    assert None not in seen


def printed_with_hidden_uid(bench: TestDesk, holder: Holder) -> Issuance:
    issuance = bench.desk.encoding.encode(bench.portrayed(holder).id, HIDING, cancel=never(), progress=quiet)
    card = bench.desk.render(issuance)
    return bench.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)


def test_a_card_that_hides_its_uid_is_verified_by_the_real_one(bench: TestDesk) -> None:
    bench.tray.put_blank()
    issuance = printed_with_hidden_uid(bench, bench.liga)
    lying = bench.tray.readers.card()
    assert lying is not None
    lying.reset()
    done = bench.desk.verification.verify(issuance.id, HIDING, lambda: qr_text(issuance.escn), cancel=never())
    assert (done.state, done.uid) == (State.VERIFIED, issuance.uid)


def test_a_stranger_s_card_that_hides_its_uid_is_another_card(bench: TestDesk) -> None:
    bench.tray.put_blank()
    issuance = printed_with_hidden_uid(bench, bench.liga)
    stranger = VirtualDesfire.new(random_id=True)
    stranger.memory.picc.keys[0] = CardKey(AES, b"\x54" * 16, 1)
    stranger.memory.picc.kind = AES
    bench.tray.readers.insert(stranger)
    with pytest.raises(ChipMismatchError, match="another card"):
        bench.desk.verification.verify(issuance.id, HIDING, lambda: qr_text(issuance.escn), cancel=never())
    last = bench.desk.store.issuances.journal(issuance.id)[-1]
    assert type(last.event).__name__ == "VerifyFailed"


def test_two_cards_that_hide_their_uids_and_were_swapped_are_noticed(bench: TestDesk) -> None:
    bench.tray.put_blank()
    mine = printed_with_hidden_uid(bench, bench.liga)
    bench.tray.put_blank()
    printed_with_hidden_uid(bench, bench.martins)
    with pytest.raises(ChipMismatchError):
        bench.desk.verification.verify(mine.id, HIDING, lambda: qr_text(mine.escn), cancel=never())
