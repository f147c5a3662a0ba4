"""The slip: what it says is on it, and a telephone reads where the promise can be looked up."""

from __future__ import annotations

import pypdfium2
import pytest

from station.ports.printer import Bitmap
from station.render.reading import read_bitmap
from station.render.slip import Slip, SlipText, slip_pdf

ADDRESS = "https://s.esc-r.eu/8c1b1d10-a311-103f-8001-001999465982"
SLIP = Slip(
    "Rīgas Demonstrācijas universitāte",
    (
        SlipText("Jūsu karte jau ir derīga.", "Citām valstīm tā vēl nav reģistrēta. " * 6, "Noskenējiet kodu."),
        SlipText("Ваша картка вже дійсна.", "Для інших країн її ще не зареєстровано. " * 6, "Відскануйте код."),
    ),
    "8c1b1d10-a311-103f-8001-001999465982",
    ADDRESS,
    "01.09.2026 08:00 · Desk 1",
)


def test_everything_is_on_it_in_the_upper_half_of_the_page() -> None:
    with pypdfium2.PdfDocument(slip_pdf([SLIP])) as document:
        page = document[0]
        assert [round(each) for each in page.get_size()] == [595, 842]
        text = page.get_textpage()
        said = " ".join(text.get_text_bounded().split())
        lowest = min(text.get_rect(n)[1] for n in range(text.count_rects()))
    for words in (SLIP.issuer, SLIP.number, SLIP.foot, *(each.title for each in SLIP.texts)):
        assert words in said
    assert said.count("reģistrēta.") == said.count("зареєстровано.") == 6
    assert lowest > 842 / 2


def test_the_code_leads_to_where_the_card_is_looked_up() -> None:
    with pypdfium2.PdfDocument(slip_pdf([SLIP])) as document:
        picture = document[0].render(scale=2).to_pil().convert("RGB")
    assert read_bitmap(Bitmap("RGB", picture.width, picture.height, picture.tobytes())) == ADDRESS


@pytest.mark.parametrize("count", [1, 3])
def test_each_slip_has_a_page_of_its_own(count: int) -> None:
    with pypdfium2.PdfDocument(slip_pdf([SLIP] * count)) as document:
        assert len(document) == count
