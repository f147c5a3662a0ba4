"""A desk: everything that the window and the command line work with, assembled by the composition root."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.enrolment import Right
from station.domain.errors import N_, CameraError, RouterError
from station.domain.holder import Holder
from station.domain.message import Message
from station.domain.portrait import Portrait
from station.domain.workflow import Issuance
from station.ports.camera import Cameras
from station.ports.chip import Readers
from station.ports.clock import Clock
from station.ports.news import News
from station.ports.printer import Printer, RenderedCard
from station.ports.router import Router
from station.ports.secrets import Secrets
from station.ports.standby import Standby
from station.ports.store import ImportPlan, Store
from station.ports.tasks import Cancel, Progress
from station.ports.workers import Workers
from station.services.capture import CaptureService
from station.services.card_watch import CardWatch
from station.services.clock_check import ClockCheck
from station.services.encoding import EncodingService
from station.services.health import (
    Health,
    HealthState,
    camera_health,
    printer_health,
    queue_health,
    reader_health,
    router_health,
    standby_health,
)
from station.services.issuance import CardPlan, IssuanceService
from station.services.journal import Journal
from station.services.one_pass import OnePassService
from station.services.outbox_worker import OutboxWorker
from station.services.printing import PrintingService
from station.services.recovery import RecoveryService
from station.services.serving import Serving
from station.services.verification import VerificationService
from station.settings import Settings

if TYPE_CHECKING:
    from station.chip.profiles import ChipProfile
    from station.render.card import CheckedCard
    from station.services.backgrounds import PlainBackgrounds
    from station.services.card_check import CardChecker
    from station.services.cardmaking import CardMaking
    from station.services.courier import Courier
    from station.services.enrolment import Enrolment
    from station.services.import_form import ImportForm
    from station.services.layouts import LayoutService
    from station.services.lifecycle import Lifecycle
    from station.services.portrait_review import PortraitReviewer, ReviewOrder
    from station.services.portrait_sources import PortraitSources
    from station.services.print_care import CareService
    from station.services.printer_pool import PooledPrinting


def nobody_listens() -> None:
    """Do nothing."""


@dataclass
class RouterLink:
    """How ESC-Router last answered; written by the outbox worker's loop, read by the status bar.

    ``heard`` is called, on that loop's thread, when the answer is of another kind than before; ``moved``, on any
    thread, when something that was in the queue was settled.
    """

    error: RouterError | None = None
    since: datetime | None = None
    heard: Callable[[], None] = nobody_listens
    moved: Callable[[], None] = nobody_listens

    def answered(self, error: RouterError | None, now: datetime) -> None:
        """Note an answer, and since when it has been so."""
        # By its kind: every refusal has its own time to wait, and the status bar would be drawn anew at each answer.
        news = self.since is None or type(error) is not type(self.error)
        if (error is None) != (self.error is None) or self.since is None:
            self.since = now
        self.error = error
        if news:
            self.heard()


@dataclass(frozen=True)
class Devices:
    """What stands on the desk."""

    cameras: Cameras
    readers: Readers
    printer: Printer
    secrets: Secrets


def left_to_a_person(issuance: Issuance) -> None:
    """Do nothing: a person puts the card on the reader."""


def sits_down_alone(holder: Holder) -> None:
    """Do nothing: a person sits down before the camera."""


@dataclass(frozen=True)
class Desk:
    """One station at work. Methods block; callers choose the lane.

    People are found with the store alone; ``load_making`` brings what cards are made to when it is first needed.
    ``make_workers`` brings processes for what is done to many pictures at once.
    ``hands`` is told before the station waits for an issuance's card; on the demo bench it puts the card there.
    ``seat`` is told who is served next; on the demo bench somebody then sits before the camera.
    """

    settings: Settings
    store: Store
    clock: Clock
    devices: Devices
    journal: Journal
    issuances: IssuanceService
    load_making: Callable[[LayoutService], CardMaking]
    make_workers: Callable[[], Workers]
    capture: CaptureService
    encoding: EncodingService
    printing: PrintingService
    verification: VerificationService
    recovery: RecoveryService
    router: Router
    outbox: OutboxWorker
    clock_check: ClockCheck
    card_watch: CardWatch
    hands: Callable[[Issuance], None] = left_to_a_person
    seat: Callable[[Holder], None] = sits_down_alone
    make_courier: Callable[[Desk], Courier] | None = None
    enrolment: Enrolment | None = None
    """Enrols this station, or others; ``None`` where the desk was put together without its keys."""
    news: News | None = None
    """Tells what other stations write into the store; ``None`` where nobody asked."""
    one_pass: OnePassService | None = None
    """Makes cards in a printer with an encoder; ``None`` where chips are written on the desk's reader."""
    link: RouterLink = field(default_factory=RouterLink)
    standby: Standby | None = None
    """The desk's own copy of a store that several share; ``None`` where there is none."""
    data: Path | None = None
    """The folder where this station keeps what it makes; ``None`` where it keeps nothing besides its store."""

    @cached_property
    def making(self) -> CardMaking:
        """Return to what cards are made here; raises LayoutError or ProfileError when it can't be loaded."""
        return self.load_making(self.layouts)

    @property
    def chip_profile(self) -> ChipProfile:
        """Return what is written on the chips of new cards."""
        return self.making.chip_profile

    @cached_property
    def serving(self) -> Serving:
        """Return what keeps other desks from whoever is served here."""
        return Serving(self.journal.claims)

    @cached_property
    def layouts(self) -> LayoutService:
        """Return the layouts that cards are made to, and were."""
        from station.services.layouts import LayoutService

        who, signers = self.journal.who, self.settings.layout.signers
        return LayoutService(self.store.layouts, self.clock, who, signers, rights=self.journal.rights)

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """Return what is done to cards after their hand-over."""
        from station.services.lifecycle import Lifecycle

        return Lifecycle(self.journal, self.settings, self.issuances.policy, changed=self.outbox.queue_changed)

    @cached_property
    def card_checker(self) -> CardChecker:
        """Return what tells whether any card in Europe is good."""
        from station.services.card_check import CardChecker

        pics = frozenset(each.pic for each in self.settings.institutions)
        address = self.settings.card.qr_address
        return CardChecker(self.store, self.router, self.clock, pics=pics, qr_address=address)

    @cached_property
    def sources(self) -> PortraitSources:
        """Return where portraits come from besides the camera."""
        from station.services.portrait_sources import PortraitSources

        return PortraitSources(self.store, self.clock, self.settings.photo)

    @cached_property
    def backgrounds(self) -> PlainBackgrounds:
        """Return what makes backgrounds plain; all of it on one lane."""
        from station.services.backgrounds import PlainBackgrounds

        return PlainBackgrounds()

    @cached_property
    def import_form(self) -> ImportForm:
        """Return what writes the queue in ESC-Router's own import form."""
        from station.services.import_form import ImportForm

        return ImportForm(self.store, self.router, self.clock, self.journal.who, self.issuances.policy)

    @cached_property
    def courier(self) -> Courier:
        """Return what carries the queue on a stick."""
        assert self.make_courier is not None  # noqa: S101 - for the type checker; whoever opens a desk brings it
        return self.make_courier(self)

    @property
    def printers(self) -> tuple[Printer, ...]:
        """Return the printers of this station, the main one first."""
        from station.services.printer_pool import PrinterPool

        printer = self.devices.printer
        return printer.printers if isinstance(printer, PrinterPool) else (printer,)

    @property
    def pool(self) -> PooledPrinting | None:
        """Return what prints on several printers; ``None`` where there is but one."""
        from station.services.printer_pool import PooledPrinting

        return self.printing if isinstance(self.printing, PooledPrinting) else None

    @cached_property
    def care(self) -> CareService:
        """Return what looks after the printers."""
        from station.services.print_care import CareRules, CareService

        named = zip(self.printers, self.settings.printers, strict=True)
        rules = {printer.name: CareRules(part.ribbon_cards, part.cleaning_every) for printer, part in named}
        return CareService(self.journal, rules)

    @cached_property
    def reviewer(self) -> PortraitReviewer:
        """Return the review of many portraits at once."""
        from station.services.portrait_review import PortraitReviewer

        return PortraitReviewer(self.store, self.clock, self.journal.who, self.make_workers())

    def import_register(self, plan: ImportPlan, source: str) -> int:
        """Write what an import would change; return how many. Raises NotAllowedError.

        What was parked for a mistake in the register goes out by itself then, and who was corrected is told anew.
        """
        from station.services.register_import import pieces

        self.journal.rights.need(Right.REGISTER)
        now, written = self.clock.now(), 0
        # Piece by piece, each with what is told of it in one transaction: a whole register at once would hold up every
        # desk.
        for piece, outbox in pieces(self.store, plan, self.issuances.policy, now):
            written += self.store.holders.apply_import(piece, source, now, outbox)
            if outbox:
                self.outbox.queue_changed()
        if written:
            self.outbox.records_changed()
        return written

    def review_order(self, folder: Path | None) -> ReviewOrder:
        """Return what portraits in ``folder`` are reviewed for: this station's layout and printer."""
        from station.services.portrait_review import ReviewOrder

        return ReviewOrder(self.making.portrait_shape, self.making.print_target, folder)

    def begin(self, holder: Holder) -> Issuance:
        """Begin a card for ``holder``, to this station's layout and chip profile, or go on with an open one."""
        # What was begun goes on as it was begun, even if its layout was retired since.
        return self.issuances.open_of(holder) or self.issuances.begin(holder, self.plan_for(holder))

    def plan_for(self, holder: Holder) -> CardPlan:
        """Return to what a new card of this holder is made; the layout is kept for as long as there are cards of it."""
        self._look_for_newer_layouts()
        making = self.making.for_holder(holder)
        self.layouts.use(making.layout)
        plan = self.issuances.plan(making.layout.reference, making.layout.digest)
        return replace(plan, scheme=making.scheme)

    def _look_for_newer_layouts(self) -> None:
        """Take what was approved since this desk was opened, here or elsewhere."""
        renewed = self.making.renewed()
        if renewed != self.making:
            # Where ``cached_property`` keeps it: the desk is frozen, and whoever asks from now on gets the newer one.
            vars(self)["making"] = renewed

    def accept_portrait(self, issuance: Issuance, portrait: Portrait) -> Issuance:
        """Keep the portrait and put it on the card."""
        return self.issuances.accept_portrait(issuance.id, portrait)

    def take_off_background(self, issuance: Issuance) -> Issuance:
        """Put the portrait on the card with its own background again; the one with the plain background is kept."""
        portrait = self.store.portraits.get(issuance.portrait_id) if issuance.portrait_id else None
        if portrait is None or portrait.natural is None:
            return issuance
        return self.accept_portrait(issuance, portrait.with_own_background(uuid.uuid4().hex))

    def render(self, issuance: Issuance) -> CheckedCard:
        """Return the card as it will be printed, with its QR as read back from it."""
        portrait = self.store.portraits.get(issuance.portrait_id) if issuance.portrait_id else None
        today = self.clock.now().date()
        return self.making.render(self.issuances.holder(issuance), issuance, portrait, today)

    def draft(self, holder: Holder, portrait_jpeg: bytes | None) -> RenderedCard:
        """Return a holder's card as it would be printed today, with the number of the card that is open or newest."""
        cards = self.store.cards.of_holder(holder.id)
        begun = [i.escn for i in self.store.issuances.open_issuances() if i.holder_id == holder.id]
        escn = next(iter([*begun, *(c.escn for c in cards)]), "")
        return self.making.draft(holder, escn, portrait_jpeg, self.clock.now().date())

    def encode(self, issuance: Issuance, *, cancel: Cancel, progress: Progress) -> Issuance:
        """Write the chip and read it back, or finish a card that was pulled."""
        with self.card_watch.hold():
            self.hands(issuance)
            return self.encoding.encode(issuance.id, self.chip_profile, cancel=cancel, progress=progress)

    def make_in_printer(
        self, issuance: Issuance, card: CheckedCard | None = None, *, cancel: Cancel, progress: Progress
    ) -> Issuance:
        """Have the printer make the card in one pass; ``card`` is how it is drawn, where that is known already."""
        assert self.one_pass is not None  # noqa: S101 - for the type checker; whoever asks has looked

        def drawn(which: Issuance) -> CheckedCard:
            return card if card is not None and which.id == issuance.id else self.render(which)

        return self.one_pass.make(issuance.id, self.chip_profile, drawn, cancel=cancel, progress=progress)

    def open_issuance_of(self, issuance: Issuance) -> Issuance:
        """Return how an issuance stands now, or the one that followed it when its blank was lost."""
        now = self.journal.issuance(issuance.id)
        if now.open:
            return now
        mine = (i for i in self.store.issuances.open_issuances() if i.holder_id == now.holder_id)
        return next(mine, now)

    def verify(self, issuance: Issuance, *, cancel: Cancel, qr_text: str | None = None) -> Issuance:
        """Compare chip, QR and record; without ``qr_text`` the QR is read from the render that was printed."""

        def scanned() -> str | None:
            return qr_text if qr_text is not None else self.render(issuance).qr or None

        with self.card_watch.hold():
            self.hands(issuance)
            return self.verification.verify(issuance.id, self.chip_profile, scanned, cancel=cancel)

    def settle_chip(self, issuance: Issuance, *, cancel: Cancel, progress: Progress) -> Issuance:
        """Settle a doubt about the chip by reading the card, and finish it; its number stays."""
        if self.one_pass is not None and self.one_pass.holds_card:
            return self.one_pass.settle(issuance.id, self.chip_profile, cancel=cancel, progress=progress)
        return self.encode(issuance, cancel=cancel, progress=progress)

    def settle_print(self, issuance: Issuance, qr_text: str, *, cancel: Cancel) -> Issuance:
        """Settle a doubt about the print by the card in hand: its chip is read, its QR was scanned."""
        with self.card_watch.hold():
            self.hands(issuance)
            return self.recovery.settle_print(issuance.id, self.chip_profile, qr_text=qr_text, cancel=cancel)

    def health(self, camera_error: CameraError | None = None, camera: str | None = None) -> tuple[Health, ...]:
        """Ask every device how it stands; call away from the window's thread.

        ``camera_error`` is the camera's last one, ``camera`` the source that was chosen in place of the profile's.
        """
        settings, devices = self.settings, self.devices
        self.clock_check.look_into(self.store)
        return (
            camera_health(devices.cameras, settings.camera.source if camera is None else camera, camera_error),
            reader_health(devices.readers, settings.reader.pattern),
            printer_health(devices.printer.status()),
            self._router_health(),
            queue_health(self.store.outbox.summary(), self.clock.now()),
            self.clock_check.health(),
            *(() if self.standby is None else (standby_health(self.standby.state()),)),
        )

    def _router_health(self) -> Health:
        enabled, link = self.settings.router.enabled, self.link
        # Off and not well: nobody has asked yet, and a green light would be a guess.
        if enabled and link.since is None:
            return Health("router", HealthState.OFF, "ESC-Router", Message(N_("checking…")))
        return router_health(link.error, enabled=enabled, name="ESC-Router", since=link.since)
