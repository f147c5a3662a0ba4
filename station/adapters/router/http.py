"""ESC-Router over HTTP: one pooled client, the key for its own host only, every failure by its name."""

from __future__ import annotations

import io
import logging
import ssl
import threading
import unicodedata
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, urlsplit

import httpx
from PIL import Image, UnidentifiedImageError

import station
from station.adapters.router.address import RouterAddress, check_address
from station.adapters.router.answers import error_of, told_time
from station.adapters.router.bodies import (
    NOT_THE_ROUTER,
    NOT_THE_ROUTER_TODO,
    CardStatusView,
    CardView,
    PersonView,
    card_body,
    person_body,
    read,
)
from station.domain.errors import (
    N_,
    ProfileError,
    RouterConflictError,
    RouterKeyError,
    RouterRefusedError,
    RouterUnreachableError,
    SecretError,
)
from station.ports.router import PublicCardStatus, RouterCard, RouterPerson

PICTURE_SIZE = (200, 300)

CONNECT_TIMEOUT_S = 10.0
_API = "/api/v2"
_CONNECTIONS_MAX = 64


class HttpRouter:
    """Implement ``ports.router.Router`` over httpx. Safe to use from several threads.

    A new record costs one request: it is posted at once, and only a 409 makes the client look, compare and, where
    something differs, update. So telling a thing twice changes nothing.
    """

    def __init__(
        self,
        address: RouterAddress,
        *,
        pic: str,
        institution: str,
        key: Callable[[], bytes],
        heard: Callable[[datetime], None] | None = None,
    ) -> None:
        """Prepare the client; nothing is sent yet.

        Args:
            address: where the router is.
            pic: the institution's PIC, to which the key is bound.
            institution: its name, for ``User-Agent``.
            key: returns the key, or raises SecretError; asked when a key is needed and after the router refused one.
            heard: is told the time of day of every answer that carries one, in the thread of the caller.

        Raises:
            ProfileError: the address is not ``https://``, and not on this computer either; or the CA file is unusable.
        """
        self._base_url = address.base_url.rstrip("/").removesuffix(_API)
        check_address(self._base_url)
        self._read_key, self._heard = key, heard
        self._key: bytes | None = None
        self._key_lock = threading.Lock()
        # An address holds an ESI: httpx must not write every one into the log.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._client = _client(address, self._base_url, _user_agent(pic, institution))

    def __repr__(self) -> str:
        return f"HttpRouter({self._base_url!r})"

    @property
    def base_url(self) -> str:
        """Return where it is, without the version of the interface."""
        return self._base_url

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ping(self, pic: str = "") -> None:
        """Ask for one person with the key; raises when unreachable or the key is refused. There is one key only."""
        self._call("GET", "/persons", params={"page": "0", "size": "1"})

    def put_person(self, person: RouterPerson) -> str:
        """Create or update a person; return ``created``, ``updated`` or ``same``."""
        body = person_body(person)
        try:
            answer = self._call("POST", "/persons", json=body)
        except RouterConflictError:
            # Posting first costs one request for a new person, and nearly everybody is new.
            return self._update_person(person, body)
        _check_identity(read(PersonView, answer).identifier, person.esi)
        return "created"

    def put_card(self, card: RouterCard) -> str:
        """Create or update a card; return ``created``, ``updated`` or ``same``.

        Raises:
            RouterConflictError: the number is another person's card.
        """
        body = card_body(card)
        try:
            answer = self._call("POST", "/cards", json=body)
        except RouterConflictError:
            return self._update_card(card, body)
        _check_identity(read(CardView, answer).card_number, card.escn)
        return "created"

    def put_picture(self, esi: str, organisation_pic: str, jpeg_200x300: bytes) -> None:
        """Store the person's picture; raises RouterRefusedError, before sending, for one that is not 200 × 300 px."""
        _check_picture(jpeg_200x300)
        path = f"/organisations/{_quoted(organisation_pic)}/person/{_quoted(esi)}/picture"
        self._call("POST", path, files={"file": ("portrait.jpg", jpeg_200x300, "image/jpeg")})

    def card_status(self, escn: str) -> PublicCardStatus:
        """Return the public status; no key is sent. Raises RouterNotFoundError for an unknown number."""
        answer = self._call("GET", f"/cards/{_quoted(escn)}/status", with_key=False)
        return read(CardStatusView, answer).public()

    def _update_person(self, person: RouterPerson, body: dict[str, object]) -> str:
        path = f"/persons/{_quoted(person.esi)}"
        known = read(PersonView, self._call("GET", path))
        _check_identity(known.identifier, person.esi)
        # Telling twice must change nothing, not even the router's "last changed".
        if known.says_the_same(person):
            return "same"
        updated = read(PersonView, self._call("PUT", path, json=body))
        _check_identity(updated.identifier, person.esi)
        return "updated"

    def _update_card(self, card: RouterCard, body: dict[str, object]) -> str:
        path = f"/cards/{_quoted(card.escn)}"
        known = read(CardView, self._call("GET", path))
        _check_identity(known.card_number, card.escn)
        if not known.is_of(card):
            raise RouterConflictError(
                N_("At ESC-Router the card number {escn} belongs to another person."),
                N_("Don't hand out a card with this number. Ask IT: two stations may share a number prefix."),
                status=409,
                escn=card.escn,
            )
        if known.says_the_same(card):
            return "same"
        updated = read(CardView, self._call("PUT", path, json=body))
        _check_identity(updated.card_number, card.escn)
        return "updated"

    def _call(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        json: dict[str, object] | None = None,
        params: dict[str, str] | None = None,
        files: dict[str, tuple[str, bytes, str]] | None = None,
        with_key: bool = True,
    ) -> bytes:
        """Send one request; return the body of a success, raise RouterError for everything else."""
        headers = {b"Authorization": b"Bearer " + self._current_key()} if with_key else {}
        try:
            response = self._client.request(method, path, json=json, params=params, files=files, headers=headers)
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise _unreachable(error) from error
        told_at = told_time(response)
        if self._heard is not None and told_at is not None:
            self._heard(told_at)
        if response.is_success:
            return response.content
        found = error_of(response)
        if isinstance(found, RouterKeyError):
            self._forget_key()
        raise found

    def _current_key(self) -> bytes:
        with self._key_lock:
            if self._key is None:
                self._key = self._checked_key()
            return self._key

    def _checked_key(self) -> bytes:
        try:
            key = self._read_key().strip()
        except SecretError as error:
            raise RouterKeyError(error.what, error.todo, name=error.params.get("name", "")) from error
        # The transport would refuse it too, and write it into its message.
        if not key.isascii() or not key.decode("ascii", "replace").isprintable() or not key:
            raise RouterKeyError(
                N_("The key for ESC-Router in this computer's keyring is damaged or empty."),
                N_("Ask IT to put the key there once more. Cards are valid; they wait in the queue."),
            )
        return key

    def _forget_key(self) -> None:
        """Ask for the key again next time: someone may have put the right one there."""
        with self._key_lock:
            self._key = None


def _client(address: RouterAddress, base_url: str, user_agent: str) -> httpx.Client:
    try:
        return httpx.Client(
            base_url=base_url + _API,
            headers={"Accept": "application/json", "User-Agent": user_agent},
            # A router that can't be reached is known soon; one that works on an answer is given the time the profile
            # says.
            timeout=httpx.Timeout(address.timeout_s, connect=min(CONNECT_TIMEOUT_S, address.timeout_s)),
            verify=_tls(address),
            proxy=address.proxy,
            # Neither a .netrc nor a variable of the environment may decide where the key goes.
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=_CONNECTIONS_MAX, max_keepalive_connections=_CONNECTIONS_MAX),
        )
    except (ValueError, httpx.InvalidURL) as error:
        raise ProfileError(file="", place="router.proxy", detail=str(error)) from error


def _unreachable(error: Exception) -> RouterUnreachableError:
    text = str(error)
    if "certificate has expired" in text or "certificate is not yet valid" in text:
        # The commonest cause is on our side, and then no answer will ever come that tells the right time.
        return RouterUnreachableError(_OUT_OF_DATE, _OUT_OF_DATE_TODO)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return RouterUnreachableError(NOT_THE_ROUTER, NOT_THE_ROUTER_TODO, detail=N_("its certificate is not trusted"))
    return RouterUnreachableError(detail=type(error).__name__)


def _tls(address: RouterAddress) -> ssl.SSLContext:
    if urlsplit(address.base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # on this computer: loads no authorities, and so trusts none
    context = httpx.create_ssl_context(trust_env=False)
    if address.ca_file is not None:
        try:
            context.load_verify_locations(cafile=address.ca_file)
        except (OSError, ssl.SSLError) as error:
            detail = f"{address.ca_file}: {error}"
            raise ProfileError(file="", place="router.ca_file", detail=detail) from error
    return context


def _user_agent(pic: str, institution: str) -> str:
    # A header is ASCII (RFC 9110, 5.5), and an institution's name seldom is.
    folded = unicodedata.normalize("NFKD", institution).encode("ascii", "ignore").decode()
    name = "".join(c for c in folded if c.isalnum() or c in " .,-").strip()
    return f"esc-station/{station.__version__} (PIC {pic}; {name})"


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _check_identity(answered: str, asked: str) -> None:
    if answered.casefold() != asked.casefold():
        raise RouterUnreachableError(NOT_THE_ROUTER, NOT_THE_ROUTER_TODO, detail=N_("it speaks of another record"))


def _check_picture(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            found = (image.format, image.size)
    except (UnidentifiedImageError, OSError) as error:
        raise RouterRefusedError(detail=N_("the portrait is not a picture")) from error
    if found != ("JPEG", PICTURE_SIZE):
        raise RouterRefusedError(detail=f"picture: {found[0]} {found[1][0]} × {found[1][1]} px")


_OUT_OF_DATE = N_("ESC-Router's certificate is out of date, or this computer's clock is wrong.")
_OUT_OF_DATE_TODO = N_("Ask IT to look at this computer's date and time. Cards are valid; they wait in the queue.")
