"""What students are told of their data, what they are asked, and the record of both: which text, language and time.

The texts here are in force at the desk and on the student's mirror, in all its languages. Whoever changes a word of
them, in any language, gives it a new version: what somebody was told must be known later.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from station.domain.errors import N_
from station.domain.holder import Holder
from station.ports.clock import Clock
from station.ports.store import ConsentRecord, Store

NOTICE_VERSION = "2026-1"
"""Version of the notice; people are told anew when there is a new one."""
NOTICE = N_(
    "The name, European identifier, e-mail, level of study and card number go to ESC-Router. "
    "The photo stays here and on the card."
)
NOTICE_WITH_PICTURE = N_(
    "The name, European identifier, e-mail, level of study, card number and a small photo go to "
    "ESC-Router. Nothing else leaves this desk."
)
RIGHTS = N_("You may see your data and have mistakes corrected: ask at this desk.")

PROMISE_TITLE = N_("Your card is valid from now on.")
PROMISE = N_(
    "It is not registered for other countries yet. This desk does that by itself as soon as it can; "
    "you need not come back."
)
LOOK_UP = N_("Whether it is done is shown here: scan the code with a telephone.")
"""The offline promise: what somebody is told who is handed a card that ESC-Router does not know yet."""

QUESTION_VERSION = "2026-1"
"""Version of the question about the name."""
QUESTION = N_("Is your name spelt right?")

INFORMED, NAME = "informed", "name"
"""What a record can be of: the notice was shown, the question about the name was answered."""


class NameAnswer(StrEnum):
    """What was answered: the name is spelt right, or wrong."""

    RIGHT = "right"
    WRONG = "wrong"


class AnsweredBy(StrEnum):
    """Who pressed the button."""

    HOLDER = "holder"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer about the name, who gave it, and in which language the question was shown."""

    answer: NameAnswer
    by: AnsweredBy
    language: str


def notice_text(*, with_picture: bool) -> str:
    """Return the notice that is in force; ``with_picture`` says that ESC-Router gets the photo too."""
    return NOTICE_WITH_PICTURE if with_picture else NOTICE


def note_told(store: Store, clock: Clock, holder_id: str, language: str, *, where: str = "") -> None:
    """Record that the notice in force was shown, unless that is on record; ``where`` makes it count for its language.

    At the desk it is read out once; on the mirror each language that was really shown is a record of its own.
    """
    known = [c for c in store.consents.of_holder(holder_id) if c.kind == INFORMED and c.withdrawn_at is None]
    if not any(c.text_version == NOTICE_VERSION and (not where or c.language == language) for c in known):
        extra = {"where": where} if where else {}
        store.consents.add(ConsentRecord(holder_id, NOTICE_VERSION, language, INFORMED, clock.now(), extra=extra))


def note_answer(store: Store, clock: Clock, holder: Holder, given: Given, *, told: bool) -> None:
    """Record an answer about the name as it was shown, and that the notice was in sight beside it, if it was."""
    if told:
        note_told(store, clock, holder.id, given.language, where="mirror")
    extra = {"answer": given.answer.value, "by": given.by.value, "name": holder.full_name, "where": "mirror"}
    store.consents.add(ConsentRecord(holder.id, QUESTION_VERSION, given.language, NAME, clock.now(), extra=extra))


def answer_of(store: Store, holder: Holder) -> Given | None:
    """Return the newest answer about this very name since the card that is being made was begun, ``None`` for none.

    An answer to an earlier question, for an earlier card or about a name that was corrected since is asked for anew.
    """
    begun = next((issuance for issuance in store.issuances.open_issuances() if issuance.holder_id == holder.id), None)
    if begun is None:
        return None
    since = store.issuances.journal(begun.id)[0].at
    for record in store.consents.of_holder(holder.id):
        asked = (record.kind, record.text_version, record.extra.get("name"))
        if record.at >= since and asked == (NAME, QUESTION_VERSION, holder.full_name):
            return Given(NameAnswer(record.extra["answer"]), AnsweredBy(record.extra["by"]), record.language)
    return None


def language_of(store: Store, holder_id: str, known: Collection[str]) -> str | None:
    """Return the language in which somebody read the mirror the last time, ``None`` when they never did."""
    records = store.consents.of_holder(holder_id)
    return next((c.language for c in records if c.extra.get("where") == "mirror" and c.language in known), None)
