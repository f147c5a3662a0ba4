"""Capitals as Turkish, Greek, Lithuanian, German, Armenian and Georgian readers expect them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.elements import Weight
from station.render.capitals import capitals
from station.render.fonts import FAMILY_NAMES, bundled_book
from tests.helpers.names import EVERY_NAME


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("Studenta apliecība: ģķļņšž", "", "STUDENTA APLIECĪBA: ĢĶĻŅŠŽ"),
        ("Işıl Yıldız", "", "IŞIL YILDIZ"),
        ("İbrahim Çiçek", "", "İBRAHİM ÇİÇEK"),
        ("Çiçek", "tr", "ÇİÇEK"),
        ("Nizami", "az", "NİZAMİ"),
        ("Xəyalə Əliyeva", "", "XƏYALƏ ƏLİYEVA"),
        ("Kristiāns", "", "KRISTIĀNS"),
        ("Yıldız", "en", "YILDIZ"),
        ("Çiçek", "en", "ÇIÇEK"),
        ("Γεωργία Χατζηϊωάννου", "", "ΓΕΩΡΓΙΑ ΧΑΤΖΗΪΩΑΝΝΟΥ"),
        ("Μάιος", "", "ΜΑΪΟΣ"),
        ("Ταΰγετος", "", "ΤΑΫΓΕΤΟΣ"),
        ("Ἀριστοτέλης ᾠδή", "", "ΑΡΙΣΤΟΤΕΛΗΣ ΩΙΔΗ"),
        ("Ελένη Άννα", "", "ΕΛΕΝΗ ΑΝΝΑ"),
        ("Έλλη & Café Olé", "", "ΕΛΛΗ & CAFÉ OLÉ"),
        ("Šíma", "lt", "ŠÍMA"),
        ("Ji\u0307\u0301ė", "lt", "JÍĖ"),
        ("Weiß", "", "WEIẞ"),
        ("Գևորգ", "", "ԳԵՎՈՐԳ"),
        ("ნინო Nino", "", "ნინო NINO"),
        ("Юлия Щёголева Ґалаґан", "", "ЮЛИЯ ЩЁГОЛЕВА ҐАЛАҐАН"),
        ("Nguyễn Thị Ẩn", "", "NGUYỄN THỊ ẨN"),
        ("", "", ""),
    ],
)
def test_capitals(text: str, language: str, shown: str) -> None:
    assert capitals(text, language) == shown


@given(st.text(max_size=40), st.sampled_from(["", "tr", "lt", "el", "lv"]))
def test_any_text_has_capitals_that_stay_the_same(text: str, language: str) -> None:
    once = capitals(text, language)
    assert unicodedata.is_normalized("NFC", once)
    assert capitals(once, language) == once


@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_every_name_has_its_capitals_in_the_fonts(family: str) -> None:
    book = bundled_book()
    runs = {name: book.shape(capitals(name), family, Weight.BOLD) for name in EVERY_NAME}
    assert {name: run.replaced for name, run in runs.items() if run.replaced} == {}
