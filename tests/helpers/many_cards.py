"""Many registered cards on both sides, written at a stroke; and a process that compares them and says what it took.

python -m tests.helpers.many_cards STORE ADDRESS        compare, and print the figures as JSON
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.adapters.store import open_store
from station.adapters.store.mapping import card_values, issuance_values
from station.adapters.store.schema import CARDS, ISSUANCES
from station.domain.card import Card, Registration
from station.domain.holder import Holder
from station.domain.workflow import Issuance, State
from station.ports.register import RegisterRow
from station.sandbox.router.database import Database
from station.services.reconcile import Group, Reconciliation
from tests.helpers.finished_cards import NOW, POLICY, Desk, a_card, a_student
from tests.helpers.sandbox import KEY, NAMES, PIC

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Expected:
    """How many cards of each kind differ."""

    groups: Counter[Group]


def fill(store: Path, router: Path, count: int) -> Expected:
    """Write ``count`` registered cards to a new store and a sandbox that is not running, some of them not the same."""
    desk = Desk(store)
    expected: Counter[Group] = Counter()
    database = Database(router, NAMES)
    database.close()
    with closing(sqlite3.connect(router)) as there, closing(desk.store):
        for first in range(0, count, _AT_ONCE):
            students = [a_student(100_000 + n) for n in range(first, min(first + _AT_ONCE, count))]
            cards = [replace(a_card(student), registration=Registration.REGISTERED) for student in students]
            known = desk.store.holders
            rows = [RegisterRow(student) for student in students]
            known.apply_import(known.plan_import(rows, f"register {first}"), f"register {first}", NOW)
            with desk.store.database.write() as connection:
                connection.execute(
                    insert(ISSUANCES), [{**issuance_values(_finished(card)), "entries": 1} for card in cards]
                )
                connection.execute(insert(CARDS), [card_values(card) for card in cards])
            for student, card in zip(students, cards, strict=True):
                _tell(there, student, card, expected)
        there.commit()
    return Expected(expected)


def _finished(card: Card) -> Issuance:
    return Issuance(
        card.issuance_id,
        state=State.HANDED_OVER,
        holder_id=card.holder_id,
        institution=card.institution,
        escn=card.escn,
        scheme=card.scheme,
    )


def _tell(there: sqlite3.Connection, student: Holder, card: Card, expected: Counter[Group]) -> None:
    """Let the sandbox know a card; of each thousand one is missing, one ends later, and one more is only there."""
    number = int(student.student_number[:6])
    if number % 1000 == 1:
        expected[Group.MISSING_THERE] += 1
        return
    person = there.execute(
        "INSERT INTO persons (esi, esi_key, full_name) VALUES (?, ?, ?)",
        (student.esi, (student.esi or "").casefold(), student.full_name),
    ).lastrowid
    there.execute("INSERT INTO memberships (person_id, pic, full_name) VALUES (?, ?, ?)", (person, PIC, "x"))
    expires_on = card.expires_on
    if number % 1000 == 2:
        expected[Group.DIFFERS] += 1
        expires_on += timedelta(days=1)
    numbers = [card.escn]
    if number % 1000 == 3:
        expected[Group.MISSING_HERE] += 1
        numbers.append(a_card(student).escn)
    for escn in numbers:
        there.execute(
            "INSERT INTO cards (escn, person_id, issuer, status, type, issued_at, expires_at)"
            " VALUES (?, ?, ?, 'ACTIVE', 'SMART_CDZ', ?, ?)",
            (escn, person, PIC, card.issued_at.date().isoformat(), expires_on.isoformat()),
        )


def compare(store: Path, address: str) -> dict[str, object]:
    """Compare all cards; return how many there were, the groups, and what it took."""
    opened = open_store(store, station="test")
    router = HttpRouter(RouterAddress(address, timeout_s=30.0), pic=PIC, institution="Test", key=KEY.encode)
    with closing(opened), closing(router):
        run = Reconciliation(opened, router, lambda _: POLICY, ("rtu",), today=date(2026, 9, 1))
        findings = run.findings(cancel=threading.Event(), progress=lambda _s, _p: None)
        groups: Counter[str] = Counter()
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew from here
        began, before = time.perf_counter(), _memory_mb("VmRSS")
        groups.update(finding.group.value for finding in findings)
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "there": run.tally.there,
            "here": run.tally.here,
            "groups": dict(groups),
            "wall_s": round(time.perf_counter() - began, 2),
            "cpu_s": round(used.ru_utime + used.ru_stime, 2),
            "grew_mb": round(_memory_mb("VmHWM") - before, 1),
            "peak_mb": round(_memory_mb("VmHWM"), 1),
        }


def _memory_mb(name: str) -> float:
    """Return what this process has in memory now (``VmRSS``), or had at most (``VmHWM``)."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith(name))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(json.dumps(compare(Path(sys.argv[1]), sys.argv[2])))
