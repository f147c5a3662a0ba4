"""A desk on the real interfaces: pcscd, cupsd, an MJPEG camera, ESC-Router over HTTP; and its profile."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from station.resources import asset
from tests.helpers.cupsd import QUEUE, CupsBench
from tests.helpers.file_keyring import VARIABLE
from tests.helpers.institution import Institution
from tests.helpers.mjpeg import MjpegServer
from tests.helpers.pcscd import Pcscd, SoftwareCard, running_pcscd
from tests.helpers.sandbox import KEY, NAMES, PIC, RunningSandbox, running_sandbox

REGISTER = """\
student_number;given_names;family_name;email;esi;status;programme;faculty;level;study_ends
051REB123;Līga;Bērziņa-Šķēle;liga@rdu.example;urn:schac:personalUniqueCode:int:esi:rdu.example:051REB123;active;Datorzinātne;DITF;MASTER;2028-06-30
041REB390;Mārtiņš;Ģērmanis;martins@rdu.example;urn:schac:personalUniqueCode:int:esi:rdu.example:041REB390;active;Kiberdrošība;DITF;BACHELOR;2029-06-30
"""


@dataclass(frozen=True)
class RealDesk:
    """What runs, and where the profile lies."""

    profile: Path
    folder: Path
    reader: Pcscd
    card: SoftwareCard
    printer: CupsBench
    camera: MjpegServer
    sandbox: RunningSandbox
    environment: dict[str, str]

    def another_card(self) -> SoftwareCard:
        """Return a new blank, not yet on the reader."""
        return SoftwareCard(self.folder / f"card-{len(list(self.folder.glob('card-*')))}")


@contextmanager
def real_desk(folder: Path, cups: CupsBench) -> Iterator[RealDesk]:
    """Start everything that a desk stands on; the station itself is the test's to start."""
    with ExitStack() as closing:
        pictures = [p.read_bytes() for p in sorted(asset("demo", "portraits").glob("*.jpg"))[:1]]
        camera = closing.enter_context(MjpegServer(pictures, frames_per_s=30))
        (folder / "pcsc").mkdir()
        reader = closing.enter_context(running_pcscd(folder / "pcsc"))
        card = SoftwareCard(folder / "card-0")
        closing.callback(card.remove)
        (folder / "router").mkdir()
        sandbox = closing.enter_context(running_sandbox(folder / "router"))
        (folder / "students.csv").write_text(REGISTER, encoding="utf-8")
        institution = Institution.certified(NAMES[PIC])
        environment = _keys(folder, sandbox, institution)
        # What IT does before the first card: the authority's certificate is pinned, in the folder of chip profiles.
        pinned = folder / "chip-profiles" / "certificates" / "deuinfo-root.pem"
        pinned.parent.mkdir(parents=True)
        pinned.write_bytes(institution.root)
        profile = _profile(folder, camera.url, sandbox.address)
        yield RealDesk(profile, folder, reader, card, cups, camera, sandbox, environment)


def _keys(folder: Path, sandbox: RunningSandbox, institution: Institution) -> dict[str, str]:
    file = folder / "keyring.json"
    host = urlsplit(sandbox.address).netloc
    file.write_text(
        json.dumps(
            {
                f"esc-station/esc-router:{host}:{PIC}": KEY,
                "esc-station/deuinfo-application/v1": secrets.token_hex(16),
                "esc-station/deuinfo-base/v1": secrets.token_hex(16),
                "esc-station/deuinfo-signing": institution.key.decode("ascii"),
                "esc-station/deuinfo-signing/certificate": institution.certificate.decode("ascii"),
            }
        ),
        encoding="utf-8",
    )
    return {**os.environ, "PYTHON_KEYRING_BACKEND": "tests.helpers.file_keyring.FakeKeyring", VARIABLE: str(file)}


def _profile(folder: Path, camera: str, router: str) -> Path:
    file = folder / "station.toml"
    file.write_text(
        f"""
[station]
name = "Desk 1"
language = "en"
operator = "IB"

[[institutions]]
key = "rdu"
name = "{NAMES[PIC]}"
name_en = "Riga Demonstration University"
pic = "{PIC}"
sho = "rdu.example"
escn_prefix = 3

[store]
path = "data/station.db"

[camera]
source = "{camera}"

[reader]
pattern = "Desk Reader"
wait_s = 30

[printer]
driver = "cups"
queue = "{QUEUE}"
profile = "generic-cr80-300"

[chip]
profile = "deuinfo"
folder = "chip-profiles"

[router]
url = "{router}/api/v2"
send_picture = true
timeout_s = 5
""",
        encoding="utf-8",
    )
    return file
