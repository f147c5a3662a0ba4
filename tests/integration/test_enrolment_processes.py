"""Stations in processes of their own enrol with one PostgreSQL database at the same moment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from station.adapters.clock import SystemClock
from station.adapters.store import open_store
from station.domain.enrolment import USUAL
from station.services.enrolment import Enrolment
from tests.helpers.enrolments import enrolment
from tests.helpers.postgres import running_postgres
from tests.helpers.scribe import PIC

pytestmark = pytest.mark.bench_postgres
PATIENCE_S = 90


@pytest.fixture
def database() -> Iterator[str]:
    with running_postgres() as server:
        yield server.url(server.new_database())


@pytest.fixture
def admin(database: str) -> Iterator[Enrolment]:
    with closing(open_store(database, station="Desk 1")) as store:
        found = enrolment(store.enrolment, "Desk 1", SystemClock(), prefixes=((PIC, 1),))
        found.begin()
        yield found


def enrolled_at_once(database: str, codes: list[str]) -> list[dict[str, Any]]:
    """Have a process for each code use it, all at the same moment; return what they said."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.helpers.enrolments", database, f"New {number}", code],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    cwd=Path(__file__).resolve().parents[2],
                )
            )
            for number, code in enumerate(codes)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [json.loads(process.communicate(timeout=PATIENCE_S)[0]) for process in processes]


def test_each_gets_a_range_of_its_own(admin: Enrolment, database: str) -> None:
    codes = [admin.invite(f"Desk {number}", USUAL)[0] for number in (2, 3, 4)]
    said = enrolled_at_once(database, codes)
    assert sorted(each["name"] for each in said) == ["Desk 2", "Desk 3", "Desk 4"]
    assert sorted(each["prefixes"][PIC] for each in said) == [2, 3, 4]


def test_a_code_that_two_use_at_once_is_good_for_one(admin: Enrolment, database: str) -> None:
    code, _kept = admin.invite("Desk 2", USUAL, timedelta(hours=1))
    said = enrolled_at_once(database, [code, code])
    assert sorted(each.get("error", "") for each in said) == ["", "Enrolment"]
    assert [each.name for each in admin.stations()] == ["Desk 1", "Desk 2"]
