"""How a version of a layout stands, and what is kept of it; apart from the layout, which lists need not load."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LayoutState(StrEnum):
    """How a version of a layout stands: being drawn, good for cards, or for no new ones any more."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KeptLayout:
    """A version of a layout that the store keeps: what it is, how it stands, and who said so last.

    ``digest`` is that of its contents; a draft can have been used with several of them under one version.
    """

    name: str
    version: int
    digest: str
    state: LayoutState
    title: str
    added_at: datetime
    changed_at: datetime
    operator: str = ""
    station: str = ""

    @property
    def reference(self) -> str:
        """Return name and version, as in ``university/3``."""
        return f"{self.name}/{self.version}"
