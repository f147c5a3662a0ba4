"""Counts per check, and nothing that leads back to a person."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

from station.domain.portrait import OverrideReason, PortraitFinding
from station.photo.checks import CheckName
from station.services.overrides import CheckCount, override_report
from tests.helpers.desks import a_portrait, open_test_desk

EYES, YAW = CheckName.EYES.value, CheckName.YAW.value


def finding(check: str, verdict: str, reason: str = "") -> PortraitFinding:
    return PortraitFinding(check, 0.1, 0.2, verdict, reason)


def test_what_was_gone_over_is_counted_for_each_check(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk") as hands:
        store = hands.desk.store
        for findings in (
            (finding(EYES, "bad", OverrideReason.MEDICAL), finding(YAW, "ok")),
            (finding(EYES, "bad"), finding(YAW, "warn", OverrideReason.OTHER)),
            (finding(EYES, "ok", OverrideReason.MEDICAL), finding("of_long_ago", "warn")),
            (),
        ):
            store.portraits.add(replace(a_portrait(hands.liga.id), findings=findings))
        counts = {count.check: count for count in override_report(store.portraits)}
    eyes, yaw = counts[EYES], counts[YAW]
    assert (eyes.judged, eyes.flagged, eyes.overridden) == (3, 2, 1)
    assert eyes.share == 0.5
    assert (yaw.judged, yaw.flagged, yaw.overridden) == (2, 1, 1)
    assert list(counts) == [*(check.value for check in CheckName), "of_long_ago"]
    assert counts[CheckName.GLARE.value].share == 0.0


def test_a_count_has_no_place_for_a_person_or_a_reason() -> None:
    assert {field.name for field in fields(CheckCount)} == {"check", "label", "judged", "flagged", "overridden"}


def test_a_still_that_was_kept_again_without_its_plain_background_counts_once(tmp_path: Path) -> None:
    many = tuple(PortraitFinding(check.value, 0.1 + n / 97, 0.2, "warn") for n, check in enumerate(CheckName))
    nobody = (PortraitFinding(CheckName.ONE_FACE.value, 0, 1, "bad"),)
    with open_test_desk(tmp_path / "desk") as hands:
        store = hands.desk.store
        plain = replace(a_portrait(hands.liga.id), findings=many).with_plain_background(a_portrait("x").image)
        for portrait in (
            plain,
            plain.with_own_background("its own"),
            replace(a_portrait(hands.liga.id), id="a", findings=nobody),
            replace(a_portrait(hands.martins.id), id="b", findings=nobody),
        ):
            store.portraits.add(portrait)
        counts = {count.check: count for count in override_report(store.portraits)}
    assert counts[EYES].judged == 1
    assert counts[CheckName.ONE_FACE.value].judged == 3, "two stills without a face are two"
