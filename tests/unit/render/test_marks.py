"""The logo of the European Student Card, and what previews show of zones."""

from __future__ import annotations

import pytest

from station.domain.elements import (
    AnyZone,
    Box,
    ChipZone,
    EscLogoColour,
    EscLogoForm,
    HologramZone,
    SignatureZone,
    StripeZone,
)
from station.render import artwork
from station.render.marks import esc_artwork, leaves_hole, zone_picture

BOX = Box(5, 5, 30, 10)
ZONES = [kind(id="z", box=BOX) for kind in (StripeZone, SignatureZone, ChipZone, HologramZone)]
BLUE, WHITE, BLACK = EscLogoColour
WIDE, TALL = EscLogoForm


class TestArtwork:
    @pytest.mark.parametrize(("form", "ratio"), [(WIDE, 33 / 6), (TALL, 20 / 33)])
    def test_the_stand_in_has_the_logos_form_and_takes_any_colour(self, form: EscLogoForm, ratio: float) -> None:
        data, colour = esc_artwork({}, form, BLACK)
        assert colour is BLACK
        assert artwork.ratio(data) == pytest.approx(ratio, rel=0.02)

    def test_the_institutions_own_goes_before_the_stand_in(self) -> None:
        given = {"vertical": b"own", "vertical-white": b"white"}
        assert esc_artwork(given, WIDE, BLUE) == (b"own", None)
        assert esc_artwork(given, WIDE, WHITE) == (b"white", None)
        assert esc_artwork(given, WIDE, BLACK) == (b"own", BLACK)
        assert esc_artwork(given, TALL, BLUE)[0] not in given.values()


class TestZones:
    def test_only_under_a_hologram_the_overlay_stays(self) -> None:
        assert [leaves_hole(zone) for zone in ZONES] == [True, True, True, False]

    @pytest.mark.parametrize("zone", ZONES, ids=lambda zone: type(zone).__name__)
    @pytest.mark.parametrize("size", [(355, 118), (40, 40), (3, 3), (1, 1)])
    def test_are_shown_at_any_size(self, zone: AnyZone, size: tuple[int, int]) -> None:
        seen = zone_picture(zone, size)
        assert (seen.mode, seen.size) == ("RGBA", size)
        assert seen.getchannel("A").getextrema()[1] > 0
