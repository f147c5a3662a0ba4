"""PWG Raster, read back by a reader written from the standard alone, and by the print service's own where it is."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from printers.document import ID1_MM, sides
from printers.pwg_raster import SHEET_BACKS, raster
from tests.helpers.cards import sample_image, sample_rendered_card

FILTER = Path("/usr/lib/cups/filter/rastertopdf")
WIDTH, HEIGHT = 638, 1011


def pages_of(document: bytes) -> list[tuple[bytes, Image.Image]]:
    """Return header and picture of every page, as PWG 5102.4 section 4 has them."""
    stream = io.BytesIO(document)
    assert stream.read(4) == b"RaS2"
    pages = []
    while header := stream.read(1796):
        width, height = struct.unpack_from(">2i", header, 372)
        rows: list[bytes] = []
        while len(rows) < height:
            times = stream.read(1)[0] + 1
            row = b""
            while len(row) < width * 3:
                code = stream.read(1)[0]
                row += stream.read(3) * (code + 1) if code < 128 else stream.read(3 * (257 - code))
            rows += [row] * times
        assert len(rows) == height
        pages.append((header, Image.frombytes("RGB", (width, height), b"".join(rows))))
    return pages


def expected(side: str) -> Image.Image:
    """Return the middle of a side at the size of the card, lying on its short edge."""
    return sample_image(side).crop((3, 5, 3 + HEIGHT, 5 + WIDTH)).transpose(Image.Transpose.ROTATE_90)


def test_every_dot_is_there_and_the_card_goes_lengthwise() -> None:
    document = raster(sides(sample_rendered_card()), (300, 300), ID1_MM)
    (_, front), (_, back) = pages_of(document)
    assert front.tobytes() == expected("front").tobytes()
    assert back.tobytes() == expected("back").tobytes()


def test_the_header_tells_size_colour_and_sides() -> None:
    (header, _), _ = pages_of(raster(sides(sample_rendered_card()), (300, 300), ID1_MM))
    assert header.startswith(b"PwgRaster\0")
    assert header[1732:].startswith(b"om_card_54x86mm\0")
    numbers = {place: struct.unpack_from(">i", header, place)[0] for place in (272, 276, 280, 372, 376, 388, 392, 400)}
    assert numbers == {272: 1, 276: 300, 280: 300, 372: WIDTH, 376: HEIGHT, 388: 24, 392: WIDTH * 3, 400: 19}
    assert struct.unpack_from(">2i", header, 352) == (153, 243)
    assert struct.unpack_from(">i", header, 452) == (2,)


@pytest.mark.parametrize(("back", "turn"), [("normal", None), ("manual-tumble", None), ("rotated", 3), ("flipped", 1)])
def test_the_back_is_turned_as_the_printer_wants_it(back: str, turn: int | None) -> None:
    document = raster(sides(sample_rendered_card()), (300, 300), ID1_MM, back=back)
    (_, front), (header, found) = pages_of(document)
    assert front.tobytes() == expected("front").tobytes()
    straight = expected("back") if turn is None else expected("back").transpose(turn)
    assert found.tobytes() == straight.tobytes()
    assert struct.unpack_from(">2i", header, 456) == SHEET_BACKS[back]


def test_one_side_is_one_page_and_no_duplex() -> None:
    document = raster(sides(sample_rendered_card(two_sided=False)), (300, 300), ID1_MM)
    ((header, _),) = pages_of(document)
    assert struct.unpack_from(">i", header, 272) == (0,)


@given(st.integers(1, 300), st.integers(1, 4), st.data())
def test_any_picture_comes_back(width: int, height: int, data: st.DataObject) -> None:
    colours = data.draw(st.lists(st.sampled_from([b"\0\0\0", b"\xff\xff\xff", b"\x10\x20\x30"]), min_size=1))
    dots = b"".join(colours[number % len(colours)] for number in range(width * height))
    picture = Image.frombytes("RGB", (width, height), dots)
    size_mm = (width / 300 * 25.4, height / 300 * 25.4)
    ((_, found),) = pages_of(raster([picture], (300, 300), size_mm))
    assert found.tobytes() == picture.transpose(Image.Transpose.ROTATE_90).tobytes()


@pytest.mark.skipif(not FILTER.exists(), reason="needs cups-filters")
def test_the_print_services_own_reader_takes_it(tmp_path: Path) -> None:
    document = tmp_path / "card.pwg"
    document.write_bytes(raster(sides(sample_rendered_card()), (300, 300), ID1_MM))
    ended = subprocess.run(
        [str(FILTER), "1", "desk", "card-1", "1", "", str(document)], capture_output=True, check=True, timeout=60
    )
    assert ended.stdout.startswith(b"%PDF")
    assert ended.stdout.count(b"/Type /Page\n") == 2 or b"/Count 2" in ended.stdout
