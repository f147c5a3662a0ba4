"""The student's mirror: what one student sees of themselves, is told and is asked; nobody's data between two."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from station.domain.card import Registration
from station.domain.errors import N_, StationError
from station.domain.message import Message
from station.i18n import MIRROR_LANGUAGES, Translator
from station.ports.tasks import Lane, Tasks
from station.services.notice import AnsweredBy, Given, NameAnswer, answer_of, language_of, note_answer
from station.services.registration import REGISTERED_SCHEMES
from station.ui.preferences import MirrorWish
from station.ui.tone import Tone
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.saying import Saying
from station.ui.viewmodels.stages import Stage

if TYPE_CHECKING:
    from station.ui.viewmodels.session import Session

PORTRAIT_AFTER_MS = 120
"""How long a crop rests before the mirror shows it: while it is dragged, the processor is the main window's."""
_SHOWN_AT = (Stage.PHOTO, Stage.CROP, Stage.REVIEW)
_PROMISED_AT = (Stage.HAND_OVER, Stage.DONE)


_LOOK = Saying(Message(N_("Look into the camera.")))
_GOOD = Saying(Message(N_("Good. Look into the camera.")), Tone.OK)
_STILL = Saying(Message(N_("Good. Hold still…")), Tone.OK)
_COUNTING = N_("Good. Hold still… {count}")


class MirrorPage(StrEnum):
    """What the mirror shows: nobody, the live picture with the name, the portrait with the name."""

    WELCOME = "welcome"
    LIVE = "live"
    PORTRAIT = "portrait"


class MirrorModel(QObject):
    """Follows the desk while it is open. ``turned`` opens or closes the window, ``answered`` carries a ``Given``.

    Names and pictures are there only from the photo to the last look at the card: then the one whom the operator serves
    sits before it. ``wished`` carries a ``MirrorWish`` to be remembered.
    """

    changed = Signal()
    turned = Signal(bool)
    answered = Signal(object)
    wished = Signal(object)

    def __init__(self, desk: DeskModel, tasks: Tasks, wish: MirrorWish | None = None) -> None:
        super().__init__()
        self.desk, self._tasks = desk, tasks
        settings = desk.desk.settings
        self._usual = settings.station.language
        self.tr_ = Translator(self._usual, MIRROR_LANGUAGES)
        self.institution = settings.institution.name
        self.sends_picture = settings.router.send_picture
        self.wish = wish or MirrorWish()
        self.open = False
        self.page = MirrorPage.WELCOME
        self.portrait = QImage()
        self.saying: Saying | None = None
        """What the one before the camera is to do now; ``None`` when no picture is taken."""
        self._session: Session | None = None
        self._promised: Session | None = None
        self._chosen = False
        self._told: set[str] = set()
        self._given: dict[Session, Given] = {}
        self._problems: dict[Session, StationError] = {}
        self._recalled: set[Session] = set()
        self._portrait_of: tuple[object, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._fetching = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(PORTRAIT_AFTER_MS)
        self._rest.timeout.connect(self._fetch)
        for signal in (desk.people_changed, desk.page_changed, desk.current_changed):
            signal.connect(self._look)
        desk.live_changed.connect(self._listen)

    @property
    def name(self) -> str:
        """Return the name as it will be printed, empty when nobody is shown."""
        return self._session.holder.full_name if self._session is not None else ""

    @property
    def given(self) -> Given | None:
        """Return what the one who is shown has answered."""
        return self._given.get(self._session) if self._session is not None else None

    @property
    def promises(self) -> bool:
        """Say whether somebody is handed a card now that can't be registered yet, and is told so; without a name."""
        return self._promised is not None

    @property
    def live(self) -> bool:
        """Say whether the camera's pictures are to be shown."""
        return self.open and self.page is MirrorPage.LIVE and self.desk.takes_photo

    @property
    def asks(self) -> bool:
        """Say whether somebody is asked on the mirror now."""
        return self.open and self._session is not None

    def given_by(self, session: Session | None) -> Given | None:
        """Return what somebody at the desk has answered, shown or not."""
        return self._given.get(session) if session is not None else None

    def problem_of(self, session: Session | None) -> StationError | None:
        """Return why somebody's answer could not be stored, ``None`` when it was."""
        return self._problems.get(session) if session is not None else None

    # --- the window ----------------------------------------------------------------------------------------------

    def turn(self, is_open: bool, screen: str | None = None) -> None:
        """Open or close the mirror, and remember it; ``screen`` is the one that it went to."""
        self.remember(is_open, screen)
        if is_open is not self.open:
            self.open = is_open
            self._look()
            self.turned.emit(is_open)

    def remember(self, is_open: bool, screen: str | None = None) -> None:
        """Remember whether the mirror is open, and where."""
        wish = MirrorWish(is_open, self.wish.screen if screen is None else screen)
        if wish != self.wish:
            self.wish = wish
            self.wished.emit(wish)

    def shut(self) -> None:
        """Close with the main window: the wish stays, so that both are there again the next day."""
        self.open = False
        self._look()
        self._rest.stop()

    # --- what the student does -----------------------------------------------------------------------------------

    def choose_language(self, language: str) -> None:
        """Speak another language, to this student or to the one who comes next."""
        self._chosen = True
        self._speak(language)

    def was_in_sight(self) -> None:
        """Note that the whole notice can be read, in the language in use."""
        if self._session is not None:
            self._told.add(self.tr_.language)

    def answer(self, answer: NameAnswer, by: AnsweredBy = AnsweredBy.HOLDER) -> None:
        """Take the answer about the name, and record it with the notice that was in sight."""
        session = self._session if by is AnsweredBy.HOLDER else self.desk.current
        known = self.given_by(session)
        # The same answer once more does something only where the first could not be stored.
        stored = known is not None and session not in self._problems
        if session is None or (known is not None and stored and (known.answer, known.by) == (answer, by)):
            return
        given = Given(answer, by, self.tr_.language)
        self._given[session] = given
        self._problems.pop(session, None)
        desk, holder = self.desk.desk, session.holder
        told = session is self._session and self.tr_.language in self._told
        self._tasks.run(
            Lane.WORK,
            lambda _c: note_answer(desk.store, desk.clock, holder, given, told=told),
            failed=lambda error: self._not_recorded(session, error),
        )
        self.changed.emit()
        self.answered.emit(given)

    def _not_recorded(self, session: Session, error: Exception) -> None:
        if session in self.desk.sessions:
            told = error if isinstance(error, StationError) else StationError(detail=type(error).__name__)
            self._problems[session] = told
            self.changed.emit()

    # --- inside --------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Follow the desk: who is before the mirror, and what there is to be seen."""
        self._recall()
        current = self.desk.current
        shown = current if self.open and current is not None and current.stage in _SHOWN_AT else None
        if shown is not self._session:
            self._turn_to(shown)
        self._look_for_promise(current)
        if shown is None:
            self.page = MirrorPage.WELCOME
        else:
            self.page = MirrorPage.LIVE if shown.stage is Stage.PHOTO else MirrorPage.PORTRAIT
            self._follow_portrait(shown)
        self.saying = self._said()
        seen = (self.open, self.page, shown, self.live, self.saying, self._promised)
        if seen != self._seen:  # the desk tells of every step of every card
            self._seen = seen
            self.changed.emit()

    def _look_for_promise(self, current: Session | None) -> None:
        """Promise a registration in the holder's language, while the card is handed over and ESC-Router is away."""
        promised = current if current is not None and self.open and _waits(self.desk, current) else None
        if promised is self._promised:
            return
        self._promised = promised
        if promised is None:
            if self._session is None:
                self._chosen = False
                self._speak(self._usual)
            return
        store, holder_id = self.desk.desk.store, promised.holder.id
        self._tasks.run(
            Lane.LOOKUP,
            lambda _c: language_of(store, holder_id, MIRROR_LANGUAGES),
            done=lambda language: self._greet(promised, language),
        )

    def _recall(self) -> None:
        """Forget who is gone; look up what others have answered before the station was started anew."""
        there = self.desk.sessions
        self._given = {session: given for session, given in self._given.items() if session in there}
        self._problems = {session: error for session, error in self._problems.items() if session in there}
        self._recalled &= set(there)
        for session in there:
            if session not in self._recalled:
                self._recalled.add(session)
                self._ask_store(session)

    def _ask_store(self, session: Session) -> None:
        store, holder = self.desk.desk.store, session.holder
        found = lambda given: self._remembered(session, given)  # noqa: E731 - one session each
        self._tasks.run(Lane.LOOKUP, lambda _c: answer_of(store, holder), done=found)

    def _remembered(self, session: Session, given: Given | None) -> None:
        if given is not None and session in self.desk.sessions and session not in self._given:
            self._given[session] = given
            self.changed.emit()

    def _listen(self) -> None:
        """Say the same one thing as the desk's own window, where it is for the student to do."""
        said = self._said()
        if said != self.saying:
            self.saying = said
            self.changed.emit()

    def _said(self) -> Saying | None:
        if not self.live:
            return None
        from station.photo.autocapture import NEVER_MIND

        live = self.desk.live
        seen = live.seen if live.error is None else None
        if seen is None or (seen.outline is None and seen.hint is None):
            return _LOOK
        if live.counting:
            return Saying(Message(_COUNTING, {"count": seen.auto.count}), Tone.OK) if seen.auto.count else _STILL
        if seen.hint is not None and seen.hint.name not in NEVER_MIND:
            return Saying(seen.hint.hint, Tone.WARN)
        return _STILL if live.takes_itself else _GOOD

    def _turn_to(self, session: Session | None) -> None:
        """Forget the one before, wholly, then greet the next in their language, as far as it is known."""
        self._session = session
        self._told.clear()
        self._clear_portrait()
        if session is None:
            self._chosen = False
            self._speak(self._usual)
        # What was chosen on the screen before counts more than what the record says of the last visit.
        elif not self._chosen:
            store, holder_id = self.desk.desk.store, session.holder.id
            self._tasks.run(
                Lane.LOOKUP,
                lambda _c: language_of(store, holder_id, MIRROR_LANGUAGES),
                done=lambda language: self._greet(session, language),
            )

    def _greet(self, session: Session, language: str | None) -> None:
        there = session in (self._session, self._promised)
        if there and language is not None and not self._chosen:
            self._speak(language)

    def _speak(self, language: str) -> None:
        if language != self.tr_.language:
            self.tr_.set_language(language)
            self.changed.emit()

    def _clear_portrait(self) -> None:
        self.portrait, self._portrait_of = QImage(), ()
        self._rest.stop()

    def _follow_portrait(self, session: Session) -> None:
        """See to it that the portrait is the one that was chosen, once that rests."""
        model, issuance = session.portrait, session.issuance
        if session.stage is Stage.PHOTO:
            self._clear_portrait()
            return
        kept = issuance.portrait_id if issuance and session.stage is Stage.REVIEW else None
        wanted = (
            (session, kept)
            if kept
            else (session, model.still.cacheKey() if model.still else 0, model.crop, model.background.taken is not None)
        )
        if wanted != self._portrait_of:
            self._portrait_of = wanted
            if self.portrait.isNull():
                self._fetch()
            else:
                self._rest.start()

    def _fetch(self) -> None:
        session = self._session
        if session is None or self._fetching or session.stage is Stage.PHOTO:
            return
        wanted, store = self._portrait_of, self.desk.desk.store
        kept = session.issuance.portrait_id if session.issuance and session.stage is Stage.REVIEW else None
        if kept is None and not session.portrait.has_still:
            return
        cut = session.portrait.cutter() if kept is None else None

        def read() -> QImage:
            portrait = cut() if cut is not None else store.portraits.get(kept or "")
            return QImage.fromData(portrait.image) if portrait is not None else QImage()

        self._fetching = True
        self._tasks.run(
            Lane.LOOKUP,
            lambda _c: read(),
            done=lambda image: self._fetched(wanted, image),
            failed=lambda _error: self._fetched(wanted, QImage()),
        )

    def _fetched(self, wanted: tuple[object, ...], image: QImage) -> None:
        self._fetching = False
        if wanted == self._portrait_of:
            self.portrait = image
            self.changed.emit()
        elif self._portrait_of:
            self._rest.start()


def _waits(model: DeskModel, session: Session) -> bool:
    """Say whether a card that is handed over now has to wait for its registration."""
    issuance, settings, link = session.issuance, model.desk.settings, model.desk.link
    if session.stage not in _PROMISED_AT or issuance is None:
        return False
    known = model.at_router(session.card) if session.card is not None else None
    registration = known.registration if known is not None else Registration.QUEUED
    told = issuance.scheme in REGISTERED_SCHEMES and settings.router.enabled
    alone = model.desk.standby is not None and model.desk.standby.alone
    held_up = alone or link.error is not None or registration is Registration.PARKED
    return told and held_up and registration in (Registration.QUEUED, Registration.PARKED)
