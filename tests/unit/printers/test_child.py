"""A process for code that can't be trusted: whatever it does, the asker hears of it, and can ask again."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from printers.child import (
    Child,
    ChildBusyError,
    ChildDiedError,
    ChildGarbageError,
    ChildHungError,
    read,
    write,
)


def serve(connection: Connection, name: str) -> None:
    """Do as it is told, the worst included."""
    while True:
        try:
            said, attachments = read(connection)
        except EOFError:
            return
        verb = said["verb"]
        if verb == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if verb == "leave":
            return
        if verb == "hang":
            threading.Event().wait()
        if verb == "half":
            connection.send_bytes(b'{"attachments": 0, "an')
        elif verb == "list":
            connection.send_bytes(b"[1, 2]")
        elif verb == "bytes":
            connection.send_bytes(bytes(range(256)))
        else:
            write(connection, {"name": name, "sizes": [len(each) for each in attachments], "pid": os.getpid(), **said})


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child(serve, "Primacy")
    yield child
    child.close()


def test_questions_and_attachments_are_answered_by_one_process(child: Child) -> None:
    first = child.ask("echo", 20, attachments=[b"", b"x" * 300_000], colour="red")
    assert (first["name"], first["sizes"], first["colour"]) == ("Primacy", [0, 300_000], "red")
    assert child.ask("echo", 20)["pid"] == first["pid"]
    assert first["pid"] != os.getpid()


@pytest.mark.parametrize(("verb", "told"), [("crash", "SIGSEGV"), ("leave", "exit status 0")])
def test_one_that_ends_says_how_and_is_replaced(child: Child, verb: str, told: str) -> None:
    before = child.ask("echo", 20)["pid"]
    with pytest.raises(ChildDiedError, match=told):
        child.ask(verb, 20)
    assert child.ask("echo", 20)["pid"] != before


def test_one_that_is_silent_is_ended_and_replaced(child: Child) -> None:
    before = int(str(child.ask("echo", 20)["pid"]))
    with pytest.raises(ChildHungError, match="no answer"):
        child.ask("hang", 0.2)
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert child.ask("echo", 20)["pid"] != before


@pytest.mark.parametrize("verb", ["half", "list", "bytes"])
def test_nonsense_is_no_answer_and_never_run(child: Child, verb: str) -> None:
    with pytest.raises(ChildGarbageError):
        child.ask(verb, 20)
    assert child.ask("echo", 20)["name"] == "Primacy"


def test_who_will_not_wait_hears_that_it_is_busy(child: Child) -> None:
    child.ask("echo", 20)
    asked = threading.Event()
    ended: list[str] = []

    def hang() -> None:
        asked.set()
        with pytest.raises(ChildHungError) as caught:
            child.ask("hang", 0.5)
        ended.append(caught.value.detail)

    waiting = threading.Thread(target=hang)
    waiting.start()
    asked.wait(20)
    busy = 0
    while waiting.is_alive() and not busy:
        try:
            child.ask("echo", 20, wait_s=0.01)
        except ChildBusyError:
            busy += 1
    waiting.join(20)
    assert (busy, len(ended)) == (1, 1)


def test_one_that_nobody_needs_any_more_is_ended() -> None:
    child = Child(serve, "Primacy")
    pid = int(str(child.ask("echo", 20)["pid"]))
    del child
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
