"""The slip for somebody whose card is not registered yet: the upper half of an A4 page, for any printer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from station.render.codes import qr_rows
from station.resources import asset

_A4_PT = (595.276, 841.89)
_MARGIN_PT = 48.0
_QR_PT = 104.0
_REGULAR, _BOLD = "Inter-Regular", "Inter-SemiBold"


@dataclass(frozen=True, slots=True)
class SlipText:
    """What the slip says in one language: a title, a paragraph, and what stands beside the code."""

    title: str
    words: str
    look_up: str


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip: whom it is from, what it says in each language, the number, the address of its code, a foot line."""

    issuer: str
    texts: tuple[SlipText, ...]
    number: str
    address: str
    foot: str = ""


def slip_pdf(slips: Sequence[Slip]) -> bytes:
    """Return slips as a PDF, one on a page, in the upper half, so that it can be cut off."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    for name in (_REGULAR, _BOLD):
        pdfmetrics.registerFont(TTFont(name, str(asset("fonts") / f"{name}.ttf")))
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=_A4_PT, invariant=True)
    canvas.setTitle(" · ".join(slip.number for slip in slips))
    for slip in slips:
        _draw(canvas, slip)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def _draw(canvas, slip: Slip) -> None:  # type: ignore[no-untyped-def]  # reportlab has no types
    width = _A4_PT[0] - 2 * _MARGIN_PT
    y = _line(canvas, _A4_PT[1] - _MARGIN_PT, [slip.issuer], _BOLD, 11)
    beside = width - _QR_PT - 20
    code_top = y - 6
    _draw_qr(canvas, slip.address, _MARGIN_PT + width - _QR_PT, code_top - _QR_PT)
    for text in slip.texts:
        y = _line(canvas, y - 10, _wrapped(text.title, _BOLD, 14, beside), _BOLD, 14)
        y = _line(canvas, y - 1, _wrapped(text.words, _REGULAR, 10.5, beside), _REGULAR, 10.5)
        y = _line(canvas, y - 1, _wrapped(text.look_up, _REGULAR, 9, beside), _REGULAR, 9)
    below = min(y, code_top - _QR_PT) - 10
    y = _line(canvas, below, [slip.number, *_wrapped(slip.foot, _REGULAR, 9, width)], _REGULAR, 9)
    canvas.setDash(2, 4)
    canvas.setLineWidth(0.5)
    cut = min(_A4_PT[1] / 2, y - 12)
    canvas.line(0, cut, _A4_PT[0], cut)
    canvas.setDash()


def _line(canvas, y: float, lines: Sequence[str], font: str, size: float) -> float:  # type: ignore[no-untyped-def]  # as above
    """Write lines below ``y``; return where the last one ends."""
    canvas.setFont(font, size)
    for line in lines:
        y -= size * 1.35
        canvas.drawString(_MARGIN_PT, y, line)
    return y


def _wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    from reportlab.lib.utils import simpleSplit

    return [str(line) for line in simpleSplit(text, font, size, width)]


def _draw_qr(canvas, address: str, x: float, y: float) -> None:  # type: ignore[no-untyped-def]  # as above
    rows = qr_rows(address)
    dot = _QR_PT / len(rows)
    for down, row in enumerate(rows):
        for across, black in enumerate(row):
            if black:
                canvas.rect(x + across * dot, y + _QR_PT - (down + 1) * dot, dot, dot, stroke=0, fill=1)
