"""Every view-model of one desk: those that find people made together, those of a page when it is first asked for.

The first search waits for everything that is imported here; a page may cost its time when the window is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from station.domain.holder import Holder
from station.ports.tasks import Tasks
from station.services.capture import CameraChoice
from station.services.desk import Desk
from station.ui.preferences import Preferences
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.devices import DevicesModel
from station.ui.viewmodels.holder_cards import HolderCardsModel
from station.ui.viewmodels.mirror import MirrorModel
from station.ui.viewmodels.news import NewsModel
from station.ui.viewmodels.outbox import OutboxModel
from station.ui.viewmodels.printers import PrintersModel
from station.ui.viewmodels.reader import ReaderModel
from station.ui.viewmodels.search import SearchModel

if TYPE_CHECKING:
    from station.ui.viewmodels.batch import BatchModel
    from station.ui.viewmodels.calibration import CalibrationModel
    from station.ui.viewmodels.card_check import CardCheckModel
    from station.ui.viewmodels.doubts import DoubtsModel
    from station.ui.viewmodels.explorer import ExplorerModel
    from station.ui.viewmodels.faults import Dial, FaultsModel
    from station.ui.viewmodels.offline_queue import OfflineQueueModel
    from station.ui.viewmodels.portrait_review import ReviewModel
    from station.ui.viewmodels.reconcile import ReconcileModel
    from station.ui.viewmodels.stations import StationsModel
    from station.ui.viewmodels.stock import StockModel


@dataclass(frozen=True)
class Opened:
    """What the composition root hands to the window: a desk, who waits already, and on the demo bench its dial."""

    desk: Desk
    waiting: Sequence[Holder] = ()
    dial: Dial | None = None


# No slots: a cached property keeps its value in the instance's own dictionary.
@dataclass(frozen=True)
class Models:
    """The view-models of one desk."""

    desk: DeskModel
    camera: CameraModel
    search: SearchModel
    devices: DevicesModel
    outbox: OutboxModel
    reader: ReaderModel
    holder_cards: HolderCardsModel
    mirror: MirrorModel
    printers: PrintersModel
    opened: Opened = field(kw_only=True)
    tasks: Tasks = field(kw_only=True)
    news: NewsModel = field(kw_only=True)

    @cached_property
    def doubts(self) -> DoubtsModel:
        """Return the cards that are in doubt."""
        from station.ui.viewmodels.doubts import DoubtsModel

        return DoubtsModel(self._desk, self.tasks)

    @cached_property
    def explorer(self) -> ExplorerModel:
        """Return everything on the card on the reader."""
        from station.ui.viewmodels.explorer import ExplorerModel

        return ExplorerModel(self._desk.card_watch, self.tasks)

    @cached_property
    def card_check(self) -> CardCheckModel:
        """Return the checking of any card."""
        from station.ui.viewmodels.card_check import CardCheckModel

        return CardCheckModel(self.desk, self.tasks, self.reader)

    @cached_property
    def reconcile(self) -> ReconcileModel:
        """Return the comparison with ESC-Router."""
        from station.ui.viewmodels.reconcile import ReconcileModel

        return ReconcileModel(self._desk, self.tasks)

    @cached_property
    def review(self) -> ReviewModel:
        """Return the portraits to review."""
        from station.ui.viewmodels.portrait_review import ReviewModel

        return ReviewModel(self._desk, self.tasks)

    @cached_property
    def stock(self) -> StockModel:
        """Return the stock of blank cards."""
        from station.ui.viewmodels.stock import StockModel

        return StockModel(self._desk, self.tasks, self.devices)

    @cached_property
    def batch(self) -> BatchModel:
        """Return many cards at once; whom the desk serves is left to it."""
        from station.ui.viewmodels.batch import BatchModel

        return BatchModel(self._desk, self.tasks, self._served)

    @cached_property
    def calibration(self) -> CalibrationModel:
        """Return a printer's calibration."""
        from station.ui.viewmodels.calibration import CalibrationModel

        return CalibrationModel(self._desk, self.tasks)

    @cached_property
    def offline_queue(self) -> OfflineQueueModel:
        """Return the queue without a network."""
        from station.ui.viewmodels.offline_queue import OfflineQueueModel

        return OfflineQueueModel(self._desk, self.tasks)

    @cached_property
    def stations(self) -> StationsModel:
        """Return the stations of this database."""
        from station.ui.viewmodels.stations import StationsModel

        return StationsModel(self._desk, self.tasks)

    @cached_property
    def faults(self) -> FaultsModel | None:
        """Return the demo's fault dial, ``None`` at a real desk."""
        from station.ui.viewmodels.faults import FaultsModel

        dial = self.opened.dial
        return FaultsModel(dial, len(self._desk.printers)) if dial is not None else None

    @property
    def _desk(self) -> Desk:
        return self.opened.desk

    def _served(self) -> set[str]:
        # Asked on any thread: a copy, for the list may change meanwhile.
        return {session.holder.id for session in list(self.desk.sessions)}


def make_models(opened: Opened, tasks: Tasks, remembered: Preferences | None = None) -> Models:
    """Return the view-models of a desk; nothing runs yet. ``remembered`` is what was chosen the day before."""
    desk = opened.desk
    camera = CameraModel(desk.capture, tasks, CameraChoice(desk.settings.camera.source))
    desk_model, devices = DeskModel(desk, tasks, camera), DevicesModel(desk, tasks, camera)
    if remembered is not None:
        camera.choice = remembered.camera(camera.choice)
        desk_model.auto_capture = remembered.auto_capture(desk_model.auto_capture)
        profile, keep = CameraChoice(desk.settings.camera.source), remembered
        camera.chosen.connect(lambda choice: keep.keep_camera(profile, choice))
        desk_model.auto_switched.connect(remembered.keep_auto_capture)
    desk_model.card_made.connect(devices.ask)  # it waits in the queue
    for signal in (devices.changed, devices.queue_moved):
        signal.connect(desk_model.refresh_today)  # a queue that moved may have registered somebody's card
    mirror = MirrorModel(desk_model, tasks, remembered.mirror() if remembered is not None else None)
    if remembered is not None:
        mirror.wished.connect(remembered.keep_mirror)
    outbox, reader = OutboxModel(desk, tasks), ReaderModel(desk_model, tasks)
    for signal in (devices.changed, devices.queue_moved):
        signal.connect(outbox.moved)
    holder_cards = HolderCardsModel(desk_model, tasks, reader)
    for signal in (devices.changed, devices.queue_moved):
        signal.connect(holder_cards.look_again)
    search, printers = SearchModel(desk, tasks), PrintersModel(desk_model, tasks, devices)
    news = NewsModel(desk, tasks)
    news.queue.connect(devices.ask)
    news.cards.connect(desk_model.heard_of)
    news.people.connect(search.look_again)
    news.printers.connect(printers.refresh)
    return Models(
        desk=desk_model,
        camera=camera,
        search=search,
        devices=devices,
        outbox=outbox,
        reader=reader,
        holder_cards=holder_cards,
        mirror=mirror,
        printers=printers,
        opened=opened,
        tasks=tasks,
        news=news,
    )
