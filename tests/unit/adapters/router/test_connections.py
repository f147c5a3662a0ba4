"""Connections: one a request at a time, used again, and never one with another request's answer in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from station.adapters.router import connections
from station.adapters.router.connections import Connections


class FakeWire(httpx.BaseTransport):
    """A connection that counts; ``trouble`` is raised by the next request."""

    made: list[FakeWire]
    trouble: Exception | None = None

    def __init__(self) -> None:
        self.asked, self.closed = 0, False
        FakeWire.made.append(self)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if FakeWire.trouble is not None:
            raise FakeWire.trouble
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    FakeWire.made, FakeWire.trouble = [], None
    with httpx.Client(transport=Connections(FakeWire), base_url="http://router.example") as client:
        yield client


def test_one_after_the_other_share_one(client: httpx.Client) -> None:
    for _each in range(3):
        assert client.get("/").json() == {}
    assert [wire.asked for wire in FakeWire.made] == [3]


def test_who_are_on_their_way_together_have_one_each(client: httpx.Client) -> None:
    request = client.build_request("GET", "/")
    first, second = client.send(request, stream=True), client.send(request, stream=True)
    first.close()
    second.close()
    client.get("/")
    assert sorted(wire.asked for wire in FakeWire.made) == [1, 2]


def test_one_that_failed_is_never_used_again(client: httpx.Client) -> None:
    FakeWire.trouble = httpx.ReadError("cut")
    with pytest.raises(httpx.ReadError):
        client.get("/")
    FakeWire.trouble = None
    client.get("/")
    assert [(wire.asked, wire.closed) for wire in FakeWire.made] == [(1, True), (1, False)]


def test_closing_closes_those_in_use_when_they_are_given_back(client: httpx.Client) -> None:
    in_use = client.send(client.build_request("GET", "/"), stream=True)
    client.get("/")
    client.close()
    assert sorted(wire.closed for wire in FakeWire.made) == [False, True]
    in_use.close()
    in_use.close()
    assert all(wire.closed for wire in FakeWire.made)


def test_those_that_nobody_needs_any_more_are_closed(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    request = client.build_request("GET", "/")
    for response in [client.send(request, stream=True) for _each in range(4)]:
        response.close()
    monkeypatch.setattr(connections, "IDLE_MAX_S", -1.0)
    client.get("/")
    assert sum(not wire.closed for wire in FakeWire.made) == 0
    assert client.get("/").status_code == 200


def test_many_threads_never_meet_on_one(client: httpx.Client) -> None:
    troubles: list[BaseException] = []

    def ask() -> None:
        try:
            for _each in range(50):
                client.get("/")
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=ask) for _each in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert sum(wire.asked for wire in FakeWire.made) == 16 * 50
    assert len(FakeWire.made) <= 16
