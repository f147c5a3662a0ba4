"""A whole desk for a test: the shipped simulated devices, a real store on disk, two holders, no router that answers."""

from __future__ import annotations

import io
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from station.adapters.camera.virtual import VirtualCameras
from station.adapters.clock import VirtualClock
from station.adapters.secrets.demo_signer import demo_root
from station.adapters.secrets.virtual import VirtualSecrets
from station.adapters.store import open_store
from station.app.build import key_name, open_desk
from station.app.demo_profile import DEMO_KEY, ENCODER, NOWHERE, demo_settings, fault_dial
from station.app.surroundings import Surroundings
from station.app.tray import CardTray
from station.domain.holder import AcademicLevel, Enrolment, Holder, Identifier, IdentifierKind
from station.domain.portrait import Portrait
from station.domain.workflow import Issuance
from station.ports.camera import Cameras
from station.ports.register import RegisterRow
from station.sandbox.faults import FaultDial
from station.services.desk import Desk
from station.settings import Settings

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
ONE_PASS: dict[str, Any] = {
    "printer": {"one_pass": True, "options": {"encoders": "contactless"}, "seconds_a_card": 0.0},
    "reader": {"encoder": ENCODER, "wait_s": 1.0},
}
"""Changes of the settings for a desk whose printer writes the chips, too."""


def quiet(step: str, share: float) -> None:
    """Take no notice of progress."""


def never() -> threading.Event:
    """Return a cancel that nobody sets."""
    return threading.Event()


@dataclass(frozen=True)
class TestDesk:
    """A desk and the hands around it."""

    __test__ = False

    desk: Desk
    dial: FaultDial
    tray: CardTray
    folder: Path

    @property
    def liga(self) -> Holder:
        """Return the first holder."""
        return found(self.desk, "051REB123")

    @property
    def martins(self) -> Holder:
        """Return the second holder."""
        return found(self.desk, "041REB390")

    def seat(self, seat: int) -> None:
        """Seat somebody before the demo's camera."""
        cameras = self.desk.devices.cameras
        assert isinstance(cameras, VirtualCameras)
        cameras.seat(seat)

    def portrayed(self, holder: Holder | None = None) -> Issuance:
        """Return an issuance that has its portrait."""
        issuance = self.desk.begin(holder or self.liga)
        return self.desk.accept_portrait(issuance, a_portrait(issuance.holder_id))

    def encoded(self, holder: Holder | None = None) -> Issuance:
        """Return an issuance whose chip is written."""
        return self.desk.encode(self.portrayed(holder), cancel=never(), progress=quiet)

    def printed(self, holder: Holder | None = None) -> Issuance:
        """Return an issuance whose card came out."""
        issuance = self.encoded(holder)
        card = self.desk.render(issuance)
        return self.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)

    def verified(self, holder: Holder | None = None) -> Issuance:
        """Return an issuance whose card was checked."""
        return self.desk.verify(self.printed(holder), cancel=never())


def found(desk: Desk, number: str) -> Holder:
    """Return a holder that must be there."""
    holder = desk.store.holders.by_student_number(number)
    assert holder is not None
    return holder


def a_holder(number: str, given: str, family: str, *, email: str | None = "x@rpu.example") -> Holder:
    """Return a complete holder of the demo's institution."""
    esi = f"urn:schac:personalUniqueCode:int:esi:rpu.example:{number}"
    enrolment = Enrolment(
        programme="Datorzinātne", faculty="DITF", level=AcademicLevel.MASTER, ends_on=date(2028, 6, 30)
    )
    return Holder(
        id=uuid.uuid5(uuid.NAMESPACE_URL, number).hex,
        institution="rpu",
        given_names=given,
        family_name=family,
        student_number=number,
        email=email,
        identifiers=(Identifier(IdentifierKind.ESI, esi, "register", preferred=True),),
        enrolments=(enrolment,),
    )


def a_portrait(holder_id: str) -> Portrait:
    """Return a small portrait."""
    data = io.BytesIO()
    Image.new("RGB", (350, 450), (120, 140, 160)).save(data, "JPEG")
    return Portrait(uuid.uuid4().hex, holder_id, data.getvalue(), 350, 450, NOW)


def desk_settings(folder: Path, **changes: object) -> Settings:
    """Return the demo's settings with parts of sections changed: ``chip={"profile": "none"}``."""
    settings = demo_settings(folder, NOWHERE)
    parts = {
        name: replace(getattr(settings, name), **update) if isinstance(update, dict) else update
        for name, update in changes.items()
    }
    parts.setdefault("printer", replace(settings.printer, seconds_a_card=0.0))
    # By hand, so that a test can rest on the photo page; the tests of automatic capture switch it on.
    parts.setdefault("photo", replace(settings.photo, auto_capture=False))
    return replace(settings, **parts)


@cache
def _store_of_two_people() -> bytes:
    """Return the file of a store with its tables and its people; made once, as that takes longer than most tests."""
    people = [a_holder("051REB123", "Līga", "Bērziņa-Šķēle"), a_holder("041REB390", "Mārtiņš", "Ģērmanis")]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "two-people.db"
        store = open_store(file)
        plan = store.holders.plan_import([RegisterRow(holder) for holder in people], "test")
        store.holders.apply_import(plan, "test", NOW)
        store.close()
        return file.read_bytes()


@contextmanager
def open_test_desk(folder: Path, *, cameras: Cameras | None = None, **changes: object) -> Iterator[TestDesk]:
    """Open a desk with its data in ``folder``; opened again, it finds what it left. Cameras are the demo's, or real."""
    with ExitStack() as closing:
        dial = fault_dial(folder)
        clock = VirtualClock(dial)
        settings = desk_settings(folder, **changes)
        keys = VirtualSecrets(demo=True)
        keys.set(key_name(settings), DEMO_KEY.encode())
        tray = CardTray(folder / "cards-in-hand", dial, encoder=settings.printer.one_pass)
        around = Surroundings(
            data=folder,
            clock=clock,
            faults=dial,
            cameras=lambda: cameras or VirtualCameras(clock, dial),
            readers=lambda: tray.readers,
            secrets=lambda: keys,
            hands=tray.hand,
            feeds=tray.lay_in_feeder,
            moved=tray.moved,
            roots=(demo_root(),),
        )
        file = settings.store.path
        if file is not None and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(_store_of_two_people())
        desk = closing.enter_context(open_desk(settings, around))
        yield TestDesk(desk, dial, tray, folder)
