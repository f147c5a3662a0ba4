"""What left the queue in a file, by hand or on a stick: the fallback for when no network comes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ExportWay(StrEnum):
    """In which file: the router's own import form, or a queue file for another station."""

    FORM = "form"
    STICK = "stick"


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


def content_of(payload: dict[str, object]) -> str:
    """Return what stands for a payload: an answer to what was told then is none to what is to be told now."""
    text = json.dumps(payload, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
