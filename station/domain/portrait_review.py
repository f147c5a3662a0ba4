"""What a person decided about a portrait that came in with many others: it is used, or it goes back with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReviewDecision(StrEnum):
    """How it was decided."""

    APPROVED = "approved"
    SENT_BACK = "sent_back"


@dataclass(frozen=True, slots=True)
class PortraitReview:
    """One decision; another one about the same picture is added, none is changed.

    ``digest`` is the SHA-256 of the file's contents in hexadecimal digits, so that a new picture under an old name is
    another one; ``reason`` is in words, for the student to read.
    """

    digest: str
    holder_id: str
    file: str
    decision: ReviewDecision
    at: datetime
    reason: str = ""
    portrait_id: str | None = None
    operator: str = ""
    station: str = ""
