"""The chip: journaled before and after, resumed by the same card only, never on a card that is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.card import BlankState, RouterCardType
from station.domain.errors import Cancelled, CardAbsentError, CardRemovedError, ChipUnsuitableError
from station.domain.workflow import Act, EncodeBegun, Encoded, EncodeStopped, Issuance, State
from tests.helpers.chip import Direct, run_encode
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet


def events(bench: TestDesk, issuance_id: str) -> list[str]:
    return [type(e.event).__name__ for e in bench.desk.store.issuances.journal(issuance_id)]


def test_the_chip_is_written_read_back_and_journaled_on_both_sides(bench: TestDesk) -> None:
    issuance = bench.encoded()
    assert issuance.state is State.ENCODED
    assert issuance.card_type is RouterCardType.SMART_CDZ
    assert issuance.apdus > 10
    assert events(bench, issuance.id)[-3:] == ["EncodeBegun", "EncodeReached", "Encoded"]
    assert bench.desk.verification.look(issuance, bench.desk.chip_profile, cancel=never()).escn == issuance.escn


@pytest.mark.parametrize("apdus", [2, 8, 12, 15, 18, 20])
def test_a_pulled_card_that_is_put_back_is_finished_with_its_number(bench: TestDesk, apdus: int) -> None:
    issuance = bench.portrayed()
    bench.dial.set("card", "pulled", apdus)
    with pytest.raises(CardRemovedError):
        bench.desk.encode(issuance, cancel=never(), progress=quiet)
    torn = bench.desk.journal.issuance(issuance.id)
    bench.dial.clear("card")
    done = bench.desk.encode(torn, cancel=never(), progress=quiet)
    assert done.state is State.ENCODED
    assert done.escn == issuance.escn
    if torn.uid:
        assert done.uid == torn.uid
    bench.desk.verification.look(done, bench.desk.chip_profile, cancel=never())


def test_another_card_than_the_torn_one_is_refused(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    bench.dial.set("card", "pulled", 18)
    with pytest.raises(CardRemovedError):
        bench.desk.encode(issuance, cancel=never(), progress=quiet)
    torn = bench.desk.journal.issuance(issuance.id)
    assert torn.pending is Act.ENCODE
    assert torn.doubt
    bench.dial.clear("card")
    bench.tray.put_blank()
    encoding = bench.desk.encoding
    with pytest.raises(ChipUnsuitableError, match="another card"):
        encoding.encode(torn.id, bench.desk.chip_profile, cancel=never(), progress=quiet)
    assert bench.desk.journal.issuance(issuance.id) == torn


def test_a_card_that_was_made_for_somebody_else_is_refused_by_name(bench: TestDesk) -> None:
    made = bench.encoded(bench.martins)
    other = bench.portrayed()
    bench.tray.put(made.uid)
    with pytest.raises(ChipUnsuitableError, match="Mārtiņš") as refused:
        bench.desk.encoding.encode(other.id, bench.desk.chip_profile, cancel=never(), progress=quiet)
    assert not refused.value.written
    assert bench.desk.journal.issuance(other.id).uid == ""


def test_no_card_in_time_or_a_cancel_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, reader={"wait_s": 0.05}) as bench:
        issuance = bench.portrayed()
        bench.tray.take_off()
        encoding = bench.desk.encoding
        with pytest.raises(CardAbsentError):
            encoding.encode(issuance.id, bench.desk.chip_profile, cancel=never(), progress=quiet)
        cancel = never()
        cancel.set()
        with pytest.raises(Cancelled):
            encoding.encode(issuance.id, bench.desk.chip_profile, cancel=cancel, progress=quiet)
        assert bench.desk.journal.issuance(issuance.id) == issuance
        assert bench.desk.store.cards.blanks() == ()


def test_a_card_without_a_chip_passes_through(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip={"profile": "none"}) as bench:
        issuance = bench.encoded()
        assert issuance.state is State.ENCODED
        assert issuance.uid == ""
        assert issuance.card_type is RouterCardType.PASSIVE
        card = bench.desk.issuances.hand_over(bench.desk.verify(_print(bench, issuance.id), cancel=never()).id)
        assert card.uid is None


def test_a_chip_that_is_only_read_is_bound_by_its_uid(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip={"profile": "uid"}) as bench:
        issuance = bench.encoded()
        assert issuance.card_type is RouterCardType.SMART_NO_CDZ
        assert issuance.uid
        (blank,) = bench.desk.store.cards.blanks()
        assert (blank.uid, blank.state) == (issuance.uid, BlankState.IN_WORK)
        journal = bench.desk.store.issuances.journal(issuance.id)
        assert [type(e.event) for e in journal][-2:] == [EncodeBegun, Encoded]
        assert EncodeStopped not in [type(e.event) for e in journal]


def _print(bench: TestDesk, issuance_id: str) -> Issuance:
    issuance = bench.desk.journal.issuance(issuance_id)
    card = bench.desk.render(issuance)
    return bench.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)


def test_an_attempt_whose_end_was_not_recorded_binds_the_number_to_its_chip(bench: TestDesk) -> None:
    """The chip was written and the disk was full: no other chip may get this number, however often one tries."""
    issuance = bench.portrayed()
    uid = bench.tray.put_blank()
    bench.desk.journal.step(issuance, EncodeBegun(uid, "reader"))
    for _ in range(2):
        bench.tray.put_blank()
        with pytest.raises(ChipUnsuitableError, match="another card"):
            bench.desk.encoding.encode(issuance.id, bench.desk.chip_profile, cancel=never(), progress=quiet)
    cancel = never()
    cancel.set()
    with pytest.raises(Cancelled):
        bench.desk.encoding.encode(issuance.id, bench.desk.chip_profile, cancel=cancel, progress=quiet)
    now = bench.desk.journal.issuance(issuance.id)
    assert (now.uid, now.pending, now.doubt) == (uid, Act.ENCODE, True)


def test_a_number_that_another_holder_s_issuance_has_is_told_by_name(bench: TestDesk) -> None:
    """The card was made with the other's number where this store knows nothing of it."""
    other = bench.portrayed(bench.martins)
    card = VirtualDesfire.new()
    run_encode(Direct(card), other.escn)
    mine = bench.portrayed()
    bench.tray.put_blank()
    bench.tray.readers.insert(card)
    with pytest.raises(ChipUnsuitableError, match="Mārtiņš"):
        bench.desk.encoding.encode(mine.id, bench.desk.chip_profile, cancel=never(), progress=quiet)
