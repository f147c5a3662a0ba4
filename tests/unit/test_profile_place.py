"""A mistake in the profile is told as its author would find it."""

from __future__ import annotations

import tomllib

import pytest

from station.i18n import Translator
from station.profile_place import line_of, place_of

PROFILE = """\
schema_version = 1

[[institutions]]
key = "rpu"
name = "Rīgas Paraugu universitāte"
pic = "999000001"

[[institutions]]   # the college
key = "vpk"
pic = "99"

[printer]
queue = "card"

[printer.options]
Duplex = 3

[store]
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("schema_version",), 1),
        (("institutions", 0, "pic"), 6),
        (("institutions", 1, "pic"), 10),
        (("institutions", 1, "sho"), 8),
        (("institutions", 2, "pic"), 0),
        (("institutions", 1), 8),
        (("printer", "queue"), 13),
        (("printer", "options", "Duplex"), 16),
        (("store",), 18),
        (("camera", "source"), 0),
    ],
)
def test_a_value_is_found_in_the_text(location: tuple[str | int, ...], line: int) -> None:
    assert line_of(location, PROFILE) == line


@pytest.mark.parametrize(
    ("location", "text", "said"),
    [
        (("institutions", 0, "pic"), PROFILE, "pic of the institution “Rīgas Paraugu universitāte”, line 6"),
        (("institutions", 0, "pic"), "", "pic of the institution “Rīgas Paraugu universitāte”"),
        (("institutions", 1, "sho"), PROFILE, "sho of the institution “vpk”, line 8"),
        (("institutions", 2), PROFILE, "the institution number 3"),
        (("printer", "queue"), PROFILE, "printer.queue, line 13"),
        (("camera", "source"), PROFILE, "camera.source"),
        ((), PROFILE, "the whole file"),
    ],
)
def test_a_place_is_told_in_words(location: tuple[str | int, ...], text: str, said: str) -> None:
    assert str(place_of(location, tomllib.loads(PROFILE), text)) == said


def test_a_place_is_told_in_latvian_too() -> None:
    said = Translator("lv").text("{place}", place=place_of(("institutions", 2), tomllib.loads(PROFILE)))
    assert "3" in said
    assert "institution" not in said
