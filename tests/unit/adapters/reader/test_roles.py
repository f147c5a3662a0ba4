"""Which reader is for what."""

from __future__ import annotations

import pytest

from station.adapters.reader.roles import NO_ROLES, Roles
from station.ports.chip import ReaderEvent, ReaderInfo, ReaderRole

DESK = "ACS ACR1252 1S CL Reader PICC 0"
SAM = "ACS ACR1252 1S CL Reader SAM 0"
PRINTER = "Evolis Encoder 00 00"
STAFF = "HID OMNIKEY 5427 CK 00 00"
ROLES = Roles(desk="ACR1252", encoder="evolis", operator="5427")


@pytest.mark.parametrize(
    ("roles", "found"),
    [
        (NO_ROLES, ["desk", "sam", "desk", "desk"]),
        (ROLES, ["desk", "sam", "encoder", "operator"]),
        (Roles(encoder="Encoder"), ["desk", "sam", "encoder", "desk"]),
        # The longer pattern knows better.
        (Roles(desk="Reader", encoder="ACR1252"), ["encoder", "sam", "desk", "desk"]),
    ],
)
def test_what_each_reader_is_for(roles: Roles, found: list[str]) -> None:
    assert [roles.role_of(name) for name in (DESK, SAM, PRINTER, STAFF)] == found


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("", [DESK]),
        ("ACR1252", [DESK]),
        ("acr1252", [DESK]),
        ("Reader SAM", [SAM]),
        (SAM, [SAM]),
        ("evolis", [PRINTER]),
        ("OMNIKEY", [STAFF]),
        (STAFF, [STAFF]),
        ("unheard-of", []),
    ],
)
def test_who_is_meant_by_a_pattern(pattern: str, meant: list[str]) -> None:
    assert [name for name in (DESK, SAM, PRINTER, STAFF) if ROLES.answers(name, pattern)] == meant


def test_without_roles_any_reader_is_the_desk_s_but_no_slot_for_a_sam() -> None:
    assert [name for name in (DESK, SAM, PRINTER, STAFF) if NO_ROLES.answers(name, "")] == [DESK, PRINTER, STAFF]


def test_readers_and_events_are_described() -> None:
    info = ROLES.describe(ReaderInfo(STAFF, True, b"\x3b"))
    assert (info.name, info.card_present, info.atr, info.role) == (STAFF, True, b"\x3b", ReaderRole.OPERATOR)
    assert info.traits.model.startswith("HID OMNIKEY 5427")
    assert ROLES.describe_event(ReaderEvent("card_in", PRINTER, b"\x3b")) == ReaderEvent(
        "card_in", PRINTER, b"\x3b", ReaderRole.ENCODER
    )
    assert ROLES.describe_event(ReaderEvent("service_down", "")).role is ReaderRole.DESK
