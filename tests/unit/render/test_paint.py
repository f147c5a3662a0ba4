"""Each kind of element, on the planes it belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image as Pictures

from station.domain import elements as el
from station.domain import layout as lay
from station.domain.errors import LayoutError
from station.render.colour import RESIN_CEILING, palette
from station.render.fonts import bundled_book
from station.render.marks import STRIPE
from station.render.paint import Brand, Content, Planes, paint
from station.render.raster import Raster
from tests.helpers.layouts import CR80_300, CR80_600, as_png, card_fields, face

BOX = el.Box(10, 20, 30, 10)
RASTER = Raster.of_printer(lay.Layout("x", 1, front=()), CR80_300)
DOTS = RASTER.dots(BOX)
RED = as_png(Pictures.new("RGBA", (60, 20), (220, 10, 10, 255)))
CONTENT = Content("x", card_fields().values(), face(), Brand(), bundled_book(), {"red.png": RED})


def painted(element: el.AnyElement, content: Content = CONTENT, *, soft: bool = False) -> Planes:
    planes = Planes.blank(RASTER, soft=soft)
    paint(planes, element, content, RASTER)
    return planes


def ink_box(picture: Pictures.Image) -> tuple[int, int, int, int] | None:
    """Return where a picture is not white."""
    return Pictures.eval(picture.convert("L"), lambda v: 255 - v).getbbox()


def inside(box: tuple[int, int, int, int] | None) -> bool:
    return box is not None and DOTS[0] <= box[0] and DOTS[1] <= box[1] and box[2] <= DOTS[2] and box[3] <= DOTS[3]


class TestLayers:
    @pytest.mark.parametrize(
        "element",
        [
            el.Text(id="t", box=BOX, text="Līga", size_pt=12),
            el.Shape(id="s", box=BOX, fill="#000000", layer=el.Layer.RESIN, corner_mm=2),
            el.Line(id="l", box=el.Box(11, 25, 20, 0), layer=el.Layer.RESIN),
            el.EscLogo(id="e", box=BOX, layer=el.Layer.RESIN, colour=el.EscLogoColour.BLACK),
            el.Image(id="i", box=BOX, source="red.png", layer=el.Layer.RESIN),
            el.Line(id="r", box=el.Box(11, 22, 20, 6), layer=el.Layer.RESIN, rising=True),
            el.Text(id="u", box=BOX, text="Ģ", size_pt=12, turn=90),
        ],
        ids=lambda e: e.id,
    )
    def test_resin_leaves_the_colours_white(self, element: el.AnyElement) -> None:
        planes = painted(element)
        assert ink_box(planes.colour) is None
        assert inside(planes.resin.getbbox())

    @pytest.mark.parametrize(
        "element",
        [
            el.Text(id="t", box=BOX, text="Līga", size_pt=12, layer=el.Layer.COLOUR, colour="#000000"),
            el.Photo(id="p", box=BOX, corner_mm=1),
            el.Image(id="i", box=BOX, source="red.png"),
            el.Logo(id="g", box=BOX, tile="accent", ink="on_accent"),
            el.Shape(id="s", box=BOX, fill="#000000"),
            el.Shape(id="o", box=BOX, fill="accent", stroke_mm=0.3, kind=el.ShapeKind.ELLIPSE),
            el.Line(id="l", box=el.Box(11, 25, 20, 0)),
            el.EscLogo(id="e", box=BOX),
            el.GhostImage(id="h", box=BOX, opacity=1, grey=False),
            el.Line(id="r", box=el.Box(11, 22, 20, 6), rising=True),
            el.Text(id="u", box=BOX, text="Ģ", size_pt=12, turn=270, layer=el.Layer.COLOUR),
        ],
        ids=lambda e: e.id,
    )
    def test_colour_leaves_the_resin_empty_and_has_nothing_that_could_become_resin(
        self, element: el.AnyElement
    ) -> None:
        planes = painted(element)
        assert planes.resin.getbbox() is None
        assert inside(ink_box(planes.colour))
        darkest = min(max(dot) for _, dot in planes.colour.getcolors(1 << 20) or [])
        assert darkest > RESIN_CEILING

    def test_the_eye_sees_resin_over_colour(self) -> None:
        planes = painted(el.Shape(id="s", box=BOX, fill="accent"))
        paint(planes, el.Line(id="l", box=el.Box(11, 25, 20, 0), layer=el.Layer.RESIN), CONTENT, RASTER)
        seen = planes.composite()
        y = round(RASTER.y_px(25))
        assert seen.getpixel((round(RASTER.x_px(20)), y)) == (0, 0, 0)
        assert planes.colour.getpixel((round(RASTER.x_px(20)), y)) == palette("#2c4390")["accent"]


class TestOtherPanels:
    @pytest.mark.parametrize("layer", [el.Layer.OVERLAY, el.Layer.UV])
    @pytest.mark.parametrize(
        "element",
        [
            el.Text(id="t", box=BOX, text="Līga", size_pt=12),
            el.Shape(id="s", box=BOX, fill="#000000", corner_mm=2),
            el.Image(id="i", box=BOX, source="red.png"),
            el.EscLogo(id="e", box=BOX, colour=el.EscLogoColour.BLACK),
        ],
        ids=lambda e: e.id,
    )
    def test_take_ink_and_leave_the_others_alone(self, element: el.AnyElement, layer: el.Layer) -> None:
        for soft in (False, True):
            planes = painted(replace(element, layer=layer), soft=soft)
            others = {el.Layer.RESIN, el.Layer.OVERLAY, el.Layer.UV} - {layer}
            assert inside(planes.ink(layer).getbbox())
            assert all(planes.ink(other).getbbox() is None for other in others)
            assert ink_box(planes.composite()) is None, "nobody sees it"
            assert inside(ink_box(planes.composite({layer}))), "but who asks for it"

    def test_a_portrait_in_uv_is_made_of_dots(self) -> None:
        planes = painted(el.GhostImage(id="g", box=el.Box(10, 5, 20, 26), layer=el.Layer.UV, opacity=1))
        assert planes.uv.mode == "1"
        dots = RASTER.dots(el.Box(10, 5, 20, 26))
        share = sum(planes.uv.crop(dots).convert("L").tobytes()) / 255 / (dots[2] - dots[0]) / (dots[3] - dots[1])
        assert 0.2 < share < 0.8

    @pytest.mark.parametrize("kind", [el.StripeZone, el.SignatureZone, el.ChipZone, el.HologramZone])
    def test_a_zone_is_cut_out_and_only_previews_show_it(self, kind: type[el.Zone]) -> None:
        planes = painted(el.Shape(id="g", box=el.Box(0, 0, 85.6, 53.98), fill="accent"))
        zone = kind(id="z", box=BOX)
        paint(planes, zone, CONTENT, RASTER)  # type: ignore[arg-type]  # each of them is one
        area = (DOTS[2] - DOTS[0]) * (DOTS[3] - DOTS[1])
        assert planes.colour.crop(DOTS).getcolors() == [(area, (255, 255, 255))]
        assert (planes.overlay.getbbox() == DOTS) is (kind is not el.HologramZone)
        shown = painted(zone, soft=True).composite()  # type: ignore[arg-type]  # as above
        assert inside(ink_box(shown))


class TestTurned:
    @pytest.mark.parametrize("layer", [el.Layer.RESIN, el.Layer.COLOUR])
    def test_a_turned_text_is_the_upright_one_turned(self, layer: el.Layer) -> None:
        def ink(turn: el.Turn, box: el.Box) -> Pictures.Image:
            text = el.Text(id="t", box=box, text="Ģērmanis", size_pt=12, turn=turn, layer=layer)
            planes = painted(text)
            seen = planes.resin if layer is el.Layer.RESIN else planes.colour.convert("L")
            return seen.crop(RASTER.dots(box)).convert("L")

        upright, wide, tall = ink(0, BOX), BOX, el.Box(10, 15, 10, 30)
        for turn, box, back in (
            (90, tall, Pictures.Transpose.ROTATE_90),
            (180, wide, Pictures.Transpose.ROTATE_180),
            (270, tall, Pictures.Transpose.ROTATE_270),
        ):
            seen = ink(turn, box).transpose(back)  # type: ignore[arg-type]  # they are turns
            size = (min(seen.width, upright.width), min(seen.height, upright.height))
            small = [picture.crop((0, 0, *size)).resize((60, 20)).tobytes() for picture in (seen, upright)]
            apart = [abs(a - b) for a, b in zip(*small, strict=True)]
            assert sum(apart) / len(apart) < 20, turn


class TestGhost:
    def test_is_as_strong_as_it_is_said_to_be(self) -> None:
        def darkness(opacity: float) -> float:
            ghost = el.GhostImage(id="g", box=BOX, opacity=opacity)
            shades = painted(ghost).colour.convert("L").crop(DOTS).tobytes()
            return 255 - sum(shades) / len(shades)

        whole = darkness(1.0)
        assert darkness(0.0) == 0
        assert darkness(0.3) == pytest.approx(whole * 0.3, abs=2)

    def test_lets_the_ground_through(self) -> None:
        planes = painted(el.Shape(id="g", box=BOX, fill="#c00000"))
        paint(planes, el.GhostImage(id="g", box=BOX, opacity=0.2), CONTENT, RASTER)
        red, green, _ = planes.colour.getpixel(((DOTS[0] + DOTS[2]) // 2, (DOTS[1] + DOTS[3]) // 2))
        assert (red > 150, green < 60) == (True, True)


class TestCodesThatCanNotBe:
    WRONG = el.Ean13(id="e", box=BOX, text="{student_number}")
    SMALL = el.Qr(id="q", box=el.Box(10, 20, 2.5, 2.5))

    @pytest.mark.parametrize("code", [WRONG, SMALL], ids=lambda e: e.id)
    def test_are_refused_by_the_printer_and_crossed_out_on_the_screen(self, code: el.AnyCode) -> None:
        with pytest.raises(LayoutError):
            painted(code)
        shown = painted(code, soft=True)
        assert ink_box(shown.colour) == RASTER.dots(code.box)

    def test_a_screen_does_not_judge_the_size_of_dots(self) -> None:
        smaller = el.Qr(id="q", box=el.Box(10, 20, 9, 9))
        with pytest.raises(LayoutError, match="dots a module"):
            painted(smaller)
        assert painted(smaller, soft=True).resin.getbbox() is not None


class TestElements:
    def test_a_shape_on_the_edge_goes_on_into_the_bleed(self) -> None:
        whole = el.Shape(id="g", box=el.Box(0, 0, 85.6, 53.98), fill="accent", fill_to="accent_dark")
        assert ink_box(painted(whole).colour) == (0, 0, 1016, 648)

    def test_without_a_portrait_there_is_a_silhouette_in_the_accent(self) -> None:
        photo = el.Photo(id="p", box=BOX)
        empty = painted(photo, replace(CONTENT, portrait=None, brand=Brand("#7a0019")))
        assert empty.colour.getpixel((DOTS[0] + 2, DOTS[1] + 2)) == palette("#7a0019")["accent_weak"]

    def test_an_institution_without_a_logo_gets_its_letter(self) -> None:
        logo = el.Logo(id="g", box=BOX, tile="accent", ink="white")
        letters = {
            name: painted(logo, replace(CONTENT, values={**CONTENT.values, "institution": name})).colour.tobytes()
            for name in ("Rīga", "«Rēzekne»", "Liepāja", "{x}", "")
        }
        assert letters["Rīga"] == letters["«Rēzekne»"]
        assert letters["Rīga"] != letters["Liepāja"]
        assert letters["Rīga"] != letters[""]

    def test_an_institutions_logo_takes_its_place(self) -> None:
        seen = painted(el.Logo(id="g", box=BOX), replace(CONTENT, brand=Brand(logo=RED))).colour
        middle = ((DOTS[0] + DOTS[2]) // 2, (DOTS[1] + DOTS[3]) // 2)
        assert seen.getpixel(middle) == (220, 10, 10)

    @pytest.mark.parametrize("form", el.EscLogoForm)
    def test_the_stand_in_for_the_mark_is_drawn_in_the_colour_that_is_asked_for(self, form: el.EscLogoForm) -> None:
        box = el.Box(10, 10, 22, 30)
        for colour, ink in (("blue", "#2c4390"), ("black", "#1c1c1c")):
            logo = el.EscLogo(id="e", box=box, form=form, colour=el.EscLogoColour(colour))
            seen = painted(logo).colour
            darkest = min(seen.getcolors(1 << 20) or [], key=lambda c: sum(c[1]))[1]
            assert "#{:02x}{:02x}{:02x}".format(*darkest) == ink
        assert ink_box(painted(el.EscLogo(id="e", box=box, colour=el.EscLogoColour.WHITE)).colour) is None

    def test_the_institutions_artwork_takes_the_stand_ins_place(self) -> None:
        box = el.Box(10, 10, 30, 10)
        dots = RASTER.dots(box)
        brand = Brand(
            esc_logo=(("vertical", RED), ("vertical-white", as_png(Pictures.new("RGB", (6, 2), (0, 200, 0)))))
        )
        content = replace(CONTENT, brand=brand)
        middle = ((dots[0] + dots[2]) // 2, (dots[1] + dots[3]) // 2)
        wanted = {"blue": (220, 10, 10), "white": (0, 200, 0), "black": (28, 28, 28)}
        for colour, seen in wanted.items():
            logo = el.EscLogo(id="e", box=box, colour=el.EscLogoColour(colour))
            assert painted(logo, content).colour.getpixel(middle) == seen

    def test_the_stripe_is_seen_and_never_printed(self) -> None:
        stripe = el.StripeZone(id="m", box=el.Box(0, 4, 85.6, 12.7))
        assert ink_box(painted(stripe).composite()) is None
        assert painted(stripe, soft=True).composite().getpixel((500, 120)) == STRIPE

    def test_a_code_without_text_is_left_out_with_its_field(self) -> None:
        ground = el.Shape(id="g", box=BOX, fill="accent")
        planes = painted(ground)
        empty = replace(CONTENT, values={**CONTENT.values, "qr": ""})
        paint(planes, el.Qr(id="q", box=el.Box(10, 20, 18, 18)), empty, RASTER)
        assert planes.colour.tobytes() == painted(ground).colour.tobytes()

    def test_lines_can_be_slanted(self) -> None:
        planes = painted(el.Line(id="l", box=el.Box(12, 22, 10, 5), layer=el.Layer.RESIN))
        assert planes.resin.getpixel((round(RASTER.x_px(17)), round(RASTER.y_px(24.5)))) == 255

    def test_an_outline_in_resin_is_hard(self) -> None:
        frame = el.Shape(id="s", box=BOX, fill="#000000", layer=el.Layer.RESIN, stroke_mm=0.3, corner_mm=2)
        planes = painted(frame)
        assert planes.resin.mode == "1"
        assert planes.resin.getpixel(((DOTS[0] + DOTS[2]) // 2, (DOTS[1] + DOTS[3]) // 2)) == 0
        assert painted(frame, soft=True).resin.getcolors(3) is None


@pytest.mark.parametrize(
    ("element", "detail"),
    [
        (el.Shape(id="s", box=BOX, fill="mauve"), "#rrggbb"),
        (el.Text(id="t", box=BOX, text="x", size_pt=6, family="Comic Sans"), "no font"),
        (el.Qr(id="q", box=el.Box(1, 1, 8, 8)), "dots a module"),
    ],
)
def test_what_is_wrong_is_told_with_layout_and_element(element: el.AnyElement, detail: str) -> None:
    with pytest.raises(LayoutError) as caught:
        painted(element)
    assert (caught.value.params["file"], caught.value.params["place"]) == ("x", element.id)
    assert detail in str(caught.value)


def test_lengths_are_lengths_at_any_resolution() -> None:
    fine = Raster.of_printer(lay.Layout("x", 1, front=()), CR80_600)
    planes = Planes.blank(fine, soft=False)
    paint(planes, el.Line(id="l", box=el.Box(10, 20, 20, 0), layer=el.Layer.RESIN, stroke_mm=0.5), CONTENT, fine)
    box = planes.resin.getbbox()
    assert box is not None
    assert box[3] - box[1] == 12
