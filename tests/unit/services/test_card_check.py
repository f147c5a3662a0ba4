"""Any card checked at the desk: by its chip, its QR or its number; each verdict in words of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.chip.glance import Glance
from station.domain.card import Card, CardAct
from station.domain.errors import EscnError
from station.domain.message import Message
from station.ports.router import CardChange, RouterCardStatus
from station.services.card_check import CardCheck, CardChecker, Verdict, lines_of, number_in, said_there, title_of
from station.services.card_watch import SeenCard, Standing
from tests.helpers.desk_online import OnlineDesk, open_online_desk
from tests.helpers.http_server import Answer, scripted_server
from tests.helpers.sandbox import OTHER_PIC

ESCN = "8c1b1d10-a311-103f-8001-001999465982"


@pytest.fixture(scope="module")
def online(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnlineDesk]:
    with open_online_desk(tmp_path_factory.mktemp("online")) as desk:
        yield desk


@pytest.fixture(scope="module")
def card(online: OnlineDesk) -> Card:
    made = online.bench.desk.issuances.hand_over(online.bench.verified().id)
    online.bench.desk.outbox.run_once(threading.Event())
    return made


@pytest.fixture
def checker(online: OnlineDesk) -> CardChecker:
    return online.bench.desk.card_checker


@pytest.mark.parametrize(
    "text",
    [
        ESCN,
        f"  {ESCN.upper()}\r\n",
        ESCN.replace("-", ""),
        f"https://s.esc-r.eu/{ESCN}",
        f"HTTPS://S.ESC-R.EU/{ESCN.upper()}\n",
        f"http://esc.gg/{ESCN}/",
        f"https://cards.example/{ESCN}",
        f"https://s.esc-r.eu/{ESCN}\nhttps://s.esc-r.eu/{ESCN}\n",
        "8c1b1d10 a311 103f 8001 001999465982",
    ],
)
def test_a_number_is_found_however_it_comes(text: str) -> None:
    assert number_in(text, "https://cards.example/") == ESCN


@pytest.mark.parametrize(
    "text", ["", "   ", "051REB123", "https://example.com/x", f"https://evil.example/{ESCN}", ESCN[:-1]]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(EscnError):
        number_in(text)


def test_half_a_number_is_none_yet(checker: CardChecker) -> None:
    assert checker.holds_number(f"https://s.esc-r.eu/{ESCN}")
    assert not checker.holds_number(ESCN[:-1])


def words(check: CardCheck) -> str:
    def plain(message: Message) -> str:
        return message.english()

    return "\n".join([plain(title_of(check)), *map(plain, lines_of(check))])


def test_our_own_card(checker: CardChecker, card: Card, online: OnlineDesk) -> None:
    found = checker.check_text(f"https://s.esc-r.eu/{card.escn}")
    assert (found.verdict, found.valid, found.ours, found.elsewhere, found.expires_on) == (
        Verdict.ACTIVE, True, True, False, card.expires_on,
    )  # fmt: skip
    assert online.bench.liga.full_name in words(found)
    assert "in use" in words(found)


def test_a_card_on_the_reader(checker: CardChecker, card: Card, online: OnlineDesk) -> None:
    online.bench.tray.put(card.uid or "")
    (reader,) = [each.name for each in online.bench.tray.readers.list_readers()]
    seen = online.bench.desk.card_watch.look(reader, cancel=threading.Event())
    assert checker.check_seen(seen).verdict is Verdict.ACTIVE


def test_a_copy_is_not_taken_as_good(checker: CardChecker, card: Card) -> None:
    found = checker.check_seen(SeenCard(Standing.COPY, Glance("04FFFF", "DESFire", escn=card.escn)))
    assert (found.verdict, found.valid, found.copy) == (Verdict.ACTIVE, False, True)
    assert "Keep the card" in words(found)


def test_a_card_of_some_other_use(checker: CardChecker) -> None:
    assert checker.check_seen(SeenCard(Standing.OTHER, Glance("04AA", "Classic"))).verdict is Verdict.NOT_ESC
    assert checker.check_text("https://menu.example/today").verdict is Verdict.NOT_ESC


def test_another_institutions_card(checker: CardChecker, online: OnlineDesk) -> None:
    found = checker.check_text(online.card_elsewhere())
    assert (found.verdict, found.issuer, found.elsewhere, found.card) == (
        Verdict.ACTIVE, "Another University", True, None,
    )  # fmt: skip
    assert words(found).splitlines()[0] == "Valid, another institution's"
    assert "Issued by Another University" in words(found)


def test_a_number_that_nobody_registered(checker: CardChecker) -> None:
    found = checker.check_text(ESCN[:-9] + OTHER_PIC)
    assert (found.verdict, found.valid, found.ours) == (Verdict.UNKNOWN, False, False)


def test_a_number_whose_holder_was_anonymised_is_unknown(online: OnlineDesk, card: Card) -> None:
    with scripted_server() as server:
        server.script.append(Answer(410, b'{"code":"X","message":"anonymised"}'))
        gone = HttpRouter(RouterAddress(server.address), pic="999", institution="x", key=lambda: b"x")
        desk = online.bench.desk
        found = CardChecker(desk.store, gone, desk.clock, pics=frozenset()).check_text(card.escn)
        gone.close()
    assert (found.verdict, found.valid, found.error) == (Verdict.UNKNOWN, False, None)


def test_blocked_expired_and_a_record_that_says_otherwise(checker: CardChecker, card: Card, online: OnlineDesk) -> None:
    desk = online.bench.desk
    desk.lifecycle.block(card.escn)
    between = checker.check_text(card.escn)
    assert (between.verdict, between.valid) == (Verdict.ACTIVE, False)
    assert words(between).splitlines()[:3] == [
        "Not valid: says the record here",
        "The record here says that this card is not to be used.",
        "At ESC-Router it still counts as in use.",
    ]
    assert "waits in the queue" in words(between)
    assert said_there(between).english() == "Valid"
    desk.outbox.run_once(threading.Event())
    assert checker.check_text(card.escn).verdict is Verdict.INACTIVE
    desk.router.change_card(card.escn, CardChange(status=RouterCardStatus.ACTIVE))  # by hand, there
    assert "don't agree" in words(checker.check_text(card.escn))
    desk.lifecycle.unblock(card.escn)
    desk.outbox.run_once(threading.Event())
    assert "don't agree" not in words(checker.check_text(card.escn))


class LaterClock:
    """Many years from now."""

    def __init__(self, online: OnlineDesk) -> None:
        self._clock = online.bench.desk.clock

    def now(self):  # type: ignore[no-untyped-def]
        return self._clock.now() + timedelta(days=365 * 20)

    def monotonic(self) -> float:
        return self._clock.monotonic()


def test_a_card_whose_day_has_passed(card: Card, online: OnlineDesk) -> None:
    desk = online.bench.desk
    checker = CardChecker(desk.store, desk.router, LaterClock(online), pics=frozenset())
    found = checker.check_text(card.escn)
    assert (found.verdict, found.valid) == (Verdict.EXPIRED, False)


def test_nobody_answers(online: OnlineDesk, card: Card) -> None:
    desk = online.bench.desk
    away = HttpRouter(RouterAddress("http://127.0.0.1:9/esc-rest"), pic="999", institution="x", key=lambda: b"x")
    checker = CardChecker(desk.store, away, desk.clock, pics=frozenset())
    found = checker.check_text(card.escn)
    assert (found.verdict, found.valid, found.error is not None) == (Verdict.UNREACHABLE, False, True)
    assert "says nothing about the card" in words(found)
    desk.lifecycle.block(card.escn, act=CardAct.REPORT_STOLEN)
    stolen = checker.check_text(card.escn)
    away.close()
    desk.lifecycle.unblock(card.escn)
    assert (stolen.verdict, stolen.valid) == (Verdict.UNREACHABLE, False)
    assert "says nothing about the card" not in words(stolen)
    assert "stolen" in words(stolen)


def test_no_two_verdicts_sound_alike() -> None:
    checks = [CardCheck(verdict, issuer=issuer) for verdict in Verdict for issuer in ("", "Elsewhere")]
    asked = [
        c for c in checks if not (c.issuer and c.verdict in (Verdict.UNKNOWN, Verdict.NOT_ESC, Verdict.UNREACHABLE))
    ]
    assert len({title_of(check).english() for check in asked}) == len(asked) == 9
