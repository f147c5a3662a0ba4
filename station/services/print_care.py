"""A printer's care: its correction, its test card, its ribbon and cleaning, and what became of its last cards."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from station.domain.errors import (
    N_,
    InputError,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJobLostError,
    StationError,
)
from station.domain.feeding import FeedBegun
from station.domain.message import Message
from station.domain.print_care import CareAct, CareEntry, Correction
from station.domain.stock import StockAct, lasts_to
from station.domain.workflow import Act, Issuance, PrintBegun, State
from station.ports.printer import (
    CardFeeder,
    CardPlace,
    Consumables,
    JobReport,
    Printer,
    PrinterProfile,
    PrinterStatus,
    PrintJob,
    RenderedCard,
)
from station.ports.store import PrintedCard, PrinterCareStore
from station.ports.tasks import Cancel, Progress
from station.services.journal import Journal
from station.services.stock import StockService, days_of

# As for the blanks: the rush of September says nothing of November.
_PACE_DAYS = 30


class CorrectedPrinter:
    """A printer that is given every card as its correction says; implements ``ports.printer.Printer``.

    ``correction`` is asked for each card: what was calibrated holds from the next one on.
    """

    def __init__(self, printer: Printer, correction: Callable[[], Correction]) -> None:
        self.plain, self._correction = printer, correction

    @property
    def name(self) -> str:
        """Return the printer's name for people."""
        return self.plain.name

    @property
    def profile(self) -> PrinterProfile:
        """Return what is known of the model."""
        return self.plain.profile

    @property
    def feeder(self) -> CardFeeder | None:
        """Return the way to its in-line encoder."""
        return self.plain.feeder

    def status(self) -> PrinterStatus:
        """Return how it stands now."""
        return self.plain.status()

    def consumables(self) -> Consumables:
        """Return what it says of ribbon, feeder and care."""
        return self.plain.consumables()

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return what of ``card`` this printer can't put on it."""
        return self.plain.unfit(card)

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print one card, corrected; raises as the port says."""
        from station.render.correcting import corrected

        # The correction is read for each card, and the render that is kept stays as it was drawn: another printer may
        # get it.
        given = PrintJob(job.job, corrected(job.card, self._correction()))
        return self.plain.print_card(given, cancel=cancel, progress=progress)

    def job_report(self, job: str) -> JobReport:
        """Return what is known of a job."""
        return self.plain.job_report(job)

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Wait for a job that was given away before."""
        return self.plain.wait_job(job, cancel=cancel, progress=progress)

    def cancel_job(self, job: str) -> None:
        """Take a job back as far as possible."""
        self.plain.cancel_job(job)


@dataclass(frozen=True, slots=True)
class CareReport:
    """How a printer stands: what it says itself, and what is counted here where it says nothing.

    ``ribbon_cards`` is how many cards the ribbon is still good for and ``cards_to_cleaning`` how many until the next
    cleaning, ``None`` where neither the printer nor the profile tells; ``ribbon_lasts_to`` the last day.
    """

    status: PrinterStatus
    consumables: Consumables
    correction: Correction
    cards: int
    cards_since_ribbon: int | None = None
    cards_since_cleaning: int | None = None
    ribbon_cards: int | None = None
    ribbon_lasts_to: date | None = None
    cards_to_cleaning: int | None = None
    jobs: tuple[PrintedCard, ...] = ()
    done: tuple[CareEntry, ...] = ()

    @property
    def cleaning_due(self) -> bool:
        """Say whether it asks to be cleaned, or by count should be."""
        if self.consumables.cleaning_due is not None:
            return self.consumables.cleaning_due
        return self.cards_to_cleaning is not None and self.cards_to_cleaning <= 0


@dataclass(frozen=True, slots=True)
class CareRules:
    """What the profile says of a printer that doesn't tell itself: cards a ribbon, cards between two cleanings."""

    ribbon_cards: int | None = None
    cleaning_every: int | None = None


class CareService:
    """Look after printers. Blocks; ``test_card`` runs on the ``printer`` lane, the rest anywhere but in the window."""

    def __init__(self, journal: Journal, rules: Mapping[str, CareRules] | None = None) -> None:
        """Take where it is written down, and the rules of each printer by its name."""
        self._journal, self._rules = journal, rules or {}

    def correction(self, printer: str) -> Correction:
        """Return what a printer needs, as it was calibrated last."""
        return correction_of(self._store, printer)

    def calibrate(self, printer: str, correction: Correction) -> Correction:
        """Keep what a printer needs, from its next card on; raises InputError when no sound printer could need it."""
        self.note(printer, CareAct.CALIBRATED, correction.checked().as_data())
        return correction

    def note(self, printer: str, act: CareAct, data: dict[str, object] | None = None) -> None:
        """Write down what was done to a printer."""
        journal = self._journal
        who = journal.who
        self._store.add(CareEntry(printer, act, journal.clock.now(), data or {}, who.operator, who.station))

    def report(self, printer: Printer) -> CareReport:
        """Return how a printer stands; asks it, and never raises for one that is away."""
        status, says, name = printer.status(), printer.consumables(), printer.name
        jobs = self._store.last_jobs(name)
        done = self._store.of_printer(name)
        since = {act: self._since(done, act, name) for act in (CareAct.RIBBON_CHANGED, CareAct.CLEANED)}
        cards = self._cards(done, name, None)
        rules = self._rules.get(name, CareRules())
        ribbon = says.ribbon_cards
        if ribbon is None:
            ribbon = _left(rules.ribbon_cards, since[CareAct.RIBBON_CHANGED], cards)
        # The printer's own count goes first: it knows of cards that were printed from elsewhere, too.
        cleaning = says.cards_to_cleaning
        if cleaning is None:
            every = rules.cleaning_every
            cleaned = since[CareAct.CLEANED]
            cleaning = None if every is None else every - (cards if cleaned is None else cleaned)
        return CareReport(
            status=status,
            consumables=says,
            correction=self.correction(name),
            cards=max(0, cards - sum(job.issuance.pending is Act.PRINT for job in jobs)),
            cards_since_ribbon=since[CareAct.RIBBON_CHANGED],
            cards_since_cleaning=since[CareAct.CLEANED],
            ribbon_cards=ribbon,
            ribbon_lasts_to=self._ribbon_lasts_to(name, ribbon),
            cards_to_cleaning=cleaning,
            jobs=jobs,
            done=done,
        )

    def test_card(
        self,
        printer: Printer,
        *,
        with_correction: bool = False,
        others: Collection[str] = (),
        cancel: Cancel,
        progress: Progress,
    ) -> JobReport:
        """Print the test card: as the printer prints uncorrected, or to see whether its correction is right.

        ``others`` are printers beside it: a card that is in one of them is in nobody's way here.

        Raises:
            InputError: a card is in the printer. PrinterError: as ``Printer.print_card``; a blank may be lost. The
                job is taken back: no test card comes out later, onto the next person's blank.
        """
        from station.render.correcting import corrected
        from station.render.testcard import render_test_card

        name = printer.name
        self._need_nobody_inside(printer, others)
        card = render_test_card(printer.profile)
        if with_correction:
            card = corrected(card, self.correction(name))
        # Past the correction: the rulers must show what the printer does by itself, or what was read would be added to
        # it.
        plain = printer.plain if isinstance(printer, CorrectedPrinter) else printer
        job = f"test-{uuid.uuid4().hex[:12]}"
        # Written down before: whatever becomes of it, a blank and a part of the ribbon are in it.
        self.note(name, CareAct.TEST_CARD, {"job": job, "corrected": with_correction})
        try:
            report = plain.print_card(PrintJob(job, card), cancel=cancel, progress=progress)
        except (PrinterTroubleError, PrintJobLostError) as error:
            error.todo = _taken_back(plain, job)
            self._count_test(plain.job_report(job))
            raise
        self._count_test(report)
        return report

    def take_back(self, printer: str) -> Correction:
        """Return to what held before the last calibration, none at first; doing so twice brings that one again."""
        kept = [e for e in self._store.of_printer(printer) if e.act is CareAct.CALIBRATED]
        # Kept as one more calibration and none removed: which card was printed with what can still be told.
        before = Correction.of_data(kept[1].data) if len(kept) > 1 else Correction()
        return self.calibrate(printer, before)

    def _count_test(self, report: JobReport) -> None:
        stock = StockService(self._journal)
        # Where nobody keeps a stock, or by count none is left, a line would only make the sum wrong.
        if not report.untouched and stock.report().balance.on_hand > 0:
            stock.add(StockAct.TEST, 1, note=report.job)

    @property
    def _store(self) -> PrinterCareStore:
        return self._journal.store.printer_care

    def _since(self, done: tuple[CareEntry, ...], act: CareAct, name: str) -> int | None:
        entry = self._last(done, act)
        return None if entry is None else self._cards(done, name, entry)

    def _cards(self, done: tuple[CareEntry, ...], name: str, since: CareEntry | None) -> int:
        tests = [e for e in done if e.act is CareAct.TEST_CARD and (since is None or e.at >= since.at)]
        return len(tests) + self._store.prints_since(name, since.at if since else None)

    def _ribbon_lasts_to(self, name: str, cards: int | None) -> date | None:
        if not cards:
            return None
        now = self._journal.clock.now().astimezone()
        recent = self._store.last_jobs(name, limit=1000)
        days = days_of([job.at for job in recent if job.at >= now - timedelta(days=_PACE_DAYS)])
        return lasts_to(cards, days, now.date())

    def _need_nobody_inside(self, printer: Printer, others: Collection[str]) -> None:
        feeder = printer.feeder
        # A written card stays at the encoder when its job is taken back: nothing is begun then, and it would be lost.
        if feeder is not None and feeder.place() not in (CardPlace.NONE, CardPlace.UNKNOWN):
            raise InputError(_SOMEBODY_INSIDE, _FINISH_FIRST)
        for each in self._journal.store.issuances.open_issuances():
            begun = each.pending in (Act.PRINT, Act.FEED) and each.printer not in others
            if begun and (each.printer == printer.name or self._is_ours(each)):
                raise InputError(_SOMEBODY_INSIDE, _FINISH_FIRST)

    def _is_ours(self, issuance: Issuance) -> bool:
        """Say whether this station gave a card to its printer, whose name may have changed since."""
        entries = self._journal.store.issuances.journal(issuance.id)
        given = next(e for e in reversed(entries) if isinstance(e.event, PrintBegun | FeedBegun))
        return given.station == self._journal.who.station

    @staticmethod
    def _last(done: Iterable[CareEntry], act: CareAct) -> CareEntry | None:
        return next((entry for entry in done if entry.act is act), None)


def _taken_back(printer: Printer, job: str) -> str:
    """Take a test card back; return what to do now."""
    try:
        printer.cancel_job(job)
    except StationError as error:
        return error.todo
    return _PRINT_IT_AGAIN


def became(issuance: Issuance, *, prints: bool) -> Message:
    """Return what became of a card that a printer was given; ``prints`` says that this printer is at work."""
    if issuance.doubt:
        return Message(N_("nobody knows whether it came out"))
    if issuance.pending is Act.PRINT:
        return Message(N_("is being printed") if prints else N_("waits in the printer"))
    return Message(_BECAME.get(issuance.state, issuance.state.value))


def correction_of(store: PrinterCareStore, printer: str) -> Correction:
    """Return what a printer needs, as it was calibrated last."""
    entry = next((each for each in store.of_printer(printer) if each.act is CareAct.CALIBRATED), None)
    return Correction.of_data(entry.data) if entry is not None else Correction()


def _left(whole: int | None, since: int | None, cards: int) -> int | None:
    return None if whole is None else max(0, whole - (cards if since is None else since))


_BECAME = {
    State.ENCODED: N_("not printed yet"),
    State.PRINTED: N_("came out, not checked yet"),
    State.VERIFIED: N_("came out and was checked"),
    State.HANDED_OVER: N_("it was handed over"),
    State.SPOILED: N_("it is spoiled"),
    State.ERASED: N_("given back and erased"),
}
_SOMEBODY_INSIDE = N_("Somebody's card is in the printer.")
_PRINT_IT_AGAIN = N_("The test card was taken back. Mend the printer, then print it again.")
_FINISH_FIRST = N_("Finish that card first. No test card was printed.")
