"""A card on the reader in plain words: whose it is, how it stands, what is on it; and a card's tree as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from station.domain.card import CardState
from station.domain.errors import N_
from station.domain.message import Message
from station.domain.workflow import AFTERCARE, Act, Issuance, State
from station.services.card_watch import SeenCard, Standing

if TYPE_CHECKING:
    from station.chip.explore.node import Node

Say = Callable[[Message], str]
Words = Message | str

_TITLES = {
    Standing.OURS: "{name}",
    Standing.IN_WORK: "{name}",
    Standing.DIFFERS: "{name}",
    Standing.SPOILED: N_("Spoiled card of {name}"),
    Standing.RETURNED: N_("Erased card, once of {name}"),
    Standing.COPY: N_("Perhaps a copy of {name}'s card"),
    Standing.ELSEWHERE: N_("European Student Card made elsewhere"),
    Standing.BLANK: N_("Blank card"),
    Standing.OTHER: N_("Not a card of this station"),
    Standing.RANDOM: N_("A card that hides its number"),
    Standing.UNKNOWN: N_("Unknown card"),
}
_STATES = {
    Standing.SPOILED: N_("given up while it was made"),
    Standing.RETURNED: N_("given back and erased"),
    Standing.DIFFERS: N_("its chip doesn't carry the number of its record"),
    Standing.COPY: N_("the number of a card made here, on another chip"),
    Standing.ELSEWHERE: N_("not known here"),
    Standing.BLANK: N_("nothing is on it"),
    Standing.OTHER: N_("not known here"),
    Standing.RANDOM: N_("it shows another UID each time"),
    Standing.UNKNOWN: N_("its chip is not known to the station"),
}
_CARD_STATES = {
    CardState.ACTIVE: N_("in use"),
    CardState.BLOCKED: N_("blocked"),
    CardState.LOST: N_("reported lost"),
    CardState.STOLEN: N_("reported stolen"),
    CardState.EXPIRED: N_("expired"),
    CardState.REPLACED: N_("replaced by another card"),
    CardState.REVOKED: N_("revoked"),
    CardState.RETURNED: N_("returned"),
    CardState.DESTROYED: N_("destroyed, says the record"),
}
_WORK_STATES = {
    State.ENCODED: N_("chip written, not printed yet"),
    State.PRINTED: N_("printed, to be checked"),
    State.VERIFIED: N_("checked, to be handed over"),
    State.ABANDONED: N_("given up before anything was on it"),
}
_BEGUN: dict[Act | None, str] = {
    Act.ENCODE: N_("begun, and not finished: put it through once more"),
    Act.RENEW: N_("its chip was being renewed, and that is not finished"),
    Act.ERASE: N_("being erased, and that is not finished"),
}
_ADVICE = {
    Standing.RETURNED: N_("Another card can be made on it, with a number of its own."),
    Standing.SPOILED: N_("Put it with the spoiled cards; it may carry a number that counts no more."),
    Standing.DIFFERS: N_("Don't hand it out. IT can see what is on it, and write it anew."),
    Standing.COPY: N_("Keep it, don't hand it out, and tell whoever is responsible for cards."),
    Standing.ELSEWHERE: N_("It may be good: ask the institution that made it. Nothing can be made from it here."),
    Standing.OTHER: N_("A new card is made on a blank from the stock. Nothing was written on this one."),
    Standing.RANDOM: N_("Whose it is can't be told from outside. Look the person up by name."),
    Standing.UNKNOWN: N_("Lay it flat on the reader once more, alone. If it stays unknown, it is of no use here."),
}


def title_of(found: SeenCard) -> Message:
    """Return whose card it is, or what it is to this station."""
    name = found.holder.full_name if found.holder else "?"
    return Message(_TITLES[found.standing], {"name": name})


def card_state(state: CardState) -> Message:
    """Return how a card that was handed over stands."""
    return Message(_CARD_STATES[state])


def state_of(found: SeenCard) -> Message:
    """Return how it stands."""
    if found.standing is Standing.OURS and found.card is not None:
        return card_state(found.card.state)
    if found.standing in (Standing.IN_WORK, Standing.OURS) and found.issuance is not None:
        return _work_state(found.issuance)
    return Message(_STATES[found.standing])


def advice_of(found: SeenCard) -> Message | None:
    """Return what to do with it, ``None`` where there is nothing to say."""
    if found.issuance is not None and found.issuance.pending in AFTERCARE:
        # Before all else: what its chip carries now is half of two things, and no other advice would be right.
        return Message(N_("Open the cards in doubt and put it on the reader there: what was begun is finished."))
    return Message(_ADVICE[found.standing]) if found.standing in _ADVICE else None


def is_usual(found: SeenCard) -> bool:
    """Say whether nothing about this card needs attention."""
    if found.standing is Standing.OURS:
        return found.card is None or found.card.state is CardState.ACTIVE
    if found.issuance is not None and found.issuance.pending in AFTERCARE:
        return False
    return found.standing in (Standing.IN_WORK, Standing.BLANK)


def contents_of(found: SeenCard) -> tuple[Words, ...]:
    """Return what is on the card, by name; one message where it doesn't say or has nothing."""
    if found.contents:
        return found.contents
    if found.seen.applications is None:
        return (Message(N_("European Student Card (data zone)")),) if found.seen.has_esc else ()
    return (Message(N_("nothing is on it")),)


def memory_of(found: SeenCard) -> Message | None:
    """Return how much room is left, ``None`` where the card doesn't say."""
    free = found.seen.free_memory
    return None if free is None else Message(N_("{size} bytes free"), {"size": free})


def brief_of(found: SeenCard) -> tuple[Words, ...]:
    """Return type, contents and memory for one line."""
    nothing = () if found.seen.blank else contents_of(found)
    parts = (state_of(found), found.seen.kind, *nothing, memory_of(found))
    return tuple(part for part in parts if part)


def facts_of(found: SeenCard) -> tuple[tuple[Message, tuple[Words, ...]], ...]:
    """Return all that is known of it, as labels and values; what isn't known is left out."""
    seen, issuance, card = found.seen, found.issuance, found.card
    memory = memory_of(found)
    shown = Message(N_("{uid} (another one each time)"), {"uid": seen.uid}) if seen.random_uid else seen.uid
    rows: list[tuple[str, tuple[Words, ...]]] = [
        (N_("Whose"), (title_of(found),)),
        (N_("State"), (state_of(found),)),
        (N_("Valid until"), (Message("{date}", {"date": card.expires_on}),) if card else ()),
        (N_("Chip"), (seen.kind,)),
        (N_("UID"), (shown,)),
        (N_("Card number"), (seen.escn,) if seen.escn else ()),
        (N_("What is on it"), contents_of(found)),
        (N_("Memory"), (memory,) if memory else ()),
        (N_("Made to"), (f"{issuance.layout} · {issuance.chip_profile}",) if issuance else ()),
    ]
    return tuple((Message(label), values) for label, values in rows if any(values))


def tree_lines(node: Node, say: Say, indent: int = 0) -> Iterator[str]:
    """Yield a card's tree as lines of text, two spaces a level."""
    value = say(node.value) if isinstance(node.value, Message) else node.value
    space = "  " * indent
    yield f"{space}{say(node.name)}: {value}" if value else f"{space}{say(node.name)}"
    for line in node.details:
        yield f"{space}    {line}"
    for child in node.children:
        yield from tree_lines(child, say, indent + 1)


def _work_state(issuance: Issuance) -> Message:
    if issuance.pending in _BEGUN:
        return Message(_BEGUN[issuance.pending])
    return Message(_WORK_STATES.get(issuance.state, N_("being made")))
