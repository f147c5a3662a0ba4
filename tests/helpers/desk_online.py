"""A whole desk for a test, with a real sandbox that it tells its cards to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.app.demo_profile import DEMO_KEY
from station.ports.router import RouterPerson
from station.sandbox.process import SandboxProcess
from station.sandbox.router.config import SandboxConfig
from station.services.registration import card_of, card_payload
from tests.helpers.desks import TestDesk, desk_settings, open_test_desk
from tests.helpers.finished_cards import POLICY, a_card, a_student
from tests.helpers.sandbox import OTHER_KEY, OTHER_PIC


@dataclass(frozen=True)
class OnlineDesk:
    """A desk, and the address of the router that it talks to."""

    bench: TestDesk
    address: str

    def card_elsewhere(self) -> str:
        """Have another institution register a card; return its number."""
        student = a_student(77)
        card = a_card(student)
        escn = card.escn[:-9] + OTHER_PIC
        router = HttpRouter(
            RouterAddress(self.address, timeout_s=20), pic=OTHER_PIC, institution="Other", key=OTHER_KEY.encode
        )
        try:
            router.put_person(RouterPerson(student.esi or "", student.full_name, None, OTHER_PIC))
            payload = {**card_payload(card, student, POLICY), "escn": escn, "pic": OTHER_PIC}
            router.put_card(card_of(payload))
        finally:
            router.close()
        return escn


@contextmanager
def open_online_desk(folder: Path) -> Iterator[OnlineDesk]:
    """Open a desk with its data in ``folder``, beside a sandbox that knows its institution and another one."""
    folder.mkdir(parents=True, exist_ok=True)
    institution = desk_settings(folder).institution
    names = {institution.pic: institution.name, OTHER_PIC: "Another University"}
    config = SandboxConfig(
        database=folder / "router.sqlite", keys={DEMO_KEY: institution.pic, OTHER_KEY: OTHER_PIC}, names=names, port=0
    )
    with (
        SandboxProcess(config, folder / "router-faults.json") as process,
        open_test_desk(folder / "desk", router={"url": process.address + "/api/v2"}) as bench,
    ):
        yield OnlineDesk(bench, process.address)
