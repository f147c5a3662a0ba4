"""The names of everyone in the register against the layouts of their cards, the day before the rush."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from station.domain.errors import N_, LayoutError, ProfileError
from station.domain.holder import Holder
from station.domain.layout import Layout
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.services.cardmaking import CardMaking

if TYPE_CHECKING:
    from station.render.linting.names import NameCheck

_UNCHOSEN = N_("Which card this person gets can't be told: {detail}")
_MEND = N_("Correct the rule for this kind of card in the station's profile.")
_SOURCE = "The station's profile, card types"
# A number like a card's, of nobody: what would be printed in its place is as long.
_NUMBER = "3e506370-826a-103d-bf76-001{pic}"


def names_to_look_at(
    making: CardMaking, holders: Iterable[Holder], today: date, layout: Layout | None = None
) -> Iterator[tuple[Holder, tuple[LintFinding, ...]]]:
    """Yield each holder with what will look wrong on the card, most of them with nothing.

    ``layout`` is tried instead of the one that each holder's card has. The time is in proportion to the holders.
    """
    checks: dict[int, NameCheck] = {}
    for holder in holders:
        try:
            own = making.for_holder(holder)
            number = _NUMBER.format(pic=making.settings.institution_of(holder.institution).pic)
            fields = own.fields(holder, number, own.expiry(holder, today), today)
        except (LayoutError, ProfileError) as error:
            words = Message(_UNCHOSEN, {"detail": error.params["detail"]}), Message(_MEND)
            yield holder, (_finding(*words),)
            continue
        tried = layout or own.layout
        # Measured once a layout: its fonts and fields are the same for everybody, and the register has thousands.
        if (check := checks.get(id(tried))) is None:
            check = checks[id(tried)] = _check(own, tried, today)
        yield holder, check.findings(fields)


def _check(making: CardMaking, layout: Layout, today: date) -> NameCheck:
    from station.render.linting.names import NameCheck
    from station.render.linting.task import Task
    from station.render.rules import rules_for

    return NameCheck(Task(layout, making.printer, rules_for(today), ()))


def _finding(message: Message, remedy: Message) -> LintFinding:
    return LintFinding(rule="card/unchosen", level=Level.ERROR, message=message, remedy=remedy, source=_SOURCE)
