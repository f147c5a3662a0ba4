"""A text for the operator as data: message id and values, translated only where it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from station.domain.errors import fill


@dataclass(frozen=True, slots=True)
class Message:
    """Carry an English message id with ``{named}`` places and the values for them."""

    msgid: str
    params: dict[str, object] = field(default_factory=dict)

    def english(self) -> str:
        """Return the text as it reads in English."""
        return fill(self.msgid, self.params)

    def __str__(self) -> str:
        return self.english()
