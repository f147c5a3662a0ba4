"""Pages, sorting and the search language of lists."""

from __future__ import annotations

import pytest

from tests.helpers.sandbox import OTHER_KEY, OTHER_PIC
from tests.helpers.sandbox_api import Api

ESI = "urn:schac:personalUniqueCode:int:esi:lv:"
NAMES = ["Ēriks", "Anna", "Žanis"]


@pytest.fixture
def full(api: Api) -> Api:
    """Return a sandbox with 23 persons, a card each for the first three, and somebody else's person."""
    for number in range(23):
        name = f"{NAMES[number % 3]} {number:02d}"
        api.person(f"{ESI}{number:06d}", fullName=name, email=f"s{number}@example.lv")
    for number in range(3):
        api.card(None, f"{ESI}{number:06d}", expiresAt=f"203{number}-01-01")
    api.person(f"{ESI}999999", key=OTHER_KEY, pic=OTHER_PIC)
    return api


def found(api: Api, path: str) -> list[str]:
    key = "identifier" if path.startswith("/persons") else "expiresAt"
    return [str(entry[key]).removeprefix(ESI) for entry in api("GET", path).json()["content"]]


@pytest.mark.parametrize(("size", "expected"), [("", 10), ("?size=3", 3), ("?size=10", 10), ("?size=200", 10)])
def test_a_page_has_ten_at_most(full: Api, size: str, expected: int) -> None:
    page = full("GET", f"/persons{size}").json()
    assert (len(page["content"]), page["page"]["size"]) == (expected, expected)
    assert page["page"]["totalElements"] == 23


def test_pages_follow_each_other_without_gap_or_double(full: Api) -> None:
    pages = [found(full, f"/persons?page={page}") for page in range(4)]
    assert [len(page) for page in pages] == [10, 10, 3, 0]
    assert sorted(entry for page in pages for entry in page) == [f"{n:06d}" for n in range(23)]
    last = full("GET", "/persons?page=3").json()
    assert (last["empty"], last["page"]["totalPages"]) == (True, 3)


def test_only_one_s_own_are_listed(full: Api) -> None:
    assert not any("999999" in found(full, f"/persons?page={page}") for page in range(3))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sort=identifier", "000000"),
        ("sort=identifier&direction=DESC", "000022"),
        ("sort=fullName&direction=asc", "000001"),
        ("sort=email&direction=DESC", "000009"),
    ],
)
def test_lists_are_sorted(full: Api, query: str, first: str) -> None:
    assert found(full, f"/persons?{query}")[0] == first


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (f"identifier:{ESI}000004", ["000004"]),
        (f"identifierCode:ESI<+>identifier:{ESI.upper()}000004", ["000004"]),
        ("fullName:ēriks 03", ["000003"]),
        ("ĒRIKS 0", ["000000", "000003", "000006", "000009"]),
        ("000011", ["000011"]),
        ("nobody", []),
        ("identifier:nobody", []),
    ],
)
def test_persons_are_found(full: Api, search: str, expected: list[str]) -> None:
    assert found(full, f"/persons?search={search.replace('+', '%2B')}") == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (f"person.identifierCode:ESI<+>person.identifier:{ESI}000001", ["2031-01-01"]),
        ("expiresAt:2032-01-01", ["2032-01-01"]),
        ("anna", ["2031-01-01"]),
    ],
)
def test_cards_are_found(full: Api, search: str, expected: list[str]) -> None:
    assert found(full, f"/cards?search={search.replace('+', '%2B')}") == expected


def test_cards_are_sorted(full: Api) -> None:
    assert found(full, "/cards?sort=expiresAt&direction=DESC") == ["2032-01-01", "2031-01-01", "2030-01-01"]


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=x",
        "size=0",
        "size=99999999999",
        "direction=UP",
        "sort=shoeSize",
        "sort=identifier;DROP TABLE persons",
        "search=identifier:1<%2B>shoeSize:38",
    ],
)
def test_what_can_not_be_is_refused(full: Api, query: str) -> None:
    assert full("GET", f"/persons?{query}").status_code == 400


@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", "\\", '"', "a:b:c"])
def test_a_search_is_never_a_statement(full: Api, text: str) -> None:
    answer = full.client.request(
        "GET",
        "/esc-rest/api/v2/persons",
        params={"search": f"identifier:{text}"},
        headers={"Authorization": "Bearer key-of-the-first-institution"},
    )
    assert (answer.status_code, answer.json()["content"]) == (200, [])
