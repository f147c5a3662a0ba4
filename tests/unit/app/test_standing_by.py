"""Which stations keep a copy of their store, where it lies, and what it tells of cards that it merged."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.camera.virtual import VirtualCameras
from station.adapters.clock import SystemClock
from station.adapters.secrets.virtual import VirtualSecrets
from station.adapters.standby import DeskStore
from station.adapters.store import SqlStore, open_store
from station.app.demo_profile import fault_dial
from station.app.standing_by import goes_on_alone, open_standby, standby_of
from station.app.surroundings import Surroundings
from station.app.tray import CardTray
from station.domain.card import CardState
from station.domain.errors import StoreDamagedError, StoreLockedError
from station.domain.outbox import OutboxKind
from station.ports.store import ConsentRecord
from station.settings import Settings, StorePart
from tests.helpers.desks import desk_settings
from tests.helpers.scribe import NOON, Scribe, keep, row

ADDRESS = "postgresql+psycopg://desk@db.example/cards"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = desk_settings(tmp_path)
    mine = replace(settings.institution, key="rtu")
    return replace(settings, institutions=(mine,))


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    clock, dial = SystemClock(), fault_dial(tmp_path)
    return Surroundings(
        data=tmp_path,
        clock=clock,
        faults=dial,
        cameras=lambda: VirtualCameras(clock, dial),
        readers=lambda: CardTray(tmp_path / "cards", dial).readers,
        secrets=VirtualSecrets,
    )


@pytest.mark.parametrize(
    ("part", "alone"),
    [
        (StorePart(url=ADDRESS), True),
        (StorePart(url=ADDRESS, alone=False), False),
        (StorePart(path=Path("cards.db")), False),
        (StorePart(url="sqlite:///cards.db"), False),
        (StorePart(), False),
    ],
)
def test_who_shares_a_database_keeps_a_copy(settings: Settings, part: StorePart, alone: bool) -> None:
    assert goes_on_alone(replace(settings, store=part)) is alone


def opened(settings: Settings, around: Surroundings, shared: Path, prepared: list[str]) -> DeskStore | None:
    return open_standby(settings, around, str(shared), lambda store: prepared.append(store.where))


def test_the_copy_lies_in_the_data_folder_and_one_program_has_it(
    settings: Settings, around: Surroundings, tmp_path: Path
) -> None:
    prepared: list[str] = []
    store = opened(settings, around, tmp_path / "shared.db", prepared)
    assert store is not None
    with closing(store):
        assert sorted(Path(each).name for each in prepared) == ["shared.db", "standby.db"]
        assert (tmp_path / "standby.db").exists()
        assert opened(settings, around, tmp_path / "other.db", []) is None
        assert "standby" not in {each.name for each in threading.enumerate()}, "nobody says yet that it may be copied"
        assert not store.state().ready
        assert standby_of(store, "Desk 7") is store
        until = time.monotonic() + 30
        while not store.state().ready:
            assert time.monotonic() < until
            threading.Event().wait(0.01)
    again = opened(settings, around, tmp_path / "shared.db", [])
    assert again is not None
    again.close()


def when_free(path: Path) -> SqlStore:
    """Open a store as soon as who opened it in the background has let it go."""
    until, moment = time.monotonic() + 30, threading.Event()
    while True:
        try:
            return open_store(path)
        except StoreLockedError:
            assert time.monotonic() < until
            moment.wait(0.01)


def test_a_copy_that_can_not_be_used_is_said(settings: Settings, around: Surroundings, tmp_path: Path) -> None:
    (tmp_path / "standby.db").write_bytes(b"short")
    with pytest.raises(StoreDamagedError):
        opened(settings, around, tmp_path / "shared.db", [])
    store = when_free(tmp_path / "shared.db")
    assert standby_of(store, "Desk 1") is None
    store.close()


def test_of_a_replaced_card_the_router_is_told_unless_its_holder_said_no(
    settings: Settings, around: Surroundings, tmp_path: Path
) -> None:
    store = opened(settings, around, tmp_path / "shared.db", [])
    assert store is not None
    with closing(store):
        told = store._options.told
        shared = store._shared
        assert isinstance(shared, SqlStore)
        keep(shared, row("1"))
        card = replace(Scribe(shared, holder_id="id-1").hand_over(), state=CardState.REPLACED)
        assert store._options.forgotten(shared, "nobody") == ()
        kinds = [each.kind for each in store._options.forgotten(shared, "id-1")]
        assert kinds == [OutboxKind.DELETE_CARD, OutboxKind.DELETE_PICTURE, OutboxKind.DELETE_PERSON]
        (entry,) = told(shared, card)
        assert (entry.kind, entry.escn, entry.payload["status"]) == (OutboxKind.CARD, card.escn, "INACTIVE")
        assert told(shared, replace(card, holder_id="nobody")) == ()
        shared.consents.add(ConsentRecord("id-1", "1", "lv", "export", NOON, withdrawn_at=NOON))
        assert told(shared, card) == ()
