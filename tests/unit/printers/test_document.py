"""A card as PNG and PDF: exact in size, exact in every dot."""

from __future__ import annotations

import io
import re
import zlib

import pytest
from PIL import Image

from printers.document import ID1_MM, pdf, png, sides
from tests.helpers.cards import sample_image, sample_rendered_card


def media_boxes(document: bytes) -> list[tuple[float, float]]:
    found = re.findall(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", document)
    return [(float(width), float(height)) for width, height in found]


def images_in(document: bytes) -> list[bytes]:
    found = re.findall(rb"/Subtype /Image[^>]*>>\s*stream\r?\n(.*?)endstream", document, re.DOTALL)
    return [zlib.decompressobj().decompress(stream) for stream in found]


def test_both_sides_come_as_the_eye_sees_them() -> None:
    front, back = sides(sample_rendered_card())
    assert front.tobytes() == sample_image("front").tobytes()
    assert back.tobytes() == sample_image("back").tobytes()


def test_a_back_that_is_fed_upside_down_is_turned_by_half() -> None:
    _, back = sides(sample_rendered_card(), rotate_back=True)
    assert back.tobytes() == sample_image("back").transpose(Image.Transpose.ROTATE_180).tobytes()


def test_a_one_sided_card_has_one_side() -> None:
    assert len(sides(sample_rendered_card(two_sided=False), rotate_back=True)) == 1


def test_a_png_loses_nothing_and_knows_its_size() -> None:
    image = Image.open(io.BytesIO(png(sample_image(), (300, 300))))
    assert image.tobytes() == sample_image().tobytes()
    assert [round(dots) for dots in image.info["dpi"]] == [300, 300]


def test_every_page_is_85_60_by_53_98_mm() -> None:
    document = pdf("card-1", sides(sample_rendered_card()), (300, 300), ID1_MM)
    expected = (85.60 / 25.4 * 72, 53.98 / 25.4 * 72)
    assert media_boxes(document) == [pytest.approx(expected, abs=0.001)] * 2


def test_a_page_may_be_as_large_as_the_raster() -> None:
    document = pdf("card-1", [sample_image()], (300, 300), (1016 / 300 * 25.4, 648 / 300 * 25.4))
    assert media_boxes(document) == [pytest.approx((1016 / 300 * 72, 648 / 300 * 72), abs=0.001)]


def test_another_programs_reader_finds_the_same_dots() -> None:
    from pypdfium2 import PdfDocument

    document = PdfDocument(pdf("card(1)", sides(sample_rendered_card()), (300, 300), ID1_MM))
    try:
        assert document.get_metadata_dict()["Title"] == "card(1)"
        for page, expected in zip(document, ("front", "back"), strict=True):
            (found,) = page.get_objects()
            assert found.get_bitmap().to_pil().convert("RGB").tobytes() == sample_image(expected).tobytes()
            assert page.get_size() == pytest.approx((85.60 / 25.4 * 72, 53.98 / 25.4 * 72), abs=0.001)
    finally:
        document.close()


def test_a_pdf_loses_no_dot() -> None:
    document = pdf("card-1", sides(sample_rendered_card()), (300, 300), ID1_MM)
    assert images_in(document) == [sample_image("front").tobytes(), sample_image("back").tobytes()]


def test_the_image_lies_at_its_own_size_in_the_middle_of_the_page() -> None:
    document = pdf("card-1", [sample_image()], (300, 300), ID1_MM)
    streams = re.findall(rb"stream\r?\n(.*?)endstream", document, re.DOTALL)
    drawn = [zlib.decompressobj().decompress(each) for each in streams if each[:1] == b"x"]
    (place,) = [found for each in drawn for found in re.findall(rb"([-0-9. ]+) cm\s*/[\w.]+ Do", each)]
    width, _, _, height, x, y = (float(number) for number in place.split())
    assert (width, height) == pytest.approx((1016 / 300 * 72, 648 / 300 * 72), abs=0.001)
    page_width, page_height = media_boxes(document)[0]
    assert (x + width / 2, y + height / 2) == pytest.approx((page_width / 2, page_height / 2), abs=0.001)


def test_a_pdf_names_nobody_and_is_the_same_every_time() -> None:
    document = pdf("card-1", [sample_image()], (300, 300), ID1_MM)
    assert b"/Title (card-1)" in document
    assert b"/Author" not in document
    assert b"/Creat" not in document
    assert document == pdf("card-1", [sample_image()], (300, 300), ID1_MM)
