"""What every store must do with a portrait's plain background: a layer that is there or not, the rest untouched."""

from __future__ import annotations

from dataclasses import replace

from station.adapters.store.store import SqlStore
from tests.helpers.desks import a_portrait


def test_a_plain_background_is_a_layer_over_the_portrait(store: SqlStore) -> None:
    natural = a_portrait("id-1")
    plain = natural.with_plain_background(b"\xff\xd8 plain")
    store.portraits.add(plain)
    kept = store.portraits.get(plain.id)
    assert kept == plain
    assert kept is not None
    assert (kept.image, kept.natural) == (b"\xff\xd8 plain", natural.image)


def test_without_it_the_portrait_is_what_it_was(store: SqlStore) -> None:
    natural = a_portrait("id-1")
    store.portraits.add(natural.with_plain_background(b"\xff\xd8 plain"))
    kept = store.portraits.get(natural.id)
    assert kept is not None
    off = kept.with_own_background("another")
    store.portraits.add(off)
    assert store.portraits.get("another") == replace(natural, id="another")
    again = store.portraits.get(natural.id)
    assert again is not None
    assert again.natural is not None, "what was printed stays on record as it was printed"
