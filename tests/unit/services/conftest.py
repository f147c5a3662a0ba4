"""A desk for each test of the services, and a router that it may be told to behave badly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.desks import TestDesk, open_test_desk
from tests.helpers.http_server import scripted_server
from tests.helpers.router_bench import RouterBench
from tests.helpers.sandbox import RunningSandbox, running_sandbox


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    """Yield a desk on simulated devices."""
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """Yield the sandbox of a file's tests, in a process of its own."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def router_bench(tmp_path: Path, sandbox: RunningSandbox) -> Iterator[RouterBench]:
    """Yield finished cards and their outbox before the sandbox, with a server between them that keeps to a script."""
    with scripted_server(sandbox.address) as server:
        bench = RouterBench(tmp_path, server)
        yield bench
        bench.close()
