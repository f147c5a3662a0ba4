"""Letters: that every one is there, stands where it should, and looks as its language draws it."""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from station.domain.elements import Weight
from station.domain.errors import LayoutError
from station.render.fonts import Face, FontBook, bundled_book
from station.resources import asset

LATVIAN = "AaĀāBbCcČčDdEeĒēFfGgĢģHhIiĪīJjKkĶķLlĻļMmNnŅņOoŌōPpRrŖŗSsŠšTtUuŪūVvZzŽž"
ALPHABETS = {
    "Latvian": LATVIAN,
    "Lithuanian and Polish": "ĄąĘęĖėĮįŲųŁłŃńŚśŹźŻż",
    "Nordic": "ÅåÄäÖöØøÆæÐðÞþÝý",
    "Czech and Hungarian": "ĎďĚěŇňŘřŤťŮůŐőŰű",
    "Turkish": "ÇçĞğİıÖöŞşÜü",
    "Romanian": "ĂăÂâÎîȘșȚț",
    "Maltese and Irish": "ĊċĠġĦħŻżÁáÉé",
    "Vietnamese": "ĂăÂâĐđÊêÔôƠơƯưẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệ",
    "Vietnamese, the rest": "ỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ",
    "Greek": "ΑαΆάΒβΓγΔδΕεΈέΖζΗηΉήΘθΙιΊίΪϊΐΚκΛλΜμΝνΞξΟοΌόΠπΡρΣσςΤτΥυΎύΫϋΰΦφΧχΨψΩωΏώ",
    "Cyrillic": "АаБбВвГгҐґДдЂђЃѓЕеЁёЄєЖжЗзЅѕИиІіЇїЙйЈјКкЌќЛлЉљМмНнЊњОоПпРрСсТтЋћУуЎўФфХхЦцЧчЏџШшЩщЪъЫыЬьЭэЮюЯя",
    "Signs": "0123456789-–—.,:;/()'’“”«»&+@#·№€",
}


@pytest.fixture(scope="module")
def book() -> FontBook:
    return bundled_book()


def ink(book: FontBook, letter: str, size_px: int = 200) -> Image.Image:
    face = book.faces("Inter", Weight.REGULAR)[0]
    picture = Image.new("L", (size_px * 2, size_px * 2))
    ImageDraw.Draw(picture).text((size_px // 2, size_px), letter, 255, font=face.at(size_px), anchor="ls")
    return picture


def parts(picture: Image.Image, left: int, right: int) -> list[tuple[int, int]]:
    """Return from where to where there is ink, row by row, between two columns."""
    rows = [picture.crop((left, y, right, y + 1)).getbbox() is not None for y in range(picture.height)]
    edges = [y for y in range(1, len(rows)) if rows[y] != rows[y - 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))


class TestAlphabets:
    @pytest.mark.parametrize("weight", list(Weight))
    @pytest.mark.parametrize("name", list(ALPHABETS))
    def test_are_whole(self, book: FontBook, name: str, weight: Weight) -> None:
        run = book.shape(ALPHABETS[name], "Inter", weight)
        assert run.replaced == ""
        assert len(run.glyphs) == len(ALPHABETS[name])

    @pytest.mark.parametrize("name", list(ALPHABETS))
    def test_are_not_drawn_as_the_box_of_a_missing_letter(self, book: FontBook, name: str) -> None:
        missing = ink(book, "\U0010fffe").tobytes()
        assert not [c for c in ALPHABETS[name] if ink(book, c).tobytes() == missing]


class TestLatvian:
    @pytest.mark.parametrize("letter", list("ĶĻŅŖķļņŗĢ"))
    def test_the_comma_hangs_below_the_letter(self, book: FontBook, letter: str) -> None:
        bare = unicodedata.normalize("NFD", letter)[0]
        with_comma, without = ink(book, letter), ink(book, bare)
        box, plain = with_comma.getbbox(), without.getbbox()
        assert box is not None
        assert plain is not None
        body, comma = parts(with_comma, 0, with_comma.width)
        assert box[1] == pytest.approx(plain[1], abs=2), "the top of the letter stays"
        assert body[1] <= comma[0] - 2, "a cedilla would touch the letter"

    def test_the_small_g_has_its_comma_above(self, book: FontBook) -> None:
        with_comma, plain = ink(book, "ģ").getbbox(), ink(book, "g").getbbox()
        assert with_comma is not None
        assert plain is not None
        assert with_comma[1] < plain[1] - 10
        assert with_comma[3] == pytest.approx(plain[3], abs=2)

    def test_a_turkish_cedilla_is_another_thing(self, book: FontBook) -> None:
        assert len(parts(ink(book, "Ş"), 0, 400)) == 1, "it touches its letter"


class TestShaping:
    def test_letters_are_kerned(self, book: FontBook) -> None:
        apart = sum(book.shape(c, "Inter", Weight.BOLD).width_em for c in "AVAT")
        assert book.shape("AVAT", "Inter", Weight.BOLD).width_em < apart - 0.1

    def test_a_run_is_as_wide_as_its_letters_say(self, book: FontBook) -> None:
        run = book.shape("HH", "Inter", Weight.REGULAR)
        assert Fraction(run.width_em).limit_denominator(2048) == Fraction(run.glyphs[1].x_em * 2).limit_denominator(
            2048
        )

    def test_decomposed_letters_are_the_same_as_composed(self, book: FontBook) -> None:
        name = "Bērziņa-Šķēle Nguyễn"
        decomposed = unicodedata.normalize("NFD", name)
        assert book.shape(decomposed, "Inter", Weight.BOLD) == book.shape(name, "Inter", Weight.BOLD)

    def test_a_mark_without_a_letter_of_its_own_stands_on_its_letter(self, book: FontBook) -> None:
        run = book.shape("x\u0301y", "Inter", Weight.REGULAR)
        letter, mark, after = run.glyphs
        assert (letter.letter, mark.letter, after.letter) == ("x", "\u0301", "y")
        assert run.width_em == pytest.approx(book.shape("xy", "Inter", Weight.REGULAR).width_em, abs=0.02)
        assert mark.x_em < after.x_em

    def test_two_accents_reach_higher_than_one(self, book: FontBook) -> None:
        assert book.shape("Ấ", "Inter", Weight.BOLD).ink.above > book.shape("Á", "Inter", Weight.BOLD).ink.above > 0.8

    def test_tracking_stands_between_letters_only(self, book: FontBook) -> None:
        wide, plain = (book.shape("ABC", "Inter", Weight.BOLD, t).width_em for t in (0.1, 0.0))
        assert wide == pytest.approx(plain + 0.2)

    def test_what_can_not_be_seen_is_left_out(self, book: FontBook) -> None:
        assert book.shape("A\u200d\ufe0fB\x07C\u00ad", "Inter", Weight.BOLD) == book.shape("ABC", "Inter", Weight.BOLD)

    @pytest.mark.parametrize(
        ("text", "shown", "replaced"),
        [("Ⅷ", "VIII", "Ⅷ"), ("ქ", "?", "ქ"), ("𝐀b", "Ab", "𝐀"), ("漢字", "??", "漢字"), ("a\u20dd", "a", "\u20dd")],
    )
    def test_what_no_font_has_is_replaced_and_told(self, book: FontBook, text: str, shown: str, replaced: str) -> None:
        run = book.shape(text, "Inter", Weight.REGULAR)
        assert ("".join(g.letter for g in run.glyphs), run.replaced) == (shown, replaced)

    def test_a_letter_of_which_the_font_has_the_parts_is_not_replaced(self, book: FontBook) -> None:
        # Unicode never composes this one again, so it stays as it came.
        run = book.shape("\u0344", "Inter", Weight.REGULAR)
        assert (unicodedata.normalize("NFC", "\u0344"), run.replaced) == ("\u0308\u0301", "")

    @given(st.text(max_size=60), st.sampled_from(list(Weight)))
    def test_any_text_has_glyphs_that_can_be_drawn(self, text: str, weight: Weight) -> None:
        run = bundled_book().shape(text, "Inter", weight)
        assert run.width_em >= 0
        assert all(glyph.face.has(glyph.letter) for glyph in run.glyphs)


class TestBooks:
    def test_a_layouts_own_font_comes_first_and_the_bundled_one_helps_out(self) -> None:
        book = FontBook({"fonts/Small-Bold.ttf": only_capital_a()})
        own, bundled = book.faces("Small", Weight.BOLD)
        assert (own.has("A"), own.has("ж"), bundled.has("ж")) == (True, False, True)
        run = book.shape("AжA", "Small", Weight.BOLD)
        assert [g.face for g in run.glyphs] == [own, bundled, own]
        assert [g.letter for g in run.glyphs] == ["A", "ж", "A"]
        assert run.glyphs[0].x_em < run.glyphs[1].x_em < run.glyphs[2].x_em
        assert run.replaced == ""

    def test_an_unknown_family_is_refused(self, book: FontBook) -> None:
        with pytest.raises(LayoutError, match="no font of this name"):
            book.faces("Comic Sans", Weight.BOLD)

    @pytest.mark.parametrize("data", [b"", b"not a font", b"\x00\x01\x00\x00" + b"\xff" * 400])
    def test_a_broken_font_is_refused(self, data: bytes) -> None:
        with pytest.raises(LayoutError, match="not a font"):
            FontBook({"fonts/Broken.ttf": data})


def only_capital_a() -> bytes:
    """Return Inter Bold with a character map of one letter (OpenType, "cmap" format 4), all else untouched."""
    data = bytearray(asset("fonts", "Inter-Bold.ttf").read_bytes())
    glyph = Face(bytes(data))._shaper.get_nominal_glyph(ord("A"))
    tables = range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16)
    offset = next(struct.unpack_from(">I", data, at + 8)[0] for at in tables if data[at : at + 4] == b"cmap")
    ends, starts, deltas, ranges = (65, 0xFFFF), (65, 0xFFFF), ((glyph - 65) & 0xFFFF, 1), (0, 0)
    header = struct.pack(">HHHHI", 0, 1, 3, 1, 12)
    table = struct.pack(">7H", 4, 32, 0, 4, 4, 1, 0) + struct.pack(">9H", *ends, 0, *starts, *deltas, *ranges)
    data[offset : offset + len(header + table)] = header + table
    return bytes(data)


class TestBundledFiles:
    def test_are_those_that_the_readme_lists(self) -> None:
        readme = asset("fonts", "README.md").read_text("utf-8")
        listed = dict(re.findall(r"^\| (\S+\.ttf) \| \d+ \| `([0-9a-f]{64})` \|$", readme, re.MULTILINE))
        there = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in asset("fonts").glob("*.ttf")}
        assert there == listed
        assert len(there) == 4

    def test_come_with_their_licence(self) -> None:
        assert "SIL OPEN FONT LICENSE Version 1.1" in asset("fonts", "Inter-LICENSE.txt").read_text("utf-8")
