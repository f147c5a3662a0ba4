"""Which version of which master key a card carries, in one line of text that every record can keep.

``deuinfo-application/v1 deuinfo-base/v2``: names of master keys and their versions as the keeper of keys has them,
sorted, a space between them. It tells nothing of the keys themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ENTRY = re.compile(r"(.+)/v(\d{1,3})")


def written_key_versions(keys: Iterable[tuple[str, int]]) -> str:
    """Return the text for names of master keys and their versions; each is named once."""
    return " ".join(f"{name}/v{version}" for name, version in sorted(set(keys)))


def read_key_versions(text: str) -> tuple[tuple[str, int], ...]:
    """Return names and versions from such a text; what does not look like one is left out."""
    found = (_ENTRY.fullmatch(word) for word in text.split())
    return tuple((match[1], int(match[2])) for match in found if match)
