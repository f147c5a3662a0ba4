"""HTTP/2, against a server made of the protocol library alone: many at once on one connection, and its sudden end."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.domain.errors import RouterUnreachableError
from tests.helpers.certificates import self_signed
from tests.helpers.http2_server import http2_server
from tests.helpers.http_server import Answer, scripted_server
from tests.unit.adapters.router.test_http import ESI, KEY, PERSON, PIC


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return self_signed(tmp_path)


def context_of(files: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


@contextmanager
def client_of(address: str, ca_file: Path) -> Iterator[HttpRouter]:
    router = HttpRouter(
        RouterAddress(address, ca_file=ca_file, timeout_s=20), pic=PIC, institution="X", key=lambda: KEY
    )
    try:
        yield router
    finally:
        router.close()


class Persons:
    """A router that knows persons: the second time it says 409, as the real one does."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: dict[str, bytes] = {}
        self.told = 0

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        with self.lock:
            if method == "POST":
                person = json.loads(body)
                if person["identifier"] in self.known:
                    return 409, b'{"code":"ER-0019","message":"exists"}'
                view = person["personOrganisationUpdateViews"][0]
                kept = {
                    "identifier": person["identifier"],
                    "organisations": [
                        {
                            "fullName": view["fullName"],
                            "contactPoint": {"email": view["email"]},
                            "organisation": {"identifier": view["organisationIdentifier"]},
                        }
                    ],
                }
                self.known[person["identifier"]] = json.dumps(kept).encode()
                self.told += 1
                return 201, self.known[person["identifier"]]
            found = next((v for k, v in self.known.items() if k.replace(":", "%3A") in path), None)
            return (200, found) if found is not None else (200, b'{"content":[],"page":{}}')


def tell_many(router: HttpRouter, numbers: Sequence[int]) -> list[str | BaseException]:
    """Tell of these persons, each in a thread of its own."""
    found: list[str | BaseException] = [""] * len(numbers)

    def tell(place: int, number: int) -> None:
        try:
            found[place] = router.put_person(replace(PERSON, esi=f"{ESI}{number}x"))
        except BaseException as error:
            found[place] = error

    threads = [threading.Thread(target=tell, args=each) for each in enumerate(numbers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_all_share_one_connection_at_the_same_time(files: tuple[Path, Path]) -> None:
    persons = Persons()
    with http2_server(context_of(files), persons.answer) as server, client_of(server.address, files[0]) as router:
        router.ping()
        assert tell_many(router, range(40)) == ["created"] * 40
        assert (server.connections, server.requests, persons.told) == (1, 41, 40)


@pytest.mark.parametrize("after", [5, 17])
def test_a_connection_that_is_ended_in_the_middle_loses_nothing(files: tuple[Path, Path], after: int) -> None:
    persons = Persons()
    with (
        http2_server(context_of(files), persons.answer, goaway_after=after) as server,
        client_of(server.address, files[0]) as router,
    ):
        router.ping()
        left = list(range(30))
        for _each in range(100):  # what could not be told at once is told again, as the outbox does
            results = tell_many(router, left)
            assert {type(result) for result in results} <= {str, RouterUnreachableError}
            left = [number for number, result in zip(left, results, strict=True) if not isinstance(result, str)]
            if not left:
                break
        assert left == []
        assert persons.told == 30
        assert server.connections > 1


def test_one_end_alone_is_not_even_noticed(files: tuple[Path, Path]) -> None:
    persons = Persons()
    with (
        http2_server(context_of(files), persons.answer, goaway_after=3) as server,
        client_of(server.address, files[0]) as router,
    ):
        results = [_told(router, number) for number in range(6)]
    # The fourth was done, and its answer lost with the connection: told again it is the same. So with the sixth.
    assert results == ["created", "created", "created", "same", "created", "same"]
    assert server.connections >= 2


def test_a_server_without_http2_gets_connections_of_its_own_kind(files: tuple[Path, Path]) -> None:
    with scripted_server(tls=context_of(files)) as server, client_of(server.address, files[0]) as router:
        server.script.extend([Answer(200, b'{"content":[],"page":{}}')] * 3)
        for _each in range(3):
            router.ping()
        assert len(server.heard) == 3
        assert "network-http2" not in {thread.name for thread in threading.enumerate()}


def test_closing_ends_what_is_on_its_way(files: tuple[Path, Path]) -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def answer(_method: str, path: str, _body: bytes) -> tuple[int, bytes]:
        if "page" not in path:
            asked.set()
            may_answer.wait(20)
        return 200, b'{"content":[],"page":{}}'

    with http2_server(context_of(files), answer) as server:
        with client_of(server.address, files[0]) as router:
            router.ping()
            found: list[object] = []
            thread = threading.Thread(target=lambda: found.append(_told(router, 1)))
            thread.start()
            assert asked.wait(20)
            begun = time.monotonic()
        thread.join(20)
        assert isinstance(found[0], RouterUnreachableError)
        assert time.monotonic() - begun < 10
        may_answer.set()


def test_a_server_whose_certificate_is_not_trusted_gets_no_key(files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    others = self_signed(tmp_path / "other")
    persons = Persons()
    with http2_server(context_of(files), persons.answer) as server, client_of(server.address, others[0]) as router:
        with pytest.raises(RouterUnreachableError, match="not trusted"):
            router.ping()
        assert server.requests == 0


def _told(router: HttpRouter, number: int) -> str | RouterUnreachableError:
    try:
        return router.put_person(replace(PERSON, esi=f"{ESI}{number}x"))
    except RouterUnreachableError as error:
        return error
