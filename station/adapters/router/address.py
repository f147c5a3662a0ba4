"""Where a router is, and whether a key may go there; light, so that a desk can open before the client is loaded."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from station.domain.errors import N_, ProfileError

PRODUCTION_HOST = "router.europeanstudentcard.eu"


@dataclass(frozen=True, slots=True)
class RouterAddress:
    """Where a router is and how to get there: address, own CA, proxy, and how long an answer may take."""

    base_url: str
    ca_file: Path | None = None
    proxy: str | None = None
    timeout_s: float = 20.0


def is_production(base_url: str) -> bool:
    """Tell whether an address is the real router, where every card counts."""
    return urlsplit(base_url).hostname == PRODUCTION_HOST


def is_local(base_url: str) -> bool:
    """Tell whether an address is on this computer: the only place where demo data may go."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(base_url: str) -> None:
    """Raise ProfileError unless the key may go there: ``https://``, or this computer itself."""
    parts = urlsplit(base_url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and is_local(base_url):
        return
    raise ProfileError(
        file="",
        place="router.url",
        detail=N_("it must begin with https://, for the key goes there (http:// is for this computer only)"),
    )
