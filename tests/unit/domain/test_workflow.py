"""The issuance: its path, what it refuses, its journal, and a state machine that injects every fault."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from station.domain.aftercare import (
    AftercareStopped,
    BlankErased,
    CardRenewed,
    CardReturned,
    EraseBegun,
    Erased,
    RenewBegun,
    Renewed,
)
from station.domain.card import RouterCardType
from station.domain.errors import WorkflowError
from station.domain.feeding import BlankInBin, BlankInDoubt, Fed, FeedBegun, FeedStopped, Rejected
from station.domain.workflow import (
    FINAL,
    Abandoned,
    Act,
    BlankInWork,
    BlankReleased,
    BlankSpoiled,
    BlankUsed,
    Cause,
    Doubted,
    Effect,
    EncodeBegun,
    Encoded,
    EncodeStopped,
    Event,
    FinishCard,
    HandedOver,
    Issuance,
    PortraitTaken,
    PrintBegun,
    Printed,
    PrintStopped,
    Reappeared,
    ReprintReason,
    Spoiled,
    State,
    Verified,
    VerifyFailed,
    replay,
    transition,
)
from tests.helpers.events import BEGAN, CDZ, ESCN, EXAMPLES, PATH, UID


def after(count: int) -> Issuance:
    return replay("i1", PATH[:count])


def test_the_path_goes_through_every_state_in_order() -> None:
    states = [replay("i1", PATH[:n]).state for n in range(1, len(PATH) + 1)]
    assert " ".join(states) == "draft captured captured encoded encoded printed verified handed_over"


def test_the_path_takes_one_blank_and_finishes_one_card() -> None:
    issuance, effects = Issuance("i1"), list[Effect]()
    for event in PATH:
        issuance, more = transition(issuance, event)
        effects += more
    assert effects == [BlankInWork(UID), BlankUsed(UID), FinishCard()]
    assert issuance.expires_on == "2028-06-30"
    assert issuance.apdus == 40


def test_an_act_is_pending_between_its_two_entries() -> None:
    assert after(3).pending is Act.ENCODE
    assert after(4).pending is None
    assert after(5).pending is Act.PRINT
    assert after(6).pending is None


@pytest.mark.parametrize("skipped", range(1, len(PATH) - 1))
def test_no_step_can_be_left_out(skipped: int) -> None:
    shortened = PATH[:skipped] + PATH[skipped + 1 :]
    with pytest.raises(WorkflowError):
        replay("i1", shortened)


@pytest.mark.parametrize(("first", "second"), list(pairwise(PATH)))
def test_a_refused_event_leaves_the_issuance_as_it_was(first: Event, second: Event) -> None:
    done = after(len(PATH))
    for event in (first, second):
        with pytest.raises(WorkflowError):
            transition(done, event)
    assert done == after(len(PATH))


def test_a_portrait_can_be_retaken_until_plastic_is_touched() -> None:
    again, _ = transition(after(2), PortraitTaken("p2"))
    assert again.portrait_id == "p2"
    with pytest.raises(WorkflowError):
        transition(after(3), PortraitTaken("p2"))
    with pytest.raises(WorkflowError):
        transition(after(4), PortraitTaken("p2"))


def test_before_the_portrait_nothing_is_encoded() -> None:
    with pytest.raises(WorkflowError):
        transition(after(1), EncodeBegun(UID, "reader"))


def test_a_pulled_card_can_be_put_back_and_another_one_cannot() -> None:
    doubted, _ = transition(after(3), EncodeStopped(written=True, cause="CardRemoved"))
    assert doubted.doubt
    assert doubted.pending is Act.ENCODE
    resumed, effects = transition(doubted, EncodeBegun(UID, "reader"))
    assert effects == ()
    assert resumed.doubt
    stopped, effects = transition(resumed, EncodeStopped(written=False))
    assert effects == ()
    assert stopped.uid == UID
    with pytest.raises(WorkflowError):
        transition(doubted, EncodeBegun("04FFFFFFFFFFFF", "reader"))


def test_a_card_that_was_not_written_goes_back_to_the_stock() -> None:
    stopped, effects = transition(after(3), EncodeStopped(written=False, cause="ChipKey"))
    assert effects == (BlankReleased(UID),)
    assert stopped.uid == ""
    assert stopped.pending is None
    other, _ = transition(stopped, EncodeBegun("04FFFFFFFFFFFF", "reader"))
    assert other.uid == "04FFFFFFFFFFFF"


def test_a_card_without_a_chip_needs_no_encoding() -> None:
    encoded, effects = transition(after(2), Encoded("", RouterCardType.PASSIVE))
    assert encoded.state is State.ENCODED
    assert effects == (BlankInWork(""),)


def test_a_second_print_needs_a_reason() -> None:
    stopped, _ = transition(after(5), PrintStopped("job-1", "jam"))
    assert stopped.state is State.ENCODED
    with pytest.raises(WorkflowError) as refused:
        transition(stopped, PrintBegun("job-2", "printer"))
    assert "reason" in str(refused.value)
    again, _ = transition(stopped, PrintBegun("job-2", "printer", ReprintReason.NOTHING_CAME_OUT))
    assert again.prints == 2


def test_while_a_card_is_in_doubt_nothing_is_printed() -> None:
    doubted, _ = transition(after(5), Doubted(Act.PRINT))
    with pytest.raises(WorkflowError):
        transition(doubted, PrintBegun("job-2", "printer", ReprintReason.NOTHING_CAME_OUT))
    settled, _ = transition(doubted, Printed("job-1", "scan"))
    assert settled.state is State.PRINTED
    assert not settled.doubt


def test_another_jobs_end_does_not_count() -> None:
    for event in (Printed("job-9", "printer"), PrintStopped("job-9")):
        with pytest.raises(WorkflowError):
            transition(after(5), event)


def test_only_a_begun_act_can_be_doubted() -> None:
    with pytest.raises(WorkflowError):
        transition(after(4), Doubted(Act.PRINT))
    with pytest.raises(WorkflowError):
        transition(after(3), Doubted(Act.PRINT))


@pytest.mark.parametrize(
    "seen",
    [
        Verified("04FFFFFFFFFFFF", ESCN, ESCN),
        Verified(UID, "14625401-9326-103f-8001-001999465982", ESCN),
        Verified(UID, ESCN, "14625401-9326-103f-8001-001999465982"),
        Verified(UID, "", ESCN),
        Verified("", ESCN, ESCN),
    ],
)
def test_a_card_that_disagrees_with_its_record_is_not_verified(seen: Verified) -> None:
    with pytest.raises(WorkflowError):
        transition(after(6), seen)


def test_a_card_without_a_qr_is_verified_by_its_chip() -> None:
    verified, _ = transition(after(6), Verified(UID, ESCN, ""))
    assert verified.state is State.VERIFIED


def test_a_chip_that_carries_only_its_uid_is_verified_by_it() -> None:
    bound = replace(after(6), card_type=RouterCardType.SMART_NO_CDZ)
    verified, _ = transition(bound, Verified(UID, "", ESCN))
    assert verified.state is State.VERIFIED


def test_a_failed_check_takes_the_verdict_back() -> None:
    failed, _ = transition(after(7), VerifyFailed("the QR shows another number"))
    assert failed.state is State.PRINTED
    with pytest.raises(WorkflowError):
        transition(failed, HandedOver())


@pytest.mark.parametrize("count", [3, 4, 5, 6, 7])
def test_a_blank_is_spoiled_from_any_physical_step(count: int) -> None:
    spoiled, effects = transition(after(count), Spoiled(Cause.MISPRINT, "streaks"))
    assert spoiled.state is State.SPOILED
    assert effects == (BlankSpoiled(UID, Cause.MISPRINT),)
    assert spoiled.cause == "misprint"


@pytest.mark.parametrize("count", [1, 2])
def test_nothing_is_spoiled_before_plastic_and_nothing_abandoned_after(count: int) -> None:
    with pytest.raises(WorkflowError):
        transition(after(count), Spoiled(Cause.OTHER))
    abandoned, effects = transition(after(count), Abandoned(Cause.HOLDER_LEFT))
    assert abandoned.state is State.ABANDONED
    assert effects == ()
    with pytest.raises(WorkflowError):
        transition(after(count + 2), Abandoned(Cause.HOLDER_LEFT))


def test_a_blank_is_fed_before_anything_is_on_it() -> None:
    begun, effects = transition(after(2), FeedBegun("printer"))
    assert (begun.pending, begun.printer, begun.physical, effects) == (Act.FEED, "printer", False, ())
    fed, effects = transition(begun, Fed("printer"))
    assert (fed.state, fed.pending, effects) == (State.CAPTURED, None, ())
    with pytest.raises(WorkflowError):
        transition(after(4), FeedBegun("printer"))
    with pytest.raises(WorkflowError):
        transition(after(2), Fed("printer"))
    stopped, _ = transition(begun, FeedStopped("jam"))
    assert (stopped.pending, stopped.cause) == (None, "jam")


def test_a_rejected_blank_is_lost_and_the_number_is_free_for_the_next() -> None:
    fed = replay("i1", [*PATH[:2], FeedBegun("printer"), Fed("printer")])
    rejected, effects = transition(fed, Rejected(UID, "ChipRefused"))
    assert effects == (BlankInBin(UID, "ChipRefused"),)
    assert (rejected.escn, rejected.uid, rejected.physical) == (ESCN, "", False)
    with pytest.raises(WorkflowError):
        transition(after(3), Rejected(UID))  # the number may be on this one: it is spoiled, not rejected


def test_a_blank_is_in_doubt_until_somebody_knows() -> None:
    doubted, effects = transition(after(5), Doubted(Act.PRINT))
    assert effects == (BlankInDoubt(UID),)
    for settled in (Printed("job-1", "scan"), PrintStopped("job-1", "person")):
        assert transition(doubted, settled)[1] == (BlankInWork(UID),)
        assert transition(after(5), settled)[1] == ()
    assert transition(doubted, Spoiled(Cause.MISPRINT))[1] == (BlankSpoiled(UID, Cause.MISPRINT),)


def test_physical_and_open_follow_the_plastic() -> None:
    assert [after(n).physical for n in range(1, 9)] == [False, False, True, True, True, True, True, False]
    assert not after(8).open
    assert after(8).state in FINAL


# --- after the hand-over ------------------------------------------------------------------------------------------


def test_new_keys_are_begun_and_then_recorded_with_what_the_chip_is_now() -> None:
    begun, effects = transition(after(8), RenewBegun(UID, "deuinfo"))
    assert (begun.pending, begun.doubt, begun.open, begun.settled, effects) == (Act.RENEW, False, False, False, ())
    renewed, effects = transition(begun, Renewed(UID, "deuinfo-2", RouterCardType.SMART_NO_CDZ, 33, "base/v2"))
    assert effects == (CardRenewed("deuinfo-2", RouterCardType.SMART_NO_CDZ, "base/v2"),)
    assert (renewed.state, renewed.settled, renewed.apdus) == (State.HANDED_OVER, True, 40)
    assert (renewed.chip_profile, renewed.card_type, renewed.key_versions) == (
        "deuinfo-2", RouterCardType.SMART_NO_CDZ, "base/v2",
    )  # fmt: skip


def test_an_erased_card_is_returned_and_its_chip_is_free() -> None:
    begun, effects = transition(after(8), EraseBegun(UID, "deuinfo", "returned"))
    assert (begun.state, begun.pending, effects) == (State.HANDED_OVER, Act.ERASE, ())
    erased, effects = transition(begun, Erased(UID, "returned", 12))
    assert (erased.state, erased.settled, erased.escn) == (State.ERASED, True, ESCN)
    assert effects == (BlankErased(UID), CardReturned("returned"))
    with pytest.raises(WorkflowError):
        transition(erased, RenewBegun(UID, "deuinfo"))
    # Something of another profile may still be on it: it can be erased again, and that changes nothing here.
    again = replay("i1", [*PATH, EraseBegun(UID, "x"), Erased(UID), EraseBegun(UID, "y"), Erased(UID)])
    assert again == erased


def test_a_spoiled_blank_that_is_erased_stays_spoiled() -> None:
    spoiled, _ = transition(after(5), Spoiled(Cause.MISPRINT))
    begun, _ = transition(spoiled, EraseBegun(UID, "deuinfo"))
    erased, effects = transition(begun, Erased(UID))
    assert (erased, effects) == (spoiled, ())


def test_a_card_pulled_while_it_is_erased_stays_in_doubt_until_it_is_finished() -> None:
    begun, _ = transition(after(8), EraseBegun(UID, "deuinfo"))
    untouched, _ = transition(begun, AftercareStopped(written=False))
    assert untouched == after(8)
    torn, _ = transition(begun, AftercareStopped(written=True))
    assert (torn.pending, torn.doubt) == (Act.ERASE, True)
    resumed, _ = transition(torn, EraseBegun(UID, "deuinfo"))
    stopped, _ = transition(resumed, AftercareStopped(written=False))
    assert (stopped.pending, stopped.doubt) == (Act.ERASE, True), "what the first attempt did is still not known"
    erased, _ = transition(stopped, Erased(UID))
    assert (erased.state, erased.doubt) == (State.ERASED, False)


def test_a_half_erased_card_can_be_made_whole_again_and_a_half_renewed_one_erased() -> None:
    acts: list[Event] = [EraseBegun(UID, "deuinfo"), RenewBegun(UID, "deuinfo")]
    for first, second in (acts, acts[::-1]):
        turned = replay("i1", [*PATH, first, AftercareStopped(written=True), second])
        assert turned.doubt
        assert turned.pending is (Act.RENEW if isinstance(second, RenewBegun) else Act.ERASE)


@pytest.mark.parametrize("count", range(1, len(PATH)))
@pytest.mark.parametrize("event", [RenewBegun(UID, "deuinfo"), EraseBegun(UID, "deuinfo"), Erased(UID)])
def test_a_card_that_is_being_made_is_neither_renewed_nor_erased(count: int, event: Event) -> None:
    with pytest.raises(WorkflowError):
        transition(after(count), event)


@pytest.mark.parametrize(
    "event",
    [
        RenewBegun("04FFFFFFFFFFFF", "deuinfo"), EraseBegun("04FFFFFFFFFFFF", "deuinfo"), EraseBegun("", "deuinfo"),
        Renewed(UID, "deuinfo", CDZ), Erased(UID), AftercareStopped(written=False), Spoiled(Cause.OTHER),
    ],
    ids=str,
)  # fmt: skip
def test_nothing_ends_that_was_not_begun_and_no_other_chip_is_taken(event: Event) -> None:
    with pytest.raises(WorkflowError):
        transition(after(8), event)


def test_a_card_in_aftercare_is_not_spoiled_and_not_made() -> None:
    begun, _ = transition(after(8), EraseBegun(UID, "deuinfo"))
    assert not begun.physical
    for event in (Spoiled(Cause.OTHER), Abandoned(Cause.OTHER), EncodeBegun(UID, "reader"), HandedOver()):
        with pytest.raises(WorkflowError):
            transition(begun, event)


uids = st.sampled_from([UID, "04000000000001", "04000000000002"])


class IssuanceUnderFaults(RuleBasedStateMachine):
    """Steps, failures and restarts in any order: the number stays on one chip, and the blanks add up."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.issuance = Issuance("i1")
        self.effects: list[Effect] = []
        self.chips_that_may_carry_the_number: set[str] = set()
        self.jobs_given_away = 0

    def apply(self, event: Event) -> bool:
        before = self.issuance
        try:
            self.issuance, more = transition(before, event)
        except WorkflowError:
            assert self.issuance is before
            return False
        self.events.append(event)
        self.effects += more
        return True

    @initialize()
    def begin(self) -> None:
        assert self.apply(BEGAN)

    @rule(number=st.integers(1, 3))
    def take_portrait(self, number: int) -> None:
        self.apply(PortraitTaken(f"p{number}"))

    @rule(uid=uids, fate=st.sampled_from(["done", "clean stop", "torn", "crash"]))
    def encode(self, uid: str, fate: str) -> None:
        if not self.apply(EncodeBegun(uid, "reader")):
            return
        if fate == "clean stop":
            assert self.apply(EncodeStopped(written=False))
            return
        self.chips_that_may_carry_the_number.add(uid)
        if fate == "done":
            assert self.apply(Encoded(uid, CDZ, 40))
        elif fate == "torn":
            assert self.apply(EncodeStopped(written=True))

    @rule(reason=st.sampled_from([None, *ReprintReason]), fate=st.sampled_from(["out", "nothing", "crash"]))
    def print_card(self, reason: ReprintReason | None, fate: str) -> None:
        job = f"job-{self.issuance.prints + 1}"
        if not self.apply(PrintBegun(job, "printer", reason)):
            return
        self.jobs_given_away += 1
        assert self.jobs_given_away == 1 or reason is not None
        if fate == "out":
            assert self.apply(Printed(job, "printer"))
        elif fate == "nothing":
            assert self.apply(PrintStopped(job, "jam"))

    @rule()
    def restart(self) -> None:
        assert replay("i1", self.events) == self.issuance
        if self.issuance.pending is not None:
            self.apply(Doubted(self.issuance.pending))
            assert self.issuance.doubt

    @rule(came_out=st.booleans())
    def settle_print(self, came_out: bool) -> None:
        event: Event = Printed(self.issuance.job, "person") if came_out else PrintStopped(self.issuance.job, "person")
        self.apply(event)

    @rule(uid=uids, qr=st.sampled_from([ESCN, "14625401-9326-103f-8001-001999465982"]))
    def verify(self, uid: str, qr: str) -> None:
        if self.apply(Verified(uid, ESCN, qr)):
            assert uid == self.issuance.uid
            assert qr == ESCN

    @rule()
    def hand_over(self) -> None:
        verified = self.issuance.state is State.VERIFIED
        assert self.apply(HandedOver()) == verified

    @rule(uid=uids, fate=st.sampled_from(["done", "clean stop", "torn", "crash"]))
    def renew(self, uid: str, fate: str) -> None:
        before = self.issuance
        if not self.apply(RenewBegun(uid, "deuinfo")):
            return
        assert (before.state, before.uid) == (State.HANDED_OVER, uid)
        if fate == "done":
            assert self.apply(Renewed(uid, "deuinfo", CDZ, 33, f"base/v{len(self.events)}"))
            assert self.issuance.settled
        elif fate != "crash":
            assert self.apply(AftercareStopped(written=fate == "torn"))
            assert self.issuance.settled == (fate == "clean stop" and before.settled)

    @rule(uid=uids, fate=st.sampled_from(["done", "clean stop", "torn", "crash"]))
    def erase(self, uid: str, fate: str) -> None:
        before = self.issuance
        if not self.apply(EraseBegun(uid, "deuinfo", "returned")):
            return
        assert not before.open
        assert before.uid == uid
        if fate == "done":
            assert self.apply(Erased(uid, "returned"))
            assert self.issuance.settled
            assert (self.issuance.state is State.SPOILED) == (before.state is State.SPOILED)
        elif fate != "crash":
            assert self.apply(AftercareStopped(written=fate == "torn"))
            assert self.issuance.settled == (fate == "clean stop" and before.settled)

    @rule(cause=st.sampled_from(list(Cause)))
    def spoil(self, cause: Cause) -> None:
        physical = self.issuance.physical
        assert self.apply(Spoiled(cause)) == physical

    @precondition(lambda self: self.issuance.open)
    @rule()
    def abandon(self) -> None:
        allowed = not self.issuance.physical
        assert self.apply(Abandoned(Cause.OTHER)) == allowed

    @rule(fate=st.sampled_from(["fed", "stopped", "crash"]), bad=st.booleans())
    def feed(self, fate: str, bad: bool) -> None:
        before = self.issuance
        if not self.apply(FeedBegun("printer")):
            return
        assert not self.issuance.physical
        if fate == "crash":
            return
        assert self.apply(Fed("printer") if fate == "fed" else FeedStopped("jam"))
        assert (self.issuance.state, self.issuance.uid) == (before.state, before.uid)
        if fate == "fed" and bad:
            assert self.apply(Rejected(UID, "ChipRefused"))

    @invariant()
    def the_number_is_on_one_chip_at_most(self) -> None:
        assert len(self.chips_that_may_carry_the_number) <= 1

    @invariant()
    def the_journal_is_the_truth(self) -> None:
        assert replay("i1", self.events) == self.issuance

    @invariant()
    def blanks_add_up(self) -> None:
        # What becomes of one blank is the last thing that was said of it.
        of_blanks = (BlankInWork, BlankInDoubt, BlankReleased, BlankUsed, BlankSpoiled)
        fates = {e.uid: type(e) for e in self.effects if isinstance(e, of_blanks)}
        in_hand = [fate for fate in fates.values() if fate in (BlankInWork, BlankInDoubt)]
        assert len(in_hand) == (1 if self.issuance.physical else 0)
        if self.issuance.physical:
            assert (in_hand == [BlankInDoubt]) == self.issuance.doubt

    @invariant()
    def one_card_at_most(self) -> None:
        finished = sum(isinstance(e, FinishCard) for e in self.effects)
        assert finished == (1 if self.issuance.state in (State.HANDED_OVER, State.ERASED) else 0)

    @invariant()
    def a_card_is_returned_once(self) -> None:
        returned = sum(isinstance(e, CardReturned) for e in self.effects)
        freed = sum(isinstance(e, BlankErased) for e in self.effects)
        assert returned == freed == (1 if self.issuance.state is State.ERASED else 0)

    @invariant()
    def what_is_doubted_has_begun(self) -> None:
        assert self.issuance.pending is not None or not self.issuance.doubt


TestIssuanceUnderFaults = IssuanceUnderFaults.TestCase


@given(st.lists(st.sampled_from(EXAMPLES), max_size=12))
def test_any_order_of_events_is_either_a_journal_or_refused(events: list[Event]) -> None:
    issuance, kept = Issuance("i1"), []
    for event in events:
        with suppress(WorkflowError):
            issuance, _ = transition(issuance, event)
            kept.append(event)
    assert replay("i1", kept) == issuance


@pytest.mark.parametrize("end", [Spoiled(Cause.CARD_MISSING), Abandoned(Cause.HOLDER_LEFT)])
def test_a_card_that_was_given_up_can_turn_out_to_exist(end: Event) -> None:
    begun: list[Event] = PATH[:2] if isinstance(end, Abandoned) else PATH[:4]
    given_up = replay("i", [*begun, end])
    event = Reappeared(UID, CDZ, 40, "deuinfo-base/v1", "p1", "job-7", "printer")
    there, effects = transition(given_up, event)
    assert effects == (BlankUsed(UID), FinishCard())
    assert (there.state, there.uid, there.job, there.cause) == (State.HANDED_OVER, UID, "job-7", "")
    assert there.settled
    erased = replay("i", [*begun, end, event, EraseBegun(UID, "uid"), Erased(UID)])
    assert erased.state is State.ERASED


def test_a_card_that_nobody_gave_up_does_not_turn_up_a_second_time() -> None:
    for end in range(1, len(PATH) + 1):
        with pytest.raises(WorkflowError, match="nobody has given this card up"):
            transition(replay("i", PATH[:end]), Reappeared(UID, CDZ))
