"""What an answer that is no success means: how long to wait, and what only the router itself may say."""

from __future__ import annotations

import httpx
import pytest

from station.adapters.router.answers import RETRY_AFTER_MAX_S, error_of, retry_after_s, told_time
from station.domain.errors import RouterError, RouterGoneError, RouterUnreachableError

DATE = "Tue, 01 Sep 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        ("1.5", 1.5),
        ("-5", 0.0),
        ("99999999", RETRY_AFTER_MAX_S),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("Tue, 01 Sep 2026 08:02:00 GMT", 120.0),
        ("Tue, 01 Sep 2026 10:02:00 +0200", 120.0),
        ("Tue, 01 Sep 2026 07:00:00 GMT", 0.0),
        ("Tue, 32 Sep 2026 07:00:00 GMT", None),
        ("Tue, 01 Sep 99999999999999999999 07:00:00 GMT", None),
        ("Tue, 01 Sep 2026 07:00:00 +99999999999999999999", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
    ],
)
def test_a_wait_is_read_in_both_forms(header: str, expected: float | None) -> None:
    headers = {"Retry-After": header, "Date": DATE} if header else {"Date": DATE}
    assert retry_after_s(httpx.Response(429, headers=headers)) == expected


def test_without_the_router_s_clock_ours_must_do() -> None:
    wait = retry_after_s(httpx.Response(429, headers={"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}))
    assert wait == RETRY_AFTER_MAX_S


@pytest.mark.parametrize(
    "date", ["", "soon", "Tue, 01 Sep 99999999999999999999 07:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -0100"]
)
def test_a_time_of_day_that_no_calendar_has_is_none(date: str) -> None:
    assert told_time(httpx.Response(200, headers={"Date": date})) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"code":"X","message":"anonymised"}', RouterGoneError),
        (b"", RouterGoneError),
        (b"<html>This page has moved away</html>", RouterUnreachableError),
    ],
)
def test_only_the_router_itself_says_that_somebody_is_gone_for_ever(body: bytes, kind: type[RouterError]) -> None:
    assert type(error_of(httpx.Response(410, content=body))) is kind
