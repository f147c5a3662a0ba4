"""``station card`` at a real desk: a process of its own, pcscd, real keys; encode, verify, dump, roll over, erase."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from station.resources import asset
from tests.helpers.chip_profiles import shipped_text
from tests.helpers.file_keyring import VARIABLE
from tests.helpers.pcscd import SoftwareCard, running_pcscd

pytestmark = pytest.mark.bench_pcsc
ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    "deuinfo-application/v1": "00112233445566778899AABBCCDDEEF0",
    "deuinfo-base/v1": "FFEEDDCCBBAA99887766554433221101",
    "deuinfo-application/v2": "102132435465768798A9BACBDCEDFE0F",
    "deuinfo-base/v2": "EFDECDBCAB9A8978675645342312010F",
}
PROFILE = """\
[station]
name = "Desk 1"
language = "en"
operator = "IB"

[[institutions]]
key = "rdu"
name = "Rīgas Demonstrāciju universitāte"
pic = "999000001"
sho = "rdu.example"
escn_prefix = 3

[store]
path = "data/station.db"

[reader]
pattern = "Desk Reader"

[printer]
driver = "pdf"

[chip]
profile = "{profile}"
folder = "{folder}"

[router]
enabled = false
"""


@dataclass(frozen=True)
class Real:
    """A desk without a window: its profile, its keyring, and a card in hand."""

    folder: Path
    card: SoftwareCard

    def station(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a verb."""
        environment = {
            **os.environ,
            "LC_ALL": "C.UTF-8",
            "PYTHON_KEYRING_BACKEND": "tests.helpers.file_keyring.FakeKeyring",
            VARIABLE: str(self.folder / "keyring.json"),
        }
        command = [sys.executable, "-m", "station", *map(str, words), "--profile", str(self.folder / "station.toml")]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=90, cwd=ROOT, env=environment, check=False
        )

    def told(self, *words: str | Path) -> dict[str, object]:
        """Run a verb with ``--json`` and return what it printed."""
        done = self.station(*words, "--json")
        assert done.returncode == 0, done.stderr
        value: dict[str, object] = json.loads(done.stdout)
        return value


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    (tmp_path / "pcsc").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "profiles").mkdir()
    keys = {f"esc-station/{name}": key for name, key in KEYS.items()}
    (tmp_path / "keyring.json").write_text(json.dumps(keys), encoding="utf-8")
    rows = "student_number;given_names;family_name;status\n051REB123;Līga;Bērziņa;active\n"
    (tmp_path / "students.csv").write_text(rows, encoding="utf-8")
    write_profile(tmp_path, "version = 1")
    with running_pcscd(tmp_path / "pcsc"):
        card = SoftwareCard(tmp_path / "card.json")
        card.insert()
        try:
            made = Real(tmp_path, card)
            assert made.told("holders", "import", tmp_path / "students.csv", "--yes")["written"] == 1
            yield made
        finally:
            card.remove()


def write_profile(folder: Path, version: str) -> None:
    """Have the institution's own chip profile ask for keys of this version."""
    text = shipped_text("deuinfo-unsigned").replace("version = 1", version)
    (folder / "profiles" / "deuinfo-unsigned.toml").write_text(text, encoding="utf-8")
    station = PROFILE.format(profile="deuinfo-unsigned", folder=folder / "profiles")
    (folder / "station.toml").write_text(station, encoding="utf-8")


def test_a_cards_whole_life_by_command(real: Real) -> None:
    picture = sorted(asset("demo", "portraits").glob("*.jpg"))[0]
    blank = real.told("card", "read")
    assert (blank["standing"], blank["applications"]) == ("blank", [])
    made = real.told("card", "encode", "--holder", "051REB123", "--photo", picture)
    assert isinstance(made["chip"], dict)
    assert made["chip"]["verified"]
    checked = real.told("card", "verify")
    assert (checked["uid"], checked["escn"]) == (made["uid"], made["escn"])
    assert real.told("card", "read")["standing"] == "in_work"
    dumped = real.station("card", "dump")
    assert f"card number {made['escn']}" in dumped.stdout
    assert not [key for key in KEYS.values() if key.lower() in dumped.stdout.replace(" ", "").lower()]
    given_up = real.told("card", "erase", "--yes")
    assert (given_up["erased"], given_up["deleted"]) == (True, ["F58840"])
    assert real.told("card", "read")["applications"] == []
    again = real.told("card", "encode", "--holder", "051REB123", "--photo", picture)
    assert (again["uid"], again["escn"] == made["escn"]) == (made["uid"], False), "the same chip, a new card"


def test_keys_roll_over_on_a_card_that_somebody_has(real: Real) -> None:
    picture = sorted(asset("demo", "portraits").glob("*.jpg"))[0]
    done = real.station("issue", "--holder", "051REB123", "--photo", picture, "--came-out", "yes", "--json")
    assert done.returncode == 0, done.stderr
    issued = json.loads(done.stdout)
    write_profile(real.folder, "version = 2")
    late = real.told("keys", "report", "--cards")
    assert [each["escn"] for each in late["cards"]] == [issued["escn"]]  # type: ignore[attr-defined]
    renewed = real.told("card", "encode", "--holder", "051REB123")
    assert (renewed["escn"], renewed["uid"]) == (issued["escn"], issued["uid"])
    assert renewed["keys"] == ["deuinfo-application/v2", "deuinfo-base/v2"]
    assert real.told("keys", "report", "--cards")["cards"] == []
    assert real.told("card", "verify")["escn"] == issued["escn"]
    planned = real.told("card", "erase", "--in-use")
    assert (planned["erased"], planned["ours"]) == (False, ["F58840"])
    erased = real.told("card", "erase", "--in-use", "--yes")
    assert (erased["erased"], erased["deleted"]) == (True, ["F58840"])
    assert real.told("card", "read")["applications"] == []
