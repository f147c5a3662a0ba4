"""The one thing that is said on the live picture."""

from __future__ import annotations

from dataclasses import dataclass

from station.domain.message import Message
from station.ui.tone import Tone


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said, and how it is meant; ``aloud`` is without what ticks."""

    message: Message
    tone: Tone = Tone.PLAIN
    aloud: Message | None = None
