"""What the rules say of one card before it is printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from station.domain.elements import Box, HologramZone
from station.domain.layout import fields_of
from station.domain.lint import Level
from station.render.linting.on_a_card import card_lint
from tests.helpers.layouts import CR80_300, ESCN, ISSUER, card_fields, holder
from tests.helpers.linting import ESC, ESI, LOGO, NAME, QR, TODAY, layout, names, text

HOLOGRAM = HologramZone(id="hologram", box=Box(70, 38, 12, 12))


def test_a_card_in_order_is_not_spoken_of() -> None:
    assert card_lint(layout(*ESC), CR80_300, card_fields(), today=TODAY) == ()


def test_old_marks_are_an_error_only_on_the_card_that_outlives_them() -> None:
    old = layout(NAME, QR, HOLOGRAM)
    ends = {year: fields_of(holder(), ESCN, date(year, 6, 30), ISSUER) for year in (2027, 2028)}
    assert card_lint(old, CR80_300, ends[2027], today=TODAY) == ()
    (found,) = card_lint(old, CR80_300, ends[2028], today=TODAY)
    assert (found.rule, found.level) == ("esc-2026/old-marks", Level.ERROR)


def test_a_mark_counts_only_where_its_condition_holds() -> None:
    isic_only = replace(LOGO, when="scheme == 'isic+esc'")
    given = layout(*(isic_only if each is LOGO else each for each in ESC))
    esc, isic = (replace(card_fields(), scheme=scheme) for scheme in ("esc", "isic+esc"))
    assert card_lint(given, CR80_300, isic, today=TODAY) == ()
    assert names(card_lint(given, CR80_300, esc, today=TODAY)) == ["esc-2026/logo"]
    late = replace(esc, expires=date(2028, 1, 1))
    old = replace(given, front=(*given.front, HOLOGRAM))
    assert names(card_lint(old, CR80_300, late, today=TODAY)) == ["esc-2026/old-marks hologram"]
    # Somebody's card that shows no mark at all is none, and nothing is missing on it.
    both = tuple(replace(each, when="scheme == 'isic+esc'") if each in (LOGO, QR, ESI) else each for each in ESC)
    assert card_lint(layout(*both), CR80_300, esc, today=TODAY) == ()


def test_a_personal_code_and_a_wrong_address_are_said() -> None:
    given = layout(replace(QR, text="https://elsewhere.example/{escn}"), text("{student_number}"))
    fields = fields_of(holder(number="161175-19997"), ESCN, date(2030, 6, 30), ISSUER)
    found = card_lint(given, CR80_300, fields, today=TODAY)
    assert names(found) == ["esc-2026/no-personal-code text", "esc-2026/qr-content qr"]
