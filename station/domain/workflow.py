"""One card being made, as a pure state machine over a journal.

    draft → captured → encoded → printed → verified → handed over
              └────────────┴─────────┴─────────┴────→ spoiled      (abandoned, while nothing physical has begun)
    spoiled, abandoned → handed over   (a desk that was alone had handed it over)
    handed over → erased           (returned; its chip is free for another issuance, its number for nobody)

Physical acts cannot be undone. So each one is journaled on both sides: ``EncodeBegun`` before the first APDU that
writes and ``Encoded`` or ``EncodeStopped`` after; ``PrintBegun`` before the spooler hears of it and ``Printed`` or
``PrintStopped`` after; ``domain.feeding`` has those of a printer with an encoder, ``domain.aftercare`` those that
follow the hand-over. Between the two the issuance has a ``pending`` act. A station that starts and finds one
journals ``Doubted`` and from then on only evidence (the card, the printer, a person) moves the issuance on.

An ESCN is bound to one piece of plastic when writing begins. A blank that is lost after that takes its number with
it; the successor issuance gets a new one. So no number is ever on two cards.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from station.domain.aftercare import (
    AftercareEvent,
    AftercareStopped,
    BlankErased,
    CardRenewed,
    CardReturned,
    EraseBegun,
    Erased,
    RenewBegun,
    Renewed,
)
from station.domain.card import CardScheme, RouterCardType
from station.domain.errors import N_, WorkflowError
from station.domain.feeding import BlankInBin, BlankInDoubt, Fed, FeedBegun, FeedingEvent, FeedStopped, Rejected


class State(StrEnum):
    """How far an issuance has come."""

    DRAFT = "draft"
    CAPTURED = "captured"
    ENCODED = "encoded"
    PRINTED = "printed"
    VERIFIED = "verified"
    HANDED_OVER = "handed_over"
    SPOILED = "spoiled"
    ABANDONED = "abandoned"
    ERASED = "erased"


FINAL = frozenset({State.HANDED_OVER, State.SPOILED, State.ABANDONED, State.ERASED})


class Act(StrEnum):
    """A physical act that has begun and is not known to have ended."""

    ENCODE = "encode"
    PRINT = "print"
    FEED = "feed"
    RENEW = "renew"
    ERASE = "erase"


AFTERCARE = frozenset({Act.RENEW, Act.ERASE})
"""Acts on the chip of a card that is no longer being made."""


class Cause(StrEnum):
    """Why a blank was spoiled or an issuance abandoned."""

    CHIP_FAILED = "chip_failed"
    MISPRINT = "misprint"
    PRINTER_DAMAGED = "printer_damaged"
    WRONG_DATA = "wrong_data"
    CARD_MISSING = "card_missing"
    HOLDER_LEFT = "holder_left"
    OTHER = "other"


class ReprintReason(StrEnum):
    """Why a card may go through the printer once more; without one it may not."""

    NOTHING_CAME_OUT = "nothing_came_out"
    BLANK_SIDE = "blank_side"
    OTHER_PRINTER = "other_printer"
    """The printer gave the card back unprinted, by its own word, and another one has it."""


# --- events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Began:
    """A holder is being served; the number, its first and last day (ISO 8601) are fixed here, before printing."""

    holder_id: str
    institution: str
    escn: str
    scheme: CardScheme
    layout: str
    chip_profile: str
    expires_on: str
    layout_digest: str = ""
    issued_on: str = ""


@dataclass(frozen=True, slots=True)
class PortraitTaken:
    """A portrait was accepted (a later one replaces it while nothing physical has begun)."""

    portrait_id: str


@dataclass(frozen=True, slots=True)
class EncodeBegun:
    """The chip ``uid`` (hex, upper case) is about to be written."""

    uid: str
    reader: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """The chip was written and read back; ``uid`` is empty for a card without a chip.

    ``key_versions`` are the master keys of the keys on it, as ``domain.key_versions`` writes them.
    """

    uid: str
    card_type: RouterCardType
    apdus: int = 0
    key_versions: str = ""


@dataclass(frozen=True, slots=True)
class EncodeReached:
    """On the chip ``uid`` something is done for good: ``created``, ``locked`` (its keys are ours) or ``written``."""

    uid: str
    step: str


@dataclass(frozen=True, slots=True)
class EncodeStopped:
    """Encoding ended early; ``written`` says that the number may be on the chip, so that only this card can go on."""

    written: bool
    cause: str = ""


@dataclass(frozen=True, slots=True)
class PrintBegun:
    """The job ``job`` is about to be given to ``printer``; a second one needs a reason."""

    job: str
    printer: str
    reason: ReprintReason | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """The card came out; ``said_by`` is ``printer``, ``person`` or ``scan``."""

    job: str
    said_by: str


@dataclass(frozen=True, slots=True)
class PrintStopped:
    """Nothing came onto the plastic: the same card, with the same number, can be printed."""

    job: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class VerifyFailed:
    """The card in hand does not agree with the record; it may be tried again, or is spoiled."""

    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Chip, QR and record agree. ``uid``, ``escn_chip`` and ``escn_qr`` are empty for a card without them."""

    uid: str
    escn_chip: str
    escn_qr: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The holder has the card."""


@dataclass(frozen=True, slots=True)
class Spoiled:
    """The blank is lost, and its number with it."""

    cause: Cause
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Given up before anything physical began."""

    cause: Cause
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Doubted:
    """The station started and found the act begun, without its end."""

    act: Act


@dataclass(frozen=True, slots=True)
class Reappeared:
    """The card was given up here, but a desk that was alone had handed it over: it exists, made of this chip so."""

    uid: str
    card_type: RouterCardType
    apdus: int = 0
    key_versions: str = ""
    portrait_id: str | None = None
    job: str = ""
    printer: str = ""


Event = (
    Began | PortraitTaken | EncodeBegun | Encoded | EncodeReached | EncodeStopped | PrintBegun | Printed | PrintStopped
    | VerifyFailed | Verified | HandedOver | Spoiled | Abandoned | Doubted | Reappeared | AftercareEvent | FeedingEvent
)  # fmt: skip


# --- the issuance -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issuance:
    """One card being made: the sum of its journal."""

    id: str
    holder_id: str = ""
    institution: str = ""
    escn: str = ""
    scheme: CardScheme = CardScheme.ESC
    layout: str = ""
    chip_profile: str = ""
    expires_on: str = ""
    state: State = State.DRAFT
    pending: Act | None = None
    doubt: bool = False
    portrait_id: str | None = None
    uid: str = ""
    card_type: RouterCardType = RouterCardType.PASSIVE
    apdus: int = 0
    key_versions: str = ""
    job: str = ""
    printer: str = ""
    prints: int = 0
    cause: str = ""
    layout_digest: str = ""
    issued_on: str = ""

    @property
    def physical(self) -> bool:
        """Say whether plastic carries this number, or may, while the card is being made."""
        begun = self.pending not in (None, Act.FEED)  # a blank that was only fed carries nothing
        return self.open and (begun or self.state in (State.ENCODED, State.PRINTED, State.VERIFIED))

    @property
    def open(self) -> bool:
        """Say whether the card is being made."""
        return self.state not in FINAL

    @property
    def settled(self) -> bool:
        """Say whether nothing is left to do: it is not being made, and no act on it has begun without ending."""
        return not self.open and self.pending is None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An event as it was journaled: when (UTC), by whom, where."""

    issuance_id: str
    sequence: int
    event: Event
    at: datetime
    operator: str = ""
    station: str = ""


# --- effects ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BlankInWork:
    """A blank left the stock for this issuance."""

    uid: str


@dataclass(frozen=True, slots=True)
class BlankReleased:
    """The blank is as it was: back to the stock."""

    uid: str


@dataclass(frozen=True, slots=True)
class BlankUsed:
    """The blank became a card."""

    uid: str


@dataclass(frozen=True, slots=True)
class BlankSpoiled:
    """The blank is lost."""

    uid: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class FinishCard:
    """Write the card and its outbox entries, in the transaction of the event itself."""


Effect = (
    BlankInWork | BlankReleased | BlankUsed | BlankSpoiled | BlankInBin | BlankInDoubt | FinishCard
    | CardRenewed | CardReturned | BlankErased
)  # fmt: skip


# --- transitions ------------------------------------------------------------------------------------------------


def transition(issuance: Issuance, event: Event) -> tuple[Issuance, tuple[Effect, ...]]:
    """Return the issuance after ``event``, and what has to be done about it; nothing is done here.

    Raises:
        WorkflowError: the event does not fit where the issuance stands; the issuance is unchanged.
    """
    match event:
        case Began() | PortraitTaken() | Abandoned() | FeedBegun() | Fed() | FeedStopped() | Rejected():
            return _before_plastic(issuance, event)
        case EncodeBegun() | Encoded() | EncodeReached() | EncodeStopped():
            return _encoding(issuance, event)
        case PrintBegun() | Printed() | PrintStopped():
            return _printing(issuance, event)
        case VerifyFailed() | Verified() | HandedOver():
            return _finishing(issuance, event)
        case Spoiled() | Doubted() | Reappeared():
            return _troubled(issuance, event)
        case _:
            return _aftercare(issuance, event)


def _troubled(issuance: Issuance, event: Spoiled | Doubted | Reappeared) -> tuple[Issuance, tuple[Effect, ...]]:
    if isinstance(event, Reappeared):
        # A card in somebody's hand is a fact; that it was given up here was a mistake about it.
        _need(issuance.state in (State.SPOILED, State.ABANDONED), N_("nobody has given this card up"))
        there = replace(issuance, **asdict(event), state=State.HANDED_OVER, pending=None, doubt=False, cause="")
        return there, (BlankUsed(event.uid), FinishCard())
    if isinstance(event, Doubted):
        _need(issuance.pending is event.act, N_("there is nothing to doubt"))
        on_blank = issuance.pending in (Act.ENCODE, Act.PRINT)
        return replace(issuance, doubt=True), (_newly_doubted(issuance) if on_blank else ())
    _need(issuance.physical, N_("nothing physical has begun, so nothing is spoiled"))
    after = replace(issuance, state=State.SPOILED, pending=None, doubt=False, cause=event.cause.value)
    return after, (BlankSpoiled(issuance.uid, event.cause),)


def _before_plastic(
    issuance: Issuance, event: Began | PortraitTaken | Abandoned | FeedingEvent
) -> tuple[Issuance, tuple[Effect, ...]]:
    match event:
        case FeedBegun() | Fed() | FeedStopped() | Rejected():
            return _feeding(issuance, event)
        case Began():
            _need(issuance.state is State.DRAFT and not issuance.escn, N_("this issuance has begun already"))
            return replace(
                issuance,
                holder_id=event.holder_id,
                institution=event.institution,
                escn=event.escn,
                scheme=event.scheme,
                layout=event.layout,
                layout_digest=event.layout_digest,
                chip_profile=event.chip_profile,
                expires_on=event.expires_on,
                issued_on=event.issued_on,
            ), ()
        case PortraitTaken():
            _need_begun(issuance)
            _need(
                issuance.state in (State.DRAFT, State.CAPTURED) and issuance.pending is None,
                N_("the card is being made already"),
            )
            return replace(issuance, state=State.CAPTURED, portrait_id=event.portrait_id), ()
        case Abandoned():
            _need(issuance.open and not issuance.physical, N_("the chip or the plastic carries the number already"))
            return replace(issuance, state=State.ABANDONED, pending=None, doubt=False, cause=event.cause.value), ()


def _encoding(
    issuance: Issuance, event: EncodeBegun | Encoded | EncodeReached | EncodeStopped
) -> tuple[Issuance, tuple[Effect, ...]]:
    match event:
        case EncodeBegun():
            _need(issuance.state is State.CAPTURED, N_("the portrait comes first"))
            _need(bool(event.uid), N_("the chip has no UID"))
            _need(issuance.uid in ("", event.uid), N_("the number belongs to another card; put that one back"))
            # Taken up again, the doubt stays until the chip was read back: the number may be on it already.
            resumed = issuance.pending is Act.ENCODE
            effects = _newly_doubted(issuance) if resumed else (BlankInWork(event.uid),)
            return replace(issuance, pending=Act.ENCODE, doubt=resumed, uid=event.uid), effects
        case Encoded():
            _need(issuance.state is State.CAPTURED, N_("the portrait comes first"))
            if event.uid:
                _need(issuance.pending is Act.ENCODE, N_("encoding has not begun"))
                _need(issuance.uid == event.uid, N_("this is another card"))
                in_work = _no_longer_doubted(issuance)
            else:
                _need(issuance.pending is None, N_("encoding has begun"))
                in_work = (BlankInWork(""),)
            done = replace(issuance, state=State.ENCODED, pending=None, doubt=False, card_type=event.card_type)
            return replace(done, apdus=event.apdus, key_versions=event.key_versions), in_work
        # The journal alone keeps it. Where the work goes on after a restart, the card itself is asked.
        case EncodeReached():
            _need(issuance.pending is Act.ENCODE, N_("encoding has not begun"))
            _need(issuance.uid == event.uid, N_("this is another card"))
            return issuance, ()
        case EncodeStopped():
            _need(issuance.pending is Act.ENCODE, N_("encoding has not begun"))
            if event.written or issuance.doubt:
                # The number may be on this chip: only this card can go on, so the act stays pending.
                return replace(issuance, doubt=True, cause=event.cause), _newly_doubted(issuance)
            # Nothing was written, so blank and number part again, and either may find another.
            released = (BlankReleased(issuance.uid),)
            return replace(issuance, pending=None, doubt=False, uid="", cause=event.cause), released


def _feeding(issuance: Issuance, event: FeedingEvent) -> tuple[Issuance, tuple[Effect, ...]]:
    match event:
        case FeedBegun():
            _need(issuance.state is State.CAPTURED, N_("the portrait comes first"))
            _need(issuance.pending in (None, Act.FEED), N_("the card is being made already"))
            return replace(issuance, pending=Act.FEED, doubt=False, printer=event.printer), ()
        case Fed() | FeedStopped():
            _need(issuance.pending is Act.FEED, N_("no blank was asked for"))
            cause = event.cause if isinstance(event, FeedStopped) else issuance.cause
            return replace(issuance, pending=None, doubt=False, cause=cause), ()
        case Rejected():
            _need(issuance.state is State.CAPTURED and issuance.pending is None, N_("the card is being made already"))
            return replace(issuance, cause=event.cause), (BlankInBin(event.uid, event.cause),)


def _newly_doubted(issuance: Issuance) -> tuple[Effect, ...]:
    return () if issuance.doubt else (BlankInDoubt(issuance.uid),)


def _no_longer_doubted(issuance: Issuance) -> tuple[Effect, ...]:
    return (BlankInWork(issuance.uid),) if issuance.doubt else ()


def _printing(issuance: Issuance, event: PrintBegun | Printed | PrintStopped) -> tuple[Issuance, tuple[Effect, ...]]:
    match event:
        case PrintBegun():
            _need(issuance.state is State.ENCODED, N_("the chip comes before the print"))
            _need(issuance.pending is None, N_("this card is in the printer already"))
            # No card goes through a printer a second time without somebody who says why.
            _need(issuance.prints == 0 or event.reason is not None, N_("a second print needs a reason"))
            after = replace(
                issuance, pending=Act.PRINT, job=event.job, printer=event.printer, prints=issuance.prints + 1
            )
            return after, ()
        case Printed():
            _need_job(issuance, event.job)
            return replace(issuance, state=State.PRINTED, pending=None, doubt=False), _no_longer_doubted(issuance)
        case PrintStopped():
            _need_job(issuance, event.job)
            return replace(issuance, pending=None, doubt=False, cause=event.cause), _no_longer_doubted(issuance)


def _finishing(issuance: Issuance, event: VerifyFailed | Verified | HandedOver) -> tuple[Issuance, tuple[Effect, ...]]:
    match event:
        case VerifyFailed():
            _need(issuance.state in (State.PRINTED, State.VERIFIED), N_("there is no finished card to check"))
            return replace(issuance, state=State.PRINTED, cause=event.detail), ()
        case Verified():
            _need(issuance.state in (State.PRINTED, State.VERIFIED), N_("there is no finished card to check"))
            _need(event.uid == issuance.uid, N_("the chip is not the one that was encoded"))
            _need(event.escn_qr in ("", issuance.escn), N_("the QR shows another number"))
            _need(event.escn_chip in ("", issuance.escn), N_("the chip carries another number"))
            # The router is about to be told that the chip has its number: so it must have been read from the chip.
            carries_number = issuance.card_type is RouterCardType.SMART_CDZ
            _need(not carries_number or event.escn_chip == issuance.escn, N_("the chip carries no number"))
            return replace(issuance, state=State.VERIFIED), ()
        case HandedOver():
            _need(issuance.state is State.VERIFIED, N_("the card has not been verified"))
            return replace(issuance, state=State.HANDED_OVER), (BlankUsed(issuance.uid), FinishCard())


def _aftercare(issuance: Issuance, event: AftercareEvent) -> tuple[Issuance, tuple[Effect, ...]]:
    if not isinstance(event, RenewBegun | EraseBegun):
        return _aftercare_ended(issuance, event)
    _need_chip(issuance, event.uid)
    if isinstance(event, RenewBegun):
        act = Act.RENEW
        _need(issuance.state is State.HANDED_OVER, N_("nobody has this card"))
    else:
        act = Act.ERASE
        erasable = (State.HANDED_OVER, State.SPOILED, State.ERASED)
        _need(issuance.state in erasable, N_("the card is being made, it can't be erased in the middle"))
    # What had begun and never ended left the chip unknown: the doubt stays until the card was read back.
    return replace(issuance, pending=act, doubt=issuance.pending is not None), ()


def _aftercare_ended(
    issuance: Issuance, event: Renewed | Erased | AftercareStopped
) -> tuple[Issuance, tuple[Effect, ...]]:
    ended = replace(issuance, pending=None, doubt=False)
    match event:
        case Renewed():
            _need(issuance.pending is Act.RENEW, N_("the change of the chip has not begun"))
            _need_chip(issuance, event.uid)
            carried = CardRenewed(event.chip_profile, event.card_type, event.key_versions)
            return replace(ended, **asdict(carried)), (carried,)
        case Erased():
            _need(issuance.pending is Act.ERASE, N_("erasing has not begun"))
            _need_chip(issuance, event.uid)
            # A spoiled blank stays one, whatever is on its chip: it was lost for another reason.
            if issuance.state is not State.HANDED_OVER:
                return ended, ()
            return replace(ended, state=State.ERASED), (BlankErased(event.uid), CardReturned(event.cause))
        case AftercareStopped():
            _need(issuance.pending in AFTERCARE, N_("nothing was begun on this card"))
            unknown = event.written or issuance.doubt
            return (replace(issuance, doubt=True) if unknown else ended), ()


def replay(issuance_id: str, events: list[Event]) -> Issuance:
    """Return the issuance that these events add up to, from nothing.

    Raises:
        WorkflowError: the journal is not one that ``transition`` could have made.
    """
    issuance = Issuance(issuance_id)
    for event in events:
        # Effects were carried out when the event was written; once more, they would happen twice.
        issuance, _ = transition(issuance, event)
    return issuance


def _need(condition: bool, detail: str) -> None:
    if not condition:
        raise WorkflowError(detail=detail)


def _need_begun(issuance: Issuance) -> None:
    _need(bool(issuance.escn), N_("the issuance has not begun"))


def _need_chip(issuance: Issuance, uid: str) -> None:
    _need(bool(uid) and issuance.uid == uid, N_("this is another card"))


def _need_job(issuance: Issuance, job: str) -> None:
    _need(issuance.pending is Act.PRINT, N_("nothing is being printed"))
    _need(issuance.job == job, N_("this is another print job"))
