"""What left the queue in a file, by hand or on a stick: the fallback for when no network comes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from station.domain.errors import N_
from station.domain.message import Message


class ExportWay(StrEnum):
    """In which file: the router's own import form, or a queue file for another station."""

    FORM = "form"
    STICK = "stick"


LEFT_IN_WORDS: dict[ExportWay, str] = {
    ExportWay.FORM: N_("Written to an import file on {day}; whether ESC-Router has it is not known yet."),
    ExportWay.STICK: N_("Carried on a stick on {day}; the answer is not here yet."),
}
"""What is said of an entry that left and still waits."""


@dataclass(frozen=True, slots=True)
class Export:
    """That an entry (by its ``key``) left in a file; ``content`` stands for what it told then.

    It says nothing of the router: whether it knows the card now is found out by asking it, or by an answer file.
    """

    key: str
    escn: str
    way: ExportWay
    file: str
    content: str
    at: datetime
    operator: str = ""
    station: str = ""

    @property
    def message(self) -> Message:
        """Return what is said of it while its entry still waits."""
        return Message(LEFT_IN_WORDS[self.way], {"day": self.at.date().isoformat()})


def content_of(payload: dict[str, object]) -> str:
    """Return what stands for a payload: an answer to what was told then is none to what is to be told now."""
    text = json.dumps(payload, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
