"""The client where the router does not behave: the key stays here, and every failure has its name."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import ssl
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.domain.card import RouterCardType
from station.domain.errors import (
    ProfileError,
    RouterError,
    RouterForbiddenError,
    RouterKeyError,
    RouterNotFoundError,
    RouterRefusedError,
    RouterUnreachableError,
    RouterUnwellError,
    SecretError,
)
from station.domain.router_place import is_local, is_production
from station.ports.router import CardChange, RouterCard, RouterCardStatus, RouterPerson
from tests.helpers.certificates import self_signed
from tests.helpers.http_server import Answer, ScriptedServer, Trick, scripted_server

PIC = "999465982"
KEY = b"a-secret-that-nobody-may-see"
ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"
ESCN = "14625400-9326-103f-8001-001999465982"
PERSON = RouterPerson(ESI, "Žanete Ķirse", "zanete@example.lv", PIC)
CARD = RouterCard(
    escn=ESCN,
    esi=ESI,
    issuer_pic=PIC,
    card_type=RouterCardType.SMART_CDZ,
    status=RouterCardStatus.ACTIVE,
    issued_on=date(2026, 9, 1),
    expires_on=date(2030, 8, 31),
)
EXISTS = Answer(409, b'{"code":"ER-0019","message":"exists"}')


def answer(status: int, /, **body: object) -> Answer:
    return Answer(status, json.dumps(body).encode())


def new_router(address: str, **changes: object) -> HttpRouter:
    values: dict[str, object] = {
        "pic": PIC,
        "institution": "Rīgas Universitāte (RU)\r\n",
        "key": lambda: KEY,
        **changes,
    }
    return HttpRouter(RouterAddress(address, timeout_s=20), **values)  # type: ignore[arg-type]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def router(server: ScriptedServer) -> Iterator[HttpRouter]:
    client = new_router(server.address)
    yield client
    client.close()


class TestAddress:
    @pytest.mark.parametrize("tail", ["", "/", "/api/v2", "/api/v2/"])
    def test_may_be_written_with_or_without_the_version(self, server: ScriptedServer, tail: str) -> None:
        router = new_router(server.address + tail)
        assert router.base_url == server.address
        server.script.append(answer(201, identifier=ESI))
        router.put_person(PERSON)
        router.close()
        assert server.heard[0].path == "/esc-rest/api/v2/persons"

    @pytest.mark.parametrize(
        "address",
        ["http://router.europeanstudentcard.eu/esc-rest", "http://192.168.0.7/esc-rest", "ftp://127.0.0.1/", "//x", ""],
    )
    def test_never_takes_the_key_over_an_open_line(self, address: str) -> None:
        with pytest.raises(ProfileError, match=r"router\.url"):
            new_router(address)

    def test_gives_the_key_to_no_proxy_in_the_open(self) -> None:
        with pytest.raises(ProfileError, match=r"router\.proxy"):
            HttpRouter(
                RouterAddress("http://127.0.0.1:9/esc-rest", proxy="http://proxy.example:3128"),
                pic=PIC,
                institution="RU",
                key=lambda: KEY,
            )
        for base_url, proxy in (
            ("https://router.example/esc-rest", "http://proxy.example:3128"),  # it sees a closed line
            ("http://127.0.0.1:9/esc-rest", "http://localhost:3128"),
        ):
            HttpRouter(RouterAddress(base_url, proxy=proxy), pic=PIC, institution="RU", key=lambda: KEY).close()

    def test_names_an_authority_file_that_can_not_be_used(self, tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("nothing")
        for name in ("ca.pem", "missing.pem"):
            address = RouterAddress("https://router.example/esc-rest", ca_file=tmp_path / name)
            with pytest.raises(ProfileError, match=name):
                HttpRouter(address, pic=PIC, institution="X", key=lambda: KEY)

    def test_names_a_proxy_that_can_not_be_one(self) -> None:
        address = RouterAddress("https://router.example/esc-rest", proxy="nonsense://x")
        with pytest.raises(ProfileError, match=r"router\.proxy"):
            HttpRouter(address, pic=PIC, institution="X", key=lambda: KEY)

    @pytest.mark.parametrize(
        ("address", "production", "local"),
        [
            ("https://router.europeanstudentcard.eu/esc-rest/api/v2", True, False),
            ("https://ROUTER.europeanstudentcard.eu:443/esc-rest", True, False),
            ("https://sandbox.europeanstudentcard.eu/esc-rest/api/v2", False, False),
            ("https://router.europeanstudentcard.eu.example.com/esc-rest", False, False),
            ("http://127.0.0.1:8000/esc-rest", False, True),
            ("http://127.9.9.9/", False, True),
            ("http://[::1]:8000/esc-rest", False, True),
            ("http://localhost:8000", False, True),
            ("http://localhost.example.com", False, False),
            ("", False, False),
        ],
    )
    def test_tells_where_it_leads(self, address: str, production: bool, local: bool) -> None:
        assert (is_production(address), is_local(address)) == (production, local)


class TestCertificate:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path]:
        return self_signed(tmp_path)

    @pytest.fixture
    def secure(self, files: tuple[Path, Path]) -> Iterator[ScriptedServer]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        with scripted_server(tls=context) as running:
            yield running

    def test_of_the_institution_s_own_authority_is_trusted_when_the_profile_says_so(
        self, secure: ScriptedServer, files: tuple[Path, Path]
    ) -> None:
        router = HttpRouter(RouterAddress(secure.address, ca_file=files[0]), pic=PIC, institution="X", key=lambda: KEY)
        router.ping()
        router.close()
        assert len(secure.heard) == 1

    def test_of_nobody_we_know_gets_no_key(self, secure: ScriptedServer) -> None:
        router = new_router(secure.address)
        with pytest.raises(RouterUnreachableError, match="certificate"):
            router.ping()
        router.close()
        assert secure.heard == []

    @pytest.mark.parametrize("begins_in_days", [-9, 9], ids=["expired", "not yet valid"])
    def test_that_is_out_of_date_by_our_clock_makes_one_look_at_the_clock(
        self, tmp_path: Path, begins_in_days: int
    ) -> None:
        files = self_signed(tmp_path, timedelta(days=begins_in_days))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        with scripted_server(tls=context) as server:
            router = HttpRouter(
                RouterAddress(server.address, ca_file=files[0]), pic=PIC, institution="X", key=lambda: KEY
            )
            with pytest.raises(RouterUnreachableError, match="clock is wrong"):
                router.ping()
            router.close()


class TestTime:
    @pytest.mark.parametrize(
        ("headers", "told"),
        [
            ({"Date": "Tue, 01 Sep 2026 08:00:00 GMT"}, [datetime(2026, 9, 1, 8, tzinfo=UTC)]),
            ({"Date": "Tue, 01 Sep 2026 08:00:00 GMT", "Age": "600"}, []),
            ({"Date": "yesterday"}, []),
            ({}, []),
        ],
    )
    @pytest.mark.parametrize("status", [200, 503])
    def test_of_every_answer_that_tells_its_own_is_passed_on(
        self, server: ScriptedServer, headers: dict[str, str], told: list[datetime], status: int
    ) -> None:
        heard: list[datetime] = []
        router = HttpRouter(
            RouterAddress(server.address), pic=PIC, institution="X", key=lambda: KEY, heard=heard.append
        )
        server.script.append(Answer(status, b"{}", headers))
        with contextlib.suppress(RouterError):
            router.ping()
        router.close()
        assert heard == told


class TestKey:
    def test_goes_as_a_bearer_with_the_institution_s_name(self, router: HttpRouter, server: ScriptedServer) -> None:
        router.ping()
        headers = server.heard[0].headers
        assert headers["authorization"] == f"Bearer {KEY.decode()}"
        assert headers["user-agent"].startswith("esc-station/")
        assert headers["user-agent"].endswith(f"(PIC {PIC}; Rigas Universitate RU)")

    def test_stays_here_when_only_the_public_status_is_asked_for(
        self, router: HttpRouter, server: ScriptedServer
    ) -> None:
        server.script.append(answer(200, cardNumber=ESCN, status="ACTIVE"))
        router.card_status(ESCN)
        assert "authorization" not in server.heard[0].headers

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_never_follows_a_redirect(self, router: HttpRouter, server: ScriptedServer, status: int) -> None:
        with scripted_server() as elsewhere:
            server.script.append(Answer(status, b"", {"Location": elsewhere.address + "/api/v2/persons"}))
            with pytest.raises(RouterUnreachableError, match=str(status)):
                router.put_person(PERSON)
            assert elsewhere.heard == []

    def test_is_not_decided_on_by_the_environment(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, isolated_home: Path
    ) -> None:
        (isolated_home / ".netrc").write_text("machine 127.0.0.1 login eve password eve\n")
        with scripted_server() as elsewhere:
            proxy = elsewhere.address.removesuffix("/esc-rest")
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy)
            monkeypatch.delenv("NO_PROXY", raising=False)
            router = new_router(server.address)
            router.ping()
            router.close()
            assert elsewhere.heard == []
        assert server.heard[0].headers["authorization"] == f"Bearer {KEY.decode()}"

    def test_goes_through_the_proxy_that_the_profile_names(self, server: ScriptedServer) -> None:
        with scripted_server() as proxy:
            address = RouterAddress(server.address, proxy=proxy.address.removesuffix("/esc-rest"))
            router = HttpRouter(address, pic=PIC, institution="X", key=lambda: KEY)
            router.ping()
            router.close()
            assert proxy.heard[0].path.startswith(server.address)
        assert server.heard == []

    def test_is_read_once_and_again_after_it_was_refused(self, server: ScriptedServer) -> None:
        keys = iter([b"old", b"new\n"])
        router = new_router(server.address, key=lambda: next(keys))
        router.ping()
        server.script.append(answer(401, code="X", message="who are you"))
        router.ping()  # with the key that somebody has put there since, at once
        router.close()
        assert [h.headers["authorization"] for h in server.heard] == ["Bearer old", "Bearer old", "Bearer new"]

    def test_that_is_not_in_the_keyring_is_said_in_the_keyring_s_words(self, server: ScriptedServer) -> None:
        def missing() -> bytes:
            raise SecretError(name="esc-router:127.0.0.1")

        router = new_router(server.address, key=missing)
        with pytest.raises(RouterKeyError, match=r"esc-router:127\.0\.0\.1 is not in this computer's keyring"):
            router.ping()
        router.close()
        assert server.heard == []

    @pytest.mark.parametrize("key", [b"", b" ", b"line\r\nbreak", "kļuda".encode(), b"\x00"])
    def test_that_is_damaged_is_not_sent(self, server: ScriptedServer, key: bytes) -> None:
        router = new_router(server.address, key=lambda: key)
        with pytest.raises(RouterKeyError, match="damaged"):
            router.ping()
        router.close()
        assert server.heard == []

    @pytest.mark.parametrize("trouble", [Trick.CUT_BEFORE, Answer(401), Answer(500), Answer(400)], ids=str)
    def test_is_in_no_message_log_or_trace(
        self, server: ScriptedServer, caplog: pytest.LogCaptureFixture, trouble: Answer | Trick
    ) -> None:
        caplog.set_level(logging.DEBUG)
        router = new_router(server.address)
        server.script.append(trouble)
        with pytest.raises(RouterError) as met:
            router.put_person(PERSON)
        shown = [str(met.value), repr(met.value), repr(router), str(met.value.params), caplog.text]
        shown += traceback.format_exception(met.value)
        router.close()
        assert not [text for text in shown if KEY.decode() in text]

    def test_no_address_with_a_person_in_it_is_logged(
        self, router: HttpRouter, server: ScriptedServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        server.script.extend([EXISTS, answer(200, identifier=ESI)])
        with contextlib.suppress(RouterError):
            router.put_person(PERSON)
        assert "000001" not in caplog.text


class TestAnswers:
    @pytest.mark.parametrize(
        "page",
        [
            Answer(200, b"<html>Welcome</html>", {"Content-Type": "text/html"}),
            Answer(201, b""),
            answer(201, identifier="urn:schac:personalUniqueCode:int:esi:lv:somebody-else"),
            answer(200, message="ok"),
            Answer(404, b"<html>Not found</html>"),
            Answer(407, b""),
        ],
        ids=lambda a: f"{a.status} {a.body[:20]!r}",
    )
    def test_of_something_else_than_the_router_never_count(
        self, router: HttpRouter, server: ScriptedServer, page: Answer
    ) -> None:
        server.script.append(page)
        with pytest.raises(RouterUnreachableError, match="Something else than ESC-Router") as met:
            router.put_person(PERSON)
        assert met.value.retryable

    @pytest.mark.parametrize("trick", [Trick.CUT_BEFORE, Trick.CUT_AFTER])
    def test_that_never_come_are_named_so(self, router: HttpRouter, server: ScriptedServer, trick: Trick) -> None:
        server.script.append(trick)
        with pytest.raises(RouterUnreachableError, match="can't be reached"):
            router.ping()

    def test_that_stop_in_the_middle_are_named_so(self, router: HttpRouter, server: ScriptedServer) -> None:
        server.script.append(Trick.CUT_WITHIN)
        with pytest.raises(RouterUnreachableError):
            router.card_status(ESCN)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_of_a_gateway_are_the_router_s_trouble(
        self, router: HttpRouter, server: ScriptedServer, status: int
    ) -> None:
        server.script.append(Answer(status, b"<html>Bad gateway</html>"))
        with pytest.raises(RouterUnwellError, match=str(status)) as met:
            router.ping()
        assert met.value.status == status

    def test_name_the_field_that_is_refused(self, router: HttpRouter, server: ScriptedServer) -> None:
        server.script.append(answer(400, code="ER-0100", message="expiresAt: must not be null"))
        with pytest.raises(RouterRefusedError, match="expiresAt: must not be null") as met:
            router.put_card(CARD)
        assert (met.value.status, met.value.router_code) == (400, "ER-0100")

    @pytest.mark.parametrize("status", [405, 413, 415, 422])
    def test_of_any_other_refusal_are_refusals(self, router: HttpRouter, server: ScriptedServer, status: int) -> None:
        server.script.append(Answer(status, b""))
        with pytest.raises(RouterRefusedError, match=str(status)):
            router.ping()

    def test_may_carry_fields_that_nobody_knows_yet(self, router: HttpRouter, server: ScriptedServer) -> None:
        server.script.append(
            answer(
                200,
                cardNumber=ESCN,
                status="SUSPENDED",
                issuerIdentifier=999465982,
                colour="blue",
                expiresAt=None,
                issuerName=None,
            )
        )
        status = router.card_status(ESCN)
        assert (status.status, status.issuer_pic, status.expires_on) == ("SUSPENDED", PIC, None)


class TestPerson:
    def known(self, **membership: object) -> Answer:
        values = {
            "organisation": {"identifier": PIC},
            "fullName": PERSON.full_name,
            "contactPoint": {"email": PERSON.email},
            **membership,
        }
        return answer(200, identifier=ESI.upper(), organisations=[{"organisation": {"identifier": "1"}}, values])

    def test_name_is_sent_in_both_places(self, router: HttpRouter, server: ScriptedServer) -> None:
        server.script.append(answer(201, identifier=ESI))
        router.put_person(PERSON)
        body = json.loads(server.heard[0].body)
        assert (body["fullName"], body["personOrganisationUpdateViews"][0]["fullName"]) == (PERSON.full_name,) * 2
        assert "academicLevel" not in body["personOrganisationUpdateViews"][0]

    def test_name_is_read_from_either_place(self, router: HttpRouter, server: ScriptedServer) -> None:
        older = answer(
            200,
            identifier=ESI,
            fullName=PERSON.full_name,
            organisations=[{"organisation": {"identifier": PIC}, "contactPoint": {"email": PERSON.email}}],
        )
        server.script.extend([EXISTS, older])
        assert router.put_person(PERSON) == "same"

    def test_that_is_known_is_compared_and_left(self, router: HttpRouter, server: ScriptedServer) -> None:
        server.script.extend([EXISTS, self.known()])
        assert router.put_person(PERSON) == "same"
        assert [h.method for h in server.heard] == ["POST", "GET"]

    @pytest.mark.parametrize(
        "membership",
        [
            {"fullName": "Other"},
            {"contactPoint": None},
            {"academicLevel": {"key": "MASTER"}},
            {"organisation": {"identifier": "2"}},
        ],
        ids=str,
    )
    def test_that_differs_is_updated(
        self, router: HttpRouter, server: ScriptedServer, membership: dict[str, object]
    ) -> None:
        server.script.extend([EXISTS, self.known(**membership), answer(200, identifier=ESI)])
        assert router.put_person(PERSON) == "updated"
        assert [h.method for h in server.heard] == ["POST", "GET", "PUT"]

    def test_that_exists_elsewhere_only_is_forbidden(self, router: HttpRouter, server: ScriptedServer) -> None:
        server.script.extend([EXISTS, answer(403, code="SE-0000", message="Access denied")])
        with pytest.raises(RouterForbiddenError):
            router.put_person(PERSON)

    def test_that_vanished_in_between_is_not_found(self, router: HttpRouter, server: ScriptedServer) -> None:
        server.script.extend([EXISTS, answer(404, code="ER-0001", message="Person not found")])
        with pytest.raises(RouterNotFoundError):
            router.put_person(PERSON)


class TestCard:
    def test_words_are_read_wrapped_or_bare(self, router: HttpRouter, server: ScriptedServer) -> None:
        common = {
            "cardNumber": ESCN,
            "issuedAt": "2026-09-01",
            "expiresAt": "2030-08-31",
            "issuer": {"identifier": PIC},
            "person": {"identifier": ESI.upper()},
        }
        wrapped = answer(200, **common, cardStatusType={"key": "ACTIVE"}, cardType={"key": "SMART_CDZ", "label": "x"})
        bare = answer(200, **common, cardStatusType="ACTIVE", cardType="SMART_CDZ")
        server.script.extend([EXISTS, wrapped, EXISTS, bare])
        assert [router.put_card(CARD), router.put_card(CARD)] == ["same", "same"]

    def test_body_has_what_is_known_and_no_more(self, router: HttpRouter, server: ScriptedServer) -> None:
        server.script.append(answer(201, cardNumber=ESCN))
        router.put_card(replace(CARD, processor="LV40001234567"))
        assert json.loads(server.heard[0].body) == {
            "cardNumber": ESCN,
            "cardStatusType": "ACTIVE",
            "cardType": "SMART_CDZ",
            "issuedAt": "2026-09-01",
            "expiresAt": "2030-08-31",
            "issuerIdentifier": PIC,
            "personIdentifier": ESI,
            "processorIdentifier": "LV40001234567",
        }


class TestPicture:
    def test_goes_to_the_person_at_our_organisation(self, router: HttpRouter, server: ScriptedServer) -> None:
        data = io.BytesIO()
        Image.new("RGB", (200, 300)).save(data, "JPEG")
        router.put_picture(ESI + "/ä", PIC, data.getvalue())
        heard = server.heard[0]
        tail = "urn%3Aschac%3ApersonalUniqueCode%3Aint%3Aesi%3Alv%3A000001%2F%C3%A4/picture"
        assert heard.path == f"/esc-rest/api/v2/organisations/{PIC}/person/{tail}"
        assert heard.headers["content-type"].startswith("multipart/form-data")
        assert data.getvalue() in heard.body

    def test_of_another_format_is_never_sent(self, router: HttpRouter, server: ScriptedServer) -> None:
        data = io.BytesIO()
        Image.new("RGB", (200, 300)).save(data, "PNG")
        with pytest.raises(RouterRefusedError, match="PNG 200 × 300"):
            router.put_picture(ESI, PIC, data.getvalue())
        assert server.heard == []


@pytest.mark.parametrize("added", [{"cardStatusType": "SUSPENDED"}, {"cardType": "SMART_RING"}])
def test_a_word_that_the_router_has_added_is_refused_before_a_card_is_changed(
    server: ScriptedServer, router: HttpRouter, added: dict[str, str]
) -> None:
    known = {
        "cardNumber": ESCN,
        "cardStatusType": "ACTIVE",
        "cardType": "SMART_CDZ",
        "issuedAt": "2026-09-01",
        "expiresAt": "2030-08-31",
        "issuer": {"identifier": PIC},
        "person": {"identifier": ESI},
    }
    server.script.append(answer(200, **{**known, **added}))
    with pytest.raises(RouterRefusedError, match=next(iter(added.values()))):
        router.change_card(ESCN, CardChange(expires_on=date(2031, 8, 31)))
    assert [heard.method for heard in server.heard] == ["GET"]
