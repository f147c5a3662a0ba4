"""The command line as IT uses it: a process of its own, its exit status, its JSON, and one line for each error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def station(*words: str | Path, timeout_s: float = 90) -> subprocess.CompletedProcess[str]:
    """Run ``python -m station`` and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "station", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "error"},
        check=False,
    )


def told(*words: str | Path) -> object:
    """Run a verb with ``--json`` and return what it printed."""
    done = station(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a demo folder in which two cards were issued, one of them offline."""
    folder = tmp_path_factory.mktemp("demo")
    done = station("demo", "--headless", "--json", "--data", folder)
    assert done.returncode == 0, done.stderr
    (folder / "first.json").write_text(done.stdout, encoding="utf-8")
    done = station("demo", "--headless", "--offline", "--json", "--data", folder)
    assert done.returncode == 0, done.stderr
    (folder / "second.json").write_text(done.stdout, encoding="utf-8")
    return folder


def test_the_demo_prints_one_object_a_card(data: Path) -> None:
    card = json.loads((data / "first.json").read_text(encoding="utf-8"))
    assert set(card) == {"holder", "escn", "uid", "chip", "render", "print", "registration", "journal", "seconds"}
    assert card["holder"]["student_number"]
    assert card["chip"]["profile"] == "deuinfo"
    assert card["chip"]["verified"]
    assert card["chip"]["apdus"] > 0
    for side in ("front", "back"):
        assert Path(card["render"][side]).read_bytes().startswith(b"\x89PNG")
    assert card["render"]["qr"].endswith(card["escn"])
    assert card["print"]["state"] == "done"
    assert Path(card["print"]["proof"]).exists()
    assert card["registration"] == {"state": "registered", "router_status": "ACTIVE"}
    assert [e["event"] for e in card["journal"]] == [
        "Began", "PortraitTaken", "EncodeBegun", "EncodeReached", "Encoded",
        "PrintBegun", "Printed", "Verified", "HandedOver",
    ]  # fmt: skip
    assert set(card["seconds"]) == {"total", "capture", "encode", "render", "print", "register"}


def test_offline_the_card_waits_and_goes_out_once_later(data: Path) -> None:
    card = json.loads((data / "second.json").read_text(encoding="utf-8"))
    assert card["registration"]["state"] == "queued"
    synced = told("sync", "--demo", "--data", data)
    assert synced["sent"] == 3
    assert synced["waiting"] == 0
    queue = told("queue", "--demo", "--data", data)
    assert queue == {"waiting": 0, "parked": 0, "oldest_at": None, "entries": []}
    assert told("sync", "--demo", "--data", data)["sent"] == 0


def test_holders_are_found_in_either_spelling(data: Path) -> None:
    for text in ("berzina", "Bērziņa", "051reb123"):
        found = told("holders", "search", text, "--demo", "--data", data)
        assert any(h["name"] == "Līga Bērziņa-Šķēle" for h in found), text
    done = station("holders", "search", "zzzzz", "--demo", "--data", data)
    assert done.returncode == 0
    assert "zzzzz" in done.stdout


def test_an_import_is_tried_before_it_is_written(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text(
        "student_number,given_names,family_name,email,status\n"
        "071REB900,Ņina,Ūdre,nina@rpu.example,active\n",
        encoding="utf-8",
    )  # fmt: skip
    tried = told("holders", "import", file, "--demo", "--data", data)
    assert (tried["new"], tried["written"]) == (1, 0)
    assert told("holders", "search", "071REB900", "--demo", "--data", data) == []
    written = told("holders", "import", file, "--yes", "--demo", "--data", data)
    assert written["written"] == 1
    (nina,) = told("holders", "search", "071reb900 udre", "--demo", "--data", data)
    assert nina["name"] == "Ņina Ūdre"


def test_a_holder_is_drawn_and_a_card_is_issued_by_number(data: Path, tmp_path: Path) -> None:
    files = told("render", "--holder", "041REB390", "--out", tmp_path, "--demo", "--data", data)
    assert Path(files["proof"]).read_bytes().startswith(b"%PDF")
    picture = next((ROOT / "assets" / "demo" / "portraits").glob("*.jpg"))
    card = told("issue", "--holder", "041REB390", "--photo", picture, "--demo", "--data", data)
    assert card["registration"]["state"] == "registered"
    journal = told("journal", "--escn", card["escn"], "--demo", "--data", data)
    assert len(journal) == 9
    assert told("journal", "--limit", "3", "--demo", "--data", data)


def test_a_card_on_the_reader_is_read_and_verified(data: Path) -> None:
    card = json.loads((data / "first.json").read_text(encoding="utf-8"))
    read = told("card", "read", "--demo", "--data", data, "--uid", card["uid"])
    assert read["escn"] == card["escn"]
    assert read["holder"] == card["holder"]["name"]
    verified = told("card", "verify", "--demo", "--data", data, "--uid", card["uid"])
    assert verified["escn"] == card["escn"]
    assert told("card", "verify", "--demo", "--data", data)["uid"] == card["uid"], "it still lies there"
    blank = station("card", "verify", "--demo", "--data", data, "--uid", "blank")
    assert blank.returncode == 1
    assert "Traceback" not in blank.stderr


def test_a_card_is_encoded_verified_shown_and_erased_only_before_print(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    made = told("card", "encode", "--demo", "--data", data)
    assert set(made) == {"uid", "escn", "chip", "state", "keys", "holder"}
    assert made["chip"]["verified"]
    checked = told("card", "verify", "--demo", "--data", data)
    assert (checked["uid"], checked["escn"], checked["chip"]["verified"]) == (made["uid"], made["escn"], True)
    dump = station("card", "dump", "--demo", "--data", data)
    assert "European Student Card (data zone)" in dump.stdout
    assert told("card", "dump", "--demo", "--data", data)["card"]["name"] == "Card"
    issued = told("issue", "--holder", "051REB123", "--demo", "--data", data)
    assert issued["escn"] == made["escn"], "the same card went on"
    done = station("card", "erase", "--yes", "--demo", "--data", data)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    named = told("card", "encode", "--chip-profile", "access-control", "--demo", "--data", data)
    assert named["chip"]["profile"] == "access-control"


def test_printers_and_doctor_say_how_things_stand(data: Path) -> None:
    printers = told("printers", "--demo", "--data", data)
    assert {"cups", "pdf", "virtual"} <= set(printers["drivers"])
    assert printers["printer"]["state"] == "ready"
    doctor = told("doctor", "--demo", "--data", data)
    assert doctor["ok"], doctor
    assert {"library", "store", "camera", "reader", "printer", "router"} <= {f["device"] for f in doctor["findings"]}


def test_the_fault_dial_is_turned_from_another_process(data: Path) -> None:
    told("sandbox", "fault", "printer", "ribbon-out", "--data", data)
    try:
        done = station("printers", "--demo", "--data", data)
        assert "ribbon" in done.stdout
        doctor = station("doctor", "--demo", "--data", data)
        assert doctor.returncode == 1
        assert "ribbon" in doctor.stdout
    finally:
        told("sandbox", "fault", "clear", "--data", data)
    bad = station("sandbox", "fault", "toaster", "burnt", "--data", data)
    assert bad.returncode == 1


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--nonsense"], 2, "usage"),
        (["holders"], 2, "usage"),
        (["issue"], 2, "--holder"),
        (["demo", "--headless", "--count", "0"], 2, "1 or more"),
        (["queue", "--profile", "no/such.toml"], 1, "does not exist"),
        (["queue", "--profile", "x", "--demo"], 2, "not allowed"),
    ],
)
def test_bad_usage_is_2_and_anything_else_one_line_and_1(words: list[str], status: int, said: str) -> None:
    done = station(*words)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    if status == 1:
        assert done.stderr.count("\n") == 1


def test_errors_are_json_for_programs(tmp_path: Path) -> None:
    done = station("queue", "--profile", tmp_path / "none.toml", "--json")
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"] == "Profile"


def test_an_unknown_holder_and_a_missing_picture_are_said(data: Path) -> None:
    nobody = station("issue", "--holder", "000XXX000", "--demo", "--data", data)
    assert (nobody.returncode, nobody.stderr.count("\n")) == (1, 1)
    assert "000XXX000" in nobody.stderr
    missing = station("issue", "--holder", "051REB123", "--photo", "no.jpg", "--demo", "--data", data)
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)


def test_a_mistake_of_the_program_itself_is_one_line_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A library that is broken: something that no station can foresee.
    (tmp_path / "tomllib.py").write_text("def load(*_): pass\ndef loads(*_): raise RuntimeError('broken')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    done = station("queue", "--demo", "--data", tmp_path / "demo")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Traceback" not in done.stderr
    (log,) = (tmp_path / "state").rglob("errors.log")
    assert "RuntimeError: broken" in log.read_text(encoding="utf-8")
