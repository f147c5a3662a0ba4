"""Secure messaging as a processor: what ends a session, and what is merely counted."""

from __future__ import annotations

import pytest

from station.chip.ciphers import aes
from station.chip.desfire.messaging import SecureMessaging
from station.chip.desfire.native import Native
from station.chip.desfire.session import Ev1Session, NoSession, Session
from station.chip.desfire.session_ev2 import Ev2Session
from station.chip.processors import NativeFraming
from station.domain.errors import ChipError
from tests.helpers.chip import Rambling


def ev1() -> Session:
    return Ev1Session(0, aes(bytes(16)))


def ev2() -> Session:
    return Ev2Session(0, (bytes(16), bytes(16)), bytes(4))


@pytest.mark.parametrize(
    ("session", "status", "lives"),
    [
        (ev1, 0x9D, True),
        (ev1, 0x1E, True),
        (ev1, 0xAE, False),
        (ev2, 0x9D, True),
        (ev2, 0x1E, False),
        (ev2, 0xAE, False),
    ],
)
def test_what_ends_a_session(session: object, status: int, lives: bool) -> None:
    assert callable(session)
    messaging = SecureMessaging(NativeFraming(Rambling([bytes([0x91, status])]).transmit))
    messaging.session = session()
    answer = messaging.exchange(Native(0xF5, b"\x00"))
    assert (answer.status, answer.data) == (status, b"")
    assert isinstance(messaging.session, NoSession) is not lives


def test_a_refused_command_counts_in_ev2() -> None:
    messaging = SecureMessaging(NativeFraming(Rambling([b"\x91\xf0"]).transmit))
    messaging.session = opened = Ev2Session(0, (bytes(16), bytes(16)), bytes(4))
    messaging.exchange(Native(0xF5, b"\x00"))
    assert opened.counter == 1


def test_the_last_command_of_a_session_is_protected_and_its_answer_is_not() -> None:
    rambling = Rambling([b"\x91\x00"])
    messaging = SecureMessaging(NativeFraming(rambling.transmit))
    messaging.session = ev2()
    assert messaging.exchange_last(Native(0x55, b"\x01")).status == 0
    assert isinstance(messaging.session, NoSession)


def test_success_without_the_mac_of_the_session_is_no_success() -> None:
    for session in (ev1(), ev2()):
        messaging = SecureMessaging(NativeFraming(Rambling([b"\x91\x00"]).transmit))
        messaging.session = session
        with pytest.raises(ChipError, match="altered"):
            messaging.exchange(Native(0xC7))
