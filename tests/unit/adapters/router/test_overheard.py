"""What is asked of the router beside the queue is passed on as it is, and how it was answered is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.adapters.router.overheard import overheard
from station.domain.errors import RouterError, RouterNotFoundError, RouterUnreachableError
from tests.helpers.sandbox import PIC, RunningSandbox, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


def test_answers_are_passed_on_and_told(sandbox: RunningSandbox) -> None:
    told: list[RouterError | None] = []
    with sandbox.client() as client:
        router = overheard(client, told.append)
        assert router.base_url == client.base_url
        assert router.cards(0, pic=PIC).total == 0
        assert router.told_at() is not None
        with pytest.raises(RouterNotFoundError):
            router.card_status("00000000-0000-1000-8000-000000000000")
    assert [type(each) for each in told] == [type(None), RouterNotFoundError]


def test_that_nobody_answers_is_told(tmp_path: Path) -> None:
    told: list[RouterError | None] = []
    with running_sandbox(tmp_path) as running, running.client(timeout_s=20) as client:
        running.process.stop()
        with pytest.raises(RouterUnreachableError):
            overheard(client, told.append).ping()
    (error,) = told
    assert isinstance(error, RouterUnreachableError)
