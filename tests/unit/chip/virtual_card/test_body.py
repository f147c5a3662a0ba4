"""The card with its power on: frames, selection, and who is asked for which key."""

from __future__ import annotations

import os

import pytest

from station.chip.virtual_card.body import Body, Command, Reply
from station.chip.virtual_card.ciphers import AES, CardKey
from station.chip.virtual_card.memory import CardApplication, CardFile, CardMemory
from station.chip.virtual_card.messaging import Ev1Session, Mode
from station.chip.virtual_card.status import Refusal
from tests.helpers.chip import ESC_AID, UID

KEY = CardKey(AES, bytes(range(16)))


@pytest.fixture
def body() -> Body:
    memory = CardMemory.blank(UID)
    memory.applications[ESC_AID] = CardApplication(ESC_AID, 0x0B, AES, [CardKey(AES, bytes(16))])
    return Body(memory, os.urandom)


@pytest.mark.parametrize(("length", "frames"), [(0, [0]), (1, [1]), (59, [59]), (60, [59, 1]), (200, [59, 59, 59, 23])])
def test_a_reply_is_cut_into_frames(body: Body, length: int, frames: list[int]) -> None:
    assert [len(frame) for frame in body.frames(bytes(length))] == frames


def test_selecting_forgets_who_was_authenticated(body: Body) -> None:
    assert body.on_picc
    body.session = Ev1Session(0, KEY)
    assert body.key_no == 0
    body.select(body.memory.applications[ESC_AID])
    assert (body.on_picc, body.key_no, body.session) == (False, None, None)


def test_what_is_not_there_is_refused(body: Body) -> None:
    body.select(body.memory.applications[ESC_AID])
    for ask, status in ((lambda: body.key(1), 0x40), (lambda: body.file(0), 0xF0), (lambda: body.need_key(0), 0xAE)):
        with pytest.raises(Refusal) as caught:
            ask()
        assert caught.value.status == status
        assert str(caught.value) == f"{status:02X}"


@pytest.mark.parametrize("length", [10, 51, 52, 59, 100])
def test_the_mac_covers_all_frames_and_may_need_one_more(body: Body, length: int) -> None:
    body.session = Ev1Session(0, KEY)
    data = bytes(index % 256 for index in range(length))
    reply = Command(lambda body, _data: Reply(body.frames(data))).run(body, 0x6E, b"")
    state = KEY.cmac(b"\x6e")
    assert b"".join(reply.frames) == data + KEY.cmac(data + b"\x00", state)[:8]
    assert all(len(frame) <= 59 for frame in reply.frames)


def test_a_command_of_a_wrong_length_is_refused(body: Body) -> None:
    with pytest.raises(Refusal) as caught:
        Command(lambda _body, _data: Reply(), lengths=range(2, 4)).run(body, 0x5A, b"\x00")
    assert caught.value.status == 0x7E


@pytest.mark.parametrize(
    ("rights", "key_no", "outcome"),
    [
        (0x1FFF, 1, Mode.FULL),
        (0xFF1F, 1, Mode.FULL),
        (0xEFFF, 1, Mode.PLAIN),
        (0xEF1F, 1, Mode.FULL),
        (0xEFFF, None, Mode.PLAIN),
        (0x1FFF, 0, 0xAE),
        (0x1FFF, None, 0xAE),
        (0xFFF1, 1, 0x9D),
    ],
)
def test_a_key_is_stronger_than_freedom(body: Body, rights: int, key_no: int | None, outcome: int) -> None:
    body.session = None if key_no is None else Ev1Session(key_no, KEY)
    file = CardFile(0, 3, rights, bytearray(8))
    if isinstance(outcome, Mode):
        assert body.access(file, 12, 4) is outcome
        return
    with pytest.raises(Refusal) as caught:
        body.access(file, 12, 4)
    assert caught.value.status == outcome
