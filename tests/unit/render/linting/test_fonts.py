"""Fonts that came with a layout: letters, licence, use."""

from __future__ import annotations

from functools import cache

import pytest

from station.domain.lint import Level
from station.render.linting import fonts
from station.resources import asset
from tests.helpers.linting import layout, names, task, text


@cache
def inter() -> bytes:
    return asset("fonts", "Inter-Regular.ttf").read_bytes()


def restricted(font: bytes) -> bytes:
    """Return the font with the bit set that forbids embedding."""
    at = font.index(b"OS/2")
    start = int.from_bytes(font[at + 8 : at + 12], "big")
    return font[: start + 8] + b"\x00\x02" + font[start + 10 :]


def with_fonts(family: str, **files: bytes) -> list[str]:
    given = layout(text("x", family=family), files={f"fonts/{name}.ttf": data for name, data in files.items()})
    return names(list(fonts.own(task(given))))


def test_a_whole_and_free_font_that_is_used_is_fine() -> None:
    assert with_fonts("Own", Own=inter()) == []
    assert with_fonts("Inter") == []


def test_one_that_may_not_be_embedded_is_said() -> None:
    given = layout(text("x", family="Own"), files={"Own.ttf": restricted(inter())})
    (found,) = fonts.own(task(given))
    assert (found.rule, found.level, found.side) == ("font/embedding", Level.WARNING, None)
    assert "Own" in str(found.message)


def test_one_without_our_letters_is_said_with_them() -> None:
    armenian = asset("fonts", "NotoSansArmenian-Medium.ttf").read_bytes()
    given = layout(text("x", family="Own"), files={"Own.ttf": armenian})
    (found,) = fonts.own(task(given))
    assert found.rule == "font/letters"
    assert "Ģ" in str(found.message)


def test_one_that_nothing_uses_is_noted() -> None:
    assert with_fonts("Inter", Own=inter()) == ["font/unused"]


@pytest.mark.parametrize("data", [b"", b"no font at all"])
def test_one_that_can_not_be_read_is_left_to_the_loader(data: bytes) -> None:
    assert with_fonts("Own", Own=data) == []
