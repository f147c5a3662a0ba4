"""The router that is made when it is first needed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from station.adapters.router.address import RouterAddress
from station.adapters.router.deferred import ClosableRouter, DeferredRouter
from station.adapters.router.http import HttpRouter
from station.domain.errors import ProfileError, RouterUnreachableError
from tests.helpers.desks import open_test_desk

NOWHERE = "http://127.0.0.1:9"


def router() -> HttpRouter:
    return HttpRouter(RouterAddress(NOWHERE), pic="999000001", institution="Example", key=lambda: b"key")


def test_it_is_made_once_when_first_asked_and_closed_only_then() -> None:
    made: list[ClosableRouter] = []

    def make() -> ClosableRouter:
        made.append(router())
        return made[-1]

    deferred = DeferredRouter(make)
    deferred.close()
    assert made == []
    asking = [threading.Thread(target=lambda: deferred.base_url) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(made) == 1
    assert deferred.base_url == NOWHERE
    with pytest.raises(RouterUnreachableError):
        deferred.ping()
    deferred.close()
    # Whoever is still on the way when the station stops learns nothing, and blames no entry for it.
    with pytest.raises(RouterUnreachableError):
        deferred.ping()


def test_what_could_not_be_made_is_tried_again() -> None:
    answers: list[ClosableRouter | RouterUnreachableError] = [RouterUnreachableError(detail="not yet"), router()]

    def make() -> ClosableRouter:
        answer = answers.pop(0)
        if isinstance(answer, RouterUnreachableError):
            raise answer
        return answer

    deferred = DeferredRouter(make)
    with pytest.raises(RouterUnreachableError):
        deferred.card_status("x")
    assert deferred.base_url == NOWHERE
    deferred.close()


@pytest.mark.parametrize(
    "wrong", [{"url": "http://router.example/x"}, {"url": "https://router.example/x", "ca_file": Path("no-such.pem")}]
)
def test_what_has_to_be_corrected_is_said_when_the_desk_opens(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ProfileError, match=r"router\."), open_test_desk(tmp_path, router=wrong):
        pytest.fail("a desk was opened with a router that can't be used")
