"""A desk for each test of the services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.desks import TestDesk, open_test_desk


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    """Yield a desk on simulated devices."""
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk
