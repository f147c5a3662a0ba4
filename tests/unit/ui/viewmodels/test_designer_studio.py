"""What the designer shows is the institution's own: its colour and its logo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from station.app.demo_profile import NOWHERE, demo_settings
from station.domain.elements import Box, Logo, Shape
from station.services.designing import FRONT, added
from station.ui.tasks import QtTasks
from station.ui.viewmodels.designer_studio import Studio
from tests.helpers.designs import PNG, a_design
from tests.helpers.desks import open_test_desk


def studio_with(folder: Path, logo: Path) -> Studio:
    institution = demo_settings(folder, NOWHERE).institution
    own = replace(institution, logo=logo, accent="#004d40")
    with open_test_desk(folder) as hands:
        tasks = QtTasks()
        settings = replace(hands.desk.settings, institutions=(own,))
        object.__setattr__(hands.desk, "settings", settings)
        try:
            return Studio(hands.desk, tasks, list)
        finally:
            tasks.close()


def test_the_institutions_own_logo_and_colour_are_drawn(qapp: object, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    studio = studio_with(tmp_path / "desk", tmp_path / "logo.png")
    assert studio.brand.logo == PNG
    tile = Shape(id="tile", box=Box(0, 0, 10, 10), fill="accent")
    picture = studio.book.draw(tile, 100).colour
    assert picture is not None
    seen = picture.pixelColor(15, 15)
    assert (seen.red(), seen.green(), seen.blue()) == (0, 77, 64)
    design, key = added(a_design(), FRONT, Logo(id="logo", box=Box(2, 2, 8, 8)))
    element = design.get(key)
    assert element is not None
    assert studio.book.draw(element, 100).error is None


def test_a_logo_that_cannot_be_read_keeps_nobody_from_designing(qapp: object, tmp_path: Path) -> None:
    studio = studio_with(tmp_path / "desk", tmp_path / "gone.png")
    assert studio.brand.logo is None
    assert studio.brand.accent == "#004d40"
