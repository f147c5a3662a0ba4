"""The software card's side of the vpcd protocol, byte by byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.adapters.reader.vpcd import Pull, VpcdCard, connect, main
from station.chip.virtual_card.card import Tear
from station.chip.virtual_card.kinds import blank_card, open_card
from tests.helpers.chip import UID, unhex

NEVER = threading.Event()
CREATE_ESC = unhex("90ca0000104088f50ba30010a00000061404f5884000")


class Reader:
    """The reader's end of the wire."""

    def __init__(self, listener: socket.socket) -> None:
        self._connection, _ = listener.accept()
        self._connection.settimeout(10)

    def say(self, message: bytes) -> None:
        """Send one message, length and body apart as vpcd does."""
        self._connection.sendall(len(message).to_bytes(2, "big"))
        self._connection.sendall(message)

    def hear(self) -> bytes:
        """Return the next message, nothing when the card is gone."""
        head = self._connection.recv(2, socket.MSG_WAITALL)
        return self._connection.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL) if head else b""

    def close(self) -> None:
        """Go away."""
        self._connection.close()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


def serve(listener: socket.socket, card: VpcdCard) -> tuple[threading.Thread, list[bool]]:
    pulled: list[bool] = []

    def run() -> None:
        connection = connect("127.0.0.1", listener.getsockname()[1], give_up=NEVER)
        assert connection is not None
        with connection:
            pulled.append(card.serve(connection))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, pulled


def test_words_and_apdus(listener: socket.socket) -> None:
    card = blank_card(UID)
    thread, pulled = serve(listener, VpcdCard(card))
    reader = Reader(listener)
    reader.say(b"\x01")
    reader.say(b"\x04")
    assert reader.hear() == card.atr
    reader.say(unhex("ffca000000"))
    assert reader.hear() == UID + b"\x90\x00"
    reader.say(CREATE_ESC)
    assert reader.hear() == b"\x91\x00"
    reader.say(unhex("905a0000034088f500"))
    assert reader.hear() == b"\x91\x00"
    reader.say(b"\x02")
    reader.say(unhex("906f000000"))
    assert reader.hear() == b"\x91\x1c"  # the reset left the application
    reader.close()
    thread.join(20)
    assert pulled == [False]


@pytest.mark.parametrize(("how", "created"), [(Tear.BEFORE, False), (Tear.AFTER, True)])
def test_the_card_is_pulled(listener: socket.socket, how: Tear, created: bool) -> None:
    card = blank_card(UID)
    thread, pulled = serve(listener, VpcdCard(card, pull=Pull(1, how)))
    reader = Reader(listener)
    reader.say(unhex("ffca000000"))
    assert reader.hear() == UID + b"\x90\x00"
    reader.say(CREATE_ESC)
    assert reader.hear() == b""
    thread.join(20)
    reader.close()
    assert pulled == [True]
    assert bool(card.memory.applications) is created


def test_a_card_that_is_told_to_tear_is_pulled(listener: socket.socket) -> None:
    card = blank_card(UID)
    card.tear_after(1)
    thread, pulled = serve(listener, VpcdCard(card))
    reader = Reader(listener)
    reader.say(unhex("ffca000000"))
    assert reader.hear() == UID + b"\x90\x00"
    reader.say(unhex("ffca000000"))
    assert reader.hear() == b""
    thread.join(20)
    reader.close()
    assert pulled == [True]


def test_connecting_is_tried_until_told_otherwise() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    give_up = threading.Event()
    outcome: list[socket.socket | None] = []
    thread = threading.Thread(target=lambda: outcome.append(connect("127.0.0.1", port, give_up=give_up)), daemon=True)
    thread.start()
    give_up.set()
    thread.join(20)
    assert outcome == [None]


def test_the_program_ends_with_its_reader(
    listener: socket.socket, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = listener.getsockname()[1]
    codes: list[int] = []
    arguments = ["--port", hex(port), "--card", str(tmp_path / "card.json"), "--once"]
    thread = threading.Thread(target=lambda: codes.append(main(arguments)), daemon=True)
    thread.start()
    reader = Reader(listener)
    reader.say(b"\x04")
    assert reader.hear() == unhex("3b8180018080")
    reader.close()
    thread.join(20)
    assert codes == [0]
    assert capsys.readouterr().out == "card in\n"
    assert (tmp_path / "card.json").exists()


def test_the_program_ends_when_the_card_is_pulled(listener: socket.socket, tmp_path: Path) -> None:
    port = listener.getsockname()[1]
    codes: list[int] = []
    arguments = [f"--port={port}", f"--card={tmp_path / 'card.json'}", "--pull-after=0", "--tear=after"]
    thread = threading.Thread(target=lambda: codes.append(main(arguments)), daemon=True)
    thread.start()
    reader = Reader(listener)
    reader.say(CREATE_ESC)
    assert reader.hear() == b""
    thread.join(20)
    reader.close()
    assert codes == [0]
    assert len(open_card(tmp_path / "card.json").memory.applications) == 1


def test_a_damaged_card_file_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "card.json").write_text("{", "utf-8")
    assert main(["--card", str(tmp_path / "card.json")]) == 1
    assert "card.json is damaged" in capsys.readouterr().err
