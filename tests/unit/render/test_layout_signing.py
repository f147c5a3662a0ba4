"""The approval of a layout: what it covers, and that nothing can be changed behind its back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.adapters.secrets.demo_signer import demo_certificate
from station.adapters.secrets.virtual import VirtualSecrets
from station.domain.errors import LayoutError
from station.domain.layout import Approval, Layout
from station.domain.layout_document import layout_digest
from station.render.layout_signing import approval_json, fingerprint, read_approval, signer, statement
from tests.helpers.designs import text

AT = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
KEYS = VirtualSecrets(demo=True)
DRAFT = Layout("mine", 3, (text(),), title="Karte")
LAYOUT = replace(DRAFT, digest=layout_digest(DRAFT))


def approved(layout: Layout = LAYOUT, by: str = "Ilze Bērziņa") -> Approval:
    signature = KEYS.sign("layout-signing", statement(layout, layout.digest, AT, by))
    return Approval(layout.digest, AT, by, demo_certificate("layout-signing"), signature)


def refused(raw: bytes, layout: Layout = LAYOUT) -> str:
    with pytest.raises(LayoutError) as caught:
        read_approval(raw, layout)
    assert caught.value.params["place"] == "approval.json"
    return str(caught.value)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    said = json.loads(approval_json(approved()))
    change(said)
    return json.dumps(said).encode()


def test_an_approval_comes_back_as_it_was_given() -> None:
    approval = approved()
    assert read_approval(approval_json(approval), LAYOUT) == approval
    assert "layout-signing" in signer(approval.certificate)
    assert fingerprint(approval.certificate) == fingerprint(demo_certificate("layout-signing"))
    assert signer(b"none") == ""


@pytest.mark.parametrize(
    "other",
    [
        replace(DRAFT, title="Other"),
        replace(DRAFT, version=4),
        replace(DRAFT, name="other"),
        replace(DRAFT, front=(text(x=30.01),)),
    ],
)
def test_it_is_of_these_contents_only(other: Layout) -> None:
    message = refused(approval_json(approved()), replace(other, digest=layout_digest(other)))
    assert "was altered after it was approved" in message
    assert "Nothing was printed" in message


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(by="Somebody else"),
        lambda said: said.update(at="2026-09-02T08:00:00+00:00"),
        lambda said: said.update(at="2026-09-01T08:00:00"),
        lambda said: said.update(digest="0" * 64),
        lambda said: said.update(signature=""),
        lambda said: said.update(signature=said["signature"][:-8] + "AAAAAAA="),
        lambda said: said.update(certificate=""),
        lambda said: said.update(certificate="AAAA"),
        lambda said: said.update(certificate=json.loads(approval_json(approved()))["signature"]),
    ],
)
def test_nothing_in_it_can_be_changed(change: Callable[[dict[str, Any]], object]) -> None:
    assert "was altered" in refused(changed(change))


def test_another_persons_certificate_does_not_fit() -> None:
    other = replace(approved(), certificate=demo_certificate("deuinfo-signing"))
    assert "was altered" in refused(approval_json(other))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="nothing said"),
        pytest.param(b"[" * 50_000, id="deep"),
        pytest.param(approval_json(approved()) + b" " * 100_000, id="long"),
        pytest.param(changed(lambda said: said.update(extra=1)), id="more"),
        pytest.param(changed(lambda said: said.update(schema_version=2)), id="later"),
        pytest.param(changed(lambda said: said.update(at="yesterday")), id="no time"),
        pytest.param(changed(lambda said: said.update(signature="*")), id="no signature"),
        pytest.param(changed(lambda said: said.update(by="x" * 300)), id="long name"),
        pytest.param(changed(lambda said: said.pop("digest")), id="no digest"),
    ],
)
def test_what_is_no_approval_is_refused(raw: bytes) -> None:
    assert "can't be read" in refused(raw)


@given(st.text(max_size=30), st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=30)
def test_what_is_signed_is_the_same_on_every_computer(by: str, at: datetime) -> None:
    said = statement(LAYOUT, LAYOUT.digest, at, by)
    assert said.isascii()
    assert json.loads(said)["by"] == by
    assert said == statement(replace(LAYOUT, approval=approved(), digest=""), LAYOUT.digest, at, by)
