"""What other desks have written, brought to the window: a thread listens, what it hears is gathered a moment."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QTimer, Signal

from station.ports.news import StoreNews, Topic
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk

GATHER_MS = 300


class NewsModel(QObject):
    """Say what to read anew. ``cards`` carries the ids of those whose cards have changed, none for anybody's."""

    queue = Signal()
    people = Signal()
    printers = Signal()
    cards = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self._lock = threading.Lock()
        self._heard: set[StoreNews] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self._tell)

    def start(self) -> None:
        """Listen until the window is closed; where nobody else can write there is nothing to hear."""
        news = self._desk.news
        if news is not None:
            self._tasks.run(Lane.NEWS, lambda cancel: news.follow(self._hear, cancel=cancel))

    def _hear(self, news: StoreNews) -> None:
        """Take it in on the listener's thread. The worker hears of it at once: a card may wait to be sent."""
        if news.topic in (Topic.QUEUE, Topic.EVERYTHING):
            self._desk.outbox.queue_changed()
        if news.topic in (Topic.PEOPLE, Topic.EVERYTHING):
            self._desk.outbox.records_changed()
        with self._lock:
            first = not self._heard
            self._heard.add(news)
        if first:
            self._tasks.post(self._timer.start)

    def _tell(self) -> None:
        with self._lock:
            heard, self._heard = self._heard, set()
        topics = {news.topic for news in heard}
        everything = Topic.EVERYTHING in topics
        for topic, signal in ((Topic.QUEUE, self.queue), (Topic.PEOPLE, self.people), (Topic.PRINTERS, self.printers)):
            if everything or topic in topics:
                signal.emit()
        if everything or Topic.CARDS in topics:
            ids = frozenset(news.holder_id for news in heard if news.topic is Topic.CARDS)
            self.cards.emit(frozenset() if everything else ids)
