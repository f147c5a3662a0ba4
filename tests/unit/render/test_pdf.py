"""PNG and PDF for people."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from station.render.card import render_card
from station.render.layout_file import bundled_layout
from station.render.pdf import png, proof_pdf
from station.render.raster import bitmap, image_of
from station.render.reading import read_bitmap
from tests.helpers.layouts import CR80_300, ESCN, RETRANSFER, WIDE_DOTS, card_fields, face


class TestPng:
    def test_holds_every_dot_and_the_resolution(self) -> None:
        front = render_card(bundled_layout("university"), card_fields(), face(), CR80_300).front
        with Image.open(io.BytesIO(png(front.composite))) as opened:
            assert opened.mode == "RGB"
            assert opened.info["dpi"] == pytest.approx((300, 300), abs=0.1)
            assert opened.tobytes() == front.composite.data

    def test_of_black_and_white_has_one_bit_a_dot(self) -> None:
        back = render_card(bundled_layout("university"), card_fields(), face(), CR80_300).back
        assert back is not None
        with Image.open(io.BytesIO(png(back.composite))) as opened:
            assert opened.mode == "1"
            assert opened.convert("RGB").tobytes() == back.composite.data

    def test_of_two_other_colours_keeps_them(self) -> None:
        picture = Image.new("RGB", (20, 10), (1, 2, 3))
        picture.paste((255, 255, 255), (0, 0, 10, 10))
        with Image.open(io.BytesIO(png(bitmap(picture)))) as opened:
            assert opened.convert("RGB").tobytes() == picture.tobytes()

    def test_of_a_panel_without_colours_has_black_ink(self) -> None:
        resin = render_card(bundled_layout("plain"), card_fields(), face(), CR80_300).front.resin
        with Image.open(io.BytesIO(png(resin, 600, 300))) as opened:
            assert opened.info["dpi"] == pytest.approx((600, 300), abs=0.1)
            assert ImageChops.invert(opened).tobytes() == image_of(resin).tobytes()

    def test_is_a_png_as_others_read_it(self) -> None:
        odd = Image.effect_noise((37, 11), 80).convert("RGB")
        for picture in (odd, odd.convert("1")):
            with Image.open(io.BytesIO(png(bitmap(picture)))) as opened:
                opened.load()
                seen = ImageChops.invert(opened) if picture.mode == "1" else opened
                assert seen.tobytes() == picture.tobytes()


class TestProof:
    @pytest.mark.parametrize("profile", [CR80_300, RETRANSFER, WIDE_DOTS], ids=lambda p: p.name)
    def test_every_page_is_exactly_the_card(self, profile: object) -> None:
        made = proof_pdf(render_card(bundled_layout("university"), card_fields(), face(), profile))
        pages = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", made)
        assert [(float(w), float(h)) for w, h in pages] == [(242.6457, 153.0142)] * 2

    def test_with_marks_the_page_shows_the_bleed_and_where_the_card_is_cut(self) -> None:
        made = proof_pdf(render_card(bundled_layout("university"), card_fields(), face(), RETRANSFER), marks=True)
        page, trim, bleed = (
            [float(n) for n in re.search(rb"/" + name + rb"Box \[ ([\d. ]+) \]", made)[1].split()]  # type: ignore[index]
            for name in (b"Media", b"Trim", b"Bleed")
        )
        assert (trim[2] - trim[0], trim[3] - trim[1]) == pytest.approx((242.6457, 153.0142), abs=0.001)
        assert (bleed[2] - bleed[0], bleed[3] - bleed[1]) == pytest.approx((1036 * 0.24, 664 * 0.24), abs=0.001)
        assert page[0] < bleed[0] < trim[0] < trim[2] < bleed[2] < page[2]

    def test_one_side_is_one_page(self) -> None:
        made = proof_pdf(render_card(bundled_layout("plain"), card_fields(), face(), CR80_300))
        assert made.count(b"/MediaBox") == 1

    def test_says_nothing_of_when_or_by_what_machine_it_was_made(self) -> None:
        card = render_card(bundled_layout("plain"), card_fields(), face(), CR80_300)
        first = proof_pdf(card, "card 1")
        assert first == proof_pdf(card, "card 1")
        assert first != proof_pdf(card, "card 2")
        assert "Līga".encode() not in first

    @pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm draws PDF files, and is not here")
    def test_shows_the_card_itself(self, tmp_path: Path) -> None:
        card = render_card(bundled_layout("university"), card_fields(), face(), RETRANSFER)
        file = tmp_path / "proof.pdf"
        file.write_bytes(proof_pdf(card))
        subprocess.run(["pdftoppm", "-r", "300", "-png", "-f", "1", "-l", "1", file, tmp_path / "page"], check=True)
        with Image.open(next(tmp_path.glob("page*.png"))) as page:
            shown = page.convert("RGB")
        assert abs(shown.width - 1011) <= 1
        assert abs(shown.height - 638) <= 1
        assert read_bitmap(bitmap(shown)) == f"https://s.esc-r.eu/{ESCN}"
        middle = image_of(card.front.composite).crop((12, 13, 12 + shown.width, 13 + shown.height))
        small = [p.resize((101, 64), Image.Resampling.BOX).tobytes() for p in (shown, middle)]
        assert sum(abs(a - b) for a, b in zip(*small, strict=True)) / len(small[0]) < 4
