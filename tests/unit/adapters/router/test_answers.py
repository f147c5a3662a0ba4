"""How long the router asks us to wait."""

from __future__ import annotations

import httpx
import pytest

from station.adapters.router.answers import RETRY_AFTER_MAX_S, retry_after_s

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
    ],
)
def test_a_wait_is_read_in_both_forms(header: str, expected: float | None) -> None:
    headers = {"Retry-After": header, "Date": DATE} if header else {"Date": DATE}
    assert retry_after_s(httpx.Response(429, headers=headers)) == expected


def test_without_the_router_s_clock_ours_must_do() -> None:
    wait = retry_after_s(httpx.Response(429, headers={"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}))
    assert wait == RETRY_AFTER_MAX_S
