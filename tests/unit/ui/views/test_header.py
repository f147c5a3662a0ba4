"""The header says which router cards go to, so that nobody takes a trial for the real thing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from station.app.demo_profile import demo_settings
from station.settings import Settings
from station.ui.views.header import Header
from station.ui.widgets.pill import Badge
from tests.helpers.window import a_ui

SANDBOX = "https://sandbox.europeanstudentcard.eu/esc-rest/api/v2"
PRODUCTION = "https://router.europeanstudentcard.eu/esc-rest/api/v2"


def real(settings: Settings, url: str, *, enabled: bool = True) -> Settings:
    """Return the profile of a real desk that registers at ``url``."""
    router = replace(settings.router, url=url, enabled=enabled)
    return replace(settings, demo=False, router=router)


@pytest.mark.parametrize(
    ("url", "enabled", "word"),
    [
        (SANDBOX, True, "SANDBOX"),
        ("https://trial.example.org/esc-rest", True, "TEST"),
        ("http://127.0.0.1:8099/esc-rest", True, "TEST"),
        (PRODUCTION, True, ""),
        (SANDBOX, False, ""),
    ],
)
def test_a_router_where_nothing_counts_is_named(
    qtbot: QtBot, tmp_path: Path, url: str, enabled: bool, word: str
) -> None:
    with a_ui() as ui:
        header = Header(ui, real(demo_settings(tmp_path, SANDBOX), url, enabled=enabled))
        qtbot.addWidget(header)
        badge = header.findChild(Badge, "demoBadge")
        assert isinstance(badge, Badge)
        assert badge.isHidden() is (not word)
        if word:
            assert badge.accessibleName().startswith(word)
            assert "nobody abroad" in badge.toolTip()


def test_the_demo_stays_the_demo(qtbot: QtBot, tmp_path: Path) -> None:
    with a_ui() as ui:
        header = Header(ui, demo_settings(tmp_path, "http://127.0.0.1:8099/esc-rest"))
        qtbot.addWidget(header)
        badge = header.findChild(Badge, "demoBadge")
        assert isinstance(badge, Badge)
        assert not badge.isHidden()
        assert badge.accessibleName().startswith("DEMO")
