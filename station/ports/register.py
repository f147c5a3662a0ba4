"""The register: where holders come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from station.domain.holder import Holder


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row of a register: a holder, and the personal code apart from the rest; ``place`` says where it stands."""

    holder: Holder
    personal_code: str | None = None
    place: str = ""


class Register(Protocol):
    """A source of holders."""

    @property
    def name(self) -> str:
        """Return what people call it: a file's name, a server."""

    def rows(self) -> Iterator[RegisterRow]:
        """Yield every holder; raises RegisterFileError naming file, line and remedy at the first bad row."""
