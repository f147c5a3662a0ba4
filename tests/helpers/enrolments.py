"""Stations that are enrolled in tests; run as a program, one that enrols itself the moment it is told to.

python -m tests.helpers.enrolments DATABASE NAME CODE        prints "ready", waits for a line, enrols, prints JSON
"""

from __future__ import annotations

import json
import sys

from station.adapters.clock import SystemClock
from station.adapters.secrets.virtual import VirtualSecrets
from station.adapters.store import open_store
from station.domain.errors import StationError
from station.ports.clock import Clock
from station.ports.enrolment import EnrolmentStore
from station.ports.secrets import Secrets
from station.services.enrolment import Enrolment, Place
from tests.helpers.scribe import PIC

TOKEN = "station-token:test"


def enrolment(
    store: EnrolmentStore,
    name: str,
    clock: Clock,
    *,
    keys: Secrets | None = None,
    prefixes: tuple[tuple[str, int], ...] = ((PIC, 0),),
) -> Enrolment:
    """Return what enrols a computer that has ``keys``, and none before."""
    place = Place(name, "Ilze", TOKEN, prefixes)
    return Enrolment(store, clock, VirtualSecrets(demo=True) if keys is None else keys, place)


def main(address: str, name: str, code: str) -> None:
    """Enrol, and print what came of it."""
    store = open_store(address, station=name)
    coming = enrolment(store.enrolment, name, SystemClock())
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        station = coming.enrol(code)
        print(json.dumps({"name": station.name, "prefixes": dict(station.prefixes)}), flush=True)
    except StationError as error:
        print(json.dumps({"error": error.code, "what": str(error)}), flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
