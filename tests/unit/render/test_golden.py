"""Golden renders: whole cards as they came out when a person last looked at them.

Compared by structure (which lines, how large, where) and by pixel, with tolerance. A difference leaves a picture whose
path is in the message. To accept new ones after looking at them: UPDATE_GOLDEN_RENDERS=1 pytest this file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from station.domain import elements as el
from station.domain import layout as lay
from station.ports.printer import PrinterProfile, RenderedCard, RenderedSide
from station.render.card import render_card
from station.render.findings import card_findings
from station.render.fonts import bundled_book
from station.render.layout_file import bundled_layout
from station.render.paint import Brand
from station.render.pdf import png
from station.render.raster import Raster, image_of
from station.render.reading import read_back
from station.render.text import set_text
from tests.helpers.layouts import CR80_300, ISSUER, RETRANSFER, WIDE_DOTS, card_fields, face

GOLDEN = Path(__file__).resolve().parents[2] / "fixtures" / "renders"
# JPEG decoders and letter hinting may differ by this much between releases of Pillow, and no eye sees it.
LEVELS = 12
SHARE_COLOUR = 0.002
# Less than the comma of one ķ in a name.
SHARE_RESIN = 0.00005


PLAIN = Brand()


@dataclass(frozen=True)
class Case:
    """One card that is kept."""

    name: str
    layout: str
    fields: lay.CardFields
    profile: PrinterProfile = CR80_300
    portrait: Callable[[], bytes] | None = face
    brand: Brand = PLAIN


LONG = replace(ISSUER, name="Latvijas Biozinātņu un tehnoloģiju universitātes Meža un vides zinātņu fakultāte")
CASES = [
    Case("university", "university", card_fields()),
    Case("university-long", "university", card_fields("Anna Marija", "Zariņa-Kalniņa-Ozoliņa", LONG), RETRANSFER),
    Case(
        "university-vietnamese",
        "university",
        card_fields("Nguyễn Thị", "Ắ Ộ Đặng"),
        portrait=None,
        brand=Brand("#f2c200"),
    ),
    Case("plain", "plain", card_fields("Олена", "Ґрищук")),
    Case("plain-wide-dots", "plain", card_fields("Mārtiņš", "Ģērmanis"), WIDE_DOTS, portrait=None),
]


def rendered(case: Case) -> RenderedCard:
    portrait = case.portrait() if case.portrait else None
    return render_card(bundled_layout(case.layout), case.fields, portrait, case.profile, case.brand)


def structure(case: Case, card: RenderedCard) -> dict[str, Any]:
    """Return what a card consists of, in numbers that no rounding moves."""
    layout = bundled_layout(case.layout)
    values = case.fields.values()
    raster = Raster.of_printer(layout, case.profile)
    texts: dict[str, Any] = {}
    for number, side in enumerate(layout.sides):
        for element in (e for e in side if isinstance(e, el.Text) and all(values[n] for n in e.needs)):
            setting = set_text(element, lay.filled(element.text, values), bundled_book())
            texts[f"{number}/{element.id}"] = {
                "size_pt": setting.size_pt,
                "lines": ["".join(g.letter for g in line.run.glyphs) for line in setting.lines],
                "at_mm": [[round(line.x_mm, 2), round(line.baseline_mm, 2)] for line in setting.lines],
            }
    return {
        "layout": layout.reference,
        "raster": list(raster.size),
        "qr": read_back(card),
        "findings": [f.element for f in card_findings(layout, case.fields, has_portrait=case.portrait is not None)],
        "texts": texts,
    }


def differing(one: Image.Image, other: Image.Image) -> Image.Image:
    """Return where two pictures of one size differ by more than nobody sees."""
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    strongest = ImageChops.lighter(apart.getchannel(0), ImageChops.lighter(apart.getchannel(1), apart.getchannel(2)))
    return strongest.point([255 if level > LEVELS else 0 for level in range(256)])


def shown(one: Image.Image, other: Image.Image, file: Path) -> str:
    """Write kept, new and difference below each other, and return where."""
    sheet = Image.new("RGB", (one.width, one.height * 3 + 20), (120, 120, 120))
    for row, picture in enumerate((one, other, differing(one, other))):
        sheet.paste(picture.convert("RGB"), (0, row * (one.height + 10)))
    sheet.save(file)
    return f"kept, new and difference: {file}"


def compare(kept: Path, side: RenderedSide, name: str, folder: Path) -> None:
    pictures = {"seen": (image_of(side.composite), SHARE_COLOUR), "resin": (image_of(side.resin), SHARE_RESIN)}
    for plane, (new, share) in pictures.items():
        with Image.open(kept / f"{name}-{plane}.png") as opened:
            old = opened.convert(new.mode)
        assert old.size == new.size
        count = differing(old, new).histogram()[255]
        limit = share * new.width * new.height
        assert count <= limit, f"{name} {plane}: {count} dots differ. {shown(old, new, folder / f'{name}-{plane}.png')}"


def keep(case: Case, card: RenderedCard) -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for side_name, side in (("front", card.front), ("back", card.back)):
        if side is not None:
            (GOLDEN / f"{case.name}-{side_name}-seen.png").write_bytes(png(side.composite))
            (GOLDEN / f"{case.name}-{side_name}-resin.png").write_bytes(png(side.resin))
    text = json.dumps(structure(case, card), ensure_ascii=False, indent=1)
    (GOLDEN / f"{case.name}.json").write_text(text + "\n", "utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_card_looks_as_it_did(case: Case, tmp_path: Path) -> None:
    card = rendered(case)
    if os.environ.get("UPDATE_GOLDEN_RENDERS"):
        keep(case, card)
    assert structure(case, card) == json.loads((GOLDEN / f"{case.name}.json").read_text("utf-8"))
    for side_name, side in (("front", card.front), ("back", card.back)):
        if side is not None:
            compare(GOLDEN, side, f"{case.name}-{side_name}", tmp_path)


def test_nothing_is_kept_that_no_case_needs() -> None:
    wanted = {f"{case.name}.json" for case in CASES}
    for case in CASES:
        names = ("front", "back")[: len(bundled_layout(case.layout).sides)]
        wanted |= {f"{case.name}-{side}-{plane}.png" for side in names for plane in ("seen", "resin")}
    assert {file.name for file in GOLDEN.iterdir()} == wanted


def test_another_name_is_seen_as_a_difference(tmp_path: Path) -> None:
    """The tolerance must not be so wide that a card of somebody else passes."""
    other = rendered(replace(CASES[0], fields=card_fields("Līga", "Bērziņa-Škēle")))
    with pytest.raises(AssertionError, match="dots differ") as caught:
        compare(GOLDEN, other.front, "university-front", tmp_path)
    assert Path(str(caught.value).split("difference: ")[1].split("\n")[0]).exists()
