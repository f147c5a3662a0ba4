"""The list that lies beside a stack of printed cards: in the stack's order, each group begun on a line of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from station.resources import asset

_PAGE_PT = (595.276, 841.89)
_MARGIN_PT, _LINE_PT = 42.0, 15.0
_COLUMNS_PT = (0.0, 25.0, 36.0, 250.0, 345.0)
_MARKS = {"look": "?", "failed": "×", "waits": "×"}
"""What stands before a card that may not be in the stack, or isn't there; the same in every language."""


@dataclass(frozen=True, slots=True)
class Label:
    """One card of the stack."""

    place: int
    group: str
    name: str
    number: str
    escn: str
    printer: str
    outcome: str


def labels_csv(labels: Sequence[Label]) -> bytes:
    """Return the list as CSV in UTF-8 with its mark, as office programs want it; one line a card, heads first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(Label.__slots__)
    writer.writerows([_plain(cell) for cell in astuple(label)] for label in labels)
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: names come from outside."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def labels_pdf(labels: Sequence[Label], title: str) -> bytes:
    """Return the list as a PDF (A4): a heading where a group begins, which is where a separator lies in the stack.

    What is not in the stack has a mark and is struck out, ``?`` may be there; a list of what is still to be printed has
    none.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    for name in ("Inter-Regular", "Inter-SemiBold"):
        pdfmetrics.registerFont(TTFont(name, str(asset("fonts") / f"{name}.ttf")))
    data = io.BytesIO()
    # Without the moment at which it is made: the same list is the same file.
    canvas = Canvas(data, pagesize=_PAGE_PT, invariant=True)
    canvas.setTitle(title)
    begun = any(label.outcome != "waits" for label in labels)
    y, group = 0.0, None
    for label in labels:
        heading = label.group != group
        if y < _MARGIN_PT + (2 if heading else 1) * _LINE_PT:
            y = _new_page(canvas, title, first=group is None)
            heading = True
        if heading:
            group = label.group
            y -= _LINE_PT * 1.5
            canvas.setFont("Inter-SemiBold", 11)
            canvas.drawString(_MARGIN_PT, y, group or "–")
        y -= _LINE_PT
        canvas.setFont("Inter-Regular", 9)
        mark = _MARKS.get(label.outcome, "") if begun else ""
        cells = (str(label.place), mark, label.name, label.number, label.escn)
        for x, cell in zip(_COLUMNS_PT, cells, strict=True):
            canvas.drawString(_MARGIN_PT + x, y, cell)
        if mark == "×":
            end = _COLUMNS_PT[2] + canvas.stringWidth(label.name, "Inter-Regular", 9)
            canvas.line(_MARGIN_PT + _COLUMNS_PT[2], y + 3, _MARGIN_PT + end, y + 3)
    if not labels:
        _new_page(canvas, title, first=True)
    canvas.save()
    return data.getvalue()


def _new_page(canvas, title: str, *, first: bool) -> float:  # type: ignore[no-untyped-def]  # reportlab has no types
    if not first:
        canvas.showPage()
    top = _PAGE_PT[1] - _MARGIN_PT
    canvas.setFont("Inter-SemiBold", 14)
    canvas.drawString(_MARGIN_PT, top, title)
    return top
