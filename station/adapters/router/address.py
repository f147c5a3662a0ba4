"""Where a router is, and whether a key may go there; light, so that a desk can open before the client is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from station.domain.errors import N_, ProfileError
from station.domain.router_place import host_of, is_local


@dataclass(frozen=True, slots=True)
class RouterAddress:
    """Where a router is and how to get there: address, own CA, proxy, and how long an answer may take."""

    base_url: str
    ca_file: Path | None = None
    proxy: str | None = None
    timeout_s: float = 20.0


def check_address(base_url: str, proxy: str | None = None) -> None:
    """Raise ProfileError unless the key may go there: ``https://``, or this computer itself, by no other one."""
    scheme = urlsplit(base_url).scheme if host_of(base_url) else ""
    if scheme == "http" and is_local(base_url) and proxy is not None and host_of(proxy) and not is_local(proxy):
        raise ProfileError(
            file="",
            place="router.proxy",
            detail=N_("with http:// the key would go to the proxy in the open: leave it out, or use https://"),
        )
    if scheme == "https" or (scheme == "http" and is_local(base_url)):
        return
    raise ProfileError(
        file="",
        place="router.url",
        detail=N_("it must begin with https://, for the key goes there (http:// is for this computer only)"),
    )
