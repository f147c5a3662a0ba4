"""What a station process does that drains an outbox on a server's database, for tests that run several at once."""

from __future__ import annotations

import sys
import threading

from station.adapters.clock import SystemClock
from station.adapters.router.address import RouterAddress
from station.adapters.router.crew import ThreadCrew
from station.adapters.router.http import HttpRouter
from station.adapters.store import open_store
from station.services.outbox_worker import OutboxWorker, WorkerOptions
from tests.helpers.sandbox import KEY, PIC


def main(store_address: str, router_address: str, name: str) -> int:
    """Wait for a line on standard input, drain the outbox until it is empty, and print how many were sent."""
    store = open_store(store_address, station=name)
    router = HttpRouter(RouterAddress(router_address, timeout_s=20), pic=PIC, institution="Test", key=KEY.encode)
    worker = OutboxWorker(store, router, SystemClock(), WorkerOptions(crew=lambda: ThreadCrew(8)))
    print("ready", flush=True)
    sys.stdin.readline()
    sent = 0
    while store.outbox.summary().waiting:
        sent += worker.run_once(threading.Event()).sent
    print(sent, flush=True)
    router.close()
    store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
