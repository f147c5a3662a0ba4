"""Texts in their boxes: shrunk, wrapped, told about; never outside, never cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from station.domain.elements import Align, Box, Text, VerticalAlign, Weight
from station.domain.layout import Layout
from station.ports.printer import PrinterProfile
from station.render.fonts import FAMILY_NAMES, bundled_book
from station.render.layout_file import bundled_layout
from station.render.raster import Raster
from station.render.text import SetText, draw_text, set_text
from tests.helpers.layouts import CR80_300, CR80_600, PRINTERS, WIDE_DOTS
from tests.helpers.names import EVERY_NAME, LONGEST

LAYOUT = Layout("x", 1, front=())
NAME = Text(
    id="name",
    box=Box(33.8, 15.4, 47.8, 12.3),
    text="",
    weight=Weight.BOLD,
    size_pt=13.5,
    min_size_pt=9,
    max_lines=3,
    leading=1.12,
)
ONE_LINE = replace(NAME, max_lines=1, size_pt=8, min_size_pt=5)

STRANGE = [
    "Nguyễn Thị Ánh\nẮ Ộ Ễ Đặng",
    "Олена\nҐрищук-Перевертайло",
    "Ελευθέριος-Κωνσταντίνος\nΠαπαδημητρακόπουλος",
    "İbrahim Şükrü\nGüneydoğuoğulları",
    "Wolfgang Amadeus Maximilian Theodor\nWolfeschlegelsteinhausenbergerdorff",
    "Li\nWu",
    "jjjjjjj\nffffff",
    "Ẫ̇̇̇̇̇̇̇̇",
    "",
    " \n ",
    "-----",
    "a-",
    "W" * 200,
    "W " * 100,
]
names = st.one_of(
    st.text(max_size=80),
    st.text(st.sampled_from("ĀāČčĢģĶķĻļŅņŠšŪūŽžaeijorstW -\n"), max_size=90),
    st.text(st.characters(min_codepoint=0x1EA0, max_codepoint=0x1EF9), max_size=60),
    st.text(st.characters(min_codepoint=0x370, max_codepoint=0x52F), max_size=60),
    st.sampled_from(STRANGE),
)


def setting(element: Text, text: str) -> SetText:
    return set_text(element, text, bundled_book())


def letters(found: SetText) -> str:
    return "".join(glyph.letter for line in found.lines for glyph in line.run.glyphs)


def lines(found: SetText) -> list[str]:
    return ["".join(glyph.letter for glyph in line.run.glyphs) for line in found.lines]


def drawn(found: SetText, profile: PrinterProfile, mode: str = "1") -> Image.Image:
    raster = Raster.of_printer(LAYOUT, profile)
    plane = Image.new(mode, raster.size)
    draw_text(plane, found, raster, 255)
    return plane


def test_a_box_of_less_than_a_dot_ends_the_search_and_is_said_to_be_too_small() -> None:
    tiny = Text(id="t", text="Anna", size_pt=8, box=Box(5, 5, 0.1, 0.1))
    found = setting(tiny, "Anna")
    assert found.too_small
    assert found.size_pt < 0.02
    for profile in PRINTERS:
        assert drawn(found, profile).getbbox() is None


class TestFitting:
    def test_a_short_text_has_the_designers_size(self) -> None:
        found = setting(NAME, "Līga\nOzola")
        assert (found.size_pt, lines(found), found.too_small) == (13.5, ["Līga", "Ozola"], False)

    def test_a_long_one_is_shrunk_before_it_is_wrapped(self) -> None:
        found = setting(NAME, "Anna Marija Elizabete\nZariņa-Kalniņa-Ozoliņa")
        assert 9 < found.size_pt < 13.5
        assert lines(found) == ["Anna Marija Elizabete", "Zariņa-Kalniņa-Ozoliņa"]

    def test_a_longer_one_is_wrapped_where_words_end(self) -> None:
        found = setting(NAME, "Anna Marija Elizabete Katrīna Paula\nOzola")
        assert lines(found) == ["Anna Marija Elizabete", "Katrīna Paula", "Ozola"]
        assert found.size_pt >= 9
        assert not found.too_small

    def test_hyphens_stay_where_a_line_ends(self) -> None:
        found = setting(replace(NAME, max_lines=2), "Konstantinopoulos-Papadimitrakopoulos")
        assert lines(found) == ["Konstantinopoulos-", "Papadimitrakopoulos"]

    def test_one_that_still_does_not_fit_is_smaller_than_the_floor_and_told(self) -> None:
        found = setting(ONE_LINE, "Wolfeschlegelsteinhausenbergerdorff Wolfeschlegelsteinhausenbergerdorff")
        assert found.too_small
        assert found.size_pt < 5
        assert len(found.lines) == 1

    def test_lines_are_as_even_as_they_can_be(self) -> None:
        wide = replace(NAME, box=Box(4, 28, 37, 12), size_pt=6, min_size_pt=5)
        text = "Karte ir augstskolas īpašums, un to nedrīkst nodot citam. Atradējam: lūdzam nogādāt karti augstskolai."
        found = setting(wide, text)
        widths = [line.run.width_em for line in found.lines]
        assert len(widths) == 3
        assert max(widths) - min(widths) < 2

    def test_given_lines_are_joined_where_only_one_is_allowed(self) -> None:
        assert lines(setting(ONE_LINE, "Līga\nOzola")) == ["Līga Ozola"]

    def test_capitals_can_be_asked_for(self) -> None:
        assert lines(setting(replace(NAME, upper=True), "Studenta apliecība")) == ["STUDENTA APLIECĪBA"]

    def test_capitals_are_those_of_the_language(self) -> None:
        shown = [
            lines(setting(replace(NAME, upper=True, language=language), text))
            for language, text in (("", "Çiçek"), ("tr", "Çiçek"), ("", "Işıl Çiçek"), ("", "Μάιος"))
        ]
        assert shown == [["ÇIÇEK"], ["ÇİÇEK"], ["IŞIL ÇİÇEK"], ["ΜΑΪΟΣ"]]

    def test_a_space_that_does_not_break_keeps_two_words_together(self) -> None:
        narrow = replace(NAME, box=Box(4, 4, 26, 20))
        assert lines(setting(narrow, "Anna van der Berg")) != ["Anna", "van der Berg"]
        assert lines(setting(narrow, "Anna van\u00a0der\u00a0Berg")) == ["Anna", "van der Berg"]

    def test_both_lines_of_a_name_are_in_one_face(self) -> None:
        found = setting(replace(NAME, family="Manrope"), "Ọlọ́runfẹ́mi\nOkafor")
        assert len({glyph.face for line in found.lines for glyph in line.run.glyphs}) == 1

    def test_letters_that_were_replaced_are_told_once(self) -> None:
        assert setting(NAME, "漢漢字\n漢").replaced == "漢字"

    def test_the_size_does_not_depend_on_the_printer(self) -> None:
        text = "Anna Marija Elizabete\nZariņa-Kalniņa-Ozoliņa"
        sizes = [drawn(setting(NAME, text), p).getbbox() for p in (CR80_300, CR80_600)]
        assert None not in sizes
        small, large = sizes
        assert small is not None
        assert large is not None
        assert [v / 2 for v in large] == pytest.approx(list(small), abs=2)

    @pytest.mark.parametrize("family", FAMILY_NAMES)
    def test_every_name_of_a_register_fits_above_the_floor(self, family: str) -> None:
        element = replace(NAME, family=family)
        found = {name: setting(element, name.replace(" ", "\n", 1)) for name in EVERY_NAME}
        assert [name for name, text in found.items() if text.replaced] == []
        # Among the longest there are single words that only a wider box would hold.
        assert {name for name, text in found.items() if text.too_small} <= set(LONGEST)

    @given(names)
    def test_nothing_is_ever_cut(self, text: str) -> None:
        whole = bundled_book().shape(" ".join(text.split()), NAME.family, NAME.weight)
        shown = "".join(g.letter for g in whole.glyphs if g.letter != " ")
        assert sorted(letters(setting(NAME, text)).replace(" ", "")) == sorted(shown)


class TestPlacing:
    def test_baselines_do_not_jump_with_accents(self) -> None:
        one, other = (setting(NAME, text).lines[0].baseline_mm for text in ("Anna", "Žanete Šķēle"))
        assert one == other

    def test_double_accents_get_room_below_a_tail(self) -> None:
        plain, stacked = (setting(NAME, text).lines for text in ("gg\nAA", "gg\nẮẮ"))
        assert plain[1].baseline_mm - plain[0].baseline_mm == pytest.approx(13.5 * 1.12 * 25.4 / 72)
        assert stacked[1].baseline_mm - stacked[0].baseline_mm > plain[1].baseline_mm - plain[0].baseline_mm

    def test_lines_stand_left_in_the_middle_or_right(self) -> None:
        found = {align: setting(replace(NAME, align=align), "Li").lines[0] for align in Align}
        em_mm = 13.5 * 25.4 / 72
        inks = {a: (x.x_mm + x.run.ink.left * em_mm, x.x_mm + x.run.ink.right * em_mm) for a, x in found.items()}
        assert inks[Align.LEFT][0] == pytest.approx(33.8)
        assert inks[Align.RIGHT][1] == pytest.approx(81.6)
        assert sum(inks[Align.CENTRE]) == pytest.approx(33.8 + 81.6)

    @pytest.mark.parametrize("letter", list("LOTVjĀļ1ЖΆ"))
    def test_large_and_small_lines_are_flush_to_the_dot(self, letter: str) -> None:
        sizes = [replace(NAME, size_pt=size, min_size_pt=5) for size in (5, 13.5, 24)]
        edges = {drawn(setting(element, letter), CR80_300).getbbox() for element in sizes}
        lefts = [edge[0] for edge in edges if edge is not None]
        assert len(lefts) == 3
        assert max(lefts) - min(lefts) <= 1

    def test_blocks_stand_at_the_top_in_the_middle_or_at_the_bottom(self) -> None:
        top, middle, bottom = (setting(replace(NAME, valign=v), "Li").lines[0].baseline_mm for v in VerticalAlign)
        assert top == pytest.approx(15.4 + 0.95 * 13.5 * 25.4 / 72)
        assert bottom == pytest.approx(27.7 - 0.24 * 13.5 * 25.4 / 72)
        assert middle == pytest.approx((top + bottom) / 2)


def overlapping(found: SetText) -> int:
    """Return on how many dots the lines of a text share ink."""
    alone = [drawn(replace(found, lines=(line,)), CR80_300) for line in found.lines]
    black = sum(plane.histogram()[255] for plane in alone)
    return black - drawn(found, CR80_300).histogram()[255]


class TestDrawing:
    @pytest.mark.parametrize("family", FAMILY_NAMES)
    def test_no_line_touches_another(self, family: str) -> None:
        element = replace(NAME, family=family, box=Box(4, 4, 77, 46), max_lines=4, leading=0.9, size_pt=16)
        for text in ("gjpqyģ\nẮỘỄẨĂ\nĢĶĻŅŖ\nẨẪŨÅ", "Ợ Ậ Ụ ộ ậ\nẦ Ẵ Ỗ Ễ Ǻ", "Ὧ ᾧ ῷ Ὢ\nΆ Ὕ ᾯ Ῥ", "Щ Ц Қ Ҳ\nЁ Ў Ѓ Й Ї"):
            found = setting(element, text)
            assert len(found.lines) > 1
            assert overlapping(found) == 0, text

    @pytest.mark.parametrize("family", FAMILY_NAMES)
    def test_the_ink_is_where_it_was_said_to_be(self, family: str) -> None:
        element = replace(NAME, family=family, box=Box(2, 2, 80, 30), max_lines=1, size_pt=20)
        dots_a_mm = 300 / 25.4
        for name in EVERY_NAME[::2]:
            found = setting(element, name)
            line, em_mm = found.lines[0], found.size_pt * 25.4 / 72
            ink, (left, upper, *_) = line.run.ink, Raster.of_printer(LAYOUT, CR80_300).dots(Box(0, 0, 1, 1))
            said = (
                left + (line.x_mm + ink.left * em_mm) * dots_a_mm,
                upper + (line.baseline_mm - ink.above * em_mm) * dots_a_mm,
                left + (line.x_mm + ink.right * em_mm) * dots_a_mm,
                upper + (line.baseline_mm + ink.below * em_mm) * dots_a_mm,
            )
            assert drawn(found, CR80_300).getbbox() == pytest.approx(said, abs=2), name

    @given(names, st.sampled_from(PRINTERS))
    @example("W" * 200, WIDE_DOTS)
    @example("Nguyễn Thị Ánh\nẮ Ộ Ễ Đặng", CR80_300)
    def test_no_dot_is_outside_the_box(self, text: str, profile: PrinterProfile) -> None:
        ink = drawn(setting(NAME, text), profile).getbbox()
        left, upper, right, lower = Raster.of_printer(LAYOUT, profile).dots(NAME.box)
        if ink is not None:
            assert left <= ink[0]
            assert upper <= ink[1]
            assert ink[2] <= right
            assert ink[3] <= lower

    @settings(max_examples=20)
    @given(names)
    def test_nor_outside_any_box_of_the_layouts_that_ship(self, text: str) -> None:
        for layout in (bundled_layout("university"), bundled_layout("staff")):
            raster = Raster.of_printer(layout, CR80_300)
            for element in (e for side in layout.sides for e in side if isinstance(e, Text)):
                plane = Image.new("1", raster.size)
                draw_text(plane, setting(element, text), raster, 255)
                ink, dots = plane.getbbox(), raster.dots(element.box)
                if ink is not None:
                    assert dots[0] <= ink[0], element.id
                    assert dots[1] <= ink[1], element.id
                    assert ink[2] <= dots[2], element.id
                    assert ink[3] <= dots[3], element.id

    def test_on_the_resin_plane_a_dot_is_ink_or_not(self) -> None:
        hard, soft = (drawn(setting(NAME, "Šķēle"), CR80_300, mode) for mode in ("1", "L"))
        assert hard.convert("L").getcolors(3) is not None
        assert soft.getcolors(3) is None

    def test_dots_that_are_not_square_change_nothing_for_the_eye(self) -> None:
        square, wide = (drawn(setting(NAME, "Šķēle"), p) for p in (CR80_300, WIDE_DOTS))
        back = wide.convert("L").resize(square.size, Image.Resampling.BOX).point(lambda v: 255 if v > 127 else 0)
        black = sum(n for n, v in square.convert("L").getcolors() or [] if v)
        differing = sum(a != b for a, b in zip(square.convert("L").tobytes(), back.tobytes(), strict=True))
        assert differing < 0.25 * black

    def test_letters_have_no_gaps_in_their_stems(self) -> None:
        ink = drawn(setting(replace(NAME, size_pt=5, min_size_pt=5), "lllll"), CR80_300)
        box = ink.getbbox()
        assert box is not None
        rows = {tuple(ink.crop((box[0], y, box[2], y + 1)).tobytes()) for y in range(box[1], box[3])}
        assert len(rows) == 1
