"""The desk as the window sees it: who waits, who is being served, which cards were made today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from station.domain.card import Card
from station.domain.holder import Holder
from station.domain.workflow import FINAL
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.services.public_status import RouterStanding, router_standing
from station.ui.viewmodels.camera import CameraModel
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.pictures import thumbnail
from station.ui.viewmodels.qr import QrWatch
from station.ui.viewmodels.stages import Stage, Todo

# How a card is made is loaded behind the people who wait for one.
if TYPE_CHECKING:
    from station.services.autocapture import Shot
    from station.ui.viewmodels.live import LiveModel
    from station.ui.viewmodels.person import Record
    from station.ui.viewmodels.session import Session

_SHOWN_TODAY = 40


@dataclass(frozen=True, slots=True)
class CardToday:
    """A card that was handed over today."""

    card: Card
    holder: Holder
    picture: QImage | None
    at_router: RouterStanding | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """What was done today: how many cards, and the newest of them."""

    count: int = 0
    cards: tuple[CardToday, ...] = ()


class DeskModel(QObject):
    """Several people may be in flight: while one card prints, the next person is photographed."""

    people_changed = Signal()
    """Anything about anybody may differ, and who is on the screen: it comes before the two below."""
    page_changed = Signal()
    current_changed = Signal()
    auto_switched = Signal(bool)
    live_changed = Signal()
    card_made = Signal()

    def __init__(self, desk: Desk, tasks: Tasks, camera: CameraModel) -> None:
        super().__init__()
        self.desk, self._tasks, self.camera = desk, tasks, camera
        self.language = "lv"
        self.page = Page.HOME
        self.waiting: list[Holder] = []
        self.sessions: list[Session] = []
        self.current: Session | None = None
        self.today = Today()
        camera.changed.connect(self._camera_changed)
        self._qr = QrWatch(camera, tasks)
        self._qr.seen.connect(self._qr_seen)
        for signal in (self.people_changed, self.page_changed, self.current_changed):
            signal.connect(self._run_camera)
        self._live: LiveModel | None = None
        self.scanning = False
        """Say whether a page wants the camera to look for the QR of a card."""
        self.auto_capture, self.pedal = desk.settings.photo.auto_capture, desk.settings.photo.pedal
        """Whether photos are taken by themselves when the first person sits down; the foot pedal's key."""
        self._pictures: dict[str, QImage | None] = {}

    def set_language(self, language: str) -> None:
        """Note the language in which people are told what is done with their data."""
        self.language = language
        for session in self.sessions:
            session.language = language

    # --- people --------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read who was being served when the station stopped, and today's cards."""
        self._tasks.run(Lane.LOOKUP, lambda _c: self._begun_before(), done=self._found_begun)
        self.refresh_today()

    def wait(self, holder: Holder) -> None:
        """Put a person at the end of the queue, unless they are in it or being served."""
        if self.session_of(holder.id) is None and holder.id not in [h.id for h in self.waiting]:
            self.waiting.append(holder)
            self.people_changed.emit()

    def serve(self, holder: Holder) -> Session:
        """Turn to a person: the one being served already, or a new one."""
        session = self.session_of(holder.id) or self._new_session(holder)
        self.waiting = [h for h in self.waiting if h.id != holder.id]
        self._turn_to(session)
        return session

    def session_of(self, holder_id: str) -> Session | None:
        """Return the person being served, by id."""
        return next((s for s in self.sessions if s.holder.id == holder_id), None)

    def pick(self, key: str) -> None:
        """Turn to the person in the list with this key: a holder's id."""
        session = self.session_of(key)
        found = session.holder if session else next((h for h in self.waiting if h.id == key), None)
        found = found or next((c.holder for c in self.today.cards if c.holder.id == key), None)
        if found is not None:
            self.serve(found)

    def next_person(self) -> bool:
        """Turn to who comes next: a card that needs somebody, else the first one waiting; say whether there is one."""
        needy = next((s for s in self.sessions if s is not self.current and s.needs_person), None)
        if needy is not None:
            self._turn_to(needy)
        elif self.waiting:
            self.serve(self.waiting[0])
        else:
            return False
        return True

    @property
    def next_name(self) -> str:
        """Return who comes next, empty when nobody waits."""
        return self.waiting[0].full_name if self.waiting else ""

    def show_page(self, page: Page) -> None:
        """Show a page in the middle; ``PERSON`` without a person is ``HOME``."""
        wanted = page if page is not Page.PERSON or self.current is not None else Page.HOME
        if wanted is not self.page:
            self.page = wanted
            self.page_changed.emit()

    def back(self) -> None:
        """Leave a page for the person on the desk."""
        self.show_page(Page.PERSON)

    def leave(self) -> None:
        """Turn to nobody."""
        self._turn_to(None)

    def at_router(self, card: Card) -> RouterStanding | None:
        """Return how one of today's cards stands at ESC-Router, ``None`` where that is not known here."""
        return next((each.at_router for each in self.today.cards if each.card.escn == card.escn), None)

    def record_changed(self, holder: Holder) -> None:
        """Show what is known now of somebody whose cards were changed."""
        from station.ui.viewmodels.person import read_record

        def show(record: Record) -> None:
            session = self.session_of(holder.id)  # the one of before may be gone
            if session is not None:
                session.note_record(record)

        self._tasks.run(Lane.LOOKUP, lambda _c: read_record(self.desk, holder), done=show)
        self.refresh_today()

    def heard_of(self, holder_ids: frozenset[str]) -> None:
        """Read anew what another desk has changed: of these people, or of anybody."""
        for session in self.sessions:
            if not holder_ids or session.holder.id in holder_ids:
                session.look_again()
        self.refresh_today()

    def refresh_today(self) -> None:
        """Read today's cards anew."""
        # Midnight takes its own offset from UTC: on the day of a clock change it is another than now's.
        midnight = datetime.combine(self.desk.clock.now().astimezone().date(), time()).astimezone()
        self._tasks.run(Lane.LOOKUP, lambda _c: self._read_today(midnight), done=self._show_today)

    # --- the camera ----------------------------------------------------------------------------------------------

    @property
    def live(self) -> LiveModel:
        """Return who looks for the face in the live picture; made when it is first asked for."""
        if self._live is None:
            from station.ui.viewmodels.live import LiveModel

            desk = self.desk
            self._live = LiveModel(self.camera, self._tasks, lambda: desk.making.print_target, auto=self.auto_capture)
            self._live.shot.connect(self._shot)
            self._live.switched.connect(self.auto_switched)
            self._live.changed.connect(self.live_changed)
        return self._live

    def _shot(self, shot: Shot) -> None:
        if self.current is not None and self.page is Page.PERSON:
            self.current.take_shot(shot)

    def _run_camera(self) -> None:
        """Run the camera while a photo is taken or a QR is shown; its light must mean something to people."""
        session = self.current if self.page is Page.PERSON else None
        shows_qr = session is not None and session.shows_qr and session.stage in (Stage.ASK, Stage.VERIFY)
        if shows_qr and not self._qr.watching:
            self._qr.start()
        elif not shows_qr:
            self._qr.stop()
        if shows_qr or self.takes_photo or self.scanning:
            self.camera.start()
        else:
            self.camera.stop()
        self._run_live()

    def scan(self, wanted: bool) -> None:
        """Run the camera for a page that looks for a card's QR, or let it rest."""
        self.scanning = wanted
        self._run_camera()

    @property
    def takes_photo(self) -> bool:
        """Say whether the current person's photo is being taken on the page that is shown."""
        session = self.current if self.page is Page.PERSON else None
        return session is not None and session.stage is Stage.PHOTO and session.trouble is None

    def _run_live(self) -> None:
        """Look for the face as soon as the camera was opened: only then are the models loaded."""
        if self.current is not None and self.takes_photo and self.camera.live:
            self.live.start(self.current.holder.id)
            self.live.go_over(self.current.portrait.overrides)
        elif self._live is not None:
            self._live.stop()

    def _camera_changed(self) -> None:
        for session in self.sessions:
            session.see_camera(self.camera.report)
        self._run_live()

    def _qr_seen(self, text: str) -> None:
        if self.current is not None:
            self.current.qr_seen(text)

    # --- inside --------------------------------------------------------------------------------------------------

    def _new_session(self, holder: Holder) -> Session:
        from station.ui.viewmodels.session import Session

        session = Session(self.desk, self._tasks, self.camera, holder, self._free_mark())
        session.language = self.language
        session.portrait.live = self.live
        session.see_camera(self.camera.report)
        session.changed.connect(self.people_changed)
        session.left.connect(lambda todo: self._left(session, todo))
        session.closed.connect(lambda: self._close(session))
        session.card_made.connect(lambda _card: self._card_made())
        self.sessions.append(session)
        return session

    def _card_made(self) -> None:
        self.refresh_today()
        self.card_made.emit()

    def _free_mark(self) -> int:
        taken = {session.mark for session in self.sessions}
        return next(n for n in range(len(taken) + 1) if n not in taken)

    def _turn_to(self, session: Session | None) -> None:
        before = self.current
        if before is not None and before is not session:
            before.attend(False)
            if before.stage is Stage.DONE:
                self._forget(before)
        self.current = session
        if session is not None:
            self.desk.seat(session.holder)
            session.attend(True)
        page = Page.HOME if session is None else Page.PERSON
        turned, self.page = page is not self.page, page
        # The views first: whoever hears the other two puts the keyboard onto what is there then.
        self.people_changed.emit()
        if before is not session:
            self.current_changed.emit()
        if turned:
            self.page_changed.emit()

    def _left(self, session: Session, todo: Todo) -> None:
        if todo is Todo.NEXT:
            self._forget(session)
            # It is forgotten by now: nobody turns away from it any more.
            if self.current is session:
                self.current = None
            if not self.next_person():
                self.current_changed.emit()
                self._turn_to(None)
            return
        if session.stage is Stage.CHECK:
            self._forget(session)
            self.waiting.append(session.holder)
        self.leave()

    def _close(self, session: Session) -> None:
        self._forget(session)
        if self.current is session:
            self.leave()
        self.people_changed.emit()

    def _forget(self, session: Session) -> None:
        if session in self.sessions:
            self.sessions.remove(session)
            # Another desk may serve them now.
            session.claim.end()
            # It may be its own signal that is being told: Qt must not lose the sender in the middle of that.
            session.deleteLater()

    def _begun_before(self) -> list[Holder]:
        store = self.desk.store
        # Those of other desks are served there; whoever comes here all the same is found by name.
        mine = self.desk.recovery.is_ours
        begun = [i for i in store.issuances.open_issuances() if i.state not in FINAL and mine(i)]
        found = (store.holders.get(issuance.holder_id) for issuance in begun)
        return [holder for holder in found if holder is not None]

    def _found_begun(self, holders: list[Holder]) -> None:
        known = {h.id for h in self.waiting} | {s.holder.id for s in self.sessions}
        self.waiting[:0] = [h for h in holders if h.id not in known]
        self.people_changed.emit()

    def _read_today(self, midnight: datetime) -> Today:
        store = self.desk.store
        cards = store.cards.issued_since(midnight)
        shown = []
        for card in cards[:_SHOWN_TODAY]:
            holder = store.holders.get(card.holder_id)
            if holder is not None:
                picture, at_router = self._picture(card.portrait_id), router_standing(store, card)
                shown.append(CardToday(card, holder, picture, at_router))
        return Today(len(cards), tuple(shown))

    def _picture(self, portrait_id: str | None) -> QImage | None:
        if portrait_id is not None and portrait_id not in self._pictures:
            portrait = self.desk.store.portraits.get(portrait_id)
            self._pictures[portrait_id] = thumbnail(portrait.image) if portrait else None
        return self._pictures.get(portrait_id) if portrait_id else None

    def _show_today(self, today: Today) -> None:
        if today != self.today:
            self.today = today
            self.people_changed.emit()
