"""Layouts by chance, each of which a file could hold: for round trips, and for what must hold of every layout."""

from __future__ import annotations

from hypothesis import strategies as st

from station.domain import elements as el
from station.domain.layout import Layout, Preprinted

_NUMBERS = st.integers(-4000, 9000).map(lambda hundredths: hundredths / 100)
_SIZES = st.integers(1, 9000).map(lambda hundredths: hundredths / 100)
_TEXTS = st.one_of(
    st.sampled_from(["{full_name}", "{upper(family_name)}, {given_names}", "{date(expires, 'MM/YY')}", "{{x}}", ""]),
    st.text(alphabet="aāĀšŅ✓'\"\\/ \n", max_size=12),
)
_COLOURS = st.sampled_from(["#000000", "#2c4390", "accent", "white", "on_accent"])
_BOXES = st.builds(el.Box, _NUMBERS, _NUMBERS, _SIZES, _SIZES)


def _common(**more: st.SearchStrategy[object]) -> dict[str, st.SearchStrategy[object]]:
    return {
        "id": st.just("x"),
        "box": _BOXES,
        "needs": st.sampled_from([(), ("esi",), ("escn", "level")]),
        "when": st.sampled_from(["", "esi", "level_code == 'MASTER' and not issued"]),
        **more,
    }


_ELEMENTS: list[st.SearchStrategy[el.AnyElement]] = [
    st.builds(
        el.Text,
        **_common(
            text=_TEXTS,
            layer=st.just(el.Layer.COLOUR),
            weight=st.sampled_from(el.Weight),
            size_pt=st.integers(8, 800).map(lambda quarters: quarters / 4),
            colour=_COLOURS,
            align=st.sampled_from(el.Align),
            max_lines=st.integers(1, 20),
            upper=st.booleans(),
            turn=st.sampled_from([0, 90, 180, 270]),
        ),
    ),
    st.builds(el.Photo, **_common(corner_mm=st.sampled_from([0.0, 1.2]))),
    st.builds(el.GhostImage, **_common(opacity=st.sampled_from([0.0, 0.25, 1.0]), grey=st.booleans())),
    st.builds(
        el.Shape,
        **_common(
            kind=st.sampled_from(el.ShapeKind),
            fill=_COLOURS,
            fill_to=st.none() | _COLOURS,
            stroke_mm=st.none() | st.sampled_from([0.2, 1.0]),
        ),
    ),
    st.builds(el.Line, **_common(colour=_COLOURS)),
    st.builds(el.Qr, **_common(min_dots=st.integers(2, 6))),
    st.builds(el.Code128, **_common(text=_TEXTS)),
    st.builds(el.EscLogo, **_common(form=st.sampled_from(el.EscLogoForm), colour=st.sampled_from(el.EscLogoColour))),
    st.builds(el.StripeZone, **_common()),
    st.builds(el.MagneticTracks, **_common(track1=_TEXTS, track2=st.just("{student_number}"))),
]


@st.composite
def sides(draw: st.DrawFn, most: int = 6) -> tuple[el.AnyElement, ...]:
    """Return the elements of a side, each with an id of its own."""
    from dataclasses import replace

    found = draw(st.lists(st.one_of(_ELEMENTS), max_size=most))
    return tuple(replace(element, id=f"e{number}") for number, element in enumerate(found))


@st.composite
def layouts(draw: st.DrawFn, name: str = "mine") -> Layout:
    """Return a layout without files."""
    title = draw(st.text(alphabet="Kārte 1", max_size=8))
    width = draw(st.sampled_from([el.CARD_WIDTH_MM, 86.0]))
    borne = draw(st.sampled_from([(), (Preprinted.ESC_LOGO,)]))
    return Layout(name, draw(st.integers(1, 999)), draw(sides()), draw(sides()), width, title=title, preprinted=borne)
