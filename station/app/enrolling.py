"""Open no more of a desk than enrolling it needs: the store and the keyring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from station.app.build import open_store_of
from station.app.surroundings import Surroundings, real_surroundings
from station.services.desk import nobody_listens
from station.services.enrolment import Enrolment, place_of
from station.settings import Settings


@contextmanager
def open_enrolment(settings: Settings, surroundings: Surroundings | None = None) -> Iterator[Enrolment]:
    """Open what enrols this station. Raises StoreError, ProfileError; no device is touched."""
    around = surroundings or real_surroundings(settings)
    with ExitStack() as closing:
        # No copy of it: this computer may be nobody's yet.
        store = open_store_of(settings, around, alone=False)
        closing.callback(store.close)
        keys = around.secrets()
        closing.callback(getattr(keys, "close", nobody_listens))
        yield Enrolment(store.enrolment, around.clock, keys, place_of(settings))
