"""What other desks write is read anew here: once for many words, the right things, and by the worker at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from station.ports.news import StoreNews, Topic
from station.ports.tasks import Cancel, Lane
from station.ui.viewmodels.news import NewsModel
from tests.helpers.window import Bench


class FakeNews:
    """News that a test tells."""

    def __init__(self) -> None:
        self.told: Callable[[StoreNews], None] | None = None
        self.thread = ""
        self.ended = threading.Event()

    def follow(self, told: Callable[[StoreNews], None], *, cancel: Cancel) -> None:
        """Let the test tell until the window is closed."""
        self.thread, self.told = threading.current_thread().name, told
        cancel.wait(60)
        self.ended.set()


@pytest.fixture
def news(bench: Bench) -> Iterator[FakeNews]:
    fake = FakeNews()
    object.__setattr__(bench.hands.desk, "news", fake)
    bench.models.news.start()
    bench.until(lambda: fake.told)
    yield fake
    bench.tasks.close()
    assert fake.ended.is_set()


def heard(model: NewsModel) -> list[object]:
    """Return the list to which everything goes that is said from now on."""
    said: list[object] = []
    model.queue.connect(lambda: said.append("queue"))
    model.people.connect(lambda: said.append("people"))
    model.printers.connect(lambda: said.append("printers"))
    model.cards.connect(said.append)
    return said


def tell(news: FakeNews, *words: StoreNews) -> None:
    """Tell it as the listener's thread does."""
    told = news.told
    assert told is not None
    thread = threading.Thread(target=lambda: [told(each) for each in words])
    thread.start()
    thread.join()


def test_it_is_listened_to_on_a_thread_of_its_own(news: FakeNews) -> None:
    assert news.thread == "lane-news"


def test_many_words_are_one_look(bench: Bench, news: FakeNews) -> None:
    said = heard(bench.models.news)
    tell(news, *[StoreNews(Topic.QUEUE)] * 50, StoreNews(Topic.CARDS, "a"), StoreNews(Topic.CARDS, "b"))
    bench.until(lambda: len(said) == 2)
    assert said == ["queue", frozenset({"a", "b"})]
    tell(news, StoreNews(Topic.PRINTERS))
    bench.until(lambda: len(said) == 3)
    assert said[2:] == ["printers"]


def test_after_an_interruption_everything_is_read_anew(bench: Bench, news: FakeNews) -> None:
    said = heard(bench.models.news)
    tell(news, StoreNews(Topic.CARDS, "a"), StoreNews(Topic.EVERYTHING))
    bench.until(lambda: len(said) == 4)
    assert said == ["queue", "people", "printers", frozenset()]


def test_a_register_that_another_desk_imported_is_searched_at_once(bench: Bench, news: FakeNews, qtbot: QtBot) -> None:
    search = bench.models.search
    search.search("Kalniņš")
    bench.until(lambda: search.nothing_found)
    with qtbot.waitSignal(search.changed):
        tell(news, StoreNews(Topic.PEOPLE))


def test_where_nobody_listens_nothing_happens(bench: Bench) -> None:
    object.__setattr__(bench.hands.desk, "news", None)
    bench.models.news.start()
    assert Lane.NEWS not in bench.tasks._workers
