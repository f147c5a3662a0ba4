"""A station process among several on one database: it issues cards until everybody has one, whatever happens.

It does what a person at the desk does: calls whoever has no card and stands at no other desk, settles what the last
life left in doubt, and goes on whatever the database does. It prints one line of JSON when everybody has a card and
everything is told.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import deque
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from station.app.demo_profile import DEMO_KEY, demo_settings
from station.domain.errors import ClaimedError, StationError, StoreError, WorkflowError
from station.domain.holder import Holder
from station.domain.workflow import Act, Issuance
from station.ports.news import StoreNews
from station.sandbox.router.config import SandboxConfig
from tests.helpers.desks import TestDesk, a_holder, open_test_desk
from tests.helpers.killable import make_card, qr_of_what_came_out, settle_all

_MOMENT_S, _AWAY_S = 0.1, 0.25
SETTINGS = demo_settings(Path(), "http://127.0.0.1:9")


def student(number: int) -> Holder:
    """Return the student with this number."""
    person = a_holder(f"26{number:04d}", "Anna", f"Kalniņa {number}")
    return replace(person, email=f"{person.student_number}@rpu.example")


def sandbox_config(folder: Path) -> SandboxConfig:
    """Return a router that takes the demo's key."""
    return SandboxConfig(folder / "router.sqlite", keys={DEMO_KEY: SETTINGS.institution.pic})


class Station:
    """One life of a station process."""

    def __init__(self, bench: TestDesk, acknowledged: Path, first: int, count: int) -> None:
        self.bench, self.desk, self.acknowledged = bench, bench.desk, acknowledged
        self._name, self._people = bench.folder.name, bench.folder.parent / "people"
        self._people.mkdir(exist_ok=True)
        numbers = [*range(first, count), *range(first)]
        self.left = deque(student(number).student_number for number in numbers)
        self.told = {"made": 0, "claimed": 0, "elsewhere": 0, "away": 0, "again": 0}
        self._cancel = threading.Event()

    def live(self) -> None:
        """Work until everybody has a card and everything is told."""
        lanes = [threading.Thread(target=lane, daemon=True) for lane in (self._send, self._listen)]
        for lane in lanes:
            lane.start()
        while self.left:
            self._serve(self.left.popleft())
        while self._waiting():
            self._cancel.wait(_MOMENT_S)
            self.desk.outbox.retry()
        self._cancel.set()
        for lane in lanes:
            lane.join(20)

    def _serve(self, number: str) -> None:
        try:
            done = self._made(number)
        except ClaimedError:
            done = self._count("claimed")
        except StoreError as error:
            done = self._count("again") if error.params.get("constraint") else self._count("away", _AWAY_S)
        except WorkflowError:
            done = self._count("again")
        if not done:
            self.left.append(number)

    def _made(self, number: str) -> bool:
        """Make a card for somebody; say whether they have one now."""
        store = self.desk.store
        holder = store.holders.by_student_number(number)
        assert holder is not None
        if store.cards.of_holder(holder.id):
            return True
        if not self._is_here(number):
            return self._miss(holder)
        with self.desk.serving.of(holder.id):
            begun = self.desk.issuances.open_of(holder)
            if begun is not None and begun.pending is not None:
                self._settle(begun)
            if not store.cards.of_holder(holder.id):
                make_card(self.bench, holder, self.acknowledged)
                self.told["made"] += 1
                print(f"made {number}", flush=True)
        return True

    def _is_here(self, number: str) -> bool:
        """Say whether this student stands at this desk: they come to the first that calls them, and stay."""
        place = self._people / number
        try:
            with place.open("x", encoding="utf-8") as body:
                body.write(self._name)
        except FileExistsError:
            return place.read_text("utf-8") == self._name
        return True

    def _miss(self, holder: Holder) -> bool:
        """Pick somebody by mistake who stands at another desk: they can't be served here at that moment."""
        self.desk.serving.begin(holder.id)
        self.desk.serving.end(holder.id)
        return self._count("elsewhere")

    def _settle(self, issuance: Issuance) -> None:
        """Look what became of a card whose step could not be recorded because the database was away."""
        if issuance.pending is Act.PRINT:
            came_out = qr_of_what_came_out(self.bench, issuance) is not None
            self.desk.printing.confirm(issuance.id, came_out=came_out)
        elif issuance.pending is Act.ENCODE:
            settle_all(self.bench)

    def _count(self, what: str, wait_s: float = _MOMENT_S) -> bool:
        self.told[what] += 1
        self._cancel.wait(wait_s)
        return False

    def _waiting(self) -> bool:
        try:
            return self.desk.store.outbox.summary().waiting > 0
        except StoreError:
            return True

    def _send(self) -> None:
        self.desk.outbox.run_forever(self._cancel)

    def _listen(self) -> None:
        def told(news: StoreNews) -> None:
            self.desk.outbox.queue_changed()

        if self.desk.news is not None:
            self.desk.news.follow(told, cancel=self._cancel)


def main(arguments: list[str]) -> int:
    """Open the desk, as often as it takes, and let it live."""
    address, router, folder, name, first, count = arguments
    parts: dict[str, object] = {
        "store": {"path": None, "url": address},
        "station": {"name": name},
        "router": {"url": router},
    }
    home = Path(folder) / name
    with ExitStack() as closing:
        while True:
            try:
                bench = closing.enter_context(open_test_desk(home, **parts))
                break
            except StationError:
                threading.Event().wait(_MOMENT_S)
        station = Station(bench, home / "acknowledged", int(first), int(count))
        settle_all(bench)
        print("ready", flush=True)
        sys.stdin.readline()
        station.live()
    print(json.dumps(station.told), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
