"""A desk whose outbox goes to the sandbox, past a server that can do anything on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.domain.card import Card, Registration
from station.domain.errors import RouterError
from station.domain.outbox import OutboxEntry
from station.ports.router import Crew
from station.services.outbox_worker import OutboxWorker, WorkerOptions, WorkReport
from tests.helpers.finished_cards import POLICY, Desk, FakeClock, a_student
from tests.helpers.http_server import Answer, ScriptedServer, Trick
from tests.helpers.sandbox import KEY, PIC

UNWELL = Answer(503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})
BUSY = Answer(429, b'{"code":"X","message":"slow down"}', {"Retry-After": "120"})
NO_KEY = Answer(401, b'{"code":"X","message":"who are you"}')
NOT_FROM_HERE = Answer(403, b'{"code":"X","message":"address not on the list"}')
NOT_YOURS = Answer(403, b'{"code":"SE-0000","message":"Access denied"}')
REFUSED = Answer(400, b'{"code":"X","message":"email: is no e-mail address"}')
GONE = Answer(410, b'{"code":"X","message":"anonymised"}')
NO_SUCH = Answer(404, b'{"code":"ER-0001","message":"Person not found"}')
SIGN_IN_PAGE = Answer(200, b"<html>Welcome to the guest network</html>", {"Content-Type": "text/html"})
ELSEWHERE = Answer(302, b"", {"Location": "http://127.0.0.1:9/"})
CONFLICT = Answer(409, b'{"code":"ER-0019","message":"exists"}')

ANYTHING = [
    *Trick,
    UNWELL,
    BUSY,
    NO_KEY,
    NOT_FROM_HERE,
    NOT_YOURS,
    REFUSED,
    NO_SUCH,
    SIGN_IN_PAGE,
    ELSEWHERE,
    CONFLICT,
]
"""Whatever can come back, except the one answer that is final (410)."""


class RouterBench:
    """A desk with a worker, a scripted server and the sandbox behind it."""

    def __init__(
        self, folder: Path, server: ScriptedServer, crew: Callable[[], Crew] | None = None, in_flight: int = 8
    ) -> None:
        self.crew, self.in_flight, self.read_back = crew, in_flight, False
        self.desk, self.server, self.clock = Desk(folder / "station.db"), server, FakeClock()
        self.said: list[RouterError | None] = []
        self.router = HttpRouter(
            RouterAddress(server.address, timeout_s=20), pic=PIC, institution="Test", key=KEY.encode
        )
        self.worker = self.new_worker()

    def new_worker(self) -> OutboxWorker:
        """Return a worker as after a start of the program: it remembers nothing."""
        options = WorkerOptions(
            draw=lambda: 1.0,
            policy=lambda _institution: POLICY,
            answered=self.said.append,
            crew=self.crew,
            in_flight_start=self.in_flight,
            in_flight_max=self.in_flight,
            read_back=self.read_back,
        )
        return OutboxWorker(self.desk.store, self.router, self.clock, options)

    def finish(self, number: int, **changes: object) -> Card:
        """Finish a card for a student."""
        student = a_student(number, **changes)  # type: ignore[arg-type]  # the student's own parameters
        self.desk.know(student)
        return self.desk.finish(student)

    def work(self) -> WorkReport:
        """Let the worker run once."""
        return self.worker.run_once(threading.Event())

    def entry(self, key: str) -> OutboxEntry:
        """Return an entry that must be there."""
        found = self.desk.store.outbox.get(key)
        assert found is not None
        return found

    def card_entry(self, card: Card) -> OutboxEntry:
        """Return a card's own entry."""
        return self.entry(f"card:{card.escn}")

    def registration(self, card: Card) -> Registration:
        """Return how a card stands."""
        found = self.desk.store.cards.get(card.escn)
        assert found is not None
        return found.registration

    def told(self) -> list[str]:
        """Return what was asked for, as method and first word of the path."""
        return [
            f"{h.method} {h.path.removeprefix('/esc-rest/api/v2/').split('/')[0].split('?')[0]}"
            for h in self.server.heard
        ]

    def close(self) -> None:
        """Close everything."""
        self.router.close()
        self.desk.store.close()
