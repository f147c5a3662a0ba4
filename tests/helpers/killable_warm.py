"""Imported where the killed stations are forked from: makes one card, so that everything is warm there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.helpers.desks import open_test_desk
from tests.helpers.killable import make_card

with tempfile.TemporaryDirectory() as _folder, open_test_desk(Path(_folder) / "desk") as _bench:
    make_card(_bench, _bench.liga, Path(_folder) / "acknowledged")
