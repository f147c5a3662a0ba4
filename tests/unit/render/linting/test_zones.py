"""Nothing stands on a chip, a stripe, a signature or a hologram, and they are where cards have them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.elements import (
    AnyElement,
    Box,
    ChipZone,
    EscLogo,
    HologramZone,
    Image,
    Layer,
    Photo,
    Shape,
    SignatureZone,
    StripeZone,
)
from station.domain.lint import Level
from station.render.linting import zones
from tests.helpers.linting import QR, checked, layout, names, task, text

CHIP = ChipZone(id="zone", box=Box(9, 18, 12, 12))
GROUND = Shape(id="ground", fill="#336699", box=Box(0, 0, 85.6, 53.98))


class TestKeepOut:
    @pytest.mark.parametrize(
        "zone",
        [kind(id="zone", box=CHIP.box) for kind in (ChipZone, StripeZone, SignatureZone, HologramZone)],
    )
    @pytest.mark.parametrize(
        "element",
        [
            text("{full_name}", Box(5, 20, 40, 4)), replace(QR, id="text"), Photo(id="text", box=Box(15, 20, 20, 20)),
            EscLogo(id="text", box=Box(15, 20, 20, 4)), Image(id="esc_logo", source="x", box=Box(15, 20, 20, 4)),
        ],
    )  # fmt: skip
    def test_what_reaches_in_is_an_error(self, zone: AnyElement, element: AnyElement) -> None:
        for order in ((zone, element), (element, zone)):
            (found,) = checked(zones.keep_out, *order)
            assert (found.rule, found.level, found.element) == ("zone/covered", Level.ERROR, element.id)

    def test_a_ground_may_go_on_below_a_zone_and_not_above(self) -> None:
        assert checked(zones.keep_out, GROUND, CHIP) == []
        (found,) = checked(zones.keep_out, CHIP, GROUND)
        assert (found.rule, found.element) == ("zone/covered", "ground")
        assert "below the zone" in str(found.remedy)

    def test_what_is_near_is_a_warning_by_the_zones_own_distance(self) -> None:
        beside = Photo(id="photo", box=Box(23, 18, 20, 20))
        (found,) = checked(zones.keep_out, CHIP, beside)
        assert (found.rule, found.level) == ("zone/near", Level.WARNING)
        assert checked(zones.keep_out, CHIP, replace(beside, box=Box(23.5, 18, 20, 20))) == []
        assert checked(zones.keep_out, SignatureZone(id="z", box=CHIP.box), beside) == []
        assert checked(zones.keep_out, CHIP, replace(GROUND, box=Box(22, 18, 5, 5))) == []

    def test_of_a_text_its_letters_count(self) -> None:
        assert checked(zones.keep_out, CHIP, text("Li", Box(1, 20, 40, 4))) == []

    def test_holes_in_the_overlay_and_the_other_side_do_not_matter(self) -> None:
        assert checked(zones.keep_out, CHIP, replace(GROUND, layer=Layer.OVERLAY)) == []
        assert list(zones.keep_out(task(layout(CHIP, back=[QR])))) == []


class TestPlaces:
    @pytest.mark.parametrize(("y_mm", "right"), [(4, True), (5.5, True), (2, False), (12, False)])
    def test_a_stripe_lies_where_stripes_lie(self, y_mm: float, right: bool) -> None:
        stripe = StripeZone(id="stripe", box=Box(0, y_mm, 85.6, 12.7))
        assert names(checked(zones.places, stripe)) == ([] if right else ["zone/stripe-place stripe"])

    def test_a_chip_covers_the_contacts_on_the_front(self) -> None:
        assert checked(zones.places, CHIP) == []
        assert names(checked(zones.places, replace(CHIP, box=Box(60, 18, 12, 12)))) == ["zone/chip-place zone"]
        assert names(list(zones.places(task(layout(QR, back=[CHIP]))))) == ["zone/chip-place zone"]
