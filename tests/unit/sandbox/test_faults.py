"""The fault dial: one file, turned by any process, seen by all at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.errors import InputError
from station.ports.faults import KINDS, Fault
from station.sandbox.faults import DEFAULTS, FaultDial

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bench" / "faults.json"


def test_nothing_is_broken_at_first(file: Path) -> None:
    assert FaultDial(file).all() == {}
    assert FaultDial(file).fault("printer") is None


@pytest.mark.parametrize(("device", "kind"), [(d, k) for d, kinds in KINDS.items() for k in kinds])
def test_every_fault_can_be_set_seen_by_others_and_cleared(file: Path, device: str, kind: str) -> None:
    mine, other = FaultDial(file), FaultDial(file)
    assert other.fault(device) is None
    fault = Fault(device, kind, DEFAULTS.get((device, kind), 0.0))
    assert mine.set(device, kind) == fault
    assert other.fault(device) == fault
    other.clear(device)
    assert mine.fault(device) is None


def test_devices_do_not_disturb_each_other(file: Path) -> None:
    dial = FaultDial(file)
    dial.set("printer", "jam")
    dial.set("router", "slow", 0.25)
    dial.set("printer", "ribbon-out")
    assert dial.all() == {"printer": Fault("printer", "ribbon-out"), "router": Fault("router", "slow", 0.25)}
    dial.clear()
    assert dial.all() == {}


def test_another_process_reaches_this_one(file: Path) -> None:
    dial = FaultDial(file)
    assert dial.fault("camera") is None
    code = (
        "from pathlib import Path; from station.sandbox.faults import FaultDial;"
        f"FaultDial(Path({str(file)!r})).set('camera', 'unplugged')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    assert dial.fault("camera") == Fault("camera", "unplugged")


@pytest.mark.parametrize(
    ("device", "kind", "value", "said"),
    [
        ("toaster", "jam", None, "printer"),
        ("printer", "melted", None, "ribbon-out"),
        ("router", "slow", -1.0, "-1"),
        ("router", "slow", float("nan"), "nan"),
        ("router", "slow", float("inf"), "inf"),
    ],
)
def test_what_there_is_not_is_refused_and_nothing_changes(
    file: Path, device: str, kind: str, value: float | None, said: str
) -> None:
    dial = FaultDial(file)
    dial.set("router", "down")
    with pytest.raises(InputError, match=said):
        dial.set(device, kind, value)
    assert dial.all() == {"router": Fault("router", "down")}


def test_an_unknown_device_can_not_be_repaired(file: Path) -> None:
    with pytest.raises(InputError, match="toaster"):
        FaultDial(file).clear("toaster")


def test_a_clock_may_be_behind(file: Path) -> None:
    assert FaultDial(file).set("clock", "wrong", -60.0).value == -60.0


@pytest.mark.expects_log("station.sandbox.faults", "can't be read")
@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"toaster": {"kind": "jam", "value": 0}}', '{"router": "down"}', "\x00"]
)
def test_a_file_that_a_person_spoilt_breaks_nothing(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    assert FaultDial(file).all() == {}
    FaultDial(file).set("router", "down")
    assert FaultDial(file).fault("router") == Fault("router", "down")


def test_no_half_written_file_is_ever_there(file: Path) -> None:
    dial = FaultDial(file)
    for value in range(20):
        dial.set("router", "slow", float(value))
        assert json.loads(file.read_text()) == {"router": {"kind": "slow", "value": float(value)}}
    assert [entry.name for entry in file.parent.iterdir()] == ["faults.json"]


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 4)), max_size=12))
def test_the_last_turn_counts(tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[str, int]]) -> None:
    file = tmp_path_factory.mktemp("dial") / "faults.json"
    expected: dict[str, str] = {}
    for device, number in turns:
        kind = KINDS[device][number % len(KINDS[device])]
        FaultDial(file).set(device, kind)
        expected[device] = kind
    assert {name: fault.kind for name, fault in FaultDial(file).all().items()} == expected
