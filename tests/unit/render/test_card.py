"""The whole card: for a printer, proven, and for the eye."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from station.domain import elements as el
from station.domain import layout as lay
from station.domain.errors import LayoutError, PortraitError
from station.ports.printer import PrinterProfile, RenderedCard, RenderedSide
from station.render.card import View, render_card, render_checked, render_preview
from station.render.colour import RESIN_CEILING
from station.render.findings import card_findings
from station.render.layout_file import bundled_layout
from station.render.paint import Brand
from station.render.raster import bitmap, image_of
from station.render.reading import read_bitmap
from tests.helpers.layouts import (
    COLOUR_ONLY,
    CR80_300,
    ESCN,
    ISSUER,
    PRINTERS,
    as_jpeg,
    as_png,
    card_fields,
    face,
)

UNIVERSITY = bundled_layout("university")
PLAIN = bundled_layout("plain")
QR = f"https://s.esc-r.eu/{ESCN}"
DARK = as_jpeg(Image.new("RGB", (413, 531), (4, 3, 2)))


def sides(card: RenderedCard) -> list[RenderedSide]:
    return [side for side in (card.front, card.back) if side is not None]


def pixels(side: RenderedSide) -> Image.Image:
    return image_of(side.composite)


class TestForAPrinter:
    @pytest.mark.parametrize("profile", PRINTERS, ids=lambda p: p.name)
    @pytest.mark.parametrize("layout", [UNIVERSITY, PLAIN], ids=lambda x: x.name)
    def test_every_plane_has_the_printers_own_raster(self, layout: lay.Layout, profile: PrinterProfile) -> None:
        card = render_card(layout, card_fields(), face(), profile)
        assert (card.dpi_x, card.dpi_y) == (profile.dpi_x, profile.dpi_y)
        assert (card.width_mm, card.height_mm) == (85.6, 53.98)
        assert len(sides(card)) == len(layout.sides)
        row = (profile.width_px + 7) // 8
        for side in sides(card):
            for plane in (side.colour, side.resin, side.composite):
                assert (plane.width_px, plane.height_px) == (profile.width_px, profile.height_px)
            assert (side.colour.mode, side.resin.mode, side.composite.mode) == ("RGB", "1", "RGB")
            assert len(side.colour.data) == len(side.composite.data) == profile.width_px * profile.height_px * 3
            assert len(side.resin.data) == row * profile.height_px

    @pytest.mark.parametrize("accent", ["#2c4390", "#000000", "#1a0000"])
    @pytest.mark.parametrize("portrait", [face(), DARK, None], ids=["face", "dark", "none"])
    def test_black_in_the_composite_is_resin_and_nothing_else_is(self, accent: str, portrait: bytes | None) -> None:
        card = render_card(UNIVERSITY, card_fields(), portrait, CR80_300, Brand(accent))
        for side in sides(card):
            resin, seen = image_of(side.resin), pixels(side)
            inked = Image.composite(seen, Image.new("RGB", seen.size, (255, 255, 255)), resin)
            assert {dot for _, dot in inked.getcolors(4) or []} <= {(0, 0, 0), (255, 255, 255)}
            others = Image.composite(Image.new("RGB", seen.size, (255, 255, 255)), seen, resin)
            darkest = min(max(dot) for _, dot in others.getcolors(1 << 20) or [])
            assert darkest > RESIN_CEILING

    def test_the_name_is_resin(self) -> None:
        one, other = (render_card(UNIVERSITY, card_fields(name), face(), CR80_300).front for name in ("Līga", "Ilze"))
        assert one.colour == other.colour
        assert one.resin != other.resin

    def test_a_side_without_resin_has_its_black_among_the_colours(self) -> None:
        card = render_card(UNIVERSITY, card_fields(), face(), COLOUR_ONLY)
        for side in sides(card):
            assert not any(side.resin.data)
            assert side.colour == side.composite
            assert (0, 0, 0) in {dot for _, dot in pixels(side).getcolors(1 << 20) or []}

    def test_the_back_of_the_university_card_needs_no_colour(self) -> None:
        back = render_card(UNIVERSITY, card_fields(), face(), CR80_300).back
        assert back is not None
        assert set(back.colour.data) == {255}
        assert any(back.resin.data)

    def test_only_the_photo_of_the_plain_card_needs_colour(self) -> None:
        front = image_of(render_card(PLAIN, card_fields(), face(), CR80_300).front.colour)
        inked = Image.eval(front.convert("L"), lambda v: 255 - v).getbbox()
        photo = next(e for e in PLAIN.front if isinstance(e, el.Photo))
        assert inked is not None
        assert inked[0] >= 1016 // 2, "one half of the card: a half-panel ribbon is enough"
        assert photo.box.right_mm == 81.6

    def test_the_same_card_gives_the_same_bytes(self) -> None:
        first = render_card(UNIVERSITY, card_fields(), face(), CR80_300)
        render_card(UNIVERSITY, card_fields("Олена", "Ґрищук"), None, CR80_300, Brand("#7a0019"))
        assert render_card(UNIVERSITY, card_fields(), face(), CR80_300) == first

    def test_what_is_drawn_once_is_not_drawn_on(self) -> None:
        blank = render_card(UNIVERSITY, card_fields("", ""), None, CR80_300)
        render_card(UNIVERSITY, card_fields(), face(), CR80_300)
        assert render_card(UNIVERSITY, card_fields("", ""), None, CR80_300) == blank

    def test_an_element_that_needs_an_empty_field_is_left_out(self) -> None:
        fields = card_fields()
        full = render_card(UNIVERSITY, fields, face(), CR80_300).front
        bare = render_card(UNIVERSITY, replace(fields, esi="", esi_short=""), face(), CR80_300).front
        gone = sum(a != b for a, b in zip(full.resin.data, bare.resin.data, strict=True))
        assert gone > 100
        label = next(e for e in UNIVERSITY.front if e.id == "esi_label")
        x, y = round(label.box.x_mm * 300 / 25.4) + 2, round(label.box.y_mm * 300 / 25.4) + 5
        assert image_of(bare.resin).crop((x, y, x + 60, y + 30)).getbbox() is None

    def test_the_institutions_texts_are_its_own(self) -> None:
        other = replace(ISSUER, name="Liepājas Paraugu augstskola")
        one, two = (render_card(PLAIN, card_fields(issuer=i), face(), CR80_300) for i in (ISSUER, other))
        assert one.front.resin != two.front.resin

    def test_what_lies_on_the_photo_stays_on_the_photo(self) -> None:
        box = el.Box(10, 10, 20, 26)
        patch = el.Shape(id="patch", box=el.Box(12, 12, 4, 4), fill="#ff0000")
        photo = el.Photo(id="photo", box=box)
        seen = pixels(render_card(lay.Layout("x", 1, front=(photo, patch)), card_fields(), DARK, CR80_300).front)
        assert seen.getpixel((165, 165)) == (255, 0, 0)
        below = pixels(render_card(lay.Layout("x", 1, front=(patch, photo)), card_fields(), DARK, CR80_300).front)
        assert below.getpixel((165, 165)) != (255, 0, 0)

    def test_a_broken_portrait_is_told(self) -> None:
        with pytest.raises(PortraitError):
            render_card(UNIVERSITY, card_fields(), b"no picture", CR80_300)

    @given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(PRINTERS))
    @settings(max_examples=25)
    def test_any_name_can_be_printed(self, given_names: str, family_name: str, profile: PrinterProfile) -> None:
        card = render_checked(UNIVERSITY, card_fields(given_names, family_name), None, profile)
        assert card.qr == QR


class TestProven:
    def test_the_code_was_read_from_the_finished_card(self) -> None:
        checked = render_checked(UNIVERSITY, card_fields(), face(), CR80_300)
        assert checked.qr == QR == read_bitmap(checked.card.front.composite)
        assert checked.findings == ()
        assert checked.card == render_card(UNIVERSITY, card_fields(), face(), CR80_300)

    def test_a_card_without_a_number_has_no_code(self) -> None:
        assert render_checked(UNIVERSITY, replace(card_fields(), qr=""), face(), CR80_300).qr == ""

    def test_a_code_that_can_not_be_read_is_refused(self) -> None:
        qr = next(e for e in UNIVERSITY.front if isinstance(e, el.Qr))
        blot = el.Shape(id="blot", box=qr.box, fill="#000000", layer=el.Layer.RESIN)
        over = el.Text(id="over", box=qr.box, text="{escn}\n{escn}\n{escn}", size_pt=9, max_lines=3, min_size_pt=4)
        for spoiler in (blot, replace(over, size_pt=60, text="{level_en}", max_lines=1)):
            layout = lay.Layout("x", 1, front=(qr, spoiler, replace(over, id="later", needs=("escn",))))
            with pytest.raises(LayoutError, match="can't be read back") as caught:
                render_checked(layout, card_fields(), face(), CR80_300)
            assert caught.value.params["place"] == "qr"

    def test_each_of_several_codes_is_read_in_its_own_place(self) -> None:
        one = el.Qr(id="one", box=el.Box(5, 5, 18, 18))
        two = el.Qr(id="two", box=el.Box(50, 5, 18, 18), text="{student_number}")
        bars = el.Code128(id="bars", box=el.Box(5, 30, 50, 10), text="{student_number}")
        layout = lay.Layout("x", 1, front=(two, one, bars))
        assert render_checked(layout, card_fields(), face(), CR80_300).qr == QR
        blot = el.Shape(id="blot", box=el.Box(20, 28, 3, 14), fill="#000000", layer=el.Layer.RESIN)
        with pytest.raises(LayoutError, match="can't be read back") as caught:
            render_checked(replace(layout, front=(*layout.front, blot)), card_fields(), face(), CR80_300)
        assert caught.value.params["place"] == "bars"


class TestPreview:
    def test_is_the_card_itself_with_soft_edges(self) -> None:
        preview = render_preview(UNIVERSITY, card_fields(), face())
        assert (preview.front.width_px, preview.front.height_px) == (1011, 638)
        assert preview.back is not None
        assert image_of(preview.back).convert("L").getcolors(8) is None
        assert read_bitmap(preview.front) == QR

    def test_shows_the_stripe(self) -> None:
        preview = render_preview(UNIVERSITY, card_fields(), face())
        assert preview.back is not None
        assert max(image_of(preview.back).getpixel((500, 120))) < 60

    def test_looks_like_what_is_printed(self) -> None:
        seen = image_of(render_preview(UNIVERSITY, card_fields(), face()).front)
        printed = pixels(render_card(UNIVERSITY, card_fields(), face(), CR80_300).front).crop((2, 5, 1013, 643))
        small = [p.resize((253, 160), Image.Resampling.BOX).tobytes() for p in (seen, printed)]
        assert sum(abs(a - b) for a, b in zip(*small, strict=True)) / len(small[0]) < 4

    @pytest.mark.parametrize("dpi", [96, 150, 600])
    def test_has_any_size(self, dpi: int) -> None:
        preview = render_preview(PLAIN, replace(card_fields(), qr=""), face(), view=View(dpi))
        assert preview.front.width_px == round(85.6 * dpi / 25.4)
        assert preview.back is None

    def test_can_be_shown_before_there_is_a_portrait_or_a_number(self) -> None:
        preview = render_preview(UNIVERSITY, replace(card_fields(), qr="", escn=""), None)
        assert [f.element for f in preview.findings] == ["photo"]


class TestFindings:
    def test_a_name_that_is_too_long_is_found_without_drawing(self) -> None:
        found = card_findings(UNIVERSITY, card_fields("Wolfgang Amadeus", "Wolfeschlegelsteinhausenbergerdorff" * 2))
        assert [(f.side, f.element) for f in found] == [(0, "name")]
        assert "only fits at" in found[0].message.english()
        assert "9 pt" in found[0].message.english()

    def test_a_letter_that_is_missing_is_found(self) -> None:
        (found,) = card_findings(UNIVERSITY, card_fields("한빛"))
        assert "한빛" in found.message.english()

    def test_a_portrait_that_is_missing_is_found(self) -> None:
        assert [f.element for f in card_findings(UNIVERSITY, card_fields(), has_portrait=False)] == ["photo"]
        assert card_findings(UNIVERSITY, card_fields()) == ()

    def test_what_is_left_out_is_no_finding(self) -> None:
        fields = replace(card_fields(), esi="", esi_short="x" * 300)
        assert card_findings(UNIVERSITY, fields) == ()

    def test_the_back_is_looked_at_too(self) -> None:
        (found,) = card_findings(UNIVERSITY, replace(card_fields(), contact="x" * 200))
        assert (found.side, found.element) == (1, "contact")


def test_a_layouts_own_font_and_picture_are_used() -> None:
    from station.resources import asset

    files = {
        "fonts/Own-Bold.ttf": asset("fonts", "Inter-Bold.ttf").read_bytes(),
        "mark.png": as_png(Image.new("RGBA", (40, 40), (10, 120, 60, 255))),
    }
    text = el.Text(
        id="t", box=el.Box(5, 5, 60, 10), text="{full_name}", family="Own", weight=el.Weight.BOLD, size_pt=14
    )
    mark = el.Image(id="m", box=el.Box(70, 5, 10, 10), source="mark.png")
    layout = lay.Layout("own", 1, front=(text, mark), digest="own", files=files)
    same = lay.Layout("own", 1, front=(replace(text, family="Inter"), mark), digest="inter", files=files)
    one, two = (render_card(x, card_fields(), None, CR80_300).front for x in (layout, same))
    assert one == two
    assert image_of(one.colour).getpixel((900, 120)) == (10, 120, 60)


def test_a_bitmap_of_a_bitmap_is_the_same() -> None:
    front = render_card(PLAIN, card_fields(), face(), CR80_300).front
    assert bitmap(image_of(front.resin)) == front.resin
    assert bitmap(image_of(front.composite)) == front.composite
