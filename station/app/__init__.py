"""The composition root: the only place that names concrete adapters and printers; it builds, wires and stops a desk."""

from __future__ import annotations

from station.app.build import open_desk
from station.app.demo import DemoBench, open_demo

__all__ = ["DemoBench", "open_demo", "open_desk"]
