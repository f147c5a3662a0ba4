"""What every router can be asked: lists page by page, single records, numbers, QR, the import form."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import pytest
from PIL import Image

from station.adapters.router.institutions import InstitutionRouters
from station.domain.card import RouterCardType
from station.domain.errors import RouterElsewhereError, RouterNotFoundError, RouterRefusedError
from station.domain.escn import next_escn, parse_escn
from station.domain.holder import AcademicLevel
from station.ports.router import (
    PAGE_SIZE,
    CardChange,
    CsvOperation,
    QrStyle,
    Router,
    RouterCard,
    RouterCardStatus,
    RouterPerson,
)
from tests.helpers.sandbox import NAMES, OTHER_KEY, OTHER_PIC, PIC, RunningSandbox, running_sandbox

COUNT = 23


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module", params=["one client", "a client an institution"])
def router(request: pytest.FixtureRequest, sandbox: RunningSandbox) -> Iterator[Router]:
    with sandbox.client() as ours, sandbox.client(key=OTHER_KEY.encode(), pic=OTHER_PIC) as theirs:
        yield ours if request.param == "one client" else InstitutionRouters({PIC: ours, OTHER_PIC: theirs})


def person(number: int, pic: str = PIC) -> RouterPerson:
    esi = f"urn:schac:personalUniqueCode:int:esi:lv:{number:06d}"
    return RouterPerson(esi, f"Žanete Ķirse {number}", f"s{number}@example.lv", pic, AcademicLevel.MASTER)


def card(number: int, pic: str = PIC) -> RouterCard:
    escn, _value = next_escn(1_790_000_000_000 + number, 0, 1, 1, pic)
    return RouterCard(
        escn=escn,
        esi=person(number).esi,
        issuer_pic=pic,
        card_type=RouterCardType.SMART_CDZ,
        status=RouterCardStatus.ACTIVE,
        issued_on=date(2026, 9, 1),
        expires_on=date(2199, 8, 31),
        processor="LV40001234567",
        display_name="Student card",
    )


@pytest.fixture(scope="module", autouse=True)
def _filled(sandbox: RunningSandbox) -> None:
    with sandbox.client() as ours, sandbox.client(key=OTHER_KEY.encode(), pic=OTHER_PIC) as theirs:
        for number in range(COUNT):
            ours.put_person(person(number))
            ours.put_card(card(number))
        theirs.put_person(person(500, OTHER_PIC))
        theirs.put_card(card(500, OTHER_PIC))


def test_lists_come_page_by_page_and_nothing_is_left_out(router: Router) -> None:
    pages = [router.cards(number) for number in range(3)]
    assert [len(page.rows) for page in pages] == [PAGE_SIZE, PAGE_SIZE, COUNT - 2 * PAGE_SIZE]
    assert {(page.total, page.pages) for page in pages} == {(COUNT, 3)}
    assert {row.escn for page in pages for row in page.rows} == {card(n).escn for n in range(COUNT)}
    first = pages[0].rows[0]
    assert (first.issuer_pic, first.issuer_name, first.esi) == (PIC, NAMES[PIC], person(0).esi)
    # A list tells neither status nor kind: they are asked for one by one.
    assert (first.status, first.card_type) == (None, None)
    persons = [row.esi for number in range(3) for row in router.persons(number).rows]
    assert sorted(persons) == [person(n).esi for n in range(COUNT)]


def test_lists_are_searched(router: Router) -> None:
    wanted = person(7)
    found = router.cards(search=f"person.identifierCode:ESI<+>person.identifier:{wanted.esi}")
    assert [row.escn for row in found.rows] == [card(7).escn]
    assert [row.full_name for row in router.persons(search="ķirse 21").rows] == ["Žanete Ķirse 21"]
    assert router.persons(search="nobody").rows == ()


def test_single_records_are_read_whole(router: Router) -> None:
    found = router.person(person(3).esi)
    assert (found.full_name, found.email, found.academic_level) == ("Žanete Ķirse 3", "s3@example.lv", "MASTER")
    assert (found.has_picture, found.organisations) == (False, 1)
    known = router.card(card(3).escn.upper())
    assert (known.status, known.card_type, known.expires_on) == ("ACTIVE", "SMART_CDZ", date(2199, 8, 31))
    assert (known.processor, known.display_name, known.holder_name) == (
        "LV40001234567",
        "Student card",
        "Žanete Ķirse 3",
    )


def test_any_card_in_europe_can_be_checked_and_another_s_can_not_be_read(router: Router) -> None:
    theirs = card(500, OTHER_PIC)
    found = router.card_status(theirs.escn)
    assert (found.issuer_pic, found.issuer_name, found.status) == (OTHER_PIC, NAMES[OTHER_PIC], "ACTIVE")
    for ask in (lambda: router.card(theirs.escn), lambda: router.person(person(500).esi)):
        with pytest.raises(RouterElsewhereError):
            ask()
    for missing in (lambda: router.card(card(999).escn), lambda: router.card_status(card(999).escn)):
        with pytest.raises(RouterNotFoundError):
            missing()


def test_a_card_is_blocked_revived_and_blocked_again(router: Router) -> None:
    escn = card(5).escn
    blocked, active = CardChange(status=RouterCardStatus.INACTIVE), CardChange(status=RouterCardStatus.ACTIVE)
    assert [router.change_card(escn, change) for change in (blocked, blocked, active)] == ["updated", "same", "updated"]
    assert router.card(escn).status == "ACTIVE"


def test_deleting_twice_is_deleting_once(router: Router) -> None:
    number = 600
    router.put_person(person(number))
    router.put_card(card(number))
    assert [router.delete_card(card(number).escn) for _each in range(2)] == [True, False]
    assert [router.delete_picture(person(number).esi) for _each in range(1)] == [True]
    assert [router.delete_person(person(number).esi) for _each in range(2)] == [True, False]
    with pytest.raises(RouterElsewhereError):
        router.delete_card(card(500, OTHER_PIC).escn)


def test_the_picture_comes_back(router: Router) -> None:
    target = io.BytesIO()
    Image.new("RGB", (200, 300), (90, 120, 160)).save(target, "JPEG")
    esi = person(9).esi
    router.put_picture(esi, PIC, target.getvalue())
    assert router.picture(esi) == target.getvalue()
    assert router.person(esi).has_picture
    assert router.delete_picture(esi)
    with pytest.raises(RouterNotFoundError):
        router.picture(esi)


@pytest.mark.parametrize("count", [1, 100, 101])
def test_numbers_are_made_by_the_router_and_none_twice(router: Router, count: int) -> None:
    numbers = router.new_numbers(7, count, pic=PIC)
    assert len(set(numbers)) == count
    assert {(parse_escn(number).prefix, parse_escn(number).pic) for number in numbers} == {(7, PIC)}


def test_the_qr_is_a_drawing_in_the_style_that_is_asked_for(router: Router) -> None:
    escn = card(1).escn
    plain, turned = router.card_qr(escn), router.card_qr(escn, QrStyle("vertical", "inverted", "M"))
    assert plain.lstrip().startswith((b"<svg", b"<?xml"))
    assert plain != turned
    with pytest.raises(RouterRefusedError):
        router.card_qr("no-number")


def test_an_import_file_is_checked_row_by_row(router: Router) -> None:
    columns = router.csv_columns()
    assert "cardNumber" in columns
    row = {
        "personIdentifier": person(1).esi,
        "cardNumber": card(700).escn,
        "fullName": "X",
        "issuerIdentifier": PIC,
        "cardStatusType": "ACTIVE",
        "cardType": "PASSIVE",
        "issuedAt": "2026-09-01",
        "expiresAt": "2030-08-31",
    }
    rows = (row, {**row, "cardType": "X"})
    lines = [",".join(columns), *(",".join(each.get(name, "") for name in columns) for each in rows)]
    found = router.validate_csv(CsvOperation.CREATE, "\n".join(lines).encode())
    assert [(error.row, error.field) for error in found if error.field == "cardType"] == [(3, "cardType")]
    assert router.validate_csv(CsvOperation.CREATE, "\n".join(lines[:2]).encode()) == ()


def test_each_institution_is_asked_with_its_own_key(sandbox: RunningSandbox) -> None:
    with sandbox.client() as ours, sandbox.client(key=OTHER_KEY.encode(), pic=OTHER_PIC) as theirs:
        both = InstitutionRouters({PIC: ours, OTHER_PIC: theirs})
        assert (both.cards().total, both.cards(pic=OTHER_PIC).total) == (COUNT, 1)
        assert both.card(card(500, OTHER_PIC).escn, pic=OTHER_PIC).issuer_pic == OTHER_PIC
        with pytest.raises(RouterRefusedError, match="no institution with the PIC 123456789"):
            both.cards(pic="123456789")
