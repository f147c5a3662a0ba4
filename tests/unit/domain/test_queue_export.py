"""Tests for ``station.domain.queue_export``."""

from __future__ import annotations

from station.domain.queue_export import content_of


def test_a_payload_is_known_again_whatever_the_order_of_its_parts() -> None:
    assert content_of({"esi": "urn:x", "pic": "1"}) == content_of({"pic": "1", "esi": "urn:x"})


def test_another_payload_is_another_content() -> None:
    told = {"full_name": "Jānis Bērziņš", "email": None}
    assert content_of(told) != content_of({**told, "full_name": "Jānis Bērziņš-Kalns"})
    assert content_of(told) != content_of({**told, "email": ""})
    assert len(content_of({})) == 64
