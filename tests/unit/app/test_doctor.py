"""The doctor looks at each thing by itself, so that one that is broken hides no other."""

from __future__ import annotations

from pathlib import Path

from station.app.doctor import LIBRARIES, examine
from station.services.health import HealthState
from station.settings import load_settings
from tests.helpers.desks import desk_settings

PROFILE = Path(__file__).resolve().parents[2] / "fixtures" / "profiles" / "version-1.toml"


def test_a_desk_without_any_of_its_devices_is_told_of_each(tmp_path: Path) -> None:
    settings = load_settings(PROFILE)
    settings = settings.model_copy(update={"store": settings.store.model_copy(update={"path": tmp_path / "s.db"})})
    found = {h.device: h for h in examine(settings)}
    assert {"system", "library", "layout", "store", "camera", "reader", "printer", "router", "clock"} == set(found)
    assert found["store"].state is HealthState.OK
    for device in ("camera", "reader", "printer", "router"):
        assert found[device].state is HealthState.BAD, device
        assert found[device].todo is not None


def test_every_library_is_found(tmp_path: Path) -> None:
    found = [h for h in examine(desk_settings(tmp_path)) if h.device == "library"]
    assert {h.name for h in found} == set(LIBRARIES.values())
    assert {h.state for h in found} == {HealthState.OK}


def test_a_profile_that_mixes_demo_and_real_is_said(tmp_path: Path) -> None:
    *_, last = examine(desk_settings(tmp_path))
    assert last.device == "profile"
    assert last.state is HealthState.BAD


def test_each_institution_s_key_is_tried(tmp_path: Path) -> None:
    settings = load_settings(PROFILE)
    assert len(settings.institutions) == 2
    settings = settings.model_copy(update={"store": settings.store.model_copy(update={"path": tmp_path / "s.db"})})
    routers = [h for h in examine(settings) if h.device == "router"]
    for institution, health in zip(settings.institutions, routers, strict=True):
        assert institution.pic in health.name
