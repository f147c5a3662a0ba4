"""The steps of a card in words: four for the right column, four for the making."""

from __future__ import annotations

from station.domain.card import Registration
from station.domain.errors import N_
from station.domain.workflow import Act, State
from station.i18n import Translator
from station.services.public_status import RouterStanding
from station.ui.tone import Tone
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage
from station.ui.widgets.steps import StepText

_PLACE = {
    Stage.CHECK: 0, Stage.PHOTO: 1, Stage.CROP: 1, Stage.REVIEW: 2, Stage.ENCODE: 2, Stage.PRINT: 2, Stage.ASK: 2,
    Stage.SPOILED: 2, Stage.VERIFY: 3, Stage.HAND_OVER: 3, Stage.DONE: 4,
}  # fmt: skip
PROGRESS_WORDS = {
    "feeding": N_("takes a blank card"),
    "wait_card": N_("waits for the card"),
    "sending": N_("sending to the printer"),
    "waiting": N_("waits for the printer"),
    "moved": N_("goes to another printer"),
    "printing": N_("printing"),
}


def progress_words(tr: Translator, step: str) -> str:
    """Return what a device says it does; chips say it in a text of their own."""
    return tr.text(PROGRESS_WORDS.get(step, step))


def short_steps(session: Session, tr: Translator, seconds_a_card: float) -> list[StepText]:
    """Return the four steps beside the card."""
    place = _PLACE[session.stage]
    wait = tr.text(N_("about {n} s"), n=round(seconds_a_card))
    details = (
        (N_("to be checked"), N_("checked")),
        (N_("waits for the photo"), N_("accepted")),
        (wait, N_("made")),
        (N_("put the card on the reader"), N_("agrees")),
    )
    names = (N_("Data"), N_("Photo"), N_("Chip and print"), N_("Check"))
    steps = []
    for number, (name, (before, after)) in enumerate(zip(names, details, strict=True)):
        if number < place:
            steps.append(StepText(tr.text(name), tr.text(after), Tone.OK))
        elif number > place:
            later = tr.text(before) if number >= 2 else ""
            steps.append(StepText(tr.text(name), later, Tone.LATER))
        else:
            steps.append(_now(session, tr, tr.text(name), tr.text(before)))
    return steps


def _now(session: Session, tr: Translator, name: str, detail: str) -> StepText:
    if session.trouble is not None:
        tone = Tone.NOW if session.trouble.calm else Tone.BAD
        return StepText(name, tr.message(session.trouble.short), tone)
    if session.stage is Stage.SPOILED:
        return StepText(name, tr.text(N_("card spoiled")), Tone.BAD)
    if session.stage is Stage.HAND_OVER:
        return StepText(name, tr.text(N_("agrees")), Tone.OK)
    if session.stage is Stage.CROP:
        detail = tr.text(N_("accept it"))
    step, share = session.progress
    if session.busy and step:
        detail = f"{progress_words(tr, step)} {share:.0%}" if share else progress_words(tr, step)
    return StepText(name, detail, Tone.NOW)


def making_steps(
    session: Session, tr: Translator, *, offline: bool, printer: str, at_router: RouterStanding | None = None
) -> list[StepText]:
    """Return the steps of the making, with what is known of each."""
    router = StepText("ESC-R", tr.text(N_("goes out by itself when there is a connection")))
    if not offline:
        router = StepText("ESC-R", tr.text(N_("is told right after the hand-over")))
    if session.stage is Stage.DONE:
        router = _router(tr, at_router, offline=offline)
    return [_chip(session, tr), _print(session, tr, printer), _check(session, tr), router]


def _router(tr: Translator, at_router: RouterStanding | None, *, offline: bool) -> StepText:
    """Return how the card that was handed over stands with ESC-Router, and what others see of it."""
    if at_router is None or at_router.registration is Registration.QUEUED:
        return StepText("ESC-R", tr.text(N_("is being told") if not offline else N_("in the queue")), Tone.BUSY)
    unusual = at_router.differs or at_router.registration is Registration.PARKED
    return StepText("ESC-R", tr.message(at_router.message), Tone.WARN if unusual else Tone.OK)


def has_begun(session: Session) -> bool:
    """Say whether a card carries the number already, or may: only that one can go on."""
    return session.issuance is not None and session.issuance.pending is Act.ENCODE


def _chip(session: Session, tr: Translator) -> StepText:
    name, issuance = tr.text(N_("Chip")), session.issuance
    if not session.uses_chip:
        return StepText(name, tr.text(N_("this card has none")), Tone.OK)
    if session.stage is Stage.ENCODE:
        same = N_("put the same card back on the reader")
        if session.one_pass:
            return _at_work(session, tr, name, N_("is written in the printer"))
        return _at_work(session, tr, name, same if has_begun(session) else N_("put a blank card on the reader"))
    if issuance is not None and issuance.state in (State.ENCODED, State.PRINTED, State.VERIFIED, State.HANDED_OVER):
        said = tr.text(N_("written and read back · {n} commands"), n=issuance.apdus)
        return StepText(name, said, Tone.OK)
    if session.one_pass and session.stage is Stage.PRINT:
        # The printer has gone on by itself; how the card stands is read again when it has come out.
        return StepText(name, tr.text(N_("written and read back")), Tone.OK)
    return StepText(name, "", Tone.LATER)


def _print(session: Session, tr: Translator, printer: str) -> StepText:
    name, issuance = tr.text(N_("Print")), session.issuance
    if session.stage in (Stage.PRINT, Stage.ASK):
        asked = session.stage is Stage.ASK and issuance is not None and issuance.pending is Act.PRINT
        waits = N_("waits in the printer") if session.one_pass else N_("put the card into the printer")
        return _at_work(session, tr, name, N_("did it come out?") if asked else waits)
    if issuance is not None and issuance.state in (State.PRINTED, State.VERIFIED, State.HANDED_OVER):
        return StepText(name, tr.text(N_("{printer} · card came out"), printer=printer), Tone.OK)
    return StepText(name, printer, Tone.LATER)


def _check(session: Session, tr: Translator) -> StepText:
    name = tr.text(N_("Check"))
    if session.stage is Stage.VERIFY:
        return _at_work(session, tr, name, N_("put the finished card on the reader"))
    if session.stage in (Stage.HAND_OVER, Stage.DONE):
        return StepText(name, tr.text(N_("chip, QR and record agree")), Tone.OK)
    return StepText(name, tr.text(N_("chip, QR and record must agree")), Tone.LATER)


def _at_work(session: Session, tr: Translator, name: str, waiting: str) -> StepText:
    if session.trouble is not None and not session.trouble.calm:
        return StepText(name, tr.message(session.trouble.short), Tone.BAD)
    step, share = session.progress
    if session.busy and step:
        percent = f" · {share:.0%}" if share else ""
        return StepText(name, progress_words(tr, step) + percent, Tone.BUSY)
    return StepText(name, tr.text(waiting), Tone.NOW)
