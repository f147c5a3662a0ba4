"""The institution's own artwork: read from files, and what is wrong with them said at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from station.domain.elements import Box, EscLogo, EscLogoColour, EscLogoForm
from station.domain.errors import LayoutError
from station.domain.layout import Layout
from station.render.brands import load_brand
from station.render.card import render_card
from station.render.marks import esc_artwork
from station.render.raster import image_of
from station.resources import asset
from tests.helpers.layouts import CR80_300, as_png, card_fields

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="33" height="6"><rect width="33" height="6" fill="#039"/></svg>'
MARK = EscLogo(id="mark", box=Box(10, 10, 33, 6))


@pytest.fixture
def artwork(tmp_path: Path) -> Path:
    folder = tmp_path / "esc-logo"
    folder.mkdir()
    (folder / "vertical.svg").write_bytes(SVG)
    (folder / "vertical-white.png").write_bytes(as_png(Image.new("RGBA", (33, 6), (255, 255, 255, 255))))
    (folder / "notes.txt").write_text("from the Commission")
    return folder


def test_without_files_there_is_only_the_colour() -> None:
    brand = load_brand("#123456", None, None)
    assert (brand.accent, brand.logo, brand.esc_logo) == ("#123456", None, ())


def test_the_logos_files_are_known_by_their_names(artwork: Path) -> None:
    given = dict(load_brand("#123456", None, artwork).esc_logo)
    assert sorted(given) == ["vertical", "vertical-white"]
    assert esc_artwork(given, EscLogoForm.VERTICAL, EscLogoColour.BLUE) == (SVG, None)
    assert esc_artwork(given, EscLogoForm.VERTICAL, EscLogoColour.BLACK) == (SVG, EscLogoColour.BLACK)
    assert esc_artwork(given, EscLogoForm.VERTICAL, EscLogoColour.WHITE)[0].startswith(b"\x89PNG")
    stand_in = asset("esc-logo", "stand-in-horizontal.svg").read_bytes()
    assert esc_artwork(given, EscLogoForm.HORIZONTAL, EscLogoColour.BLUE)[0] == stand_in


def test_it_is_drawn_on_the_card(artwork: Path, tmp_path: Path) -> None:
    own = tmp_path / "logo.png"
    own.write_bytes(as_png(Image.new("RGB", (20, 20), (200, 30, 40))))
    card = render_card(
        Layout("x", 1, front=(MARK,)), card_fields(), None, CR80_300, load_brand("#123456", own, artwork)
    )
    assert image_of(card.front.colour).getpixel((300, 160)) == (0, 51, 153)
    stand_in = render_card(Layout("x", 1, front=(MARK,)), card_fields(), None, CR80_300)
    assert (0, 51, 153) not in {colour for _, colour in image_of(stand_in.front.colour).getcolors(9999) or ()}


@pytest.mark.parametrize(
    "logo",
    [None, b"", b"GIF89a nothing", b"<svg", b"\x89PNG\r\n\x1a\n"],
)
def test_a_logo_that_is_no_picture_is_refused_with_its_file(tmp_path: Path, logo: bytes | None) -> None:
    file = tmp_path / "logo.svg"
    if logo is not None:
        file.write_bytes(logo)
    with pytest.raises(LayoutError) as caught:
        load_brand("#123456", file, None)
    assert caught.value.params["file"] == str(file)


def test_a_folder_without_any_of_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="none of the logo's files"):
        load_brand("#123456", None, tmp_path)


@pytest.mark.parametrize("form", list(EscLogoForm))
@pytest.mark.parametrize("colour", list(EscLogoColour))
def test_the_stand_in_comes_in_both_forms_and_all_colours(form: EscLogoForm, colour: EscLogoColour) -> None:
    size = (33.0, 6.0) if form is EscLogoForm.VERTICAL else (20.0, 33.0)
    mark = replace(MARK, form=form, colour=colour, box=Box(10, 10, *size))
    card = render_card(Layout("x", 1, front=(mark,)), card_fields(), None, CR80_300)
    colours = {seen for _, seen in image_of(card.front.colour).getcolors(9999) or ()}
    assert (len(colours) > 1) is (colour is not EscLogoColour.WHITE)
