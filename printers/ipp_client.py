"""Ask a print server by IPP: how a printer stands, what became of a job. Every call is one short HTTP request."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from printers.api import N_, PrinterReason
from printers.ipp import (
    Attribute,
    Group,
    GroupTag,
    IppError,
    IppFormatError,
    Message,
    ValueTag,
    boolean,
    decode,
    encode,
    integer,
    text,
)
from printers.trouble import TEXTS

if TYPE_CHECKING:
    import httpx

_TIMEOUT_S = 5.0
# So many times that long an answer may take as a whole: the other is for the next of its bytes.
_ANSWER_TIMES = 2
_MAX_ANSWER_BYTES = 8 * 1024 * 1024
_DEFAULT_PORT = 631
_SOCKETS = (Path("/run/cups/cups.sock"), Path("/private/var/run/cupsd"))
_CLIENT_CONF = (Path(".cups/client.conf"), Path("/etc/cups/client.conf"))


class Operation(IntEnum):
    """Operations, RFC 8011 section 5.4.15."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class Status(IntEnum):
    """Status codes that matter here, RFC 8011 appendix B; below 0x0100 all is well."""

    BAD_REQUEST = 0x0400
    FORBIDDEN = 0x0401
    NOT_AUTHENTICATED = 0x0402
    NOT_AUTHORIZED = 0x0403
    NOT_POSSIBLE = 0x0404
    NOT_FOUND = 0x0406
    GONE = 0x0407
    NOT_ACCEPTING = 0x0506
    BUSY = 0x0507


class IppUnreachableError(IppError):
    """There is no print service at that address; ``sent``: it was there, and may have read what it was asked."""

    sent = False
    what = N_("The print service of this computer doesn't answer ({detail}).")
    todo = N_("Ask IT to start the print service (CUPS).")


class IppUnknownHostError(IppUnreachableError):
    """Nobody here knows the name of that computer or printer; others may."""


class IppUntrustedError(IppError):
    """Who answers there is nobody whom this computer trusts; nothing was sent."""

    reason = PrinterReason.UNTRUSTED
    what, todo = TEXTS[PrinterReason.UNTRUSTED]


class IppStatusError(IppError):
    """The print service refused; ``status`` is the IPP status."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(detail=f"0x{status:04x} {detail}".strip())
        self.status = status

    @property
    def not_found(self) -> bool:
        """Say whether the printer or job that was asked for is not there."""
        return self.status in (Status.NOT_FOUND, Status.GONE)

    @property
    def busy(self) -> bool:
        """Say whether it takes no job now, and will later."""
        return self.status == Status.BUSY

    @property
    def not_accepting(self) -> bool:
        """Say whether the queue takes no jobs, as somebody wants it."""
        return self.status == Status.NOT_ACCEPTING

    @property
    def not_possible(self) -> bool:
        """Say whether the job is in no state for it, mostly because it has ended."""
        return self.status == Status.NOT_POSSIBLE

    @property
    def needs_login(self) -> bool:
        """Say whether the service wants to know first who asks."""
        return self.status in (Status.FORBIDDEN, Status.NOT_AUTHENTICATED, Status.NOT_AUTHORIZED)


@dataclass(frozen=True, slots=True)
class Server:
    """Where the print service is: a host and port, or a socket file.

    ``path`` is set where it is one printer and no service with queues; ``secure`` asks for TLS (``ipps``), with
    ``certificate`` as the PEM file of who signed the printer's certificate, empty for those that the system trusts.
    """

    host: str = "localhost"
    port: int = _DEFAULT_PORT
    socket: str = ""
    path: str = ""
    secure: bool = False
    certificate: str = ""

    @classmethod
    def at(cls, uri: str, *, certificate: str = "") -> Server | None:
        """Return the printer at an ``ipp`` or ``ipps`` URI (RFC 3510, RFC 7472); ``None`` for any other."""
        try:
            parts = urlsplit(uri)
            host, port = parts.hostname, parts.port or _DEFAULT_PORT
        except ValueError:
            return None
        if parts.scheme not in ("ipp", "ipps") or not host or parts.query or parts.username:
            return None
        named = f"[{host}]" if ":" in host else host
        return cls(named, port, path=parts.path or "/", secure=parts.scheme == "ipps", certificate=certificate)

    @classmethod
    def parse(cls, address: str) -> Server:
        """Return the server that ``CUPS_SERVER`` names: ``host``, ``host:port``, ``[v6]:port`` or ``/socket``.

        What is none of these becomes a host that does not answer.
        """
        if address.startswith("/"):
            return cls(socket=address)
        address = address.partition("/")[0]  # the rest is an IPP version for very old servers
        host, colon, port = address.rpartition(":")
        if not colon or (":" in host and not host.endswith("]")) or port.endswith("]"):
            host, port = address, str(_DEFAULT_PORT)
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            return cls(host=address)
        return cls(host=host, port=int(port))

    @classmethod
    def of_this_computer(cls, environment: Mapping[str, str] = os.environ) -> Server:
        """Return the server that ``lp`` would use: the environment's, the settings files', the socket, localhost."""
        if address := environment.get("CUPS_SERVER") or _configured(Path(environment.get("HOME", "/"))):
            return cls.parse(address)
        for path in _SOCKETS:
            if path.is_socket():
                return cls(socket=str(path))
        return cls()

    @property
    def address(self) -> str:
        """Return it as ``CUPS_SERVER`` names it."""
        host = f"[{self.host}]" if ":" in self.host and not self.host.startswith("[") else self.host
        return self.socket or f"{host}:{self.port}"


def _configured(home: Path) -> str:
    for path in (home / _CLIENT_CONF[0], _CLIENT_CONF[1]):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            word, _, rest = line.strip().partition(" ")
            if word.lower() == "servername" and rest.strip():
                return rest.strip()
    return ""


class IppClient:
    """Ask one print server. Safe on any thread; keeps no connection open."""

    def __init__(self, server: Server, *, timeout_s: float = _TIMEOUT_S) -> None:
        self.server = server
        self._timeout_s = timeout_s

    def printer(self, queue: str, names: Sequence[str]) -> Group:
        """Return attributes of a queue; raises IppStatusError (not_found) when there is no such queue."""
        answer = self._ask(Operation.GET_PRINTER_ATTRIBUTES, [self._printer_uri(queue), _requested(names)])
        return _only(answer, GroupTag.PRINTER)

    def job(self, job_id: int, names: Sequence[str]) -> Group:
        """Return attributes of a job; raises IppStatusError (not_found) when the service does not know it."""
        answer = self._ask(Operation.GET_JOB_ATTRIBUTES, [*self._job(job_id), _user(), _requested(names)])
        return _only(answer, GroupTag.JOB)

    def jobs(self, queue: str, names: Sequence[str]) -> tuple[Group, ...]:
        """Return attributes of all jobs of a queue that the service remembers, of anybody, ended or not."""
        which = text(ValueTag.KEYWORD, "which-jobs", "all")
        attributes = [self._printer_uri(queue), _user(), which, boolean("my-jobs", False), _requested(names)]
        return self._ask(Operation.GET_JOBS, attributes).group(GroupTag.JOB)

    def cancel_job(self, job_id: int, *, purge: bool = False) -> None:
        """Take a job back; with ``purge`` (CUPS) its documents and its history are deleted, too, ended or not."""
        extra = [boolean("purge-job", True)] if purge else []
        self._ask(Operation.CANCEL_JOB, [*self._job(job_id), _user(), *extra])

    def print_job(self, job: Sequence[Attribute], document: bytes, *, queue: str = "") -> int:
        """Give a document to a queue, or to the printer that this is (Print-Job); return the number it got there.

        ``job`` begins with what belongs to the operation (``job-name``, ``document-format``); the job's own follow.
        Raises IppUnreachableError (``sent`` says whether it may have arrived), IppStatusError: it was refused.
        """
        names = ("job-name", "document-format")
        head = [attribute for attribute in job if attribute.name in names]
        template = Group(GroupTag.JOB, tuple(attribute for attribute in job if attribute.name not in names))
        operation = [self._printer_uri(queue), _user(), *head]
        # As libcups does: a site may let only some computers at one of its queues, by this path.
        path = f"/printers/{quote(queue, safe='')}" if queue else ""
        answer = self._ask(Operation.PRINT_JOB, operation, more=(template,), document=document, path=path)
        number = _only(answer, GroupTag.JOB).get("job-id")
        if not number or not isinstance(number[0], int):
            raise IppFormatError(detail="the job's number is missing")
        return number[0]

    def _printer_uri(self, queue: str) -> Attribute:
        if self.server.path:
            scheme = "ipps" if self.server.secure else "ipp"
            return text(ValueTag.URI, "printer-uri", f"{scheme}://{self.server.address}{self.server.path}")
        return text(ValueTag.URI, "printer-uri", f"ipp://localhost/printers/{quote(queue, safe='')}")

    def _job(self, job_id: int) -> list[Attribute]:
        uri = self._printer_uri("") if self.server.path else text(ValueTag.URI, "printer-uri", "ipp://localhost/")
        return [uri, integer("job-id", job_id)]

    def _ask(
        self,
        operation: Operation,
        attributes: Iterable[Attribute],
        *,
        more: tuple[Group, ...] = (),
        document: bytes = b"",
        path: str = "",
    ) -> Message:
        # RFC 8011 section 4.1.4: charset and language first, then what the operation is about.
        head = text(ValueTag.CHARSET, "attributes-charset", "utf-8")
        language = text(ValueTag.LANGUAGE, "attributes-natural-language", "en")
        group = Group(GroupTag.OPERATION, (head, language, *attributes))
        request = encode(Message(operation, 1, (group, *more), document=document))
        try:
            return _checked(decode(self._post(request, path)))
        except IppStatusError as error:
            if not (error.needs_login and self.server.socket):
                raise
        # CUPS looks at the other end of the socket itself; the header only has to name the same user.
        return _checked(decode(self._post(request, path, {"Authorization": f"PeerCred {user_name()}"})))

    def _post(self, body: bytes, path: str = "", headers: Mapping[str, str] | None = None) -> bytes:
        import httpx

        self._probe()
        path = path or self.server.path or "/"
        try:
            with self._http() as http, http.stream("POST", path, content=body, headers=headers) as response:
                if 400 <= response.status_code < 500:
                    login = response.status_code in (401, 403)
                    status = Status.NOT_AUTHORIZED if login else Status.BAD_REQUEST
                    raise IppStatusError(status, f"HTTP {response.status_code}")
                if response.status_code != 200:
                    raise IppFormatError(detail=f"HTTP {response.status_code}")
                return _bounded(response.iter_bytes(), time.monotonic() + _ANSWER_TIMES * self._timeout_s)
        # Before OSError, of which it is one: here somebody was there, and may have read what was asked.
        except TimeoutError as error:
            raise self._silent(error) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise _not_reached(error, self.server.address) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise self._silent(error) from error

    def _silent(self, error: Exception) -> IppUnreachableError:
        unreachable = IppUnreachableError(detail=f"{self.server.address}: {error}")
        unreachable.sent = True
        return unreachable

    def _probe(self) -> None:
        """Raise when nobody listens at the socket file: httpx would leave its own end of it open."""
        if self.server.socket:
            with socket.socket(getattr(socket, "AF_UNIX", socket.AF_INET), socket.SOCK_STREAM) as probe:
                try:
                    probe.settimeout(self._timeout_s)
                    probe.connect(self.server.socket)
                except (OSError, TypeError) as error:  # TypeError: a system without socket files
                    raise IppUnreachableError(detail=f"{self.server.address}: {error}") from error

    def _http(self) -> httpx.Client:
        import httpx

        transport = httpx.HTTPTransport(uds=self.server.socket or None, verify=self._trusted())
        scheme = "https" if self.server.secure else "http"
        base = "http://localhost" if self.server.socket else f"{scheme}://{self.server.address}"
        headers = {"Content-Type": "application/ipp", "Connection": "close"}
        # No proxy out of the environment: a card goes to its printer, and past nobody else.
        return httpx.Client(
            base_url=base, transport=transport, headers=headers, timeout=self._timeout_s, trust_env=False
        )

    def _trusted(self) -> ssl.SSLContext | bool:
        # Nothing to verify without TLS; making a context reads every certificate of the system.
        if not self.server.secure:
            return False
        return ssl.create_default_context(cafile=self.server.certificate or None)


def _not_reached(error: Exception, address: str) -> IppError:
    """Return why there was no connection, by what the system had against it."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    detail = f"{address}: {error}"
    if any(isinstance(each, ssl.SSLError) for each in causes):
        return IppUntrustedError(device=address, detail=detail)
    # UnicodeError: what Python makes of a name that can be none, such as one with two dots in a row.
    if any(isinstance(each, socket.gaierror | UnicodeError) for each in causes):
        return IppUnknownHostError(detail=detail)
    return IppUnreachableError(detail=detail)


def _checked(answer: Message) -> Message:
    if answer.code >= 0x0100:
        told = [each for group in answer.group(GroupTag.OPERATION) for each in group.get("status-message")]
        raise IppStatusError(answer.code, str(told[0]) if told else "")
    return answer


def _bounded(chunks: Iterable[bytes], until: float) -> bytes:
    answer = bytearray()
    for chunk in chunks:
        answer += chunk
        if time.monotonic() > until:
            raise TimeoutError("it answers too slowly")
        if len(answer) > _MAX_ANSWER_BYTES:
            raise IppFormatError(detail=f"more than {_MAX_ANSWER_BYTES} bytes")
    return bytes(answer)


def _only(answer: Message, tag: GroupTag) -> Group:
    groups = answer.group(tag)
    if not groups:
        raise IppFormatError(detail="the attributes are missing")
    return groups[0]


def _requested(names: Sequence[str]) -> Attribute:
    return text(ValueTag.KEYWORD, "requested-attributes", *names)


def user_name() -> str:
    """Return who asks. CUPS shows a job's title, and takes it back, only for the user that sent it."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name  # not $LOGNAME: a socket's other end is known by its number
    except (ImportError, KeyError):  # Windows; an account that is in no list of users
        return "station"


def _user() -> Attribute:
    return text(ValueTag.NAME, "requesting-user-name", user_name())
