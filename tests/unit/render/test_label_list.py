"""The list beside a stack: one line a card, groups apart, names in every alphabet, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import re

import pypdfium2
import pytest

from station.render.label_list import Label, labels_csv, labels_pdf


def labels(count: int) -> list[Label]:
    return [Label(n, f"Faculty {n // 40}", f"Žanete Ķēniņa {n}", f"{n:06}", "", "left", "out") for n in range(1, count)]


def test_every_card_is_in_it_once_on_as_many_pages_as_it_takes() -> None:
    with pypdfium2.PdfDocument(labels_pdf(labels(121), "Stack")) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
        assert len(document) >= 3
    assert all(text.count(f"{n:06}") == 1 for n in range(1, 121))
    assert "Žanete Ķēniņa 120" in text
    assert "Faculty 3" in text
    assert labels_pdf([], "Stack").startswith(b"%PDF")


def test_what_is_not_in_the_stack_is_marked_on_paper() -> None:
    outcomes = ("out", "look", "failed", "waits")
    lines = [Label(n, "F", f"Name-{each}", "", "", "", each) for n, each in enumerate(outcomes, 1)]
    assert marks(lines) == {"Name-out": "", "Name-look": "?", "Name-failed": "×", "Name-waits": "×"}
    assert marks(lines[3:]) == {"Name-waits": ""}, "nothing was printed yet: it is a list of what will be"


def marks(lines: list[Label]) -> dict[str, str]:
    """Return what stands between each place and each name."""
    with pypdfium2.PdfDocument(labels_pdf(lines, "Stack")) as document:
        text = document[0].get_textpage().get_text_range()
    found = re.findall(r"^\d+ *([?×]?) *(Name-\w+)", text, re.MULTILINE)
    return {name: mark for mark, name in found}


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", "\tx"])
def test_a_name_is_no_formula(name: str) -> None:
    (row,) = csv.DictReader(labels_csv([Label(1, "", name, "1", "", "", "out")]).decode("utf-8-sig").splitlines())
    assert row["name"] == f"'{name}"
