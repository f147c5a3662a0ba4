"""What goes onto the three tracks of a magnetic stripe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.elements import MagneticTracks
from station.domain.errors import LayoutError
from station.domain.layout import CardFields
from station.domain.magnetic import LONGEST, TrackContents, track_contents


def contents(track1: str = "", track2: str = "", track3: str = "", **fields: str) -> TrackContents:
    element = MagneticTracks(id="m", track1=track1, track2=track2, track3=track3)
    return track_contents(element, CardFields(**fields).values())  # type: ignore[arg-type]  # all of them are texts


def test_each_track_gets_its_own_text() -> None:
    fields = {"family_name": "Ozola", "given_names": "Anna", "student_number": "051"}
    made = contents("{family_name}^{given_names}", "{student_number}=99", "123", **fields)
    assert made == TrackContents(("OZOLA^ANNA", "051=99", "123"))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Bērziņa-Šķēle", "BERZINA-SKELE"),
        ("Nguyễn Thị Ánh", "NGUYEN THI ANH"),
        ("Straße", "STRASSE"),
        ("Łukasz Ørsted", "LUKASZ ORSTED"),
        ("İlkay ılgın", "ILKAY ILGIN"),
        ("O’Neill".replace("’", "'"), "O'NEILL"),
    ],
)
def test_the_first_track_has_capitals_without_their_marks(name: str, written: str) -> None:
    assert contents("{family_name}", family_name=name).tracks[0] == written


@pytest.mark.parametrize(
    ("track", "text", "letters"),
    [(1, "Олена", "А"), (1, "50%", "%"), (1, "why?", "?"), (2, "051REB123", "B"), (2, "1;2", ";"), (3, "ļ", "ļ")],
)
def test_what_a_track_can_not_hold_leaves_it_empty(track: int, text: str, letters: str) -> None:
    made = contents(**{f"track{track}": text})
    assert made.tracks == ("", "", "")
    (problem,) = made.problems
    assert f"Track {track} " in problem.english()
    assert letters.upper() in problem.english().upper()


@pytest.mark.parametrize("track", [1, 2, 3])
def test_nothing_is_cut_short(track: int) -> None:
    most = LONGEST[track - 1]
    assert contents(**{f"track{track}": "1" * most}).tracks[track - 1] == "1" * most
    made = contents(**{f"track{track}": "1" * (most + 1)})
    assert made.tracks[track - 1] == ""
    assert f"{most} signs and would need {most + 1}" in made.problems[0].english()


def test_braces_in_a_name_are_only_letters() -> None:
    assert contents("{family_name}", family_name="{esi}").problems
    with pytest.raises(LayoutError):
        contents("{shoe_size}")


@given(st.text(max_size=90))
def test_whatever_is_written_can_be_written(name: str) -> None:
    made = contents("{family_name}", "{family_name}", "{family_name}", family_name=name)
    assert all(32 <= ord(sign) < 96 for sign in made.tracks[0])
    assert all(48 <= ord(sign) < 64 for sign in "".join(made.tracks[1:]))
    assert all(len(text) <= most for text, most in zip(made.tracks, LONGEST, strict=True))
