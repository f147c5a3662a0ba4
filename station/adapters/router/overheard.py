"""A router whose answers are overheard: what a person asks it shows at once that it is back, or away."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from station.domain.errors import RouterError
from station.ports.router import Router

_ASKS_NOBODY = frozenset({"base_url", "told_at"})


class _Overheard:
    """Pass every call on to ``router``, and tell how it was answered, in the thread of the caller."""

    def __init__(self, router: Router, told: Callable[[RouterError | None], None]) -> None:
        self._router, self._told = router, told

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._router, name)
        if name in _ASKS_NOBODY:
            return found

        @wraps(found)
        def ask(*args: Any, **named: Any) -> Any:
            try:
                answer = found(*args, **named)
            except RouterError as error:
                self._told(error)
                raise
            self._told(None)
            return answer

        return ask


def overheard(router: Router, told: Callable[[RouterError | None], None]) -> Router:
    """Return ``router``; of each answer ``told`` gets the error, or ``None`` for a good one."""
    return cast(Router, _Overheard(router, told))
