"""Letters: that every one is there, stands where it should, and looks as its language draws it."""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from station.domain.elements import Weight
from station.domain.errors import LayoutError
from station.render.fonts import FAMILY_NAMES, Face, FontBook, Glyph, bundled_book
from station.render.sfnt import GLYPH_PLANE
from station.render.spacing import marked
from station.resources import asset
from tests.helpers.names import EVERY_NAME, NAMES

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


# Wide marks over narrow letters, beside letters that lean over them.
HARD_PAIRS = tuple(f"{a}{b}" for a in "TŤȚVWYFKfťľđď" for b in "ìíîïĩīĭĵĥĺļỉịǐ")


@pytest.fixture(scope="module")
def book() -> FontBook:
    return bundled_book()


def ink(book: FontBook, letter: str, family: str = "Inter", weight: Weight = Weight.REGULAR) -> Image.Image:
    (glyph,) = book.shape(letter, family, weight).glyphs
    return drawn(glyph.face, glyph.sign)


def drawn(face: Face, sign: str, size_px: int = 200) -> Image.Image:
    picture = Image.new("L", (size_px * 2, size_px * 2))
    ImageDraw.Draw(picture).text((size_px // 2, size_px), sign, 255, font=face.at(size_px), anchor="ls")
    return picture


@cache
def small(face: Face, sign: str) -> Image.Image:
    return drawn(face, sign, 100)


def meet(one: Glyph, other: Glyph) -> bool:
    """Tell whether two glyphs of a run have ink on the same dots, of 100 to the em."""
    left, right = small(one.face, one.sign), small(other.face, other.sign)
    shifted = ImageChops.offset(right, round((other.x_em - one.x_em) * 100), -round((other.y_em - one.y_em) * 100))
    return sum(ImageChops.multiply(left, shifted).histogram()[200:]) > 0


def parts(picture: Image.Image, left: int, right: int) -> list[tuple[int, int]]:
    """Return from where to where there is ink, row by row, between two columns."""
    rows = [picture.crop((left, y, right, y + 1)).getbbox() is not None for y in range(picture.height)]
    edges = [y for y in range(1, len(rows)) if rows[y] != rows[y - 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))


class TestAlphabets:
    @pytest.mark.parametrize("family", FAMILY_NAMES)
    @pytest.mark.parametrize("name", list(ALPHABETS))
    def test_are_whole_in_the_familys_own_faces(self, book: FontBook, name: str, family: str) -> None:
        for weight in Weight:
            run = book.shape(ALPHABETS[name], family, weight)
            assert run.replaced == ""
            assert {glyph.face for glyph in run.glyphs} == {book.faces(family, weight)[0]}

    @pytest.mark.parametrize("family", FAMILY_NAMES)
    def test_are_not_drawn_as_the_box_of_a_missing_letter(self, book: FontBook, family: str) -> None:
        face = book.faces(family, Weight.REGULAR)[0]
        missing = drawn(face, chr(GLYPH_PLANE)).tobytes()
        assert not [c for letters in ALPHABETS.values() for c in letters if ink(book, c, family).tobytes() == missing]


@pytest.mark.parametrize("weight", [Weight.REGULAR, Weight.BOLD])
@pytest.mark.parametrize("family", FAMILY_NAMES)
class TestLatvian:
    @pytest.mark.parametrize("letter", list("ĶĻŅŖķļņŗĢ"))
    def test_the_comma_hangs_below_the_letter(self, book: FontBook, family: str, weight: Weight, letter: str) -> None:
        bare = unicodedata.normalize("NFD", letter)[0]
        with_comma, without = ink(book, letter, family, weight), ink(book, bare, family, weight)
        box, plain = with_comma.getbbox(), without.getbbox()
        assert box is not None
        assert plain is not None
        body, comma = parts(with_comma, 0, with_comma.width)
        assert box[1] == pytest.approx(plain[1], abs=2), "the top of the letter stays"
        assert body[1] <= comma[0] - 2, "a cedilla would touch the letter"

    def test_the_small_g_has_its_comma_above(self, book: FontBook, family: str, weight: Weight) -> None:
        with_comma, plain = ink(book, "ģ", family, weight).getbbox(), ink(book, "g", family, weight).getbbox()
        assert with_comma is not None
        assert plain is not None
        assert with_comma[1] < plain[1] - 10
        assert with_comma[3] == pytest.approx(plain[3], abs=2)

    def test_a_turkish_cedilla_is_another_thing(self, book: FontBook, family: str, weight: Weight) -> None:
        assert len(parts(ink(book, "Ş", family, weight), 0, 400)) == 1, "it touches its letter"

    def test_the_dot_of_an_i_is_the_only_difference_in_turkish(
        self, book: FontBook, family: str, weight: Weight
    ) -> None:
        dotted, dotless = (parts(ink(book, letter, family, weight), 0, 400) for letter in "iı")
        assert len(dotted) == 2
        assert len(dotless) == 1
        assert dotted[1] == pytest.approx(dotless[0], abs=2)


class TestNames:
    @pytest.mark.parametrize("family", FAMILY_NAMES)
    @pytest.mark.parametrize("language", list(NAMES))
    def test_have_every_letter_in_one_face(self, book: FontBook, language: str, family: str) -> None:
        for name in NAMES[language]:
            run = book.shape(name, family, Weight.BOLD)
            assert run.replaced == "", name
            assert unicodedata.normalize("NFKC", "".join(g.letter for g in run.glyphs)) == unicodedata.normalize(
                "NFKC", name
            )
            assert len({g.face for g in run.glyphs}) == 1, name

    @pytest.mark.parametrize("weight", [Weight.REGULAR, Weight.BOLD])
    @pytest.mark.parametrize("family", FAMILY_NAMES)
    def test_no_letter_meets_a_neighbour_that_carries_a_mark(self, book: FontBook, family: str, weight: Weight) -> None:
        meeting = []
        for name in (*EVERY_NAME, *HARD_PAIRS):
            glyphs = book.shape(name, family, weight).glyphs
            for one, other in pairwise(glyphs):
                bare = one.face is not other.face or not (marked(one.letter) or marked(other.letter))
                if not bare and meet(one, other):
                    meeting.append(f"{one.letter}{other.letter} in {name}")
        assert meeting == []


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
        [("Ⅷ", "VIII", "Ⅷ"), ("ע", "?", "ע"), ("𝐀b", "Ab", "𝐀"), ("漢字", "??", "漢字"), ("a\u20dd", "a", "\u20dd")],
    )
    def test_what_no_font_has_is_replaced_and_told(self, book: FontBook, text: str, shown: str, replaced: str) -> None:
        run = book.shape(text, "Inter", Weight.REGULAR)
        assert ("".join(g.letter for g in run.glyphs), run.replaced) == (shown, replaced)

    @pytest.mark.parametrize(("text", "shown"), [("ǅemal", "Džemal"), ("ŉ", "ʼn"), ("ﬁ", "fi"), ("Ĳ", "IJ")])
    def test_two_letters_that_an_old_encoding_has_as_one_are_no_replacement(
        self, book: FontBook, text: str, shown: str
    ) -> None:
        run = book.shape(text, "Manrope", Weight.REGULAR)
        assert unicodedata.normalize("NFKC", "".join(g.letter for g in run.glyphs)) == shown
        assert run.replaced == ""

    def test_a_mark_that_a_family_lacks_takes_the_whole_script_with_it(self, book: FontBook) -> None:
        inter = book.faces("Inter", Weight.BOLD)[0]
        assert not book.faces("Manrope", Weight.BOLD)[0].has("\u0301")
        assert {g.face for g in book.shape("Ọlọ́run", "Manrope", Weight.BOLD).glyphs} == {inter}

    def test_and_so_on_every_line_of_the_text(self, book: FontBook) -> None:
        alone = book.shape("Ada", "Manrope", Weight.BOLD)
        with_others = book.shape("Ada", "Manrope", Weight.BOLD, within="Ada\nỌlọ́run Олена")
        assert {g.face for g in alone.glyphs} == {book.faces("Manrope", Weight.BOLD)[0]}
        assert {g.face for g in with_others.glyphs} == {book.faces("Inter", Weight.BOLD)[0]}

    def test_a_form_without_a_character_of_its_own_is_drawn(self, book: FontBook) -> None:
        # An i loses its dot under an accent that Unicode has no composed letter for.
        face = book.faces("Literata", Weight.BOLD)[0]
        letter, mark = book.shape("i\u0304\u0301", "Literata", Weight.BOLD).glyphs[:2]
        dotted = book.shape("i", "Literata", Weight.BOLD).glyphs[0]
        assert unicodedata.normalize("NFC", letter.letter)[0] in "iī"
        assert letter.number != dotted.number
        assert drawn(face, letter.sign).getbbox() != drawn(face, dotted.sign).getbbox()
        assert mark.face is face

    def test_a_letter_of_which_the_font_has_the_parts_is_not_replaced(self, book: FontBook) -> None:
        # Unicode never composes this one again, so it stays as it came.
        run = book.shape("\u0344", "Inter", Weight.REGULAR)
        assert (unicodedata.normalize("NFC", "\u0344"), run.replaced) == ("\u0308\u0301", "")

    @given(st.text(max_size=60), st.sampled_from(list(Weight)))
    def test_any_text_has_glyphs_that_can_be_drawn(self, text: str, weight: Weight) -> None:
        run = bundled_book().shape(text, "Inter", weight)
        assert run.width_em >= 0
        assert all(glyph.face.has(glyph.letter) and glyph.number for glyph in run.glyphs)


class TestBooks:
    def test_a_layouts_own_font_comes_first_and_the_bundled_one_helps_out(self) -> None:
        book = FontBook({"fonts/Small-Bold.ttf": only_capital_a()})
        own, bundled, *_ = book.faces("Small", Weight.BOLD)
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
        assert len(there) == 12

    def test_come_with_their_licences_that_reserve_no_name(self) -> None:
        for family in {p.name.split("-")[0] for p in asset("fonts").glob("*.ttf")}:
            licence = asset("fonts", f"{family}-LICENSE.txt").read_text("utf-8")
            assert "SIL OPEN FONT LICENSE Version 1.1" in licence
            assert "with Reserved Font Name" not in licence.split("-----")[0]
