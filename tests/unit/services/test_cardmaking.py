"""To what cards are made, and that a card is never printed whose QR can't be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from printers.profile_files import load_profile
from station.domain.elements import Box, EscLogo, HologramZone
from station.domain.errors import LayoutError, ProfileError
from station.domain.escn import qr_text
from station.render.layout_file import bundled_layout
from station.resources import asset
from station.services.cardmaking import load_making
from tests.helpers.desks import TestDesk, desk_settings, open_test_desk
from tests.helpers.reading import read_back


def test_the_render_carries_the_number_as_a_qr_that_was_read_back(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    checked = bench.desk.render(issuance)
    assert checked.qr == qr_text(issuance.escn)
    assert read_back(checked.card) == checked.qr
    assert checked.card.back is not None


def test_the_institutions_own_address_is_in_the_qr(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, card={"qr_address": "http://esc.gg/"}) as bench:
        issuance = bench.portrayed()
        assert bench.desk.render(issuance).qr == f"http://esc.gg/{issuance.escn}"


def test_the_day_that_is_printed_is_the_day_that_was_fixed(bench: TestDesk) -> None:
    making = bench.desk.making
    fields = making.fields(bench.liga, "", date(2028, 6, 30))
    assert fields.expires_on == "30.06.2028"
    assert fields.institution == "Rīgas Paraugu universitāte"
    assert making.expiry(bench.liga, date(2026, 9, 1)) == date(2028, 6, 30)


def test_a_card_is_called_as_the_institution_calls_it(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        making = bench.desk.making
        assert making.fields(bench.liga, "", date(2028, 6, 30)).card_title == "Studenta apliecība"
        own = replace(making.settings.institution, card_title="Audzēkņa karte", card_title_en="Pupil")
        named = replace(making, settings=replace(making.settings, institutions=(own,)))
        fields = named.fields(bench.liga, "", date(2028, 6, 30))
        assert (fields.card_title, fields.card_title_en) == ("Audzēkņa karte", "Pupil")


def test_a_card_that_is_drawn_again_says_the_day_of_its_number(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    assert issuance.issued_on == bench.desk.clock.now().date().isoformat()
    first = bench.desk.render(issuance).card.back
    portrait = bench.desk.store.portraits.get(issuance.portrait_id or "")
    later = bench.desk.making.render(bench.liga, issuance, portrait, date(2027, 5, 1))
    assert later.card.back == first
    earlier = replace(issuance, issued_on="2025-01-31")
    assert bench.desk.render(earlier).card.back != first


def test_a_draft_without_a_number_has_no_qr(bench: TestDesk) -> None:
    draft = bench.desk.draft(bench.liga, None)
    assert read_back(draft) is None
    begun = bench.desk.begin(bench.liga)
    assert read_back(bench.desk.draft(bench.liga, None)) == qr_text(begun.escn)


def test_a_begun_card_is_shown_as_it_was_begun(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    portrait = bench.desk.store.portraits.get(issuance.portrait_id or "")
    assert portrait is not None
    making = bench.desk.making
    shown = making.preview_of(bench.liga, issuance, portrait.image)
    newer = replace(making, layout=bundled_layout("college"))
    assert newer.preview_of(bench.liga, issuance, portrait.image) == shown
    assert newer.preview(bench.liga, issuance.escn, portrait.image, date(2026, 9, 1)).back != shown.back


def test_a_preview_is_cut_to_the_card(bench: TestDesk) -> None:
    preview = bench.desk.making.preview(bench.liga, "", None, date(2026, 9, 1))
    assert abs(preview.front.width_px / preview.front.height_px - 85.60 / 53.98) < 0.01


def test_what_the_profile_names_must_be_there(tmp_path: Path) -> None:
    printer = desk_settings(tmp_path)
    with open_test_desk(tmp_path) as bench:
        profile = bench.desk.devices.printer.profile
    with pytest.raises(ProfileError):
        load_making(desk_settings(tmp_path, chip={"profile": "no-such"}), profile)
    with pytest.raises(LayoutError):
        load_making(desk_settings(tmp_path, layout={"folder": tmp_path / "none"}), profile)
    assert load_making(printer, profile).layout_version.startswith("university/")


def test_warming_up_draws_a_card_and_leaves_no_trace(bench: TestDesk) -> None:
    bench.desk.making.warm_up()
    assert bench.desk.store.issuances.open_issuances() == ()
    assert bench.desk.store.holders.count() == 2


def test_an_own_chip_profile_is_tried_before_any_card_is(tmp_path: Path) -> None:
    profile = load_profile("generic-cr80-300")
    text = asset("chip-profiles", "access-control.toml").read_text("utf-8").replace('"access-control"', '"doors"')
    (tmp_path / "doors.toml").write_text(text, "utf-8")
    own = desk_settings(tmp_path, chip={"profile": "doors", "folder": tmp_path})
    assert load_making(own, profile).chip_profile.name == "doors"
    (tmp_path / "doors.toml").write_text(text.replace("ascii('0'", "bcd(holder.email) + ascii('0'"), "utf-8")
    with pytest.raises(ProfileError, match="digits only"):
        load_making(own, profile)


def test_what_the_days_rules_have_against_a_card_is_said_with_it(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    making = bench.desk.making
    old = [HologramZone(id="old", box=Box(4, 4, 9, 9)), *(e for e in making.layout.front if not isinstance(e, EscLogo))]
    outliving = replace(making, layout=replace(making.layout, front=tuple(old), digest=""), layouts=None)
    issuance = replace(issuance, expires_on="2028-06-30")
    said = outliving.render(bench.liga, issuance, None, date(2026, 11, 22)).findings
    assert [each.element for each in said if each.rule == "esc-2026/old-marks"] == ["old"]
    unasked = outliving.render(bench.liga, issuance, None).findings
    assert not [each for each in unasked if each.rule.startswith("esc-")]
