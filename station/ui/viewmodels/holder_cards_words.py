"""What can be done to a card after its hand-over, and the one question that is asked before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from station.domain.card import (
    Card,
    CardAct,
    CardReplacement,
    CardState,
    ExpiryRule,
    Registration,
    expiry_date,
    state_after,
)
from station.domain.errors import N_
from station.domain.message import Message
from station.services.card_words import card_state
from station.ui.tone import Tone


class Step(StrEnum):
    """What an operator can do about a person's cards."""

    BLOCK = "block"
    LOST = "lost"
    STOLEN = "stolen"
    UNBLOCK = "unblock"
    EXTEND = "extend"
    REPLACE = "replace"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"
    AGREE = "agree"


ACTS = {
    Step.BLOCK: CardAct.BLOCK,
    Step.LOST: CardAct.REPORT_LOST,
    Step.STOLEN: CardAct.REPORT_STOLEN,
    Step.UNBLOCK: CardAct.UNBLOCK,
    Step.EXTEND: CardAct.EXTEND,
    Step.REPLACE: CardAct.REPLACE,
    Step.REVOKE: CardAct.REVOKE,
}
STEP_NAMES = {
    Step.BLOCK: N_("Block…"),
    Step.LOST: N_("Lost…"),
    Step.STOLEN: N_("Stolen…"),
    Step.UNBLOCK: N_("Unblock…"),
    Step.EXTEND: N_("Extend…"),
    Step.REPLACE: N_("Replace…"),
    Step.REVOKE: N_("End for good…"),
    Step.WITHDRAW: N_("Consent withdrawn…"),
    Step.AGREE: N_("Agrees again…"),
}
REGISTRATIONS = {
    Registration.QUEUED: N_("is being told, waits in the queue"),
    Registration.REGISTERED: N_("has been told"),
    Registration.PARKED: N_("not told: the queue needs a decision"),
    Registration.NOT_NEEDED: N_("is not told of this card"),
}


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what a question is about.

    ``told`` says that ESC-Router is told of this card; ``new_day`` is the last day that a card made today would have;
    ``count`` how many cards a consent is about.
    """

    name: str
    today: date
    card: Card | None = None
    told: bool = True
    same_number: bool = False
    new_day: date | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what will happen and to whom. ``final`` says that nothing takes it back.

    ``until`` is the last day that is proposed, where one is asked for, and ``least`` the first that is possible.
    """

    step: Step
    title: Message
    lines: tuple[Message, ...]
    yes: Message
    done: Message
    final: bool = False
    until: date | None = None
    least: date | None = None
    asks_reason: bool = True


def steps_for(card: Card, today: date, replacement: CardReplacement) -> tuple[Step, ...]:
    """Return what can be done to a card that stands so."""
    prolongs = replacement is CardReplacement.SAME_NUMBER

    def possible(step: Step) -> bool:
        act = CardAct.EXTEND if step is Step.REPLACE and prolongs else ACTS[step]
        # Unblocked, a card whose last day is over would still be good for nothing: it is extended.
        in_time = step is not Step.UNBLOCK or card.expires_on >= today
        return state_after(card.state, act) is not None and in_time

    return tuple(step for step in ACTS if possible(step))


def standing(card: Card, today: date) -> tuple[Message, Tone]:
    """Return how a card stands in words, and how that is meant."""
    if card.state is CardState.ACTIVE and card.expires_on < today:
        return card_state(CardState.EXPIRED), Tone.WARN
    tone = {CardState.ACTIVE: Tone.OK, CardState.BLOCKED: Tone.WARN, CardState.LOST: Tone.WARN}
    return card_state(card.state), Tone.WARN if card.state is CardState.STOLEN else tone.get(card.state, Tone.PLAIN)


def question_for(step: Step, about: About) -> Question:
    """Return what is asked before ``step`` is done."""
    if step in (Step.WITHDRAW, Step.AGREE):
        return _of_consent(step, about)
    if step is Step.REPLACE:
        return _of_replacing(about)
    if step is Step.EXTEND:
        return _of_extending(about)
    title, first, yes, done = _SIMPLE[step]
    told = Message(_TOLD if about.told else _NOT_TOLD)
    last = {Step.UNBLOCK: _BLOCK_BACK, Step.REVOKE: _FOR_EVER}.get(step, _UNBLOCK_BACK)
    name: dict[str, object] = {"name": about.name}
    return Question(
        step=step,
        title=Message(title, name),
        lines=(Message(first, name), told, Message(last)),
        yes=Message(yes),
        done=Message(done),
        final=step is Step.REVOKE,
    )


def _of_extending(about: About) -> Question:
    card = about.card
    assert card is not None  # noqa: S101 - for the type checker; a step of one card is asked of a card
    # From today at the least: a card that ended long ago would else be offered a last day that is over, too.
    last = max(card.expires_on, about.today)
    least, a_year_more = last + timedelta(days=1), expiry_date(ExpiryRule.YEARS, 1, last, None)
    proposed = about.new_day if about.new_day is not None and about.new_day >= least else a_year_more
    return Question(
        step=Step.EXTEND,
        title=Message(N_("{name}: until when is this card good?"), {"name": about.name}),
        lines=(
            Message(N_("Its last day is {day} now. What is printed on it stays as it is."), {"day": card.expires_on}),
            Message(_TOLD if about.told else _NOT_TOLD),
            Message(N_("A later day can't be taken back; the card can be blocked.")),
        ),
        yes=Message(N_("Extend it")),
        done=Message(N_("Extended.")),
        until=proposed,
        least=least,
    )  # fmt: skip


def _of_replacing(about: About) -> Question:
    name: dict[str, object] = {"name": about.name, "day": about.new_day or about.today}
    if about.same_number:
        return Question(
            step=Step.REPLACE,
            title=Message(N_("{name}: let the number go on, on a later last day?"), name),
            lines=(
                Message(N_("The number stays, and is good until {day}, as on a card made today."), name),
                Message(_TOLD if about.told else _NOT_TOLD),
                Message(N_("A later day can't be taken back; the card can be blocked.")),
            ),
            yes=Message(N_("Prolong it")),
            done=Message(N_("Prolonged.")),
        )
    return Question(
        step=Step.REPLACE,
        title=Message(N_("{name}: make a new card in place of this one?"), name),
        lines=(
            Message(N_("The new card gets its own number. This one stays as it is until the new one is handed over.")),
            Message(N_("Then it is out of use for good, and ESC-Router is told so before it is told of the new one.")),
            Message(N_("Nothing is changed yet: the desk turns to {name}, and you can go back."), name),
        ),
        yes=Message(N_("Go on to the new card")),
        done=Message(""),
        asks_reason=False,
    )  # fmt: skip


def _of_consent(step: Step, about: About) -> Question:
    values: dict[str, object] = {"name": about.name, "count": about.count}
    if step is Step.AGREE:
        return Question(
            step=step,
            title=Message(N_("{name}: may ESC-Router be told again?"), values),
            lines=(
                Message(N_("Cards told anew, with the person: {count}. Those that have ended are not told."), values),
                Message(N_("Only if the person says so. It can be withdrawn again.")),
            ),
            yes=Message(N_("Yes, tell ESC-Router")),
            done=Message(N_("On record. ESC-Router is told as soon as there is a network.")),
            asks_reason=False,
        )
    return Question(
        step=step,
        title=Message(N_("{name}: should ESC-Router forget this person?"), values),
        lines=(
            Message(N_("Deleted there: cards ({count}), picture and person. Abroad they are unknown then."), values),
            Message(N_("What waits in the queue for this person is not sent any more, nor are later cards.")),
            Message(N_("Here the cards stay good. The deletion can't be taken back; the person may agree again.")),
        ),
        yes=Message(N_("ESC-Router forgets")),
        done=Message(N_("On record. ESC-Router is asked to forget as soon as there is a network.")),
        final=True,
        asks_reason=False,
    )  # fmt: skip


_BLOCKED = N_("It is not to be used from now on, here and abroad.")
_SIMPLE = {
    Step.BLOCK: (N_("{name}: block this card?"), _BLOCKED, N_("Block it"), N_("Blocked.")),
    Step.LOST: (N_("{name}: was this card lost?"), _BLOCKED, N_("It was lost"), N_("Blocked: reported lost.")),
    Step.STOLEN: (N_("{name}: was this card stolen?"), _BLOCKED, N_("It was stolen"), N_("Blocked: reported stolen.")),
    Step.UNBLOCK: (
        N_("{name}: may this card be used again?"), N_("It is good again, here and abroad."),
        N_("Unblock it"), N_("Unblocked."),
    ),
    Step.REVOKE: (
        N_("{name}: end this card for good?"),
        N_("It is never to be used again, here and abroad."),
        N_("End it for good"), N_("Ended for good."),
    ),
}  # fmt: skip
_TOLD = N_("ESC-Router is told as soon as there is a network.")
_NOT_TOLD = N_("ESC-Router is not told: it is not told of this card.")
_UNBLOCK_BACK = N_("This can be taken back: unblock it.")
_BLOCK_BACK = N_("This can be taken back: block it.")
_FOR_EVER = N_("This can't be taken back. Write why.")
