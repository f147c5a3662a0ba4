"""SVG artwork: drawn alike everywhere, and refused when it could do anything but be drawn."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from station.domain.errors import LayoutError
from station.render import svg
from tests.helpers.layouts import as_png

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 20"'
RED = HEAD + '><rect width="40" height="20" fill="#c00000"/></svg>'
PICTURE = base64.b64encode(as_png(Image.new("RGB", (2, 2), (0, 0, 200)))).decode()


def of(body: str, head: str = HEAD) -> bytes:
    return f"{head}>{body}</svg>".encode()


class TestDrawing:
    def test_fills_the_size_that_is_asked_for(self) -> None:
        made = svg.drawn(RED.encode(), (120, 60))
        assert (made.mode, made.size) == ("RGBA", (120, 60))
        assert made.getcolors() == [(7200, (192, 0, 0, 255))]

    def test_is_stretched_where_dots_are_not_square(self) -> None:
        assert svg.drawn(RED.encode(), (240, 60)).getcolors() == [(14400, (192, 0, 0, 255))]

    def test_what_is_not_drawn_is_clear(self) -> None:
        assert svg.drawn(of('<circle cx="20" cy="10" r="5"/>'), (120, 60)).getpixel((2, 2)) == (0, 0, 0, 0)

    def test_letters_are_those_of_the_station_whatever_the_system_has(self) -> None:
        letters = '<text x="2" y="15" font-size="14" font-family="{}">Ķņ</text>'
        inter, other = (svg.drawn(of(letters.format(name)), (160, 80)) for name in ("Inter", "Comic Sans MS"))
        assert inter.getbbox() is not None
        assert inter.tobytes() == other.tobytes()

    def test_a_picture_within_it_is_drawn(self) -> None:
        made = svg.drawn(of(f'<image width="40" height="20" preserveAspectRatio="none" '
                            f'href="data:image/png;base64,{PICTURE}"/>'), (40, 20))  # fmt: skip
        assert made.getpixel((20, 10)) == (0, 0, 200, 255)

    def test_references_within_it_work(self) -> None:
        body = (
            '<defs><rect id="r" width="9" height="9"/><linearGradient id="g"><stop stop-color="#0a0"/></linearGradient>'
            '</defs><use href="#r" fill="url(#g)"/><use xlink:href="#r" x="20" style="fill:url(#g)"/>'
        )
        made = svg.drawn(of(body), (40, 20))
        assert made.getpixel((4, 4)) == made.getpixel((24, 4)) == (0, 170, 0, 255)


class TestRatio:
    @pytest.mark.parametrize(
        ("head", "ratio"),
        [
            ('viewBox="0 0 33 6"', 5.5),
            ('viewBox="-5,-5, 40 , 20"', 2),
            ('width="40mm" height="2cm"', 2),
            ('width="1in" height="48px" viewBox="0 0 7 7"', 2),
            ('width="100%" height="100%" viewBox="0 0 30 10"', 3),
        ],
    )
    def test_is_the_drawings_own(self, head: str, ratio: float) -> None:
        assert svg.ratio(f'<svg xmlns="http://www.w3.org/2000/svg" {head}/>'.encode()) == pytest.approx(ratio)

    def test_a_view_that_is_next_to_nothing_is_refused(self) -> None:
        with pytest.raises(LayoutError, match="too large"):
            svg.check(b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2" viewBox="0 0 4 0.0000001"/>')

    @pytest.mark.parametrize("head", ["", 'width="0" height="5"', 'viewBox="0 0 1"', 'viewBox="0 0 1 99999"'])
    def test_must_be_said(self, head: str) -> None:
        with pytest.raises(LayoutError, match="how large"):
            svg.check(f'<svg xmlns="http://www.w3.org/2000/svg" {head}/>'.encode())


BILLION = "<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(9)
)
NESTED = '<g id="n0"><rect width="1" height="1"/></g>' + "".join(
    f'<g id="n{n}">{f"""<use href="#n{n - 1}"/>""" * 10}</g>' for n in range(1, 10)
)


class TestHostile:
    @pytest.mark.parametrize(
        "body",
        [
            '<image width="9" height="9" href="/etc/passwd"/>',
            '<image width="9" height="9" href="file:///etc/hostname"/>',
            '<image width="9" height="9" xlink:href="http://localhost/x.png"/>',
            '<image width="9" height="9" href="../../secret.png"/>',
            '<image width="9" height="9" href=" //host/x.png"/>',
            '<image width="9" height="9" href="data:image/svg+xml;base64,PHN2Zy8+"/>',
            '<use href="other.svg#part"/>',
            '<rect width="9" height="9" fill="url(http://localhost/p.svg#g)"/>',
            '<rect width="9" height="9" style="fill:url( \'file:///x#g\' )"/>',
            '<rect width="9" height="9" style="fill:u\\72l(http://localhost)"/>'.replace("u\\72l", "\\url"),
            "<style>@import 'http://localhost/a.css';</style>",
            "<style>@\\69mport 'a.css';</style>",
            "<style>rect { fill: url(http://localhost/a#b) }</style>",
            "<?xml-stylesheet href='http://localhost/a.css'?>",
        ],
    )
    def test_nothing_outside_is_reached_for(self, body: str) -> None:
        with pytest.raises(LayoutError, match="outside of itself"):
            svg.check(of(body))

    @pytest.mark.parametrize(
        "body", ["<script>1</script>", "<foreignObject/>", "<x:script xmlns:x='urn:x'/>", "<feMorphology/>"]
    )
    def test_what_is_no_picture_is_refused(self, body: str) -> None:
        with pytest.raises(LayoutError, match="no part of a picture"):
            svg.check(of(body))

    @pytest.mark.parametrize(
        "data",
        [
            f"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{HEAD}><text>&x;</text></svg>",
            f"{BILLION}]>{HEAD}><text>&j;</text></svg>",
            f"<!DOCTYPE svg SYSTEM 'http://localhost/x.dtd'>{RED}",
        ],
    )
    def test_entities_are_refused(self, data: str) -> None:
        with pytest.raises(LayoutError, match="DOCTYPE"):
            svg.check(data.encode())

    def test_the_usual_document_type_does_no_harm(self) -> None:
        usual = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "{}">'
        svg.check((usual.format("http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd") + RED).encode())

    @pytest.mark.parametrize(
        "body",
        [
            NESTED,
            '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
            '<g id="a"><use href="#a"/></g>',
            "<g>" * 200 + "</g>" * 200,
            "<rect/>" * 30_000,
            "<rect width='9' height='9' rx='99999999999'/>",
            "<path d='M0 0L1 1' stroke-width='1e300'/>",
            "<filter id='f'>" + "<feGaussianBlur stdDeviation='9'/>" * 60 + "</filter>",
            f"<path d='{'M1 1' * 1_400_000}'/>",
        ],
        ids=["nested", "circle", "itself", "deep", "many", "number", "power", "filters", "long"],
    )
    def test_what_grows_without_end_is_refused(self, body: str) -> None:
        with pytest.raises(LayoutError, match="too large or too deep"):
            svg.check(of(body))

    def test_a_picture_within_that_unpacks_to_too_much_is_refused(self) -> None:
        bomb = base64.b64encode(as_png(Image.new("1", (7000, 7000)))).decode()
        with pytest.raises(LayoutError, match="too large"):
            svg.check(of(f'<image href="data:image/png;base64,{bomb}"/>'))
        with pytest.raises(LayoutError, match="can't be read"):
            svg.check(of('<image href="data:image/png;base64,AAAA"/>'))

    @pytest.mark.parametrize("data", [b"", b"text", b"<html/>", b"<svg", b"\xff\xfe", b"\x1f\x8b\x08compressed"])
    def test_what_is_no_drawing_is_refused(self, data: bytes) -> None:
        with pytest.raises(LayoutError, match="can be read"):
            svg.check(data)

    @given(st.binary(max_size=60))
    def test_any_bytes_are_refused_or_drawn(self, data: bytes) -> None:
        for whole in (data, HEAD.encode() + b">" + data + b"</svg>"):
            with suppress(LayoutError):
                assert svg.drawn(whole, (8, 4)).size == (8, 4)
