"""A person's cards: how each stands here and at ESC-Router, its history, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from PySide6.QtCore import QObject, Signal

from station.domain.card import Card, CardReplacement, Registration
from station.domain.errors import N_, StationError
from station.domain.holder import Holder
from station.domain.message import Message
from station.ports.store import CardNote
from station.ports.tasks import Lane, Tasks
from station.services.card_check import CardCheck, Verdict
from station.services.consent import agrees
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.holder_cards_words import ACTS, About, Question, Step, question_for, steps_for
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.reader import ReaderModel
from station.ui.viewmodels.stages import Stage


@dataclass(frozen=True, slots=True)
class HeldCard:
    """One card: the record, its history, what can be done, and what ESC-Router says (``None``: not asked yet)."""

    card: Card
    notes: tuple[CardNote, ...]
    steps: tuple[Step, ...]
    there: CardCheck | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a person in one go."""

    cards: tuple[HeldCard, ...]
    agrees: bool
    about: About


class HolderCardsModel(QObject):
    """The cards of one person; nothing is done before the question about it was answered."""

    changed = Signal()

    def __init__(self, desk: DeskModel, tasks: Tasks, reader: ReaderModel) -> None:
        super().__init__()
        self._desk, self._tasks, self._reader = desk, tasks, reader
        self._wish: tuple[Holder | None, str] = (None, "")
        self._turn = 0
        self._about = About("", date.min)
        self._seen: object = None
        self.holder: Holder | None = None
        self.cards: tuple[HeldCard, ...] = ()
        self.chosen = ""
        self.agrees = True
        self.question: Question | None = None
        self.said: Message | None = None
        self.error: StationError | None = None
        self.busy = self.watched = False
        reader.changed.connect(self._card_laid)

    # --- whose cards ---------------------------------------------------------------------------------------------

    def open(self, holder: Holder, escn: str = "") -> None:
        """Turn to the page with the cards of ``holder``, one of them chosen."""
        self._wish = (holder, escn)
        if self._desk.page is Page.HOLDER_CARDS:
            self.watch(True)
        else:
            self._desk.show_page(Page.HOLDER_CARDS)

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks; whose cards these are is forgotten after."""
        self.watched, self._seen = watched, self._reader.seen
        self._forget()
        if watched:
            holder, self.chosen = self._wish
            holder = holder or (self._desk.current.holder if self._desk.current else None)
            if holder is None and self._reader.seen is not None:
                self.chosen = self._reader.seen.card.escn if self._reader.seen.card is not None else ""
                holder = self._reader.seen.holder
            self.holder = holder
            self.refresh()
        self._wish = (None, "")
        self.changed.emit()

    def refresh(self) -> None:
        """Read the cards anew, and ask ESC-Router how they stand."""
        holder = self.holder
        if holder is not None:
            self._turn += 1
            turn = self._turn
            self._tasks.run(Lane.LOOKUP, lambda _c: self._read(holder), done=lambda read: self._show(turn, read))

    def look_again(self) -> None:
        """Read the cards once more where the queue may have moved; only what differs is shown and asked about."""
        # A question is about the card as it was shown: nothing changes under who reads it.
        if self.watched and self.holder is not None and self.question is None and not self.busy:
            holder, turn, before = self.holder, self._turn, [(held.card, held.notes) for held in self.cards]

            def show(read: _Read) -> None:
                if before != [(held.card, held.notes) for held in read.cards]:
                    self._show(turn, read)

            self._tasks.run(Lane.LOOKUP, lambda _c: self._read(holder), done=show)

    def choose(self, escn: str) -> None:
        """Show all of one card; of the chosen one, less."""
        self.chosen = "" if escn == self.chosen else escn
        self.changed.emit()

    @property
    def today(self) -> date:
        """Return the day by which cards are judged."""
        return self._about.today

    # --- what is done --------------------------------------------------------------------------------------------

    def ask(self, step: Step, escn: str = "") -> None:
        """Ask before something is done: to one card, or about the person's consent."""
        held = next((each for each in self.cards if each.card.escn == escn), None)
        possible = held.steps if held is not None else (Step.WITHDRAW if self.agrees else Step.AGREE,)
        if self.busy or self.holder is None or step not in possible:
            return
        self.chosen = escn or self.chosen
        self.said = self.error = None
        about = self._about
        if held is not None:
            told = about.told and held.card.registration is not Registration.NOT_NEEDED
            about = replace(about, card=held.card, told=told)
        self.question = question_for(step, about)
        self.changed.emit()

    def give_up(self) -> None:
        """Do nothing."""
        if self.question is not None and not self.busy:
            self.question = None
            self.changed.emit()

    def confirm(self, reason: str = "", until: date | None = None) -> None:
        """Do what was asked about; an end for good needs its reason."""
        question, holder = self.question, self.holder
        if question is None or holder is None or self.busy:
            return
        if question.step is Step.REVOKE and not reason.strip():
            return
        self.busy = True
        work = self._work(question, holder, reason.strip(), until)
        self._tasks.run(
            Lane.WORK, lambda _c: work(), done=lambda _done: self._done(question, holder), failed=self._failed
        )
        self.changed.emit()

    def _work(self, question: Question, holder: Holder, reason: str, until: date | None) -> Callable[[], object]:
        life, escn, language = self._desk.desk.lifecycle, self.chosen, self._desk.language
        step = question.step
        work: dict[Step, Callable[[], object]] = {
            Step.UNBLOCK: partial(life.unblock, escn, reason),
            Step.EXTEND: partial(life.extend, escn, until or question.until or date.min, reason),
            Step.REPLACE: partial(life.replaceable, escn, reason),
            Step.REVOKE: partial(life.revoke, escn, reason),
            Step.WITHDRAW: partial(life.withdraw_consent, holder, language=language),
            Step.AGREE: partial(life.agree_again, holder, language=language),
        }
        return work.get(step) or partial(life.block, escn, reason, act=ACTS[step])

    def _done(self, question: Question, holder: Holder) -> None:
        self.busy, self.question, self.said = False, None, question.done
        self._desk.record_changed(holder)
        self._reader.record_changed()
        if question.step is Step.REPLACE and not self._about.same_number:
            self._make_way(holder)
            return
        self.refresh()
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.busy, self.question = False, None
        self.refresh()  # somebody else may have changed the card
        if not isinstance(error, StationError):
            self.changed.emit()
            raise error
        self.error = error
        self.changed.emit()

    def _make_way(self, holder: Holder) -> None:
        """Turn to the holder for the new card; where the last one has just been made, from the beginning."""
        before = self._desk.session_of(holder.id)
        if before is not None and before is self._desk.current and before.stage is Stage.DONE:
            self._desk.leave()
        self._desk.serve(holder)

    # --- reading -------------------------------------------------------------------------------------------------

    def _read(self, holder: Holder) -> _Read:
        desk = self._desk.desk
        store, today, rules = desk.store, desk.clock.now().date(), desk.settings.card
        cards = store.cards.of_holder(holder.id)
        # Who agreed again, and it was broken off there, is asked to once more.
        allowed = agrees(store, holder.id) and not desk.lifecycle.owed(holder)
        count = len(cards) if allowed else len(desk.lifecycle.telling_again(holder))
        about = About(
            holder.full_name,
            today,
            told=desk.settings.router.enabled and allowed,
            same_number=rules.replace is CardReplacement.SAME_NUMBER,
            new_day=desk.lifecycle.new_last_day(holder),
            count=count,
        )
        held = (HeldCard(c, store.cards.history(c.escn), steps_for(c, today, rules.replace)) for c in cards)
        return _Read(tuple(held), allowed, about)

    def _show(self, turn: int, read: _Read) -> None:
        if turn != self._turn:
            return
        there = {held.card.escn: held.there for held in self.cards}
        self.cards = tuple(replace(held, there=there.get(held.card.escn)) for held in read.cards)
        self.agrees, self._about = read.agrees, read.about
        if not self.chosen and self.cards:
            self.chosen = self.cards[0].card.escn
        self.changed.emit()
        if self._desk.desk.settings.router.enabled:
            self._ask_there(turn, 0)

    def _ask_there(self, turn: int, place: int) -> None:
        """Ask ESC-Router of one card after the other; where nobody answers, the others are not asked."""
        if turn == self._turn and place < len(self.cards):
            escn = self.cards[place].card.escn
            checker = self._desk.desk.card_checker
            self._tasks.run(
                Lane.ASK, lambda _c: checker.check_text(escn), done=lambda check: self._told(turn, place, check)
            )

    def _told(self, turn: int, place: int, check: CardCheck) -> None:
        if turn != self._turn:
            return
        away = check.verdict is Verdict.UNREACHABLE
        self.cards = tuple(
            replace(held, there=check) if number == place or (away and number > place) else held
            for number, held in enumerate(self.cards)
        )
        self.changed.emit()
        if not away:
            self._ask_there(turn, place + 1)

    def _card_laid(self) -> None:
        """Turn to the holder of a card that is laid on the reader meanwhile, unless something is being asked."""
        seen = self._reader.seen
        if not self.watched or seen is None or seen is self._seen:
            return
        self._seen = seen  # also one that was laid there during a question: the page stays with its person
        known = seen.holder is not None and seen.holder == self.holder
        if seen.holder is not None and seen.card is not None and not known and self.question is None and not self.busy:
            self.open(seen.holder, seen.card.escn)

    def _forget(self) -> None:
        self._turn += 1
        self.holder, self.cards, self.chosen, self.agrees = None, (), "", True
        self.question = self.said = self.error = None


NOBODY = N_("Whose cards? Find the person with the search, or lay a card of theirs on the reader.")
"""What is said where nobody is served and no card lies on the reader."""
