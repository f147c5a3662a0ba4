"""How devices stand, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from station.adapters.reader.roles import Roles
from station.adapters.reader.virtual import VirtualReaders
from station.domain.errors import (
    CameraMissingError,
    CameraUnpluggedError,
    ReaderBusyError,
    RouterBusyError,
    RouterError,
    RouterKeyError,
    RouterUnreachableError,
    RouterUnwellError,
    StationError,
)
from station.ports.printer import PrinterReason, PrinterState, PrinterStatus
from station.ports.store import QueueSummary
from station.services.health import (
    REASONS,
    REMEDIES,
    HealthState,
    camera_health,
    encoder_health,
    from_error,
    printer_health,
    queue_health,
    reader_health,
    router_health,
)
from tests.helpers.desks import TestDesk

NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)


def test_a_desk_that_works_says_so(bench: TestDesk) -> None:
    states = {h.device: h.state for h in bench.desk.health()}
    for unasked in ("clock", "router"):
        assert states.pop(unasked) is HealthState.OFF  # nobody has answered yet who could tell
    assert set(states) == {"camera", "reader", "printer", "queue"}
    assert set(states.values()) == {HealthState.OK}


def test_a_card_on_the_reader_is_seen(bench: TestDesk) -> None:
    readers = bench.desk.devices.readers
    assert reader_health(readers, "").message.english() == "ready"
    bench.tray.put_blank()
    assert reader_health(readers, "demo").message.english() == "card on the reader"


def test_the_reader_in_the_printer_is_looked_for_among_all() -> None:
    readers = VirtualReaders("Desk 0", "Evolis Encoder 0", roles=Roles(encoder="Evolis"))
    assert encoder_health(readers, "evolis").state is HealthState.OK
    missing = encoder_health(readers, "Primacy")
    assert missing.state is HealthState.BAD
    assert "Primacy" in missing.message.english()
    assert "Desk 0, Evolis Encoder 0" in missing.message.english()
    assert missing.todo is not None
    assert "USB cable" in missing.todo.english()


def test_a_reader_of_the_desk_is_none_in_the_printer() -> None:
    assert encoder_health(VirtualReaders("Evolis Encoder 0"), "Evolis").state is HealthState.BAD


def test_a_reader_or_camera_that_is_missing_is_bad_and_says_what_to_do(bench: TestDesk) -> None:
    reader = reader_health(bench.desk.devices.readers, "Omnikey")
    camera = camera_health(bench.desk.devices.cameras, "Logitech")
    for health in (reader, camera):
        assert health.state is HealthState.BAD
        assert health.todo is not None
    assert "Omnikey" in reader.message.english()


@pytest.mark.parametrize("reason", list(PrinterReason))
def test_every_reason_of_a_printer_has_words_and_a_remedy(reason: PrinterReason) -> None:
    assert REASONS[reason]
    assert REMEDIES[reason]
    health = printer_health(PrinterStatus("p", PrinterState.TROUBLE, (reason,)))
    assert health.state is HealthState.BAD
    assert health.message.msgid == REASONS[reason]


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (PrinterStatus("p", PrinterState.READY), HealthState.OK, "ready"),
        (PrinterStatus("p", PrinterState.READY, ribbon_percent=63), HealthState.OK, "63 %"),
        (PrinterStatus("p", PrinterState.READY, (PrinterReason.RIBBON_LOW,), 4), HealthState.WARN, "nearly"),
        (PrinterStatus("p", PrinterState.PRINTING), HealthState.OK, "printing"),
        (PrinterStatus("p", PrinterState.OFFLINE), HealthState.BAD, "switched off"),
        (PrinterStatus("p", PrinterState.MISSING), HealthState.BAD, "switched off"),
        (PrinterStatus("p", PrinterState.TROUBLE), HealthState.BAD, "needs help"),
    ],
)
def test_a_printers_state_is_told(status: PrinterStatus, state: HealthState, words: str) -> None:
    health = printer_health(status)
    assert health.state is state
    assert words in health.message.english()


def test_offline_is_calm_and_a_wrong_key_is_not() -> None:
    away = router_health(RouterUnreachableError(), enabled=True, name="r", since=NOW)
    assert away.state is HealthState.WARN
    assert router_health(RouterKeyError(), enabled=True, name="r").state is HealthState.BAD
    assert router_health(None, enabled=True, name="r").state is HealthState.OK
    assert router_health(None, enabled=False, name="r").state is HealthState.OFF


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RouterUnreachableError(), "no connection since"),
        (RouterBusyError(status=429), "asks to wait"),
        (RouterUnwellError(status=500), "trouble of its own"),
    ],
)
def test_what_the_router_said_is_not_called_no_connection(error: RouterError, words: str) -> None:
    health = router_health(error, enabled=True, name="r", since=NOW)
    assert health.state is HealthState.WARN
    assert words in health.message.english()
    assert health.todo is not None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CameraUnpluggedError(device="Demo camera"), "unplugged"),
        (CameraMissingError(device="Demo camera"), "not there"),
        (ReaderBusyError(device="ACR"), "in use by another program"),
        (RouterKeyError(status=401), "the key is not accepted"),
        (StationError(), "needs help"),
    ],
)
def test_beside_its_name_a_device_says_it_in_a_few_words(error: StationError, words: str) -> None:
    health = from_error("device", "Demo", error)
    assert health.short is not None
    assert health.short.english() == words
    assert health.message.msgid == error.what, "all of it is kept"


@pytest.mark.parametrize(
    ("summary", "state", "words"),
    [
        (QueueSummary(), HealthState.OK, "nothing waits"),
        (QueueSummary(3, 0, 1, NOW - timedelta(minutes=12)), HealthState.WARN, "12 min"),
        (QueueSummary(3, 0, 1, NOW - timedelta(hours=30)), HealthState.BAD, "3 wait"),
        (QueueSummary(1, 2, 0, NOW), HealthState.BAD, "2 need a decision"),
        (QueueSummary(1, 0, 0, NOW + timedelta(hours=1)), HealthState.WARN, "0 min"),
    ],
)
def test_the_queue_says_how_many_and_how_old(summary: QueueSummary, state: HealthState, words: str) -> None:
    health = queue_health(summary, NOW)
    assert health.state is state
    assert words in health.message.english()


def test_the_printer_s_encoder_and_a_slot_for_a_sam_are_not_the_desk_s_reader() -> None:
    readers = VirtualReaders("Evolis Encoder 0", "ACS ACR1252 SAM 0", roles=Roles(encoder="evolis"))
    assert reader_health(readers, "").state is HealthState.BAD
    readers.plug("ACS ACR1252 PICC 0")
    health = reader_health(readers, "")
    assert (health.state, health.name) == (HealthState.OK, "ACS ACR1252 PICC 0")
