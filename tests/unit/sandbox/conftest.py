"""The sandbox in this process, for each test its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.openapi import Contract
from tests.helpers.sandbox_api import Api, sandbox_in_process


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """Yield the sandbox, held to the contract where that is at hand."""
    try:
        contract: Contract | None = Contract()
    except pytest.skip.Exception:
        contract = None
    with sandbox_in_process(tmp_path) as client:
        yield Api(client, contract)


@pytest.fixture
def contract() -> Contract:
    """Return the published contract; skips where it is not at hand."""
    return Contract()


@pytest.fixture
def jpeg() -> bytes:
    """Return a picture of the size that the router wants."""
    target = io.BytesIO()
    Image.new("RGB", (200, 300), (90, 120, 160)).save(target, "JPEG")
    return target.getvalue()
