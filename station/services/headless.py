"""Make one card without a window: the same steps, in the same order, with the time each took."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from station.domain.card import Card
from station.domain.errors import N_, PrintJobLostError, StationError, WorkflowError
from station.domain.holder import Holder
from station.domain.portrait import Portrait, PortraitSource
from station.domain.workflow import Issuance, ReprintReason, State
from station.photo.portraits import Sitting, make_portrait
from station.ports.camera import Frame
from station.ports.printer import JobReport
from station.ports.tasks import Cancel, Progress
from station.services.desk import Desk

if TYPE_CHECKING:
    from station.render.card import CheckedCard


@dataclass
class IssueReport:
    """What became of one card; what was not reached stays ``None`` or empty."""

    holder: Holder
    issuance: Issuance | None = None
    card: Card | None = None
    job: JobReport | None = None
    front: str = ""
    back: str = ""
    qr: str = ""
    router_status: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


def nothing_more(step: str, share: float) -> None:
    """Take no notice of progress."""


@dataclass
class HeadlessRun:
    """Issue cards one after the other at a desk.

    ``came_out`` is asked when the printer itself cannot know; ``picture`` replaces the camera; ``out`` is where the
    two sides are written as PNG.
    """

    desk: Desk
    out: Path
    came_out: Callable[[Issuance], bool]
    cancel: Cancel = field(default_factory=threading.Event)
    progress: Progress = nothing_more
    offline: bool = False

    def issue(self, holder: Holder, picture: bytes | None = None, *, name: str = "") -> IssueReport:
        """Make, verify and hand over one card, and register it unless offline; ``name`` is the picture's, for messages.

        Raises:
            StationError: the step that failed says why; the journal says where the card stands.
        """
        report = IssueReport(holder)
        with self.desk.serving.of(holder.id), self._timed(report, "total"):
            # On the demo bench whoever is served sits down before the camera; a real desk has nobody to seat.
            self.desk.seat(holder)
            issuance = self.desk.begin(holder)
            report.issuance = issuance
            issuance = self.captured(report, issuance, picture, name)
            if self.desk.one_pass is not None and self.desk.chip_profile.needs_reader:
                issuance = self._made(report, issuance)
            else:
                issuance = self._encoded(report, issuance)
            issuance = self._printed(report, issuance)
            report.issuance = self.desk.verify(issuance, cancel=self.cancel)
            report.card = self.desk.issuances.hand_over(issuance.id)
            report.issuance = self.desk.journal.issuance(issuance.id)
            if not self.offline:
                self._registered(report)
        return report

    def captured(self, report: IssueReport, issuance: Issuance, picture: bytes | None, name: str) -> Issuance:
        """Give an issuance its portrait, unless it has one: from ``picture``, or from the camera."""
        # Every step looks where the card stands: the same command again goes on with a card that was stopped.
        if issuance.state is not State.DRAFT:
            return issuance
        with self._timed(report, "capture"):
            portrait = self._portrait(issuance, picture, name)
            return self.desk.accept_portrait(issuance, portrait)

    def _portrait(self, issuance: Issuance, picture: bytes | None, name: str) -> Portrait:
        source = PortraitSource.CAMERA if picture is None else PortraitSource.FILE
        taken: Frame | bytes = self._frame() if picture is None else picture
        sitting = Sitting(uuid.uuid4().hex, issuance.holder_id, self.desk.clock.now(), source, file=name)
        return make_portrait(sitting, taken, shape=self.desk.making.for_issuance(issuance).portrait_shape)

    def _frame(self) -> Frame:
        return self.desk.capture.snapshot(self.desk.settings.camera.source, self.cancel)

    def _encoded(self, report: IssueReport, issuance: Issuance) -> Issuance:
        if issuance.state is not State.CAPTURED:
            return issuance
        # No chip is written for a card that no printer here can print.
        self.desk.printing.check(self.desk.render(issuance))
        with self._timed(report, "encode"):
            return self.desk.encode(issuance, cancel=self.cancel, progress=self.progress)

    def _made(self, report: IssueReport, issuance: Issuance) -> Issuance:
        """Have the printer write the chip and print; return where the card stands, which a person may have to say."""
        if issuance.state not in (State.CAPTURED, State.ENCODED):
            return issuance
        with self._timed(report, "one pass"):
            try:
                return self.desk.make_in_printer(issuance, cancel=self.cancel, progress=self.progress)
            except PrintJobLostError:
                return self.desk.journal.issuance(issuance.id)

    def _printed(self, report: IssueReport, issuance: Issuance) -> Issuance:
        from station.render.pdf import png

        with self._timed(report, "render"):
            checked = self.desk.render(issuance)
            rendered, report.qr = checked.card, checked.qr
            self.out.mkdir(parents=True, exist_ok=True)
            front = self.out / f"{issuance.escn}-front.png"
            front.write_bytes(png(rendered.front.composite))
            report.front = str(front)
            if rendered.back is not None:
                back = self.out / f"{issuance.escn}-back.png"
                back.write_bytes(png(rendered.back.composite))
                report.back = str(back)
        if issuance.state is State.ENCODED:
            with self._timed(report, "print"):
                issuance = self._through_the_printer(issuance, checked)
        report.job = self.desk.devices.printer.job_report(issuance.job)
        return issuance

    def _through_the_printer(self, issuance: Issuance, checked: CheckedCard) -> Issuance:
        printing = self.desk.printing
        try:
            if issuance.pending is None:
                reason = ReprintReason.NOTHING_CAME_OUT if issuance.prints else None
                issuance = printing.print_card(
                    issuance.id, checked, reason=reason, cancel=self.cancel, progress=self.progress
                )
            else:
                issuance = printing.go_on(
                    issuance.id, draw=self.desk.render, cancel=self.cancel, progress=self.progress
                )
        except PrintJobLostError:
            # Not an end: the doubt is in the journal now, and the next lines ask whoever can see the printer.
            issuance = self.desk.journal.issuance(issuance.id)
        if issuance.pending is not None:
            issuance = printing.confirm(issuance.id, came_out=self.came_out(issuance))
        if issuance.state is not State.PRINTED:
            raise WorkflowError(
                N_("The card did not come out of the printer."),
                N_("It is encoded and not spoiled. Check the printer and issue the card again with the same command."),
            )
        return issuance

    def _registered(self, report: IssueReport) -> None:
        with self._timed(report, "register"):
            self.desk.outbox.run_once(self.cancel)
            card = report.card
            if card is None:
                return
            # Read anew, for the worker has just recorded how it stands with the router.
            report.card = self.desk.store.cards.get(card.escn)
            try:
                report.router_status = self.desk.router.card_status(card.escn).status
            except StationError as error:
                # The card is made and handed over; that its status can't be asked takes nothing back.
                report.router_status = error.code

    @contextmanager
    def _timed(self, report: IssueReport, step: str) -> Iterator[None]:
        began = self.desk.clock.monotonic()
        try:
            yield
        finally:
            report.seconds[step] = round(self.desk.clock.monotonic() - began, 4)
