"""Every view-model of one desk, made together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from station.domain.holder import Holder
from station.ports.tasks import Tasks
from station.services.capture import CameraChoice
from station.services.desk import Desk
from station.ui.preferences import Preferences
from station.ui.viewmodels.batch import BatchModel
from station.ui.viewmodels.calibration import CalibrationModel
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.card_check import CardCheckModel
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.devices import DevicesModel
from station.ui.viewmodels.doubts import DoubtsModel
from station.ui.viewmodels.explorer import ExplorerModel
from station.ui.viewmodels.faults import Dial, FaultsModel
from station.ui.viewmodels.holder_cards import HolderCardsModel
from station.ui.viewmodels.mirror import MirrorModel
from station.ui.viewmodels.news import NewsModel
from station.ui.viewmodels.offline_queue import OfflineQueueModel
from station.ui.viewmodels.outbox import OutboxModel
from station.ui.viewmodels.portrait_review import ReviewModel
from station.ui.viewmodels.printers import PrintersModel
from station.ui.viewmodels.reader import ReaderModel
from station.ui.viewmodels.reconcile import ReconcileModel
from station.ui.viewmodels.search import SearchModel
from station.ui.viewmodels.stations import StationsModel
from station.ui.viewmodels.stock import StockModel


@dataclass(frozen=True)
class Opened:
    """What the composition root hands to the window: a desk, who waits already, and on the demo bench its dial."""

    desk: Desk
    waiting: Sequence[Holder] = ()
    dial: Dial | None = None


@dataclass(frozen=True)
class Models:
    """The view-models of one desk."""

    desk: DeskModel
    camera: CameraModel
    search: SearchModel
    devices: DevicesModel
    outbox: OutboxModel
    doubts: DoubtsModel
    reader: ReaderModel
    explorer: ExplorerModel
    card_check: CardCheckModel
    holder_cards: HolderCardsModel
    reconcile: ReconcileModel
    review: ReviewModel
    mirror: MirrorModel
    printers: PrintersModel
    stock: StockModel
    batch: BatchModel
    calibration: CalibrationModel
    offline_queue: OfflineQueueModel
    stations: StationsModel
    faults: FaultsModel | None = None
    opened: Opened = field(kw_only=True)
    tasks: Tasks = field(kw_only=True)
    news: NewsModel = field(kw_only=True)


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
        doubts=DoubtsModel(desk, tasks),
        reader=reader,
        explorer=ExplorerModel(desk.card_watch, tasks),
        card_check=CardCheckModel(desk_model, tasks, reader),
        holder_cards=holder_cards,
        reconcile=ReconcileModel(desk, tasks),
        review=ReviewModel(desk, tasks),
        mirror=mirror,
        printers=printers,
        stock=StockModel(desk, tasks, devices),
        batch=BatchModel(desk, tasks, lambda: {session.holder.id for session in list(desk_model.sessions)}),
        calibration=CalibrationModel(desk, tasks),
        offline_queue=OfflineQueueModel(desk, tasks),
        stations=StationsModel(desk, tasks),
        faults=FaultsModel(opened.dial, len(desk.printers)) if opened.dial is not None else None,
        opened=opened,
        tasks=tasks,
        news=news,
    )
