"""The card as a whole: what is sent to set it, seen by a session that shows what it carries."""

from __future__ import annotations

import pytest

from station.chip.desfire import picc
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.native import Native, Protection
from station.chip.desfire.picc import CardOption, Option
from station.chip.desfire.session import NoSession
from station.domain.errors import ChipError
from station.ports.secrets import KeyKind
from tests.helpers.chip import Rambling, Replay


class FakeSession(NoSession):
    """Lets everything through, and remembers it."""

    def __init__(self) -> None:
        self.seen: list[Native] = []

    def command(self, command: Native) -> bytes:
        """Return it as it is."""
        self.seen.append(command)
        return command.header + command.data


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def link(session: FakeSession) -> DesfireLink:
    opened = DesfireLink(Rambling([b"\x91\x00"]).transmit)
    opened.open_session(session)
    return opened


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        (Key.aes(b"\x11" * 16, 7), b"\x11" * 16 + bytes(8) + b"\x07"),
        (Key.des(b"\x10" * 8, 0xFF), b"\x11" * 16 + bytes(8) + b"\xff"),
        (Key(KeyKind.TDES3K, b"\x10" * 24, 0), b"\x10" * 24 + b"\x00"),
    ],
)
def test_the_default_key_fills_25_bytes(link: DesfireLink, session: FakeSession, key: Key, sent: bytes) -> None:
    picc.set_default_key(link, key)
    assert (session.seen[0].header, session.seen[0].data) == (b"\x01", sent)
    assert session.seen[0].mode is Protection.FULL


def test_only_the_ats_is_marked_at_its_end(link: DesfireLink, session: FakeSession) -> None:
    picc.set_configuration(link, Option.ATS, bytes(5))
    picc.set_card_options(link, CardOption.RANDOM_UID | CardOption.NO_FORMAT)
    assert [each.open_end for each in session.seen] == [True, False]
    assert session.seen[1].data == b"\x03"


def test_without_a_key_nothing_is_set() -> None:
    with pytest.raises(ChipError, match="needs a key"):
        picc.set_card_options(DesfireLink(Rambling([b"\x91\x00"]).transmit), CardOption.NO_FORMAT)


def test_format_on_the_wire() -> None:
    picc.format_picc(DesfireLink(Replay([("90fc000000", "9100")]).transmit))
