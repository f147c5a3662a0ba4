"""Send what is in a queue file: each person's entries in their order, several persons at the same time."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from station.domain.errors import N_, RouterError, RouterGoneError, RouterKeyError, StationError
from station.domain.outbox import FINAL, UPLOADS, OutboxEntry, OutboxKind
from station.domain.station_errors import QueueFileError
from station.ports.router import Crew, RouterCardStatus
from station.ports.tasks import Cancel, Progress
from station.services.outbox_lane import plain
from station.services.outbox_sending import Sender
from station.services.queue_file import QueueBody, Result
from station.services.registration import card_of, person_of


class CourierRun:
    """What is sent of a queue file: each person's entries in their order, several persons at the same time."""

    def __init__(self, sender: Sender, crew: Crew) -> None:
        self._sender, self._crew = sender, crew
        self._back: queue.SimpleQueue[list[Result]] = queue.SimpleQueue()
        self._stopped: list[StationError] = []
        self.blocked: set[str] = set()
        """Numbers of cards that are blocked at the router, and that the file would have put into use again."""

    def send(
        self, queues: Sequence[Sequence[tuple[OutboxEntry, str]]], cancel: Cancel, progress: Progress
    ) -> tuple[list[Result], StationError | None]:
        """Return what was answered, and why not all was sent."""
        results: list[Result] = []
        for each in queues:
            self._crew.submit(partial(self._work, each, cancel))
        for number in range(len(queues)):
            progress("", number / len(queues))
            results += self._back.get()
        return results, self._stopped[0] if self._stopped else None

    def _work(self, entries: Sequence[tuple[OutboxEntry, str]], cancel: Cancel) -> None:
        results: list[Result] = []
        try:
            self._person(entries, cancel, results)
        finally:
            self._back.put(results)  # whatever happens, somebody waits for it

    def _person(self, entries: Sequence[tuple[OutboxEntry, str]], cancel: Cancel, results: list[Result]) -> None:
        """Send a person's entries until one is not accepted: what comes after it would not be either."""
        # The last of each card in the file: what it says before that is over by the time that the file has gone out.
        last = {entry.escn: entry for entry, _content in entries if entry.kind is OutboxKind.CARD}
        for entry, content in entries:
            if cancel.is_set() or self._stopped or self._is_blocked_since(entry, last):
                break
            answer = self._sender.send(entry)
            error = answer.error
            if isinstance(error, RouterKeyError) or (
                isinstance(error, RouterError) and (error.retryable or answer.is_about_the_key)
            ):
                self._stopped.append(error)  # everybody would be answered so
                break
            said = {"did": ""} | answer.said if error is None else _told(error)
            what = "" if error is None else error.what
            results.append(
                Result(
                    key=entry.key,
                    content=content,
                    done=error is None,
                    answer=what,
                    said=said,  # type: ignore[arg-type]  # pydantic looks at it
                    router_at=answer.router_at,
                )
            )
            if error is not None:
                break

    def _is_blocked_since(self, entry: OutboxEntry, last: dict[str, OutboxEntry]) -> bool:
        """Tell whether an entry would put a card into use that the router has as blocked.

        The file may be days old, and the card lost since: the router can't tell which of the two is newer, only the
        card's own station can.
        """
        if entry.kind is not OutboxKind.CARD or last[entry.escn].payload["status"] != RouterCardStatus.ACTIVE:
            return False
        answer = self._sender.send(replace(entry, kind=OutboxKind.STATUS))
        if isinstance(answer.error, RouterError) and answer.error.retryable:
            self._stopped.append(answer.error)
            return True
        if answer.said.get("status") != RouterCardStatus.INACTIVE:
            return False
        self.blocked.add(entry.escn)
        return True

    def close(self) -> None:
        """Send the crew home."""
        self._crew.close()


def _told(error: StationError) -> dict[str, object]:
    """Return an error as it travels; an anonymised person is so for ever."""
    final = {FINAL: True} if isinstance(error, RouterGoneError) else {}
    return {name: value[:2000] if isinstance(value, str) else value for name, value in plain(error).items()} | final


def queues_of(body: QueueBody, name: str) -> list[list[tuple[OutboxEntry, str]]]:
    """Return each person's entries in their order; nothing is sent of a file in which one can't be right.

    Raises:
        QueueFileError: one entry could be told to no router; ``name`` is what the message calls the file.
    """
    found: dict[str, list[tuple[OutboxEntry, str]]] = {}
    # The order of a file proves nothing: it was written by another program, perhaps a later one.
    for each in sorted(body.entries, key=lambda entry: entry.sequence):
        entry = OutboxEntry(
            key=each.key,
            lane=UPLOADS,
            kind=each.kind,
            order_key=each.order_key,
            payload=dict(each.payload),
            created_at=body.made_at,
            escn=each.escn,
            sequence=each.sequence,
        )
        try:
            # All of the file before the first is sent: what half a file would leave behind nobody could sort out.
            _look(entry)
        except (KeyError, ValueError) as error:
            raise QueueFileError(file=name, detail=STRANGE_ENTRY) from error
        found.setdefault(each.order_key, []).append((entry, each.content))
    return list(found.values())


def _look(entry: OutboxEntry) -> None:
    """Raise KeyError or ValueError for what could not be told."""
    match entry.kind:
        case OutboxKind.PERSON:
            person_of(entry.payload)
        case OutboxKind.CARD:
            if card_of(entry.payload).escn != entry.escn:
                raise ValueError(entry.escn)
        case OutboxKind.PICTURE:
            str(entry.payload["portrait"])
        case OutboxKind.STATUS:
            raise ValueError(entry.kind)
        case _:
            str(entry.payload["esi"])


STRANGE_ENTRY = N_("something in it can't be told to any router")
