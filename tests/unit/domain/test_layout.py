"""The layout as a value: boxes, fields, templates."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.elements import Box, Qr, Text
from station.domain.errors import LayoutError
from station.domain.layout import (
    FIELD_NAMES,
    ISSUER_FIELDS,
    CardFields,
    Issuer,
    Layout,
    applies,
    condition_holds,
    edited,
    fields_of,
    fields_shown,
    filled,
    names_in,
    short_esi,
)
from station.domain.layout_state import LayoutState
from tests.helpers.layouts import ESCN, EXPIRES, ISSUED, ISSUER, holder

BOX = Box(10, 20, 30, 5)


class TestBox:
    def test_knows_its_far_edges(self) -> None:
        assert (BOX.right_mm, BOX.bottom_mm) == (40, 25)

    @pytest.mark.parametrize(
        ("other", "meets"),
        [
            (Box(39, 24, 5, 5), True),
            (Box(40, 20, 5, 5), False),
            (Box(10, 25, 5, 5), False),
            (Box(0, 0, 100, 100), True),
            (Box(5, 21, 5, 1), False),
        ],
    )
    def test_meets_only_what_shares_area(self, other: Box, meets: bool) -> None:
        assert BOX.meets(other) is meets
        assert other.meets(BOX) is meets


class TestLayout:
    def test_has_one_side_or_two(self) -> None:
        qr = Qr(id="qr", box=BOX)
        one = Layout("plain", 1, front=(qr,))
        assert one.sides == ((qr,),)
        assert replace(one, back=(qr,)).sides == ((qr,), (qr,))

    def test_is_kept_in_records_by_name_and_version(self) -> None:
        assert Layout("university", 3, front=()).reference == "university/3"

    def test_two_contents_are_two_layouts(self) -> None:
        one = Layout("a", 1, (), digest="1", files={"x.png": b"1"})
        assert one != replace(one, digest="2")
        assert hash(one) == hash(replace(one))

    def test_a_text_without_a_floor_keeps_its_size(self) -> None:
        text = Text(id="t", box=BOX, text="", size_pt=8)
        assert (text.floor_pt, replace(text, min_size_pt=5).floor_pt) == (8, 5)


class TestFields:
    def test_hold_all_that_a_card_shows(self) -> None:
        fields = fields_of(holder(), ESCN, EXPIRES, ISSUER, ISSUED)
        assert fields.full_name == "Līga Bērziņa-Šķēle"
        assert fields.student_number == "051REB123"
        assert fields.esi == "urn:schac:personalUniqueCode:int:esi:rpu.example:051REB123"
        assert fields.esi_short == "rpu.example:051REB123"
        assert fields.qr == f"https://s.esc-r.eu/{ESCN}"
        assert (fields.expires_on, fields.issued_on) == ("30.06.2028", "01.09.2026")
        assert (fields.programme, fields.faculty) == ("Datorzinātne", "DITF")
        assert (fields.level, fields.level_en) == ("maģistra studijas", "Master")
        assert fields.institution == "Rīgas Paraugu universitāte"
        assert fields.card_title_en == "Student ID"

    def test_there_is_no_code_before_there_is_a_number(self) -> None:
        fields = fields_of(holder(), "", EXPIRES, ISSUER)
        assert (fields.escn, fields.qr, fields.issued_on) == ("", "", "")

    def test_the_code_leads_where_the_institution_says(self) -> None:
        issuer = Issuer("X", qr_address="http://esc.gg/")
        assert fields_of(holder(), ESCN, EXPIRES, issuer).qr == f"http://esc.gg/{ESCN}"

    def test_a_holder_of_whom_little_is_known_has_a_card_too(self) -> None:
        bare = replace(holder(), identifiers=(), enrolments=(), student_number="")
        fields = fields_of(bare, ESCN, EXPIRES, ISSUER)
        assert (fields.esi, fields.esi_short, fields.level, fields.programme, fields.student_number) == ("",) * 5

    def test_early_years_have_four_figures(self) -> None:
        assert fields_of(holder(), "", date(999, 1, 2), ISSUER).expires_on == "02.01.0999"

    @given(st.text())
    def test_every_value_is_composed(self, text: str) -> None:
        values = CardFields(given_names=unicodedata.normalize("NFD", text)).values()
        assert set(values) == set(FIELD_NAMES)
        assert unicodedata.is_normalized("NFC", values["given_names"])

    def test_what_is_the_institutions_are_fields(self) -> None:
        assert set(FIELD_NAMES) > ISSUER_FIELDS


@pytest.mark.parametrize(
    ("esi", "short"),
    [
        ("urn:schac:personalUniqueCode:int:esi:rtu.lv:1", "rtu.lv:1"),
        ("URN:SCHAC:personaluniquecode:INT:esi:lv:AB", "lv:AB"),
        ("LV-999465982-051REB123", "LV-999465982-051REB123"),
        ("", ""),
    ],
)
def test_an_esi_is_shortened_by_what_all_begin_with(esi: str, short: str) -> None:
    assert short_esi(esi) == short


class TestTemplates:
    def test_fill_named_places(self) -> None:
        values = CardFields(given_names="Līga", family_name="Ozola").values()
        assert filled("{family_name}, {given_names}!", values) == "Ozola, Līga!"
        assert names_in("{family_name}, {given_names}!") == ("family_name", "given_names")

    def test_doubled_braces_are_braces(self) -> None:
        assert filled("{{{escn}}}", CardFields(escn="1").values()) == "{1}"

    @pytest.mark.parametrize(
        ("template", "said"),
        [
            ("{", "no partner"),
            ("}", "no partner"),
            ("{escn", "no partner"),
            ("{{escn}", "no partner"),
            ("{}", "a value was expected"),
            ("{password}", "no field password"),
            ("{escn.__class__}", "no field escn.__class__"),
            ("{escn[0]}", "is not understood"),
            ("{escn!r}", "is not understood"),
            ("{escn:>99}", "is not understood"),
            ("{upper(secret)}", "there is no secret here"),
            ("{__import__('os')}", "there is no function __import__"),
            ("{escn.format(1)}", "there is no function escn.format"),
            ("{" + "(" * 40 + "escn" + ")" * 40 + "}", "brackets in each other"),
            ("{" + "escn + " * 200 + "escn}", "longer than"),
        ],
    )
    def test_understand_nothing_else(self, template: str, said: str) -> None:
        with pytest.raises(LayoutError, match="(?s)" + re.escape(said)):
            names_in(template)

    def test_expressions_stand_where_names_do(self) -> None:
        values = fields_of(holder(), ESCN, EXPIRES, ISSUER).values()
        assert filled("{upper(family_name)} {start(given_names, 1)}.", values) == "BĒRZIŅA-ŠĶĒLE L."
        assert filled("{date(expires, 'MM/YY')} · {expires} · {issued}", values) == "06/28 · 30.06.2028 · "
        assert filled("{join(' · ', faculty, '', level_en)}", {**values, "faculty": "DITF", "level_en": ""}) == "DITF"
        assert filled("{length(escn)}", values) == "36"
        assert names_in("{given_names} {join(level, faculty)}") == ("given_names", "faculty", "level")

    @pytest.mark.parametrize(
        ("template", "said"),
        [
            ("{number(family_name)}", "column 1: number needs digits only"),
            ("{escn == escn}", "doesn't come to a text"),
            ("{ascii(escn)}", "doesn't come to a text"),
            ("{start(escn, escn)}", "start needs a text and how many"),
            ("{join(1, escn)}", "join needs texts"),
            ("{date(issued, 'YY')}", "needs a date"),
            ("{pad(escn, 8000) + pad(escn, 8000)}", "longer than"),
        ],
    )
    def test_what_can_not_be_computed_says_where(self, template: str, said: str) -> None:
        values = fields_of(holder(), ESCN, EXPIRES, ISSUER).values()
        with pytest.raises(LayoutError, match="(?s)" + re.escape(said)) as caught:
            filled(template, values)
        assert caught.value.params["place"] == template[1:-1]

    @given(st.text())
    def test_what_was_filled_in_is_not_read_again(self, name: str) -> None:
        values = {**CardFields().values(), "family_name": name}
        assert filled("<{family_name}>", values) == f"<{name}>"

    @given(st.text())
    def test_never_fail_in_another_way(self, template: str) -> None:
        try:
            names = names_in(template)
        except LayoutError:
            return
        assert set(names) <= set(FIELD_NAMES)
        with suppress(LayoutError):
            filled(template, CardFields().values())

    def test_an_element_tells_which_fields_it_shows(self) -> None:
        assert fields_shown(Text(id="t", box=BOX, text="{escn} {level}", size_pt=6)) == {"escn", "level"}
        assert fields_shown(Qr(id="q", box=BOX)) == {"qr"}


class TestConditions:
    @pytest.mark.parametrize(
        ("when", "there"),
        [
            ("", True),
            ("esi", True),
            ("issued", False),
            ("level_code == 'DOCTORATE'", False),
            ("level_code in 'BACHELOR MASTER' and not issued", True),
            ("date(expires, 'YYYY') >= '2028'", True),
            ("false", False),
        ],
    )
    def test_decide_whether_an_element_is_there(self, when: str, there: bool) -> None:
        values = fields_of(holder(esi="urn:schac:personalUniqueCode:int:esi:rtu.lv:1"), ESCN, EXPIRES, ISSUER).values()
        assert applies(Text(id="t", box=BOX, text="x", size_pt=6, when=when), values) is there

    def test_hold_beside_what_is_needed(self) -> None:
        element = Text(id="t", box=BOX, text="x", size_pt=6, when="escn", needs=("esi",))
        assert not applies(element, CardFields(escn="1").values())
        assert applies(element, CardFields(escn="1", esi="2").values())

    @pytest.mark.parametrize("when", ["pic", "escn ==", "escn < 1", "1 +", "()", "lambda: 1", "escn; escn"])
    def test_that_are_wrong_say_so(self, when: str) -> None:
        with pytest.raises(LayoutError):
            applies(Text(id="t", box=BOX, text="x", size_pt=6, when=when), CardFields(escn="1").values())

    @given(st.text(alphabet="abc(){}[]'\"+-<>=,. 0123456789_\\escnandornotifelse", max_size=60))
    @settings(max_examples=150)
    def test_never_fail_in_another_way(self, when: str) -> None:
        with suppress(LayoutError):
            condition_holds(when, CardFields(escn="1").values())


class TestEditing:
    LAYOUT = Layout("x", 1, (Qr(id="q", box=BOX),), digest="0" * 64, state=LayoutState.APPROVED)

    def test_makes_a_draft_without_a_digest(self) -> None:
        drawn = edited(self.LAYOUT, front=())
        assert (drawn.state, drawn.digest, drawn.front, drawn.version) == (LayoutState.DRAFT, "", (), 1)

    def test_other_files_are_another_layout(self) -> None:
        one, two = edited(self.LAYOUT, files={"a.png": b"1"}), edited(self.LAYOUT, files={"a.png": b"2"})
        assert one != two
        assert edited(one, title="x").digest == one.digest
