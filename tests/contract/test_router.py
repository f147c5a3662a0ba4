"""What every router keeps to: the client, over a real socket, against the sandbox process, each fault included."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import httpx
import pytest
from PIL import Image

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.domain.card import RouterCardType
from station.domain.errors import (
    RouterConflictError,
    RouterError,
    RouterForbiddenError,
    RouterGoneError,
    RouterKeyError,
    RouterNotFoundError,
    RouterRefusedError,
    RouterUnreachableError,
    RouterUnwellError,
)
from station.domain.escn import next_escn
from station.domain.holder import AcademicLevel
from station.ports.router import Router, RouterCard, RouterCardStatus, RouterPerson
from tests.helpers.sandbox import KEY, OTHER_KEY, OTHER_PIC, PIC, RunningSandbox, running_sandbox

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def router(sandbox: RunningSandbox) -> Iterator[Router]:
    with sandbox.client() as client:
        yield client
    sandbox.dial.clear()


@pytest.fixture
def person() -> RouterPerson:
    return RouterPerson(
        esi=f"urn:schac:personalUniqueCode:int:esi:lv:{next(_numbers):06d}/Ž?#",
        full_name="Žanete Ķirse-Ґрищук",
        email="zanete.kirse@example.lv",
        organisation_pic=PIC,
        academic_level=AcademicLevel.MASTER,
    )


@pytest.fixture
def card(person: RouterPerson) -> RouterCard:
    return card_for(person)


def card_for(person: RouterPerson) -> RouterCard:
    escn, _value = next_escn(1_790_000_000_000 + next(_numbers), 0, 1, 1, person.organisation_pic)
    return RouterCard(
        escn=escn,
        esi=person.esi,
        issuer_pic=person.organisation_pic,
        card_type=RouterCardType.SMART_CDZ,
        status=RouterCardStatus.ACTIVE,
        issued_on=date(2026, 9, 1),
        expires_on=date(2199, 8, 31),
    )


def jpeg(size: tuple[int, int] = (200, 300)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, (90, 120, 160)).save(target, "JPEG")
    return target.getvalue()


def anonymise(sandbox: RunningSandbox, esi: str) -> None:
    address = f"{sandbox.host}/control/anonymise/{quote(esi, safe='')}"
    assert httpx.post(address, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False).status_code == 204


class TestPerson:
    def test_is_created_once_and_then_the_same(self, router: Router, person: RouterPerson) -> None:
        assert [router.put_person(person) for _each in range(3)] == ["created", "same", "same"]

    @pytest.mark.parametrize(
        "change",
        [
            {"full_name": "Žanete Bērziņa"},
            {"email": "new@example.lv"},
            {"email": None},
            {"academic_level": AcademicLevel.DOCTORATE},
            {"academic_level": None},
        ],
        ids=str,
    )
    def test_is_updated_when_something_differs(
        self, router: Router, person: RouterPerson, change: dict[str, object]
    ) -> None:
        router.put_person(person)
        changed = replace(person, **change)  # type: ignore[arg-type]  # each value fits the field it is named for
        assert [router.put_person(changed) for _each in range(2)] == ["updated", "same"]

    def test_is_the_same_in_another_case(self, router: Router, person: RouterPerson) -> None:
        router.put_person(person)
        assert router.put_person(replace(person, esi=person.esi.replace("lv", "LV"))) == "same"

    def test_whom_only_another_university_knows_is_joined_to_ours(
        self, sandbox: RunningSandbox, router: Router, person: RouterPerson
    ) -> None:
        with sandbox.client(key=OTHER_KEY.encode(), pic=OTHER_PIC) as other:
            other.put_person(replace(person, organisation_pic=OTHER_PIC, email="other@example.org"))
            assert router.put_person(person) == "created"
            assert other.put_person(replace(person, organisation_pic=OTHER_PIC, email="other@example.org")) == "same"

    def test_with_a_wrong_field_is_refused_and_the_field_is_named(self, router: Router, person: RouterPerson) -> None:
        with pytest.raises(RouterRefusedError, match="email") as refused:
            router.put_person(replace(person, email="not an address"))
        assert (refused.value.status, refused.value.retryable) == (400, False)

    def test_for_another_pic_is_refused_as_a_key_problem(self, router: Router, person: RouterPerson) -> None:
        with pytest.raises(RouterKeyError) as refused:
            router.put_person(replace(person, organisation_pic=OTHER_PIC))
        assert refused.value.status == 401

    def test_who_was_anonymised_is_gone_for_ever(
        self, sandbox: RunningSandbox, router: Router, person: RouterPerson, card: RouterCard
    ) -> None:
        router.put_person(person)
        anonymise(sandbox, person.esi)
        for tell in (lambda: router.put_person(person), lambda: router.put_card(card)):
            with pytest.raises(RouterGoneError) as gone:
                tell()
            assert (gone.value.status, gone.value.retryable) == (410, False)
        with pytest.raises(RouterGoneError):
            router.put_picture(person.esi, PIC, jpeg())


class TestCard:
    @pytest.fixture(autouse=True)
    def _known(self, router: Router, person: RouterPerson) -> None:
        router.put_person(person)

    def test_is_created_once_and_then_the_same(self, router: Router, card: RouterCard) -> None:
        assert [router.put_card(card) for _each in range(3)] == ["created", "same", "same"]

    @pytest.mark.parametrize(
        "change",
        [
            {"status": RouterCardStatus.INACTIVE},
            {"expires_on": date(2198, 1, 1)},
            {"issued_on": date(2026, 8, 30)},
            {"card_type": RouterCardType.PASSIVE},
            {"processor": "LV40001234567"},
            {"display_name": "Student card"},
        ],
        ids=str,
    )
    def test_is_updated_when_something_differs(
        self, router: Router, card: RouterCard, change: dict[str, object]
    ) -> None:
        router.put_card(card)
        changed = replace(card, **change)  # type: ignore[arg-type]  # each value fits the field it is named for
        assert [router.put_card(changed) for _each in range(2)] == ["updated", "same"]

    def test_that_is_expired_stays_as_it_is_until_it_gets_a_new_day(self, router: Router, card: RouterCard) -> None:
        expired = replace(card, issued_on=date(2019, 9, 1), expires_on=date(2020, 8, 31))
        assert [router.put_card(expired) for _each in range(2)] == ["created", "same"]
        assert router.card_status(card.escn).status == "EXPIRED"
        assert router.put_card(card) == "updated"
        assert router.card_status(card.escn).status == "ACTIVE"

    def test_of_a_person_the_router_does_not_know_is_refused_with_the_field(
        self, router: Router, card: RouterCard
    ) -> None:
        stranger = replace(card, esi="urn:schac:personalUniqueCode:int:esi:lv:stranger")
        with pytest.raises(RouterRefusedError, match="personIdentifier"):
            router.put_card(stranger)

    def test_of_another_person_is_never_taken_over(
        self, router: Router, person: RouterPerson, card: RouterCard
    ) -> None:
        router.put_card(card)
        other = replace(person, esi=person.esi + "x")
        router.put_person(other)
        with pytest.raises(RouterConflictError, match=card.escn):
            router.put_card(replace(card, esi=other.esi))

    def test_of_another_university_is_never_taken_over(
        self, sandbox: RunningSandbox, router: Router, person: RouterPerson, card: RouterCard
    ) -> None:
        router.put_card(card)
        with sandbox.client(key=OTHER_KEY.encode(), pic=OTHER_PIC) as other:
            other.put_person(replace(person, organisation_pic=OTHER_PIC))
            with pytest.raises(RouterForbiddenError) as denied:
                other.put_card(replace(card, issuer_pic=OTHER_PIC))
        assert (denied.value.status, denied.value.router_code) == (403, "SE-0000")

    def test_can_be_asked_about_without_a_key(self, sandbox: RunningSandbox, router: Router, card: RouterCard) -> None:
        router.put_card(card)
        with sandbox.client(key=b"wrong") as anyone:
            status = anyone.card_status(card.escn.upper())
        assert (status.escn, status.status, status.issuer_pic) == (card.escn, "ACTIVE", PIC)
        assert status.issuer_name.startswith("Rīgas")
        assert (status.issued_on, status.expires_on) == (card.issued_on, card.expires_on)

    def test_that_nobody_knows_is_not_found(self, router: Router, card: RouterCard) -> None:
        with pytest.raises(RouterNotFoundError) as unknown:
            router.card_status(card.escn)
        assert (unknown.value.status, unknown.value.router_code) == (404, "ER-0001")


class TestPicture:
    def test_is_stored_and_stored_again(self, router: Router, sandbox: RunningSandbox, person: RouterPerson) -> None:
        router.put_person(person)
        router.put_picture(person.esi, PIC, jpeg())
        router.put_picture(person.esi, PIC, jpeg())
        assert router.put_person(person) == "same"

    @pytest.mark.parametrize("data", [b"", b"not a picture", jpeg((300, 200)), jpeg((400, 600))], ids=len)
    def test_of_another_size_is_never_sent(self, router: Router, person: RouterPerson, data: bytes) -> None:
        with pytest.raises(RouterRefusedError, match="pict"):
            router.put_picture(person.esi, PIC, data)

    def test_of_a_stranger_is_refused(self, router: Router, person: RouterPerson) -> None:
        with pytest.raises(RouterNotFoundError):
            router.put_picture(person.esi, PIC, jpeg())


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "error", "retryable", "status"),
        [
            ("down", RouterUnreachableError, True, 0),
            ("500", RouterUnwellError, True, 500),
            ("401", RouterKeyError, False, 401),
            ("429", RouterUnwellError, True, 429),
        ],
    )
    def test_has_a_name_and_passes(  # the whole of a fault, from the first request to the first one after it
        self,
        sandbox: RunningSandbox,
        router: Router,
        person: RouterPerson,
        card: RouterCard,
        kind: str,
        error: type[RouterError],
        retryable: bool,
        status: int,
    ) -> None:
        sandbox.dial.set("router", kind)
        for tell in (router.ping, lambda: router.put_person(person), lambda: router.put_card(card)):
            with pytest.raises(error) as met:
                tell()
            assert (met.value.retryable, met.value.status) == (retryable, status)
            assert met.value.retry_after_s == (2.0 if kind == "429" else None)
        sandbox.dial.clear("router")
        router.ping()
        assert (router.put_person(person), router.put_card(card)) == ("created", "created")

    def test_an_answer_that_never_came_is_settled_by_telling_again(
        self, sandbox: RunningSandbox, router: Router, person: RouterPerson, card: RouterCard
    ) -> None:
        router.put_person(person)
        sandbox.dial.set("router", "slow", 0.5)
        with sandbox.client(timeout_s=0.1) as impatient, pytest.raises(RouterUnreachableError):
            impatient.put_card(card)
        sandbox.dial.clear("router")
        _wait_until_known(router, card.escn)
        assert router.put_card(card) == "same"

    def test_a_wrong_key_is_told_from_a_router_that_is_away(self, sandbox: RunningSandbox) -> None:
        with sandbox.client(key=b"wrong") as client, pytest.raises(RouterKeyError):
            client.ping()

    def test_nobody_listening_is_unreachable(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        with running_sandbox(tmp_path_factory.mktemp("gone")) as gone:
            address = gone.address
        client = HttpRouter(RouterAddress(address), pic=PIC, institution="X", key=KEY.encode)
        with pytest.raises(RouterUnreachableError):
            client.ping()
        client.close()


def _wait_until_known(router: Router, escn: str) -> None:
    # The request that nobody waited for is carried out all the same; the test's own time-out is the deadline.
    while True:
        try:
            router.card_status(escn)
        except RouterNotFoundError:
            continue
        return
