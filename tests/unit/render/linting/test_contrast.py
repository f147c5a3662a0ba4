"""Letters and logos stand out from what is really behind them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from station.domain.elements import Box, EscLogoColour, Layer, Shape, Weight
from station.domain.lint import Level
from station.render.linting import contrast
from tests.helpers.linting import LOGO, QR, checked, layout, names, task, text

GROUND = Shape(id="ground", fill="#2c4390", box=Box(0, 0, 85.6, 53.98))
WORDS = text("{full_name}", layer=Layer.COLOUR, colour="#ffffff")


class TestText:
    def test_black_on_white_and_white_on_blue_are_fine(self) -> None:
        assert checked(contrast.low, text("{full_name}")) == []
        assert checked(contrast.low, GROUND, WORDS) == []

    def test_white_on_white_and_black_on_blue_are_not(self) -> None:
        (found,) = checked(contrast.low, WORDS)
        assert (found.rule, found.level, found.element) == ("esc-2026/text-contrast", Level.WARNING, "text")
        assert "1.0 to 1" in str(found.message)
        assert names(checked(contrast.low, GROUND, text("{full_name}"))) == ["esc-2026/text-contrast text"]

    def test_resin_lies_over_colours_that_are_drawn_later(self) -> None:
        assert names(checked(contrast.low, text("{full_name}"), GROUND)) == ["esc-2026/text-contrast text"]
        # Colour that is drawn later covers the text itself; what was behind it was white.
        assert checked(contrast.low, replace(WORDS, colour="#102030"), GROUND) == []

    def test_large_letters_need_less(self) -> None:
        grey = text("{given_names}", Box(4, 10, 70, 12), layer=Layer.COLOUR, colour="#8a8a8a", size_pt=13.9)
        assert names(checked(contrast.low, grey)) == ["esc-2026/text-contrast text"]
        assert checked(contrast.low, replace(grey, size_pt=18.0)) == []
        assert checked(contrast.low, replace(grey, size_pt=14.0, weight=Weight.BOLD)) == []

    def test_the_worse_half_of_a_gradient_counts(self) -> None:
        ground = replace(GROUND, fill_to="#f0f0f0")
        assert names(checked(contrast.low, ground, replace(WORDS, box=Box(4, 20, 76, 8), size_pt=30))) != []
        assert checked(contrast.low, ground, replace(WORDS, box=Box(4, 20, 12, 4))) == []

    def test_an_empty_text_and_one_that_is_not_shown_are_not_looked_at(self) -> None:
        assert checked(contrast.low, replace(WORDS, text="{address}")) == []
        assert checked(contrast.low, replace(WORDS, needs=("address",))) == []

    def test_the_back_is_looked_at_too(self) -> None:
        (found,) = contrast.low(task(layout(QR, back=[WORDS])))
        assert (found.side, found.element) == (1, "text")


class TestLogo:
    @pytest.mark.parametrize(
        ("colour", "ground", "seen"),
        [
            (EscLogoColour.BLUE, "#ffffff", True), (EscLogoColour.BLUE, "#2c4390", False),
            (EscLogoColour.WHITE, "#2c4390", True), (EscLogoColour.WHITE, "#f4f4f4", False),
            (EscLogoColour.BLACK, "#ffffff", True), (EscLogoColour.BLACK, "#202020", False),
        ],
    )  # fmt: skip
    def test_each_colour_needs_its_ground(self, colour: EscLogoColour, ground: str, seen: bool) -> None:
        layer = Layer.RESIN if colour is EscLogoColour.BLACK else Layer.COLOUR
        found = checked(contrast.low, replace(GROUND, fill=ground), replace(LOGO, colour=colour, layer=layer))
        assert names(found) == ([] if seen else ["esc-2026/logo-colour logo"])


def test_a_small_share_of_worse_dots_does_not_count() -> None:
    behind = Image.new("RGB", (100, 100), (255, 255, 255))
    behind.paste((0, 0, 0), (0, 0, 3, 100))
    assert contrast.worst_contrast((0, 0, 0), behind) == 21.0
    behind.paste((0, 0, 0), (0, 0, 12, 100))
    assert contrast.worst_contrast((0, 0, 0), behind) == 1.0
