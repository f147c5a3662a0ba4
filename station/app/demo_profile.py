"""The demo bench's profile and fault dial; light, so that the window can be shown before the rest is loaded."""

from __future__ import annotations

import tomllib
from pathlib import Path

from station.resources import asset
from station.sandbox.faults import FaultDial
from station.settings import Settings, settings_from

DEMO_KEY = "demo-key"
ENCODER = "Demo encoder"
"""Part of the name of the reader in the demo's printer."""
NOWHERE = "http://127.0.0.1:9/esc-rest/api/v2"
"""The discard port: nothing answers there, as if the network were gone."""


def demo_settings(folder: Path, router_url: str, *, one_pass: bool = False) -> Settings:
    """Return the demo's profile, with its data in ``folder``; with ``one_pass`` its printer writes the chips, too."""
    file = asset("demo", "profile.toml")
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    # A name of its own: a folder that holds a real station can never become the demo's, nor the other way round.
    document["store"] = {"path": str(folder.resolve() / "demo.db")}
    document["printer"] = {**document["printer"], "folder": str(folder.resolve() / "printer")}
    if one_pass:
        document["printer"] |= {"one_pass": True, "options": {"encoders": "contactless"}}
        document["reader"] = {**document["reader"], "encoder": ENCODER}
    document["router"] = {**document["router"], "url": router_url}
    return settings_from(document, file)


def fault_dial(folder: Path) -> FaultDial:
    """Return the fault dial of the demo bench whose data is in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    return FaultDial(folder / "faults.json")
