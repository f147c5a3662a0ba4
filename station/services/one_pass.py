"""Make a card in one pass, in a printer with an encoder: fed, written and read back, printed, put out.

The card inside is asked before anything is done to it, after a crash as after a jam: a blank is written, the card that
was begun is finished, and somebody else's is left alone. A chip that is no good costs its blank, never a printed card:
it goes to the printer's bin, and the same holder gets the next blank.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from station.domain.errors import (
    N_,
    Cancelled,
    CardAbsentError,
    CardRemovedError,
    ChipError,
    ChipMismatchError,
    ChipRefusedError,
    ChipUnsuitableError,
    StationError,
    WorkflowError,
)
from station.domain.feeding import Fed, FeedBegun, FeedStopped, Rejected
from station.domain.message import Message
from station.domain.workflow import Act, Cause, Issuance, Spoiled, State
from station.ports.chip import Readers
from station.ports.printer import CardFeeder, CardPlace, Encoder
from station.ports.tasks import Cancel, Progress
from station.services.encoding import EncodingService
from station.services.journal import Journal
from station.services.printing import PrintingService, reprint_reason
from station.services.verification import VerificationService

if TYPE_CHECKING:
    from station.chip.encoder import ChipContents
    from station.chip.profiles import ChipProfile
    from station.render.card import CheckedCard

BLANKS_MAX = 2
"""So many bad blanks in a row are chance; more are a box of the wrong cards, or a reader that fails."""
TRIES = 2
"""How often one blank is tried, where it may only have lost contact."""
_FEEDING = "feeding"


class BadBlankError(Exception):
    """The blank at the encoder is no good; ``cause`` says why, ``uid`` which it is, where its chip told."""

    def __init__(self, cause: StationError, uid: str = "") -> None:
        super().__init__(cause.code)
        self.cause, self.uid = cause, uid


@dataclass(frozen=True)
class EncoderPlace:
    """The encoder in the printer: its way for cards, its reader, and the services that work on that reader."""

    feeder: CardFeeder
    readers: Readers
    pattern: str
    wait_s: float
    encoding: EncodingService
    verification: VerificationService


class OnePassService:
    """Make cards in the printer alone. Blocks; runs on the ``printer`` lane, the encoder's reader included."""

    def __init__(
        self,
        journal: Journal,
        printing: PrintingService,
        place: EncoderPlace,
        *,
        begin_again: Callable[[str], Issuance],
        feeds: Callable[[Issuance], None],
    ) -> None:
        """Take what it works with; ``feeds`` is told of a card that has to lie in the feeder first."""
        self._journal, self._printing, self._place = journal, printing, place
        self._begin_again, self._feeds = begin_again, feeds

    @property
    def holds_card(self) -> bool:
        """Say whether a card is in the printer that was taken from its feeder."""
        return self._place.feeder.place() not in (CardPlace.NONE, CardPlace.UNKNOWN)

    def make(
        self,
        issuance_id: str,
        profile: ChipProfile,
        draw: Callable[[Issuance], CheckedCard],
        *,
        cancel: Cancel,
        progress: Progress,
    ) -> Issuance:
        """Take a card from its portrait, or from where it stopped, to the tray; return how its issuance stands.

        After a blank that got the number and failed this is the issuance that follows it, with a number of its own.

        Raises:
            PrinterTroubleError, PrinterMissingError, PrintJobLostError: as ``PrintingService.print_card``.
            ChipUnsuitableError: the card in the printer is somebody else's, or not the one that was begun.
            ChipError, ReaderError: two blanks failed, or the encoder doesn't work. Cancelled: nothing was written.
        """
        with self._printing.lock.hold():
            # Counted for one card and not over the day: the next holder's blank may come from another box.
            bad = 0
            while True:
                issuance = self._journal.issuance(issuance_id)
                # Its chip was written and read back before: after a jam or a restart the job that the printer holds is
                # waited for.
                if issuance.pending is Act.PRINT:
                    return self._printing.go_on(issuance_id, cancel=cancel, progress=progress)
                # Drawn anew in each round: after a blank that got its number the issuance has another one, and so has
                # the picture.
                card = draw(issuance)
                self._printing.check(card)  # before a blank is spent on what this printer can't print
                try:
                    issuance = self._written(issuance, profile, cancel=cancel, progress=progress)
                except BadBlankError as error:
                    bad += 1
                    issuance_id = self._put_aside(issuance_id, error).id
                    if bad >= BLANKS_MAX:
                        raise _too_many(error.cause) from error
                    continue
                return self._printing.print_card(
                    issuance.id, card, reason=reprint_reason(issuance), inside=True, cancel=cancel, progress=progress
                )

    def settle(self, issuance_id: str, profile: ChipProfile, *, cancel: Cancel, progress: Progress) -> Issuance:
        """Settle a doubt about a chip by the card inside, and finish it; it stays there, to be printed.

        Raises:
            ChipUnsuitableError: another card is inside, or none. ReaderError, ChipError: the doubt stays.
        """
        with self._printing.lock.hold():
            try:
                return self._written(self._journal.issuance(issuance_id), profile, cancel=cancel, progress=progress)
            except BadBlankError as error:
                raise error.cause from error

    def whose(self, cancel: Cancel) -> Issuance | None:
        """Return which unfinished issuance the card inside belongs to; ``None`` for a blank, or with none inside."""
        with self._printing.lock.hold():
            if not self.holds_card:
                return None
            # Loading takes no second card while one is inside: it only brings that one to the encoder.
            self._place.feeder.load(Encoder.CONTACTLESS, cancel=cancel)
            return self._owner(self._inspected(cancel))

    def spoiled(self, issuance_id: str, cause: Cause, detail: str = "") -> Issuance:
        """Record a lost card; if it is the one inside, it goes to the bin first."""
        with self._printing.lock.hold():
            if self.holds_card and self._is_inside(issuance_id):
                self._place.feeder.reject()
            return self._printing.spoiled(issuance_id, cause, detail)

    def blank_spoiled(self, issuance_id: str) -> Issuance:
        """Count a blank as lost that a person took out of the printer on its way to the encoder.

        Nothing was on it: the card and its number go on with the next one. Raises WorkflowError once that is not so.
        """
        with self._printing.lock.hold():
            issuance = self._journal.issuance(issuance_id)
            if issuance.uid:
                raise WorkflowError(detail=N_("the card is being made already"))
            return self._journal.step(issuance, Rejected("", Cause.PRINTER_DAMAGED.value))

    # --- the steps -----------------------------------------------------------------------------------------------

    def _written(self, issuance: Issuance, profile: ChipProfile, *, cancel: Cancel, progress: Progress) -> Issuance:
        """Return the issuance with its card at the encoder, written and read back."""
        if not profile.needs_reader:
            # The encoder is used to look all the same: the card inside may be one that was written and is waiting to be
            # printed.
            self._need_nobodys(cancel)
            encoded = issuance.state is State.ENCODED
            encode = self._place.encoding.encode
            return issuance if encoded else encode(issuance.id, profile, cancel=cancel, progress=progress)
        self._fed(issuance, cancel, progress)
        # Read anew: feeding has journaled its steps.
        issuance = self._journal.issuance(issuance.id)
        try:
            contents = self._inspected(cancel)
        except (CardAbsentError, CardRemovedError, ChipError) as error:
            if issuance.uid:
                raise  # a card that carries a number is not thrown away because it can't be read just now
            raise BadBlankError(error) from error
        self._need_free(issuance, contents)
        if issuance.state is State.ENCODED:
            self._need_this_one(issuance, profile, cancel)
            return issuance
        # From the first write on only that chip may go on. One that hides its UID is told apart by its keys, in
        # ``encode``.
        if issuance.uid and issuance.uid != contents.uid and not _hidden(contents):
            self._refuse_other(issuance)
        try:
            return self._encoded(issuance, profile, cancel=cancel, progress=progress)
        except BadBlankError as error:
            raise BadBlankError(error.cause, "" if _hidden(contents) else contents.uid) from error

    def _fed(self, issuance: Issuance, cancel: Cancel, progress: Progress) -> None:
        """Bring the card inside to the encoder, else the next one of the feeder; journaled where it is a blank."""
        progress(_FEEDING, 0.0)
        feeder = self._place.feeder
        blank = not issuance.uid
        # Not while nobody knows: a printer that is off may have it inside.
        if not blank and feeder.place() is CardPlace.NONE:
            self._feeds(issuance)
        if blank:
            issuance = self._journal.step(issuance, FeedBegun(self._printing.printer.name))
        try:
            feeder.load(Encoder.CONTACTLESS, cancel=cancel)
        except StationError as error:
            if blank:
                self._journal.step(issuance, FeedStopped(error.code))
            # Tells the window what to offer: a bent blank is counted and replaced, a card with a number is looked for.
            error.written = not blank
            raise
        if blank:
            self._journal.step(issuance, Fed(self._printing.printer.name))

    def _inspected(self, cancel: Cancel) -> ChipContents:
        from station.chip.encoder import inspect

        place = self._place
        reader = place.readers.wait_card(place.pattern, cancel=cancel, timeout_s=place.wait_s)
        with place.readers.open_card(reader, cancel=cancel) as connection:
            return inspect(connection)

    def _encoded(self, issuance: Issuance, profile: ChipProfile, *, cancel: Cancel, progress: Progress) -> Issuance:
        tries = TRIES
        while True:
            try:
                return self._place.encoding.encode(issuance.id, profile, cancel=cancel, progress=progress)
            except Cancelled:
                if not issuance.uid:
                    self._place.feeder.eject()  # else a blank would keep the printer from everybody
                raise
            except (CardRemovedError, ChipRefusedError) as error:
                # A contact that was lost for a moment: what was begun on this chip is finished on it.
                tries -= 1
                if not tries:
                    raise BadBlankError(error) from error
            except (CardAbsentError, ChipError) as error:
                self._need_no_other(issuance, error)
                raise BadBlankError(error) from error

    def _put_aside(self, issuance_id: str, bad: BadBlankError) -> Issuance:
        """Have a bad blank put into the bin; return the issuance that goes on with the next one.

        Journaled first: a number that may be on a chip is never used again, whatever happens on the way to the bin.
        """
        issuance = self._journal.issuance(issuance_id)
        if issuance.uid:
            self._journal.step(issuance, Spoiled(Cause.CHIP_FAILED, bad.cause.code))
            self._place.feeder.reject()
            return self._begin_again(issuance_id)
        after = self._journal.step(issuance, Rejected(bad.uid, bad.cause.code))
        self._place.feeder.reject()
        return after

    # --- whose card is inside ------------------------------------------------------------------------------------

    def _owner(self, contents: ChipContents) -> Issuance | None:
        store = self._journal.store.issuances
        found = store.by_uid(contents.uid) if contents.uid else None
        if found is None and contents.escn:
            found = store.by_escn(contents.escn)
        # A spoiled card's plastic may come back into the feeder; what was on it belongs to nobody now.
        return found if found is not None and found.state is not State.SPOILED else None

    def _need_free(self, issuance: Issuance, contents: ChipContents) -> None:
        """Refuse to touch a card that is another issuance's; one that has something left to do stays inside for it."""
        owner = self._owner(contents)
        if owner is None or owner.id == issuance.id:
            return
        name = self._name(owner)
        if not owner.settled:
            raise _unfinished(name)
        self._place.feeder.eject()
        raise ChipUnsuitableError(
            N_("This card was already made for {name}."),
            N_("The printer has put it out. Take it out of the feeder's stack, then go on."),
            name=name,
        )

    def _need_this_one(self, issuance: Issuance, profile: ChipProfile, cancel: Cancel) -> None:
        """Raise ChipUnsuitableError unless the card at the encoder is the one that was written for this issuance."""
        seen = self._place.verification.look(issuance, profile, cancel=cancel, wait_s=self._place.wait_s)
        if seen.uid != issuance.uid:
            self._refuse_other(issuance)

    def _need_no_other(self, issuance: Issuance, error: StationError) -> None:
        """Put a card out, not into the bin, that is refused for what it is and not for how its chip does."""
        # Written and then wrong is a bad chip, and goes to the bin; wrong before the first write is somebody else's
        # card.
        if isinstance(error, ChipMismatchError) and not error.written:
            self._place.feeder.eject()
            raise error
        if isinstance(error, ChipUnsuitableError) and issuance.uid:
            self._refuse_other(issuance)

    def _refuse_other(self, issuance: Issuance) -> NoReturn:
        self._place.feeder.eject()
        raise ChipUnsuitableError(
            N_("The card in the printer is not the one that was written for {name}. The printer has put it out."),
            N_("Lay the written card into the feeder so that it is taken first, then go on."),
            name=self._name(issuance),
        )

    def _need_nobodys(self, cancel: Cancel) -> None:
        """Refuse to print a card without a chip onto one that is being made for somebody else."""
        owner = self.whose(cancel)
        if owner is not None and not owner.settled:
            raise _unfinished(self._name(owner))

    def _name(self, issuance: Issuance) -> str:
        holder = self._journal.store.holders.get(issuance.holder_id)
        return holder.full_name if holder else "?"

    def _is_inside(self, issuance_id: str) -> bool:
        issuance = self._journal.issuance(issuance_id)
        try:
            # A spoiling can't be cancelled, so the event is one that nobody sets; the encoder's own time-out ends the
            # wait.
            return bool(issuance.uid) and self._inspected(threading.Event()).uid == issuance.uid
        except StationError:
            return False  # it can't be asked: then a person takes it out


def _hidden(contents: ChipContents) -> bool:
    """Say whether the chip tells another UID each time."""
    from station.chip.uid import is_random

    return bool(contents.uid) and is_random(bytes.fromhex(contents.uid))


def _unfinished(name: str) -> ChipUnsuitableError:
    return ChipUnsuitableError(
        N_("The card of {name} is in the printer, and not finished."),
        N_("Finish that card first: choose {name} in the list. Nothing was written on it."),
        name=name,
    )


def _too_many(cause: StationError) -> ChipError:
    return ChipError(
        N_("{n} blank cards in a row could not be written."),
        N_("Check that the right cards are in the feeder, the right way round. The last one: {detail}"),
        n=BLANKS_MAX,
        detail=Message(cause.what, cause.params),
    )
