"""From an HTTP answer that is no success to the error that says what it means."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from pydantic import TypeAdapter, ValidationError

from station.adapters.router.bodies import NOT_THE_ROUTER, NOT_THE_ROUTER_TODO, ErrorMessage, RowProblem
from station.domain.errors import (
    RouterBusyError,
    RouterConflictError,
    RouterElsewhereError,
    RouterError,
    RouterForbiddenError,
    RouterGoneError,
    RouterKeyError,
    RouterNotFoundError,
    RouterRefusedError,
    RouterUnreachableError,
    RouterUnwellError,
)

RETRY_AFTER_MAX_S = 24 * 3600.0

ACCESS_DENIED = "SE-0000"
"""The code with which the router says that a record is another institution's."""

_KINDS: dict[int, type[RouterError]] = {
    401: RouterKeyError,
    403: RouterForbiddenError,
    409: RouterConflictError,
    410: RouterGoneError,
    429: RouterBusyError,
}

# The network's own answers (a proxy that wants a name, a time-out on the way): not what the router says.
_OF_THE_NETWORK = frozenset({407, 408})


def error_of(response: httpx.Response) -> RouterError:
    """Return the error that an answer with a status outside 2xx stands for."""
    status = response.status_code
    said = _message(response)
    # Only the router itself may say that something is gone for ever; what a proxy's page says ends no entry.
    strange = said is None and (status == 404 or (status == 410 and response.content))
    # Unreachable and not refused: a page of the network must park no entry. What was sent is sent again.
    if status in _OF_THE_NETWORK or 300 <= status < 400 or strange:
        return RouterUnreachableError(NOT_THE_ROUTER, NOT_THE_ROUTER_TODO, detail=f"HTTP {status}", status=status)
    said = said or ErrorMessage()
    return _kind_of(status, said.code)(
        status=status,
        router_code=said.code,
        retry_after_s=retry_after_s(response),
        detail=said.message or f"HTTP {status}",
    )


def retry_after_s(response: httpx.Response) -> float | None:
    """Return how many seconds the router asks to wait (RFC 9110, 10.2.3), ``None`` when it does not say."""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        wait = float(text)
    except ValueError:
        found = _instant(text)
        if found is None:
            return None
        # Against the router's own clock, where it tells the time: ours may be wrong.
        now = _instant(response.headers.get("date", "")) or datetime.now(UTC)
        wait = (found - now).total_seconds()
    # A day at most: a number that somebody mistyped there would stop the queue for good.
    return min(max(wait, 0.0), RETRY_AFTER_MAX_S) if math.isfinite(wait) else None


def told_time(response: httpx.Response) -> datetime | None:
    """Return the time of day that an answer carries (RFC 9110, 6.6.1), ``None`` when it tells none of its own."""
    # A cache on the way gives an answer of an earlier time (RFC 9111, 5.1).
    return None if "age" in response.headers else _instant(response.headers.get("date", ""))


def _kind_of(status: int, code: str) -> type[RouterError]:
    # The status alone is the same for an address that is not on the list; the code is what tells them apart.
    if status == 403 and code == ACCESS_DENIED:
        return RouterElsewhereError
    if status == 404:
        return RouterNotFoundError
    return _KINDS.get(status) or (RouterUnwellError if status >= 500 else RouterRefusedError)


def _message(response: httpx.Response) -> ErrorMessage | None:
    """Return the router's own words, ``None`` when somebody else's are in the body."""
    try:
        said = ErrorMessage.model_validate_json(response.content)
    except ValidationError:
        return _first_row(response.content)
    return said if said.code or said.message else None


def _first_row(body: bytes) -> ErrorMessage | None:
    # The check of an import file answers even a refusal with a list of row errors.
    try:
        rows = _ROWS.validate_json(body)
    except ValidationError:
        return None
    if not rows:
        return None
    return ErrorMessage(code="", message=": ".join(filter(None, (rows[0].field_name, rows[0].error_message))))


_ROWS = TypeAdapter(list[RowProblem])


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        # In UTC here and now: there are times at the ends of the calendar that can't be said in it.
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
