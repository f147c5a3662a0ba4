"""A tree of what is on a card: names and values as message ids, so that it can be shown in any language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from station.domain.errors import N_, ChipError, ChipKeyError, ChipRefusedError, ReaderUnableError
from station.domain.message import Message

T = TypeVar("T")
_BYTES_A_LINE = 16

CLOSED = Message(N_("closed"))
UNREADABLE = Message(N_("makes no sense"))
UNABLE = Message(N_("this reader can't read it"))


@dataclass(frozen=True, slots=True)
class Node:
    """One thing on a card: what it is, its value, lines of details (data in hexadecimal), and what is below it."""

    name: Message
    value: Message | str = ""
    details: tuple[str, ...] = ()
    children: tuple[Node, ...] = ()

    def as_json(self, say: Callable[[Message], str] = Message.english) -> dict[str, Any]:
        """Return the tree as what JSON can carry, in the language of ``say``; empty parts are left out."""
        value = say(self.value) if isinstance(self.value, Message) else self.value
        found: dict[str, Any] = {"name": say(self.name), "value": value}
        if self.details:
            found["details"] = list(self.details)
        if self.children:
            found["children"] = [child.as_json(say) for child in self.children]
        return found


def asked(name: Message, read: Callable[[], Message | str]) -> Node:
    """Return a node with what ``read`` returns, or with why it did not."""
    found = tried(read)
    return Node(name, found)


def tried(read: Callable[[], T]) -> T | Message:
    """Return what ``read`` returns, or a message that tells why there is nothing: closed, senseless, or a poor reader.

    A card that is gone, and a reader that fails, are told by their own errors.
    """
    try:
        return read()
    except (ChipRefusedError, ChipKeyError):
        return CLOSED
    except ReaderUnableError:
        return UNABLE
    except ChipError:
        return UNREADABLE


def hex_lines(data: bytes) -> tuple[str, ...]:
    """Return data as lines of sixteen bytes in hexadecimal."""
    return tuple(data[at : at + _BYTES_A_LINE].hex(" ").upper() for at in range(0, len(data), _BYTES_A_LINE))
