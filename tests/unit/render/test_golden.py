"""Golden renders: whole cards as they came out when a person last looked at them.

Compared by structure (which lines, how large, where) and by pixel, with tolerance. A difference leaves a picture whose
path is in the message. To accept new ones after looking at them: UPDATE_GOLDEN_RENDERS=1 pytest this file. Whoever
changes a ready layout or a font does so, and looks at what changed in tests/fixtures/renders.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from station.domain import elements as el
from station.domain import layout as lay
from station.ports.printer import Bitmap, PrinterProfile, RenderedCard, RenderedSide
from station.render.card import render_card
from station.render.findings import card_findings
from station.render.layout_file import bundled_layout, bundled_names, load_layout
from station.render.paint import Brand, Content, book_of, setting_of
from station.render.pdf import png
from station.render.raster import Raster, image_of
from station.render.reading import read_like
from tests.helpers.layouts import (
    COLOUR_ONLY,
    CR80_300,
    CR80_600,
    FARGO,
    ISSUER,
    RETRANSFER,
    WIDE_DOTS,
    card_fields,
    face,
)

GOLDEN = Path(__file__).resolve().parents[2] / "fixtures" / "renders"
# JPEG decoders and letter hinting may differ by this much between releases of Pillow, and no eye sees it.
LEVELS = 12
# Of the resin less than the comma of one ķ in a name; UV has a dithered portrait, of which one dot moves the next.
SHARES = {"seen": 0.002, "resin": 0.00005, "overlay": 0.00005, "uv": 0.004}


PLAIN = Brand()


@dataclass(frozen=True)
class Case:
    """One card that is kept; ``layout`` is a ready one, or one of the fixtures."""

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
    Case("college", "college", card_fields("Vũ Vĩnh", "Ẩn"), portrait=None, brand=Brand("#f2b705")),
    Case("isic", "isic", card_fields("Ελευθέριος", "Χατζηϊωάννου"), portrait=None),
    Case("staff", "staff", card_fields("Ģirts", "Ķēniņš"), brand=Brand("#14563f")),
    Case("guest", "guest", card_fields("Işıl", "Yıldız-Öztürk"), portrait=None, brand=Brand("#8c1d2f")),
    Case("plain", "plain", card_fields("Олена", "Ґрищук")),
    Case("everything", "everything", card_fields()),
    Case("everything-fargo", "everything", card_fields("Nguyễn Thị Ánh", "Tuyết"), FARGO),
    Case("everything-fine", "everything", card_fields("Олена", "Ґрищук"), CR80_600, portrait=None),
    Case("everything-colour-only", "everything", card_fields(), COLOUR_ONLY, brand=Brand("#7a0019")),
    Case("everything-wide-dots", "everything", card_fields("İlkay", "Şükrüoğlu"), WIDE_DOTS),
    Case("plain-wide-dots", "plain", card_fields("Mārtiņš", "Ģērmanis"), WIDE_DOTS, portrait=None),
]


def layout_of(case: Case) -> lay.Layout:
    if case.layout in bundled_names():
        return bundled_layout(case.layout)
    return load_layout(GOLDEN.parent / "layouts" / case.layout)


def rendered(case: Case) -> RenderedCard:
    portrait = case.portrait() if case.portrait else None
    return render_card(layout_of(case), case.fields, portrait, case.profile, case.brand)


def codes_on(layout: lay.Layout, card: RenderedCard) -> Iterator[tuple[el.AnyCode, RenderedSide]]:
    for elements, side in zip(layout.sides, (card.front, card.back), strict=False):
        yield from ((element, side) for element in elements if isinstance(element, el.Code) and side is not None)


def panels(side: RenderedSide) -> dict[str, Bitmap]:
    """Return what is kept of a side: what the eye sees, and each panel that is not part of it."""
    given = {"seen": side.composite, "resin": side.resin, "overlay": side.overlay, "uv": side.uv}
    return {name: bitmap for name, bitmap in given.items() if bitmap is not None}


def structure(case: Case, card: RenderedCard) -> dict[str, Any]:
    """Return what a card consists of, in numbers that no rounding moves."""
    layout = layout_of(case)
    values = case.fields.values()
    content = Content(layout.name, values, None, case.brand, book_of(layout.files), layout.files)
    raster = Raster.of_printer(layout, case.profile)
    texts: dict[str, Any] = {}
    for number, side in enumerate(layout.sides):
        for element in (e for e in side if isinstance(e, el.Text) and lay.applies(e, values)):
            setting = setting_of(element, content)
            texts[f"{number}/{element.id}"] = {
                "size_pt": setting.size_pt,
                "lines": ["".join(g.letter for g in line.run.glyphs) for line in setting.lines],
                "at_mm": [[round(line.x_mm, 2), round(line.baseline_mm, 2)] for line in setting.lines],
            }
    return {
        "layout": layout.reference,
        "raster": list(raster.size),
        "codes": {element.id: sorted(read_like(side.composite, element)) for element, side in codes_on(layout, card)},
        "tracks": list(card.tracks),
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
    for plane, bitmap in panels(side).items():
        new = image_of(bitmap)
        with Image.open(kept / f"{name}-{plane}.png") as opened:
            old = opened.convert(new.mode)
        if new.mode == "1":
            old = ImageChops.invert(old)  # in the file the ink is black
        assert old.size == new.size
        count = differing(old, new).histogram()[255]
        limit = SHARES[plane] * new.width * new.height
        assert count <= limit, f"{name} {plane}: {count} dots differ. {shown(old, new, folder / f'{name}-{plane}.png')}"


def keep(case: Case, card: RenderedCard) -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for side_name, side in (("front", card.front), ("back", card.back)):
        if side is not None:
            for plane, bitmap in panels(side).items():
                (GOLDEN / f"{case.name}-{side_name}-{plane}.png").write_bytes(png(bitmap))
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
        card = rendered(case)
        for side_name, side in (("front", card.front), ("back", card.back)):
            wanted |= {f"{case.name}-{side_name}-{plane}.png" for plane in (panels(side) if side else ())}
    assert {file.name for file in GOLDEN.iterdir()} == wanted


def test_another_name_is_seen_as_a_difference(tmp_path: Path) -> None:
    """The tolerance must not be so wide that a card of somebody else passes."""
    other = rendered(replace(CASES[0], fields=card_fields("Līga", "Bērziņa-Škēle")))
    with pytest.raises(AssertionError, match="dots differ") as caught:
        compare(GOLDEN, other.front, "university-front", tmp_path)
    assert Path(str(caught.value).split("difference: ")[1].split("\n")[0]).exists()
