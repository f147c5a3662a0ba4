"""A station process that does the store's part of cards and nothing else: how many desks does a database bear?"""

from __future__ import annotations

import json
import random
import sys
import time
import uuid
from dataclasses import replace
from pathlib import Path

from sqlalchemy import make_url

from station.adapters.claims import PostgresClaims
from station.adapters.clock import SystemClock
from station.adapters.store import open_store
from station.app.demo_profile import NOWHERE, demo_settings
from station.domain.card import RouterCardType
from station.domain.holder import Holder
from station.domain.workflow import EncodeBegun, Encoded, PrintBegun, Printed, Verified
from station.services.issuance import IssuanceService
from station.services.journal import Journal, Who
from station.services.numbers import EscnIssuer
from station.services.serving import Serving
from tests.helpers.desks import a_portrait
from tests.helpers.shared_desk import student


class StorePart:
    """A desk whose devices take no time."""

    def __init__(self, address: str, name: str, prefix: int) -> None:
        self.store, self.claims = open_store(address, station=name), PostgresClaims(make_url(address), name)
        clock, settings = SystemClock(), demo_settings(Path(), NOWHERE)
        institution = settings.institution
        self.journal = Journal(self.store, clock, Who("Anna", name), self.claims)
        bits = random.Random(prefix).getrandbits
        numbers = EscnIssuer(self.store.escns, clock, prefix=prefix, pic=institution.pic, random_bits=bits)
        self.issuances = IssuanceService(self.journal, settings, {institution.key: numbers}, lambda: None)
        self.serving = Serving(self.claims)
        self._portrait = a_portrait("")

    def make(self, holder: Holder) -> None:
        """Take a card from its beginning to the hand-over: claim, nine steps, each durable, and what is to be told."""
        step, uid = self.journal.step, f"04{random.getrandbits(48):012X}"
        with self.serving.of(holder.id):
            issuance = self.issuances.begin(holder, self.issuances.plan("university/1"))
            portrait = replace(self._portrait, id=uuid.uuid4().hex, holder_id=holder.id)
            issuance = self.issuances.accept_portrait(issuance.id, portrait)
            for event in (
                EncodeBegun(uid, "reader"),
                Encoded(uid, RouterCardType.PASSIVE),
                PrintBegun(issuance.id, "printer"),
                Printed(issuance.id, "printer"),
                Verified(uid, issuance.escn, issuance.escn),
            ):
                issuance = step(issuance, event)
            self.issuances.hand_over(issuance.id)

    def close(self) -> None:
        """Let everything go."""
        self.claims.close()
        self.store.close()


def main(arguments: list[str]) -> int:
    """Make cards for so many seconds; print how long each took, and how busy the processor was."""
    address, name, number, first, seconds = arguments
    desk = StorePart(address, name, int(number))
    print("ready", flush=True)
    sys.stdin.readline()
    took_s: list[float] = []
    until, cpu_s = time.monotonic() + float(seconds), time.process_time()
    at = int(first)
    while (began := time.monotonic()) < until:
        desk.make(student(at))
        took_s.append(time.monotonic() - began)
        at += 1
    print(json.dumps({"took_s": took_s, "cpu_s": time.process_time() - cpu_s}), flush=True)
    desk.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
