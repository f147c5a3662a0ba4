"""One request to ESC-Router: the key for its own host only, the proxy, time-outs, and every failure by its name."""

from __future__ import annotations

import logging
import ssl
import threading
import unicodedata
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

import httpx

import station
from station.adapters.router.address import RouterAddress, check_address
from station.adapters.router.answers import error_of, told_time
from station.adapters.router.bodies import NOT_THE_ROUTER, NOT_THE_ROUTER_TODO
from station.adapters.router.connections import Connections
from station.adapters.router.hearing import note_told_at
from station.adapters.router.multiplexed import Multiplexed, Negotiated
from station.domain.errors import (
    N_,
    ProfileError,
    RouterAddressError,
    RouterElsewhereError,
    RouterError,
    RouterForbiddenError,
    RouterKeyError,
    RouterKeyScopeError,
    RouterUnreachableError,
    SecretError,
)

CONNECT_TIMEOUT_S = 10.0
_API = "/api/v2"
_PROBE = "/persons?page=0&size=1"
_OFTEN = ("/persons", "/cards", _PROBE)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the institution's PIC and its name for ``User-Agent``, and the key, which is read when it is needed.

    ``heard`` is told the time of day of every answer that carries one, in the thread of the caller.
    """

    pic: str
    institution: str
    key: Callable[[], bytes] = field(repr=False)
    heard: Callable[[datetime], None] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: its path with the query, and what is in it."""

    method: str
    path: str
    body: bytes | None = None
    files: dict[str, tuple[str, bytes, str]] | None = None
    accept: str = "application/json"
    with_key: bool = True


class Calls:
    """Send requests, from several threads at a time; what is no success comes out as a ``RouterError``."""

    def __init__(self, address: RouterAddress, who: Identity) -> None:
        """Prepare the client; nothing is sent yet. Raises ProfileError: see ``HttpRouter``."""
        self.base_url = address.base_url.rstrip("/").removesuffix(_API)
        check_address(self.base_url, address.proxy)
        self.pic = who.pic
        self._who = who
        # Kept after the first look: the keyring is another process's, and a queue that drains asks many times a second.
        self._key: bytes | None = None
        self._key_lock = threading.Lock()
        # An address holds an ESI: httpx must not write every one into the log.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._transport = _transport(address)
        self._timeout = _timeout(address)
        self._agent = _user_agent(who.pic, who.institution).encode()
        self._urls = {path: httpx.URL(self.base_url + _API + path) for path in _OFTEN}

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def call(self, ask: Ask) -> bytes:
        """Send a request; return the body of a success, raise RouterError for everything else."""
        used = self._current_key() if ask.with_key else b""
        response = self._sent(ask, used)
        if response.is_success:
            return response.content
        error = error_of(response)
        if isinstance(error, RouterKeyError):
            return self._after_refused_key(ask, used, error)
        if isinstance(error, RouterForbiddenError) and not isinstance(error, RouterElsewhereError):
            raise self._told_apart(ask, error)
        raise error

    def _sent(self, ask: Ask, key: bytes) -> httpx.Response:
        # Straight to the transport: httpx.Client follows redirects, keeps cookies and takes names and passwords from
        # files, and there must be none of that here; it also costs as much as all the rest.
        headers = [(b"User-Agent", self._agent), (b"Accept", ask.accept.encode())]
        if ask.with_key:
            headers.append((b"Authorization", b"Bearer " + key))
        if ask.body is not None:
            headers.append((b"Content-Type", b"application/json"))
        url = self._urls.get(ask.path) or httpx.URL(self.base_url + _API + ask.path)
        request = httpx.Request(ask.method, url, headers=headers, content=ask.body, files=ask.files)
        request.extensions["timeout"] = self._timeout
        # Forgotten before: when no answer comes, the time in the one before would be taken for this one's.
        note_told_at(None)
        response = self._exchanged(request)
        told_at = told_time(response)
        note_told_at(told_at)
        if self._who.heard is not None and told_at is not None:
            self._who.heard(told_at)
        return response

    def _exchanged(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._transport.handle_request(request)
            with closing(response):  # what is left of an answer that broke off is not waited for
                response.read()
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise unreachable(error) from error
        return response

    # --- the key

    def _after_refused_key(self, ask: Ask, used: bytes, error: RouterError) -> bytes:
        """Try once more when someone has put another key there; else say what is wrong with this one."""
        self._forget_key()
        if ask.with_key and self._current_key() != used:
            response = self._sent(ask, self._current_key())
            if response.is_success:
                return response.content
            error = error_of(response)
        raise self._told_apart(ask, error)

    def _told_apart(self, ask: Ask, error: RouterError) -> RouterError:
        """Return what a refusal means: one for this record, or for everything, by asking something harmless.

        The contract has one status for a wrong key and for a key of another PIC (401), and production answers 403 to
        an address that is not on its list as it does to a record that is not ours.
        """
        general = RouterKeyError if isinstance(error, RouterKeyError) else RouterAddressError
        particular = RouterKeyScopeError if isinstance(error, RouterKeyError) else RouterForbiddenError
        kind: type[RouterError] = general
        if ask.with_key and ask.path != _PROBE and isinstance(error, RouterKeyError | RouterForbiddenError):
            try:
                harmless = self._sent(Ask("GET", _PROBE), self._current_key())
            except RouterError:
                kind = general
            else:
                kind = particular if harmless.is_success else general
        elif not isinstance(error, RouterKeyError | RouterForbiddenError):
            return error
        detail = error.params["detail"]
        return kind(
            status=error.status, router_code=error.router_code, retry_after_s=error.retry_after_s, detail=detail
        )

    def ask_with_key(self) -> None:
        """Ask for one person with the key; raises when the router can't be reached or refuses the key."""
        self.call(Ask("GET", _PROBE))

    def _current_key(self) -> bytes:
        with self._key_lock:
            if self._key is None:
                self._key = self._checked_key()
            return self._key

    def _checked_key(self) -> bytes:
        try:
            key = self._who.key().strip()
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
        """Ask for the key again: someone may have put the right one there."""
        with self._key_lock:
            self._key = None


def quoted(part: str) -> str:
    """Return a part of a path; an ESI may hold anything."""
    return quote(part, safe="")


def unreachable(error: Exception) -> RouterUnreachableError:
    """Return the error that says why no answer came."""
    text = str(error)
    if "certificate has expired" in text or "certificate is not yet valid" in text:
        # The commonest cause is on our side, and then no answer will ever come that tells the right time.
        return RouterUnreachableError(_OUT_OF_DATE, _OUT_OF_DATE_TODO)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return RouterUnreachableError(NOT_THE_ROUTER, NOT_THE_ROUTER_TODO, detail=N_("its certificate is not trusted"))
    # The kind and not its text: that quotes the address, and so an ESI, which would get into the log.
    return RouterUnreachableError(detail=type(error).__name__)


def _transport(address: RouterAddress) -> httpx.BaseTransport:
    tls = _tls(address)
    one = httpx.Limits(max_connections=1, max_keepalive_connections=1)
    few = httpx.Limits(max_connections=4, max_keepalive_connections=4)

    def connection() -> httpx.HTTPTransport:
        # Neither a .netrc nor a variable of the environment may decide where the key goes.
        return httpx.HTTPTransport(verify=tls, proxy=address.proxy, trust_env=False, limits=one)

    def shared() -> httpx.AsyncHTTPTransport:
        # More than one only while an old one is being given up.
        return httpx.AsyncHTTPTransport(verify=tls, proxy=address.proxy, trust_env=False, limits=few, http2=True)

    try:
        connection().close()  # what is wrong with the proxy is said now
    except (ValueError, httpx.InvalidURL) as error:
        raise ProfileError(file="", place="router.proxy", detail=str(error)) from error
    spread = Connections(connection)
    # HTTP/2 is agreed upon with TLS.
    return Negotiated(Multiplexed(shared), spread) if urlsplit(address.base_url).scheme == "https" else spread


def _timeout(address: RouterAddress) -> dict[str, float | None]:
    """Return how long each part may take.

    A router that can't be reached is known soon; one that works on an answer is given the time the profile says.
    """
    return httpx.Timeout(address.timeout_s, connect=min(CONNECT_TIMEOUT_S, address.timeout_s)).as_dict()


def _tls(address: RouterAddress) -> ssl.SSLContext:
    if urlsplit(address.base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # on this computer: loads no authorities, and so trusts none
    # SSL_CERT_FILE in somebody's environment must not decide whom the key is given to.
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


_OUT_OF_DATE = N_("ESC-Router's certificate is out of date, or this computer's clock is wrong.")
_OUT_OF_DATE_TODO = N_("Ask IT to look at this computer's date and time. Cards are valid; they wait in the queue.")
