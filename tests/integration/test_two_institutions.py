"""One station, two institutions, one ESC-Router: each card goes out with its own institution's key, once each."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.camera.virtual import VirtualCameras
from station.adapters.clock import VirtualClock
from station.adapters.secrets.demo_signer import demo_root
from station.adapters.secrets.virtual import VirtualSecrets
from station.app.build import key_name, open_desk
from station.app.demo_profile import demo_settings, fault_dial
from station.app.surroundings import Surroundings
from station.app.tray import CardTray
from station.domain.card import Card, Registration
from station.domain.errors import RouterKeyError
from station.domain.outbox import OutboxState
from station.ports.register import RegisterRow
from station.settings import Institution
from tests.helpers.desks import NOW, TestDesk, a_holder
from tests.helpers.sandbox import KEY, OTHER_KEY, OTHER_PIC, PIC, RunningSandbox, running_sandbox

UNIVERSITY = Institution(key="rpu", name="Universitāte", pic=PIC, sho="rpu.example", escn_prefix=1)
COLLEGE = Institution(key="vpk", name="Koledža", pic=OTHER_PIC, sho="vpk.example", escn_prefix=1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@contextmanager
def desk_of(
    sandbox: RunningSandbox, folder: Path, numbers: tuple[str, str]
) -> Iterator[tuple[TestDesk, VirtualSecrets]]:
    """Open a desk of both institutions, with a student of each and the keys of neither."""
    settings = demo_settings(folder, sandbox.address + "/api/v2")
    settings = replace(
        settings, institutions=(UNIVERSITY, COLLEGE), printer=replace(settings.printer, seconds_a_card=0.0)
    )
    dial = fault_dial(folder)
    clock, keys = VirtualClock(dial), VirtualSecrets(demo=True)
    tray = CardTray(folder / "cards-in-hand", dial)
    around = Surroundings(
        data=folder,
        clock=clock,
        faults=dial,
        cameras=lambda: VirtualCameras(clock, dial),
        readers=lambda: tray.readers,
        secrets=lambda: keys,
        hands=tray.hand,
        roots=(demo_root(),),
    )
    with open_desk(settings, around) as desk:
        for number, institution in zip(numbers, (UNIVERSITY, COLLEGE), strict=True):
            student = replace(a_holder(number, "Anna", "Ozola"), institution=institution.key)
            row = RegisterRow(student)
            desk.store.holders.apply_import(desk.store.holders.plan_import([row], institution.key), "x", NOW)
        yield TestDesk(desk, dial, tray, folder), keys


def made(bench: TestDesk, number: str) -> Card:
    holder = bench.desk.store.holders.by_student_number(number)
    assert holder is not None
    return bench.desk.issuances.hand_over(bench.verified(holder).id)


def standing(bench: TestDesk, card: Card) -> Registration:
    found = bench.desk.store.cards.get(card.escn)
    assert found is not None
    return found.registration


def test_each_card_is_told_with_its_own_institution_s_key(sandbox: RunningSandbox, tmp_path: Path) -> None:
    with desk_of(sandbox, tmp_path, ("A1", "B1")) as (bench, keys):
        settings = bench.desk.settings
        keys.set(key_name(settings, UNIVERSITY), KEY.encode())
        keys.set(key_name(settings, COLLEGE), OTHER_KEY.encode())
        cards = {PIC: made(bench, "A1"), OTHER_PIC: made(bench, "B1")}
        report = bench.desk.outbox.run_once(threading.Event())
        assert (report.sent, report.parked, report.error) == (6, 0, None)
        for pic, card in cards.items():
            status = bench.desk.router.card_status(card.escn)
            assert (status.status, status.issuer_pic) == ("ACTIVE", pic)


def test_a_key_that_is_missing_holds_up_its_own_institution_only(sandbox: RunningSandbox, tmp_path: Path) -> None:
    with desk_of(sandbox, tmp_path, ("A2", "B2")) as (bench, keys):
        settings, worker = bench.desk.settings, bench.desk.outbox
        keys.set(key_name(settings, COLLEGE), OTHER_KEY.encode())
        theirs, ours = made(bench, "A2"), made(bench, "B2")  # who waits is first in the queue
        report = worker.run_once(threading.Event())
        assert report.sent == 3
        assert isinstance(report.error, RouterKeyError)
        assert isinstance(bench.desk.link.error, RouterKeyError)  # still to be seen, though the other key works
        assert standing(bench, ours) is Registration.REGISTERED
        assert standing(bench, theirs) is Registration.QUEUED
        waiting = bench.desk.store.outbox.entries()
        assert {(e.state, e.attempts) for e in waiting} == {(OutboxState.WAITING, 0)}  # no entry is blamed
        assert report.next_at is not None
        assert report.next_at > bench.desk.clock.now()
        keys.set(key_name(settings, UNIVERSITY), KEY.encode())
        worker.retry(waiting[0].key)
        assert worker.run_once(threading.Event()).sent == 3
        assert standing(bench, theirs) is Registration.REGISTERED
        assert bench.desk.link.error is None
