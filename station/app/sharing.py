"""The store that several stations share: its address with the password, claims, and news of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from station.adapters.claims import OwnClaims, PostgresClaims
from station.adapters.news import NoNews, PostgresNews
from station.app.surroundings import Surroundings
from station.domain.errors import SecretError
from station.ports.claims import Claims
from station.ports.news import News
from station.services.desk import nobody_listens
from station.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import URL


@dataclass(frozen=True)
class Sharing:
    """What a station has for itself among those that share its store, and what it hears of them."""

    claims: Claims
    news: News


def store_address(settings: Settings, around: Surroundings) -> str | Path:
    """Return where the store of a profile is; of a database with the password, where the keyring has it.

    Without one the server's own ways are left: the environment (``PGPASSWORD``), a password file, the system's user.
    """
    if settings.store.url is None:
        return settings.store.path or around.data / "station.db"
    url = _url_of(settings.store.url)
    if url is None or not url.username:
        return settings.store.url
    keys = around.secrets()
    try:
        with suppress(SecretError):
            url = url.set(password=keys.get(password_name(url)).decode())
    finally:
        # Logged out at once: the desk opens the keeper again for itself, and a token has one login a program.
        getattr(keys, "close", nobody_listens)()
    return url.render_as_string(hide_password=False)


def password_name(url: URL) -> str:
    """Return under which name the keyring has the password of a database: by server, database and user."""
    port = f":{url.port}" if url.port else ""
    return f"store:{url.host or 'localhost'}{port}/{url.database}:{url.username}"


def alone() -> Sharing:
    """Return what a station has that shares its store with nobody."""
    return Sharing(OwnClaims(), NoNews())


def sharing_of(settings: Settings, address: str | Path) -> Sharing:
    """Return how a station shares its store; nothing is opened before it is needed."""
    url = _url_of(str(address)) if settings.store.url is not None else None
    if url is None or url.get_backend_name() != "postgresql":
        return alone()
    name = settings.station.name
    return Sharing(PostgresClaims(url, name), PostgresNews(url, name))


def _url_of(address: str) -> URL | None:
    """Return an address in its parts; ``None`` for what is none: whoever opens it says so."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    with suppress(ArgumentError, ValueError):
        return make_url(address)
    return None
