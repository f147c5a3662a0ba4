"""Tests for ``station.domain.queue_export``."""

from __future__ import annotations

from station.domain.queue_export import LEFT_IN_WORDS, Export, ExportWay, content_of
from tests.helpers.scribe import NOON


def test_what_left_says_how_and_that_it_still_waits() -> None:
    assert set(LEFT_IN_WORDS) == set(ExportWay)
    said = Export("k", "e", ExportWay.STICK, "f", "c", NOON).message.english()
    assert "Carried on a stick on 2026-" in said
    assert "not here yet" in said


def test_a_payload_is_known_again_whatever_the_order_of_its_parts() -> None:
    assert content_of({"esi": "urn:x", "pic": "1"}) == content_of({"pic": "1", "esi": "urn:x"})


def test_another_payload_is_another_content() -> None:
    told = {"full_name": "Jānis Bērziņš", "email": None}
    assert content_of(told) != content_of({**told, "full_name": "Jānis Bērziņš-Kalns"})
    assert content_of(told) != content_of({**told, "email": ""})
    assert len(content_of({})) == 64
