"""What a sign or a pill says; each tone has a shape of its own, never a colour alone."""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """How something stands."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    BUSY = "busy"
    NOW = "now"
    LATER = "later"
    PLAIN = "plain"
