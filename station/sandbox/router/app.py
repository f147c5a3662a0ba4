"""The HTTP side: one route an operation of the contract, keys, faults, and errors as the contract words them."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from station.domain.errors import EscnError
from station.domain.escn import parse_escn
from station.ports.faults import FaultSource
from station.sandbox.router import csvimport, pages
from station.sandbox.router.bodies import CardUpdateView, PersonUpdateView, read_json, read_view
from station.sandbox.router.cards import Cards
from station.sandbox.router.database import Database
from station.sandbox.router.errors import ApiError, bad_request, unauthorized
from station.sandbox.router.lists import PageRequest
from station.sandbox.router.persons import PICTURE_BYTES_MAX, Persons
from station.sandbox.router.qr import qr_base64, qr_svg
from station.sandbox.router.views import Views

BASE_PATH = "/esc-rest"
_API = BASE_PATH + "/api/v2"
RETRY_AFTER_S = 2

Endpoint = Callable[[Request], Awaitable[Response]]


class _Anything(Convertor[str]):
    """A part of a path with whatever in it: slashes and line ends are no reason to know nothing of an operation."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Backing:
    """What stands behind the app: the keys with their PIC, the file, what is broken, what day it is."""

    keys: Mapping[str, str]
    database: Database
    faults: FaultSource
    today: Callable[[], date] = _today


class RouterApp:
    """The endpoints. All run on the one event loop, so the file needs no lock."""

    def __init__(self, backing: Backing) -> None:
        views = Views(backing.database, backing.today)
        self._backing = backing
        self._persons = Persons(backing.database, views)
        self._cards = Cards(backing.database, views, self._persons, backing.today)

    # --- persons

    async def list_persons(self, request: Request) -> Response:
        """GET /persons."""
        return JSONResponse(self._persons.page(self._pic(request), PageRequest.of(request.query_params)))

    async def create_person(self, request: Request) -> Response:
        """POST /persons."""
        pic = self._pic(request)
        body = read_view(PersonUpdateView, read_json(await request.body()))
        return JSONResponse(self._persons.create(pic, body), 201)

    async def read_person(self, request: Request) -> Response:
        """GET /persons/{esi}."""
        return JSONResponse(self._persons.read(self._pic(request), request.path_params["esi"]))

    async def update_person(self, request: Request) -> Response:
        """PUT /persons/{esi}."""
        pic = self._pic(request)
        body = read_view(PersonUpdateView, read_json(await request.body()))
        return JSONResponse(self._persons.update(pic, request.path_params["esi"], body))

    async def delete_person(self, request: Request) -> Response:
        """DELETE /persons/{esi}."""
        self._persons.delete(self._pic(request), request.path_params["esi"])
        return Response(status_code=204)

    async def anonymise(self, request: Request) -> Response:
        """POST /control/anonymise/{esi}: not the contract's; the router does this by itself, one day."""
        self._persons.anonymise(self._pic(request), request.path_params["esi"])
        return Response(status_code=204)

    # --- pictures

    async def read_picture(self, request: Request) -> Response:
        """GET the picture."""
        picture = self._persons.picture(self._pic_of_path(request), request.path_params["esi"])
        return Response(picture, media_type="application/octet-stream")

    async def store_picture(self, request: Request) -> Response:
        """POST the picture, as multipart ``file``."""
        pic = self._pic_of_path(request)
        resize = request.query_params.get("resize", "false").lower()
        if resize not in {"true", "false"}:
            raise bad_request("resize", "must be true or false")
        data = await _file(request)
        self._persons.store_picture(pic, request.path_params["esi"], data, resize=resize == "true")
        return JSONResponse("created", 201)

    async def delete_picture(self, request: Request) -> Response:
        """DELETE the picture."""
        self._persons.delete_picture(self._pic_of_path(request), request.path_params["esi"])
        return Response(status_code=204)

    # --- cards

    async def list_cards(self, request: Request) -> Response:
        """GET /cards."""
        return JSONResponse(self._cards.page(self._pic(request), PageRequest.of(request.query_params)))

    async def create_card(self, request: Request) -> Response:
        """POST /cards."""
        pic = self._pic(request)
        body = read_view(CardUpdateView, read_json(await request.body()))
        return JSONResponse(self._cards.create(pic, body), 201)

    async def read_card(self, request: Request) -> Response:
        """GET /cards/{escn}."""
        return JSONResponse(self._cards.read(self._pic(request), request.path_params["escn"]))

    async def update_card(self, request: Request) -> Response:
        """PUT /cards/{escn}."""
        pic = self._pic(request)
        body = read_view(CardUpdateView, read_json(await request.body()))
        return JSONResponse(self._cards.update(pic, request.path_params["escn"], body))

    async def delete_card(self, request: Request) -> Response:
        """DELETE /cards/{escn}."""
        self._cards.delete(self._pic(request), request.path_params["escn"])
        return Response(status_code=204)

    async def card_status(self, request: Request) -> Response:
        """GET /cards/{escn}/status: the only operation that needs no key."""
        return JSONResponse(self._cards.status(request.path_params["escn"]))

    async def card_qr(self, request: Request) -> Response:
        """GET /cards/{escn}/qr, as SVG or as Base64 of it."""
        self._pic(request)
        escn = request.path_params["escn"]
        try:
            parse_escn(escn)
        except EscnError as error:
            raise bad_request("escn", "is no card number") from error
        query = request.query_params
        svg = qr_svg(
            escn,
            orientation=query.get("orientation", "horizontal"),
            colours=query.get("colours", "normal"),
            size=query.get("size", "S"),
        )
        accept = request.headers.get("accept", "image/svg+xml")
        if any(kind in accept for kind in ("image/svg+xml", "*/*", "image/*")):
            return Response(svg, media_type="image/svg+xml")
        if "text/plain" in accept:
            return PlainTextResponse(qr_base64(svg))
        raise bad_request("Accept", "must be image/svg+xml or text/plain")

    async def generate_escn(self, request: Request) -> Response:
        """GET /cards/generate-escn."""
        pic, query = self._pic(request), request.query_params
        if "prefix" not in query or "pic" not in query:
            raise bad_request("pic" if "prefix" in query else "prefix", "must not be null")
        numbers = [_whole(query, "prefix"), _whole(query, "numberOfESCN", 1)]
        return JSONResponse(self._cards.generate(pic, query["pic"], *numbers))

    # --- CSV import

    async def csv_config(self, request: Request) -> Response:
        """GET /cards/csv-config; by the contract even a refusal maps names to numbers, so it has nothing to say."""
        try:
            self._pic(request)
        except ApiError as error:
            return JSONResponse({}, error.status)
        return JSONResponse(csvimport.config())

    async def validate_csv(self, request: Request) -> Response:
        """POST /cards/validate-csv; here even a refusal is a list of row errors."""
        try:
            pic = self._pic(request)
            operation = request.query_params.get("operation", "")
            if operation not in csvimport.OPERATIONS:
                raise bad_request("operation", f"must be one of {', '.join(csvimport.OPERATIONS)}")
            data = await _file(request)
        except ApiError as error:
            field, _colon, reason = error.message.partition(": ")
            return JSONResponse([csvimport.row_error(0, field, reason or error.message)], error.status)
        return JSONResponse(csvimport.validate(data, operation, pic, self._cards.exists))

    async def status_page(self, _request: Request) -> Response:
        """GET /: what the sandbox holds, for people."""
        return HTMLResponse(pages.status_page(self._backing.database, self._backing.faults.fault("router")))

    # --- keys

    def _pic(self, request: Request) -> str:
        """Return the PIC that the key in the request is bound to; raises ApiError 401."""
        scheme, _space, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given:
            raise unauthorized("Full authentication is required to access this resource")
        for key, pic in self._backing.keys.items():
            # In constant time, as a server does that has something to hide: this one is read as an example.
            if hmac.compare_digest(key.encode(), given.strip().encode()):
                return pic
        raise unauthorized("This key is not known")

    def _pic_of_path(self, request: Request) -> str:
        pic = self._pic(request)
        if request.path_params["id"] != pic:
            raise unauthorized("This key is not for that organisation")
        return pic

    def routes(self) -> list[Route]:
        """Return the 18 operations of API v2, each behind the faults."""
        picture = "/organisations/{id}/person/{esi:anything}/picture"
        operations: list[tuple[str, str, Endpoint]] = [
            ("GET", "/persons", self.list_persons),
            ("POST", "/persons", self.create_person),
            ("GET", "/persons/{esi:anything}", self.read_person),
            ("PUT", "/persons/{esi:anything}", self.update_person),
            ("DELETE", "/persons/{esi:anything}", self.delete_person),
            ("GET", picture, self.read_picture),
            ("POST", picture, self.store_picture),
            ("DELETE", picture, self.delete_picture),
            ("GET", "/cards", self.list_cards),
            ("POST", "/cards", self.create_card),
            # Before the routes with a number in them: Starlette takes the first that fits, and a number here is
            # whatever it is.
            ("GET", "/cards/csv-config", self.csv_config),
            ("POST", "/cards/validate-csv", self.validate_csv),
            ("GET", "/cards/generate-escn", self.generate_escn),
            ("GET", "/cards/{escn:anything}/status", self.card_status),
            ("GET", "/cards/{escn:anything}/qr", self.card_qr),
            ("GET", "/cards/{escn:anything}", self.read_card),
            ("PUT", "/cards/{escn:anything}", self.update_card),
            ("DELETE", "/cards/{escn:anything}", self.delete_card),
        ]
        return [Route(_API + path, self._faulty(endpoint), methods=[method]) for method, path, endpoint in operations]

    def _faulty(self, endpoint: Endpoint) -> Endpoint:
        """Return ``endpoint`` behind the faults that answer (``down`` cuts the connection before this)."""

        async def answer(request: Request) -> Response:
            fault = self._backing.faults.fault("router")
            kind = fault.kind if fault is not None else ""
            if kind == "500":
                raise ApiError(500, "SX-0500", "Unexpected error")
            if kind == "401":
                raise unauthorized("This key is not known")
            if fault is not None and kind == "429":
                wait = {"Retry-After": f"{fault.value or RETRY_AFTER_S:g}"}
                raise ApiError(429, "SX-0429", "Too many requests", wait)
            try:
                return await endpoint(request)
            finally:
                if fault is not None and kind == "slow":
                    # The work is done and only the answer is late: whoever stops waiting can't know that it was.
                    await asyncio.sleep(fault.value)

        return answer


def create_app(backing: Backing) -> Starlette:
    """Return the sandbox as an ASGI application."""
    app = RouterApp(backing)
    control = Route("/control/anonymise/{esi:anything}", app.anonymise, methods=["POST"])
    starlette = Starlette(
        routes=[Route("/", app.status_page, methods=["GET"]), control, *app.routes()],
        exception_handlers={ApiError: _api_error, HTTPException: _http_error, Exception: _unexpected},
    )
    # The real one never redirects a call of the interface: a client must not follow with its key.
    starlette.router.redirect_slashes = False
    return starlette


async def _api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for it alone
    return JSONResponse(error.body(), error.status, error.headers)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    return JSONResponse({"code": f"SX-0{error.status_code}", "message": error.detail}, error.status_code)


async def _unexpected(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"code": "SX-0500", "message": "Unexpected error"}, 500)


def _whole(query: Mapping[str, str], name: str, default: int = 0) -> int:
    try:
        return int(query.get(name, str(default)))
    except ValueError as error:
        raise bad_request(name, "must be a whole number") from error


async def _file(request: Request) -> bytes:
    """Return what was uploaded as ``file``; raises ApiError 400 when there is none."""
    try:
        # Bounded while it is read, and again below: a body without a length would else be held whole.
        async with request.form(max_files=1, max_part_size=PICTURE_BYTES_MAX) as form:
            upload = form.get("file")
            if upload is None or isinstance(upload, str):
                raise bad_request("file", "must not be null")
            data = await upload.read(PICTURE_BYTES_MAX + 1)
    except (MultiPartException, HTTPException) as error:
        raise bad_request("file", "the body is not multipart/form-data") from error
    if len(data) > PICTURE_BYTES_MAX:
        raise bad_request("file", "is too big")
    return data
