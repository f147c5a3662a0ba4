"""One card, recorded in two ways: here by a desk that was alone, and meanwhile in the shared store by somebody else.

What is true of the plastic decides, and it is decided by a pure function:

    ours was given up, and nothing physical had begun         theirs counts; ours says nothing about any card
    ours handed the card over, theirs says that it is lost    the card exists: ``Reappeared`` says so
    both handed the same chip over                            it is one card; theirs is recorded already
    what we did fits behind what they did                     both count, theirs first
    anything else                                             a doubt: two pieces of plastic may carry one number
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from station.domain.errors import N_, StoreConflictError, WorkflowError
from station.domain.workflow import Abandoned, Issuance, JournalEntry, Reappeared, State, transition
from station.ports.store import Change

_GIVEN_UP = (State.SPOILED, State.ABANDONED)


@dataclass(frozen=True, slots=True)
class Fork:
    """An issuance as the shared store has it with its journal, and what this desk has to merge of it, in order."""

    issuance: Issuance | None
    journal: Sequence[JournalEntry]
    ours: Sequence[Change]


def resolve(fork: Fork) -> tuple[Change, ...]:
    """Return what is to be recorded of ours, in order.

    Raises:
        StoreConflictError: a person has to decide.
    """
    theirs = fork.issuance
    # A merge that was cut off may have recorded some already, under later numbers.
    known = {_told(entry) for entry in fork.journal}
    ours = tuple(change for change in fork.ours if _told(change.entry) not in known)
    if theirs is None or not ours:
        return ()
    last = ours[-1].issuance
    handed_over = next((change for change in ours if change.card is not None), None)
    # Nothing of ours is on plastic, so there is nothing that could contradict theirs.
    if isinstance(ours[-1].entry.event, Abandoned) and not any(change.issuance.uid for change in ours):
        return ()
    if theirs.state in (State.HANDED_OVER, State.ERASED) and handed_over is not None:
        # One chip is one piece of plastic: two desks recorded the same hand-over.
        if theirs.uid == last.uid and theirs.uid:
            return _behind(fork, tuple(ours[ours.index(handed_over) + 1 :]))
        raise _doubt(N_("two cards with this number were handed over"))
    if theirs.state in _GIVEN_UP and handed_over is not None:
        return _reappeared(fork, ours, handed_over)
    # Two cards with one number exist now; which of them is in whose hand no program can know.
    if theirs.uid and last.uid and theirs.uid != last.uid:
        raise _doubt(N_("another station has put this number on another chip"))
    return _behind(fork, ours)


def _reappeared(fork: Fork, ours: Sequence[Change], handed_over: Change) -> tuple[Change, ...]:
    """Return the step that says that the card exists, and what was done to it since."""
    made = handed_over.issuance
    # Not our steps once more: behind a spoiled or abandoned issuance none of them is allowed. One event says how it
    # ended.
    event = Reappeared(
        made.uid, made.card_type, made.apdus, made.key_versions, made.portrait_id, made.job, made.printer
    )
    assert fork.issuance is not None  # noqa: S101 - for the type checker
    after, effects = transition(fork.issuance, event)
    entry = replace(handed_over.entry, event=event, sequence=len(fork.journal) + 1)
    portrait = next((change.portrait for change in reversed(ours) if change.portrait is not None), None)
    step = Change(after, entry, effects, handed_over.card, handed_over.outbox, portrait)
    later = ours[list(ours).index(handed_over) + 1 :]
    return (step, *_behind(Fork(after, (*fork.journal, entry), later), later))


def _behind(fork: Fork, ours: Sequence[Change]) -> tuple[Change, ...]:
    """Return our steps behind theirs; raises StoreConflictError where one doesn't fit there."""
    issuance, sequence, steps = fork.issuance, len(fork.journal), []
    for change in ours:
        assert issuance is not None  # noqa: S101 - for the type checker
        try:
            # The same pure function as at the desk: what it refuses there can't be right here either.
            issuance, effects = transition(issuance, change.entry.event)
        except WorkflowError as error:
            raise _doubt(N_("another station has gone on with this card")) from error
        sequence += 1
        entry = replace(change.entry, sequence=sequence)
        steps.append(replace(change, issuance=issuance, effects=effects, entry=entry))
    return tuple(steps)


def _told(entry: JournalEntry) -> tuple[object, ...]:
    # Without the sequence: that is what a merge changes.
    return repr(entry.event), entry.at, entry.operator, entry.station


def _doubt(detail: str) -> StoreConflictError:
    return StoreConflictError(constraint="sequence", detail=detail)
