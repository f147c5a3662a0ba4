"""An answer that never ends holds nobody for ever, and fills no memory."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest

from station.adapters.router import bounds
from station.adapters.router.address import RouterAddress
from station.adapters.router.bounds import LARGEST, Bounds
from station.adapters.router.http import HttpRouter
from station.domain.errors import RouterUnreachableError
from tests.helpers.certificates import self_signed
from tests.helpers.http2_server import http2_server
from tests.helpers.http_server import Answer, Drip, scripted_server
from tests.unit.adapters.router.test_http import KEY, PIC


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Take a second for a whole answer, and as long as ever for a piece; ``undo`` is patient again."""
    monkeypatch.setattr(bounds, "TIMES_MAX", 0.05)
    return monkeypatch


def request(wait_s: float | None) -> httpx.Request:
    return httpx.Request("GET", "https://router.example", extensions={"timeout": {"read": wait_s}})


def a_router(address: str, ca_file: Path | None = None) -> HttpRouter:
    at = RouterAddress(address, ca_file=ca_file, timeout_s=20)
    return HttpRouter(at, pic=PIC, institution="X", key=lambda: KEY)


def test_what_comes_in_time_is_taken_as_it_is() -> None:
    counted = Bounds(request(60.0))
    assert counted.whole_s == 240.0
    assert [counted.take(part) for part in (b"a", b"", b"bc")] == [b"a", b"", b"bc"]


def test_what_comes_too_late_is_refused() -> None:
    with pytest.raises(httpx.ReadTimeout):
        Bounds(request(-1.0)).take(b"a")


def test_who_sets_no_time_waits_as_long_as_it_takes() -> None:
    counted = Bounds(request(None))
    assert counted.whole_s is None
    assert counted.take(b"a") == b"a"


def test_an_answer_may_be_as_large_as_the_largest() -> None:
    counted = Bounds(request(60.0))
    assert len(counted.take(bytes(LARGEST))) == LARGEST
    with pytest.raises(httpx.DecodingError):
        counted.take(b"a")


def test_an_answer_that_drips_is_given_up_and_its_connection_with_it(impatient: pytest.MonkeyPatch) -> None:
    with scripted_server() as server:
        router = a_router(server.address)
        server.script.append(Drip())
        with pytest.raises(RouterUnreachableError):
            router.ping()
        impatient.undo()
        router.ping()  # what is left of it is no part of the next answer
        assert len(server.heard) == 2
        router.close()


@pytest.mark.usefixtures("impatient")
def test_over_http_2_too(tmp_path: Path) -> None:
    files = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with http2_server(context, lambda _method, _path, _body: (200, b"{}")) as server:
        server.drips = True
        router = a_router(server.address, files[0])
        with pytest.raises(RouterUnreachableError):
            router.ping()
        assert server.requests <= 1, "it was asked again"
        router.close()


def test_an_answer_that_is_too_large_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LARGEST", 1000)
    with scripted_server() as server:
        router = a_router(server.address)
        server.script.append(Answer(200, b" " * 1001))
        with pytest.raises(RouterUnreachableError):
            router.ping()
        router.ping()
        router.close()
