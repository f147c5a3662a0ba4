"""Which ESC-Router a station talks to: the one where every card counts, or one where nothing does."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from urllib.parse import urlsplit

from station.domain.errors import N_

PRODUCTION_HOST = "router.europeanstudentcard.eu"
SANDBOX_HOST = "sandbox.europeanstudentcard.eu"


class RouterPlace(StrEnum):
    """Where cards are registered. Only in production is a card worth something abroad."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    LOCAL = "local"
    OTHER = "other"

    @property
    def counts(self) -> bool:
        """Tell whether a card that is registered here is one that others will look up."""
        return self is RouterPlace.PRODUCTION


NAMES: dict[RouterPlace, str] = {
    RouterPlace.PRODUCTION: N_("ESC-Router"),
    RouterPlace.SANDBOX: N_("ESC-Router's sandbox"),
    RouterPlace.LOCAL: N_("the sandbox on this computer"),
    RouterPlace.OTHER: N_("a router for trials"),
}
"""What each is called on screen."""


def place_of(base_url: str) -> RouterPlace:
    """Return which router an address leads to; one that nobody knows is none where cards count."""
    host = host_of(base_url)
    if host == PRODUCTION_HOST:
        return RouterPlace.PRODUCTION
    if host == SANDBOX_HOST:
        return RouterPlace.SANDBOX
    return RouterPlace.LOCAL if is_local(base_url) else RouterPlace.OTHER


def host_of(base_url: str) -> str:
    """Return the host of an address, in small letters; empty when it has none."""
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:  # an unfinished IPv6 address
        return ""


def is_production(base_url: str) -> bool:
    """Tell whether an address is the real router, where every card counts."""
    return host_of(base_url) == PRODUCTION_HOST


def is_local(base_url: str) -> bool:
    """Tell whether an address is on this computer: the only place where demo data may go."""
    host = host_of(base_url)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
