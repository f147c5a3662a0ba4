"""Which check fires on which defect: measured on real portraits, and written into the help.

``python -m tests.helpers.cross_matrix`` writes the tables of assets/help anew; a test holds the help to them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from station.adapters.camera.virtual import demo_portraits
from station.i18n import Translator
from station.photo.checks import LABELS, CheckName, PrintTarget, Verdict, check
from station.photo.faces import FaceEngine
from station.photo.pictures import load_picture
from tests.helpers import portraits
from tests.helpers.degradations import DEFECTS, Defect, Good, made_good
from tests.helpers.pictures import Pixels

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("dark skin", "glasses and hat", "short hair")
CARD = PrintTarget(18, 24)
"""A place for a photo as small as cards have it."""
HEADS = {"en": "what was made wrong", "lv": "kas sabojāts"}
QUIET = ""


@cache
def engine() -> FaceEngine:
    return FaceEngine()


@cache
def person(name: str) -> Good:
    """Return a portrait with which nothing is wrong; skips the test where it can't be fetched."""
    if name == "dark skin":
        return made_good(engine(), load_picture(portraits.portrait(portraits.DARK_SKIN)))
    if name == "glasses and hat":
        return made_good(engine(), load_picture(demo_portraits()[1]))
    # It was enlarged for the demo's camera: at its own size it is as sharp as it was taken.
    small = cv2.resize(load_picture(demo_portraits()[0]), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    return made_good(engine(), np.asarray(small, np.uint8))


def fired(picture: Pixels, target: PrintTarget = CARD) -> set[CheckName]:
    """Return the checks that have something to say of a picture."""
    findings = check(engine().analyse(picture), target)
    return {finding.name for finding in findings if finding.verdict is not Verdict.OK}


@cache
def outcome(name: str, defect: Defect) -> frozenset[CheckName]:
    """Return the checks that fire when this portrait is spoilt in this way."""
    return frozenset(fired(defect.spoil(person(name))))


def table(language: str) -> list[str]:
    """Return the table as lines of Markdown: a row a defect, a column a check, on how many portraits it fired."""
    checks = list(CheckName)
    rows = [
        [
            getattr(defect, language),
            *(str(sum(each in outcome(name, defect) for name in PEOPLE) or QUIET) for each in checks),
        ]
        for defect in DEFECTS
    ]
    head = [HEADS[language], *(str(number) for number in range(1, len(checks) + 1))]
    return [_row(head), _row(["---", *["---"] * len(checks)]), *map(_row, rows)]


def legend(language: str) -> list[str]:
    """Return the numbered list of the checks that the columns are called after."""
    translator = Translator(language)
    return [f"{number}. {translator.text(LABELS[each])}" for number, each in enumerate(CheckName, 1)]


def page(language: str) -> Path:
    """Return the page of the help that has the table."""
    return ROOT / "assets" / "help" / language / "photo-tried.md"


def table_in(text: str, language: str) -> list[str]:
    """Return the table's lines as a page has them."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {HEADS[language]} |"))
    length = next((n for n, line in enumerate(lines[start:]) if not line.startswith("|")), len(lines) - start)
    return lines[start : start + length]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Write the tables."""
    for language in HEADS:
        text = page(language).read_text(encoding="utf-8")
        old, new = "\n".join(table_in(text, language)), "\n".join(table(language))
        page(language).write_text(text.replace(old, new), encoding="utf-8")
        print(new)


if __name__ == "__main__":
    main()
