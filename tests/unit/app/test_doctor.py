"""The doctor looks at each thing by itself, so that one that is broken hides no other."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.clock import SystemClock
from station.adapters.store import open_store
from station.app import doctor
from station.app.doctor import LIBRARIES, _numbers, examine
from station.app.standing_by import open_standby
from station.app.surroundings import real_surroundings
from station.domain.card import CardScheme
from station.domain.workflow import Began, Issuance, JournalEntry, transition
from station.ports.store import Change
from station.services.health import HealthState
from station.services.numbers import EscnIssuer
from station.settings import PrinterPart, Settings, StorePart, load_settings
from tests.helpers.desks import desk_settings
from tests.helpers.enrolments import enrolment

PROFILE = Path(__file__).resolve().parents[2] / "fixtures" / "profiles" / "version-1.toml"


def test_a_desk_without_any_of_its_devices_is_told_of_each(tmp_path: Path) -> None:
    settings = load_settings(PROFILE)
    settings = replace(settings, store=replace(settings.store, path=tmp_path / "s.db"))
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
    settings = replace(settings, store=replace(settings.store, path=tmp_path / "s.db"))
    routers = [h for h in examine(settings) if h.device == "router"]
    for institution, health in zip(settings.institutions, routers, strict=True):
        assert institution.pic in health.name


def _real(tmp_path: Path, **changes: object) -> Settings:
    settings = load_settings(PROFILE)
    parts: dict[str, object] = {"store": replace(settings.store, path=tmp_path / "s.db"), **changes}
    return replace(settings, **parts)


def test_the_reader_of_a_printer_with_an_encoder_is_looked_for(tmp_path: Path) -> None:
    before = load_settings(PROFILE)
    settings = _real(
        tmp_path,
        printer=replace(before.printer, one_pass=True),
        reader=replace(before.reader, encoder="Evolis"),
    )
    (encoder,) = [h for h in examine(settings) if h.device == "encoder"]
    assert (encoder.state, encoder.name) == (HealthState.BAD, "Evolis")
    assert encoder.todo is not None


def test_every_printer_of_a_pool_is_asked(tmp_path: Path) -> None:
    other = PrinterPart(driver="pdf", queue="Proofs", folder=tmp_path / "proofs")
    found = [h for h in examine(_real(tmp_path, more_printers=(other,))) if h.device == "printer"]
    assert [h.state for h in found] == [HealthState.BAD, HealthState.OK]


def test_who_can_read_a_stripe_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = PrinterPart(driver="cups", queue="Card", profile="generic-cr80-300", options={"MagTrack2": "{track2}"})
    monkeypatch.setattr(doctor, "MOUNTS", tmp_path / "mounts")
    for options, told in (("rw,nosuid", 1), ("rw,hidepid=2", 0), ("rw,hidepid=invisible", 0)):
        (tmp_path / "mounts").write_text(f"/dev/sda / ext4 rw 0 0\nproc /proc proc {options} 0 0\n")
        found = [h for h in examine(_real(tmp_path, printer=part)) if h.device == "stripe"]
        assert [h.state for h in found] == [HealthState.WARN] * told
    (tmp_path / "mounts").unlink()
    assert [h.name for h in examine(_real(tmp_path, printer=part)) if h.device == "stripe"] == ["Card"]


def test_whether_a_shared_database_answers_is_not_asked_of_the_desks_own_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _real(tmp_path, store=StorePart(url="postgresql+psycopg://desk@127.0.0.1:1/cards"))
    around = replace(real_surroundings(settings), data=tmp_path)
    monkeypatch.setattr(doctor, "real_surroundings", lambda _settings: around)
    copy = open_standby(settings, around, str(tmp_path / "shared.db"), lambda store: None)
    assert copy is not None
    with closing(copy):
        copy.tend()
        assert copy.state().ready
    (found,) = (health for health in examine(settings) if health.device == "store")
    assert found.state is HealthState.BAD
    assert "127.0.0.1:1/cards doesn't answer" in found.message.english()


def test_another_station_with_the_same_prefix_is_told_while_nobody_is_enrolled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _real(tmp_path, store=StorePart(url="postgresql+psycopg://desk@127.0.0.1:1/cards"))
    file, institution = tmp_path / "shared.db", settings.institution
    # The same code opens both kinds of database; no server is needed to see what is told.
    monkeypatch.setattr(doctor, "open_store_of", lambda *_args, **_how: open_store(file, station="Desk 9"))
    with closing(open_store(file, station="Desk 9")) as store:
        issuer = EscnIssuer(
            store.escns, SystemClock(), prefix=institution.escn_prefix, pic=institution.pic, random_bits=lambda _n: 1
        )
        began = Began("h", institution.key, issuer.take(), CardScheme.ESC, "l@1", "none", "2030-08-31")
        issuance, _effects = transition(Issuance("i"), began)
        at = SystemClock().now()
        store.issuances.record(Change(issuance, JournalEntry("i", 1, began, at, station="Desk 9"), ()))
    around = replace(real_surroundings(settings), data=tmp_path)
    (told,) = _numbers(settings, around)
    assert told.state is HealthState.WARN
    assert "“Desk 9” gives out card numbers with the same prefix" in told.message.english()
    assert told.todo is not None
    assert told in list(examine(settings, around))
    assert list(_numbers(replace(settings, store=StorePart()), around)) == [], "nobody shares it"
    with closing(open_store(file, station="Desk 9")) as store:
        enrolment(store.enrolment, "Desk 9", SystemClock()).begin()
    assert list(_numbers(settings, around)) == []
