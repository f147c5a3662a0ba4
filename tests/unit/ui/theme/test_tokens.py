"""The tokens: every pair that carries text can be read, and an institution's accent cannot spoil that."""

from __future__ import annotations

import pytest

from station.domain.errors import InputError
from station.ui.theme.tokens import DARK, LIGHT, MIN_CONTRAST, Tokens, contrast, mixed, with_accent

PAIRS = [
    ("text", "background"), ("text", "surface"), ("text", "sunken"), ("text", "accent_weak"),
    ("muted", "surface"), ("muted", "background"), ("accent", "surface"), ("on_accent", "accent"),
    ("ok", "ok_weak"), ("warn", "warn_weak"), ("bad", "surface"), ("on_bad", "bad"), ("warn", "surface"),
    ("accent", "accent_weak"),
]  # fmt: skip


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read(tokens: Tokens, ink: str, ground: str) -> None:
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= MIN_CONTRAST


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == pytest.approx(1.0)


@pytest.mark.parametrize("accent", ["#7a1f2b", "#00594c", "#000000", "#5a2d82"])
def test_an_accent_fits_both_schemes(accent: str) -> None:
    for base in (LIGHT, DARK):
        tokens = with_accent(base, accent)
        assert contrast(tokens.on_accent, tokens.accent) >= MIN_CONTRAST
        assert contrast(tokens.accent, tokens.surface) >= MIN_CONTRAST
        assert contrast(tokens.text, tokens.accent_weak) >= MIN_CONTRAST


@pytest.mark.parametrize("accent", ["#ffe600", "#ffffff", "#9ad0f5"])
def test_an_accent_that_is_too_pale_is_refused_by_name(accent: str) -> None:
    with pytest.raises(InputError) as caught:
        with_accent(LIGHT, accent)
    assert caught.value.params["value"] == accent


def test_mixing_goes_from_one_to_the_other() -> None:
    assert mixed("#000000", "#ffffff", 0.0) == "#000000"
    assert mixed("#000000", "#ffffff", 1.0) == "#ffffff"
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
