"""What every store does with layouts: the versions that cards were made to, and how they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from station.adapters.store import SqlStore
from station.domain.errors import StoreConflictError
from station.domain.layout_state import KeptLayout, LayoutState
from tests.helpers.scribe import NOON

DRAFT = KeptLayout("university", 3, "ab" * 32, LayoutState.DRAFT, "Studenta karte", NOON, NOON, "Ilze", "Desk 1")
OTHER = replace(DRAFT, digest="cd" * 32)
PACKAGE = bytes(range(256)) * 5


def test_a_layout_is_kept_with_every_byte(store: SqlStore, reopen: Callable[[], SqlStore]) -> None:
    assert store.layouts.all() == ()
    assert store.layouts.package(DRAFT.digest) is None
    store.layouts.keep(DRAFT, PACKAGE)
    again = reopen()
    assert again.layouts.all() == (DRAFT,)
    assert again.layouts.package(DRAFT.digest) == PACKAGE


def test_what_was_used_under_one_version_is_kept_apart(store: SqlStore) -> None:
    newer = replace(DRAFT, version=4, digest="ef" * 32)
    for each in (newer, OTHER, DRAFT):
        store.layouts.keep(each, each.digest.encode())
    assert store.layouts.all() == (OTHER, DRAFT, newer)
    assert store.layouts.package(OTHER.digest) == OTHER.digest.encode()


def test_a_layout_is_approved_and_retired(store: SqlStore) -> None:
    store.layouts.keep(DRAFT, b"draft")
    later = NOON + timedelta(days=1)
    approved = replace(DRAFT, state=LayoutState.APPROVED, added_at=later, changed_at=later, operator="Anna")
    store.layouts.keep(approved, b"signed")
    assert store.layouts.all() == (replace(approved, added_at=NOON),)
    assert store.layouts.package(DRAFT.digest) == b"signed"
    retired = replace(approved, state=LayoutState.RETIRED)
    store.layouts.keep(retired)
    assert [each.state for each in store.layouts.all()] == [LayoutState.RETIRED]
    assert store.layouts.package(DRAFT.digest) == b"signed"


@pytest.mark.parametrize("state", [LayoutState.APPROVED, LayoutState.RETIRED])
def test_one_version_is_approved_with_one_content_only(store: SqlStore, state: LayoutState) -> None:
    store.layouts.keep(replace(DRAFT, state=state), PACKAGE)
    with pytest.raises(StoreConflictError, match="university/3 was approved with other contents") as caught:
        store.layouts.keep(replace(OTHER, state=LayoutState.APPROVED), PACKAGE)
    assert caught.value.params["constraint"] == "layout_version"
    assert [each.digest for each in store.layouts.all()] == [DRAFT.digest]
    store.layouts.keep(OTHER, PACKAGE)  # a draft of it may still be tried
    store.layouts.keep(replace(OTHER, version=4, state=LayoutState.APPROVED), PACKAGE)
