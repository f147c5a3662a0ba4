"""The layouts that ship: held against the rules, every printer profile, and the names of a register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from printers.profile_files import list_profiles, load_profile
from station.domain.card import CardScheme
from station.domain.elements import EscLogo, Layer, Qr, Text
from station.domain.layout import Layout
from station.domain.lint import Level
from station.ports.printer import PrinterProfile
from station.render.card import render_card, render_checked
from station.render.findings import card_findings
from station.render.layout_file import bundled_layout, bundled_names
from station.render.linting.lint import full_lint
from station.render.paint import Brand
from station.render.raster import image_of
from station.services.cardmaking import load_making
from station.settings import CardTypePart, Institution, Settings
from tests.helpers.layouts import CR80_600, ESCN, RETRANSFER, card_fields, face, holder
from tests.helpers.names import EVERY_NAME, LONGEST

TODAY = date(2026, 11, 22)
NAMES = bundled_names()
WITH_MARK = ("college", "isic", "plain", "university")
ACCENTS = ("#f2c200", "#14161a", "#7fd1e0")
# One set of panels for both sides has no black for the front, and the linter says so.
MEANT = {("evolis-primacy2-one-ribbon", "esc-2026/qr-resin")}


def texts(layout: Layout) -> Iterator[Text]:
    return (element for side in layout.sides for element in side if isinstance(element, Text))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("printer", list_profiles())
def test_the_linter_has_nothing_against_it_on_any_printer(name: str, printer: str) -> None:
    found = full_lint(bundled_layout(name), load_profile(printer), today=TODAY)
    serious = {(f.rule, f.element) for f in found if f.level is not Level.NOTE and (printer, f.rule) not in MEANT}
    assert serious == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("accent", ACCENTS)
def test_nor_in_a_dark_or_a_light_accent(name: str, accent: str) -> None:
    found = full_lint(bundled_layout(name), load_profile("virtual"), today=TODAY, brand=Brand(accent))
    assert [(f.rule, f.element) for f in found if f.level is not Level.NOTE] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("printer", [load_profile("evolis-primacy2"), RETRANSFER, CR80_600], ids=lambda p: p.name)
def test_its_codes_are_read_back(name: str, printer: PrinterProfile) -> None:
    checked = render_checked(bundled_layout(name), card_fields("Nguyễn Thị", "Bērziņa-Šķēle"), face(), printer)
    assert checked.qr == (f"https://s.esc-r.eu/{ESCN}" if name in WITH_MARK else "")
    assert checked.findings == ()


@pytest.mark.parametrize("name", NAMES)
def test_the_mark_is_whole_or_not_there(name: str) -> None:
    kinds = [type(e) for side in bundled_layout(name).sides for e in side if isinstance(e, EscLogo | Qr)]
    assert sorted(kind.__name__ for kind in kinds) == (["EscLogo", "Qr"] if name in WITH_MARK else [])


@pytest.mark.parametrize("name", NAMES)
def test_the_back_needs_no_colour(name: str) -> None:
    card = render_card(bundled_layout(name), card_fields(), face(), load_profile("evolis-primacy2"))
    if name == "plain":
        assert card.back is None
        return
    assert card.back is not None
    assert image_of(card.back.colour).getextrema() == ((255, 255),) * 3
    assert image_of(card.back.resin).getbbox() is not None


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_register_fits(name: str) -> None:
    layout = bundled_layout(name)
    told: dict[str, list[str]] = {}
    for full in EVERY_NAME:
        given, family = full.split(" ", 1)
        told[full] = [found.element for found in card_findings(layout, card_fields(given, family))]
    assert {full for full, elements in told.items() if elements} <= set(LONGEST)


@pytest.mark.parametrize("name", ["isic", "plain"])
def test_only_the_photo_is_in_colour_on_printed_stock(name: str) -> None:
    layout = bundled_layout(name)
    assert {e.id for side in layout.sides for e in side if e.layer is Layer.COLOUR and not isinstance(e, Qr)} == {
        "photo"
    }


def test_staff_and_guests_have_what_the_university_has() -> None:
    university = bundled_layout("university")
    for name in ("staff", "guest"):
        layout = bundled_layout(name)
        assert layout.extends == university
        assert {"header", "rosette", "photo", "name"} <= {element.id for element in layout.front}


def test_texts_on_white_are_black_whatever_the_accent_is() -> None:
    for name in NAMES:
        assert {text.colour for text in texts(bundled_layout(name))} <= {"#000000", "on_accent"}


def test_a_station_prints_each_kind_of_card_to_its_own_layout() -> None:
    kinds = (
        CardTypePart(scheme=CardScheme.STAFF, when="start(student_number, 1) == 'D'", layout="staff"),
        CardTypePart(scheme=CardScheme.GUEST, when="start(student_number, 1) == 'V'", layout="guest"),
        CardTypePart(scheme=CardScheme.ISIC_ESC, when="level_code == 'DOCTORATE'", layout="isic"),
    )
    institution = Institution(key="rpu", name="Rīgas Paraugu universitāte", pic="999888777", sho="rpu.example")
    making = load_making(Settings(institutions=(institution,), card_types=kinds), load_profile("virtual"))
    chosen = {
        number: making.for_holder(replace(holder(number=number), institution="rpu"))
        for number in ("D10417", "V00012", "051REB123")
    }
    assert {number: (each.layout.name, each.scheme) for number, each in chosen.items()} == {
        "D10417": ("staff", CardScheme.STAFF),
        "V00012": ("guest", CardScheme.GUEST),
        "051REB123": ("university", CardScheme.ESC),
    }
    drawn = {number: each.draft(holder(number=number), "", None, TODAY).front.colour for number, each in chosen.items()}
    assert len({bitmap.data for bitmap in drawn.values()}) == 3
