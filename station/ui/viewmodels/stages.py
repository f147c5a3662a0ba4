"""The words of the guided path: where a person's card stands on the screen, and what can be done there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from station.domain.errors import N_
from station.domain.message import Message
from station.domain.workflow import FINAL, Act, Issuance, State


class Stage(StrEnum):
    """What the middle of the screen shows for one person."""

    CHECK = "check"
    PHOTO = "photo"
    CROP = "crop"
    REVIEW = "review"
    ENCODE = "encode"
    PRINT = "print"
    ASK = "ask"
    VERIFY = "verify"
    HAND_OVER = "hand_over"
    DONE = "done"
    SPOILED = "spoiled"


class Background(StrEnum):
    """Where the plain background of a portrait stands: not asked for, being made, to be looked at, taken."""

    OWN = "own"
    WORKING = "working"
    OFFERED = "offered"
    PLAIN = "plain"


class Todo(StrEnum):
    """Everything a person can tell the station to do about one card."""

    READ_ON = "read_on"
    CONFIRM_DATA = "confirm_data"
    SHUTTER = "shutter"
    FROM_FILE = "from_file"
    OTHER_SOURCES = "other_sources"
    ACCEPT_PORTRAIT = "accept_portrait"
    RETAKE = "retake"
    PLAIN_BACKGROUND = "plain_background"
    TAKE_BACKGROUND = "take_background"
    OWN_BACKGROUND = "own_background"
    MAKE = "make"
    STOP = "stop"
    RETRY = "retry"
    CAME_OUT = "came_out"
    NOTHING_CAME_OUT = "nothing_came_out"
    CAME_OUT_BLANK = "came_out_blank"
    SPOIL = "spoil"
    BLANK_SPOILED = "blank_spoiled"
    HAND_OVER = "hand_over"
    CARD_AGAIN = "card_again"
    SHOW_QR = "show_qr"
    SLIP = "slip"
    NEXT = "next"
    LATER = "later"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be done now: its name, its key (a name of ``KEY_NAMES``), and whether it is the main one."""

    todo: Todo
    label: Message
    key: str = ""
    primary: bool = False


IRREVERSIBLE = frozenset(
    {
        Todo.CONFIRM_DATA, Todo.CAME_OUT, Todo.NOTHING_CAME_OUT, Todo.CAME_OUT_BLANK, Todo.HAND_OVER, Todo.SPOIL,
        Todo.BLANK_SPOILED, Todo.CARD_AGAIN, Todo.GIVE_UP,
    }
)  # fmt: skip
"""What can't be taken back: a key that was meant for the page before must not do it."""

PRINTER_STEPS = frozenset({"sending", "waiting", "printing"})
"""What a printer reports of a job, by the names that drivers use."""
KEY_NAMES = {"space": N_("Space"), "enter": "Enter", "esc": "Esc", "n": "N", "b": "B", "open": "Ctrl+O"}
"""What is written on the key caps; only the space bar is called differently in every language."""

ENTER, SPACE, ESC, N, B, OPEN = "enter", "space", "esc", "n", "b", "open"


def stage_of(issuance: Issuance) -> Stage:
    """Return where a card goes on, from what its journal says."""
    if issuance.state is State.HANDED_OVER:
        return Stage.DONE
    if issuance.state in FINAL:
        return Stage.SPOILED
    if issuance.pending is Act.PRINT:
        # A job was begun and no end of it is recorded: whether the card came out is never guessed.
        return Stage.ASK
    return {
        State.DRAFT: Stage.PHOTO,
        # Begun and not ended: the number may be on the chip already, so the path goes on there.
        State.CAPTURED: Stage.ENCODE if issuance.pending is Act.ENCODE else Stage.REVIEW,
        State.ENCODED: Stage.PRINT,
        State.PRINTED: Stage.VERIFY,
        State.VERIFIED: Stage.HAND_OVER,
    }[issuance.state]


def offers_at(
    stage: Stage,
    *,
    busy: bool = False,
    camera_away: bool = False,
    more_below: bool = False,
    background: Background = Background.OWN,
) -> tuple[Offer, ...]:
    """Return what can be done at a stage where nothing is wrong, the main thing first.

    ``camera_away`` says that the camera gives no picture, ``more_below`` that not all of the page was in sight yet,
    ``background`` where the portrait's plain background stands.
    """
    if stage is Stage.PHOTO:
        return _NO_CAMERA_OFFERS if camera_away else _OFFERS[stage]
    if stage is Stage.CHECK and more_below and not busy:
        return (_READ_ON, *_OFFERS[stage][1:])
    if busy:
        return _BUSY_OFFERS.get(stage, ())
    if background is not Background.OWN and stage in (Stage.CROP, Stage.REVIEW):
        return _BACKGROUND_OFFERS.get((stage, background), _OFFERS[stage])
    return _OFFERS.get(stage, ())


def _offer(todo: Todo, label: str, key: str = "", *, primary: bool = False) -> Offer:
    return Offer(todo, Message(label), key, primary)


_STOP = _offer(Todo.STOP, N_("Back"), ESC)
_SPOIL = _offer(Todo.SPOIL, N_("The card is spoiled"))
_SHOW_QR = _offer(Todo.SHOW_QR, N_("Read the QR with the camera"))
_READ_ON = _offer(Todo.READ_ON, N_("Read on"), ENTER, primary=True)
_NO_CAMERA_OFFERS = (
    _offer(Todo.FROM_FILE, N_("Choose a picture file"), ENTER, primary=True),
    _offer(Todo.OTHER_SOURCES, N_("Other sources"), OPEN),
    _offer(Todo.LATER, N_("Later"), ESC),
)
_BUSY_OFFERS: dict[Stage, tuple[Offer, ...]] = {
    Stage.ENCODE: (_STOP,),
    Stage.VERIFY: (_offer(Todo.LATER, N_("Later"), ESC), _SHOW_QR, _SPOIL),
}
_OFFERS: dict[Stage, tuple[Offer, ...]] = {
    Stage.CHECK: (
        _offer(Todo.CONFIRM_DATA, N_("The data are right"), ENTER, primary=True),
        _offer(Todo.LATER, N_("Let them wait"), ESC),
    ),
    Stage.PHOTO: (
        _offer(Todo.SHUTTER, N_("Take the photo"), SPACE, primary=True),
        _offer(Todo.OTHER_SOURCES, N_("Other sources"), OPEN),
    ),
    Stage.CROP: (
        _offer(Todo.ACCEPT_PORTRAIT, N_("Use this photo"), ENTER, primary=True),
        _offer(Todo.RETAKE, N_("Take it again"), ESC),
        _offer(Todo.PLAIN_BACKGROUND, N_("Plain background"), B),
    ),
    Stage.REVIEW: (
        _offer(Todo.MAKE, N_("Make the card"), ENTER, primary=True),
        _offer(Todo.RETAKE, N_("Another photo"), ESC),
        _offer(Todo.GIVE_UP, N_("Give up")),
    ),
    Stage.ENCODE: (_offer(Todo.RETRY, N_("Write the chip"), ENTER, primary=True), _STOP),
    Stage.PRINT: (
        _offer(Todo.RETRY, N_("Print the card"), ENTER, primary=True),
        _SPOIL,
        _offer(Todo.LATER, N_("Later"), ESC),
    ),
    Stage.ASK: (
        _offer(Todo.CAME_OUT, N_("Yes, it is good"), ENTER, primary=True),
        _offer(Todo.NOTHING_CAME_OUT, N_("Nothing came out")),
        _offer(Todo.CAME_OUT_BLANK, N_("It came out blank")),
        _SHOW_QR,
        _SPOIL,
    ),
    Stage.VERIFY: (
        _offer(Todo.RETRY, N_("Check the card"), ENTER, primary=True),
        _SHOW_QR,
        _SPOIL,
        _offer(Todo.LATER, N_("Later"), ESC),
    ),
    Stage.HAND_OVER: (
        _offer(Todo.HAND_OVER, N_("Handed over"), ENTER, primary=True),
        _offer(Todo.SPOIL, N_("The card is spoiled")),
        _offer(Todo.LATER, N_("Later"), ESC),
    ),
    Stage.DONE: (
        _offer(Todo.NEXT, N_("Next person"), ENTER, primary=True),
        _offer(Todo.SLIP, N_("Slip to print")),
    ),
    Stage.SPOILED: (
        _offer(Todo.CARD_AGAIN, N_("Make a new card"), ENTER, primary=True),
        _offer(Todo.NEXT, N_("Leave it"), ESC),
    ),
}
_OWN_BACKGROUND = _offer(Todo.OWN_BACKGROUND, N_("Its own background"), B)
_BACKGROUND_OFFERS: dict[tuple[Stage, Background], tuple[Offer, ...]] = {
    (Stage.CROP, Background.WORKING): (_offer(Todo.OWN_BACKGROUND, N_("Stop"), ESC),),
    (Stage.CROP, Background.OFFERED): (
        _offer(Todo.TAKE_BACKGROUND, N_("Use the plain background"), ENTER, primary=True),
        _offer(Todo.OWN_BACKGROUND, N_("Leave it as it was"), ESC),
    ),
    (Stage.CROP, Background.PLAIN): (*_OFFERS[Stage.CROP][:2], _OWN_BACKGROUND),
    (Stage.REVIEW, Background.PLAIN): (*_OFFERS[Stage.REVIEW][:2], _OWN_BACKGROUND, *_OFFERS[Stage.REVIEW][2:]),
}
