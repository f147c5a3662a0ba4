"""What news must do: tell what others have written, nothing of our own, and end when asked."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import make_url

from station.adapters.news import NoNews, PostgresNews
from station.adapters.store import SqlStore, open_store
from station.adapters.store.news import ORIGIN, read, written
from station.domain.workflow import Began
from station.ports.news import News, StoreNews, Topic
from station.ports.store import ConsentRecord, Withdrawal
from tests.helpers.postgres import PostgresServer
from tests.helpers.scribe import NOON, Scribe, keep, row

PATIENCE_S = 20
Heard = queue.Queue[StoreNews]


@contextmanager
def following(news: News) -> Iterator[Heard]:
    """Follow in a thread; ends it afterwards."""
    heard: Heard = queue.Queue()
    cancel = threading.Event()
    thread = threading.Thread(target=lambda: news.follow(heard.put, cancel=cancel))
    thread.start()
    try:
        yield heard
    finally:
        cancel.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_where_nobody_else_writes_there_are_no_news() -> None:
    told: list[StoreNews] = []
    NoNews().follow(told.append, cancel=threading.Event())
    assert told == []


def test_news_come_over_the_wire_as_they_are() -> None:
    for news in (StoreNews(Topic.QUEUE), StoreNews(Topic.CARDS, "id:with:colons")):
        assert read(written(news, "another")) == news


@pytest.mark.parametrize(
    "payload",
    [written(StoreNews(Topic.QUEUE)), "", "x", "x:unheard-of:id-1", f"{ORIGIN}:queue:"],
    ids=["ours", "nothing", "no news", "another topic", "of all"],
)
def test_our_own_words_and_what_is_not_understood_are_no_news(payload: str) -> None:
    assert read(payload) is None


@pytest.fixture
def address(postgres: PostgresServer) -> Iterator[str]:
    with ExitStack() as closing:
        name = postgres.new_database()
        closing.callback(postgres.drop, name)
        yield postgres.url(name)


def _import(store: SqlStore) -> None:
    keep(store, row("1"))


def _begin(store: SqlStore) -> None:
    Scribe(store, holder_id="id-7").until(Began)


def _withdraw(store: SqlStore) -> None:
    store.consents.withdraw(Withdrawal(ConsentRecord("id-8", "1", "lv", "export", NOON, withdrawn_at=NOON), ()))


def _hand_over(store: SqlStore) -> None:
    Scribe(store, holder_id="id-9").hand_over()


@pytest.mark.bench_postgres
@pytest.mark.parametrize(
    ("write", "wanted"),
    [
        (_import, StoreNews(Topic.PEOPLE)),
        (_begin, StoreNews(Topic.CARDS, "id-7")),
        (_withdraw, StoreNews(Topic.QUEUE)),
        (_hand_over, StoreNews(Topic.QUEUE)),
    ],
)
def test_what_another_station_writes_is_news(
    address: str, write: Callable[[SqlStore], None], wanted: StoreNews
) -> None:
    with ExitStack() as closing:
        store = open_store(address)
        closing.callback(store.close)
        heard = closing.enter_context(following(PostgresNews(make_url(address), "Desk 2", origin="another")))
        assert heard.get(timeout=PATIENCE_S) == StoreNews(Topic.EVERYTHING)
        write(store)
        while heard.get(timeout=PATIENCE_S) != wanted:
            pass


@pytest.mark.bench_postgres
def test_what_a_station_writes_itself_is_no_news(address: str) -> None:
    with ExitStack() as closing:
        store = open_store(address)
        closing.callback(store.close)
        heard = closing.enter_context(following(PostgresNews(make_url(address), "Desk 1")))
        other = closing.enter_context(following(PostgresNews(make_url(address), "Desk 2", origin="another")))
        for each in (heard, other):
            assert each.get(timeout=PATIENCE_S) == StoreNews(Topic.EVERYTHING)
        _begin(store)
        assert other.get(timeout=PATIENCE_S) == StoreNews(Topic.CARDS, "id-7")
        assert heard.empty()


@pytest.mark.bench_postgres
def test_after_an_interruption_everything_may_be_new(address: str, postgres: PostgresServer) -> None:
    with following(PostgresNews(make_url(address), "Desk 1")) as heard:
        assert heard.get(timeout=PATIENCE_S) == StoreNews(Topic.EVERYTHING)
        postgres.cut_off("Desk 1")
        assert heard.get(timeout=PATIENCE_S) == StoreNews(Topic.EVERYTHING)
