"""A layout that can't be drawn as it says is refused, with its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.elements import (
    AnyElement,
    Box,
    EscLogo,
    Image,
    Layer,
    Line,
    Logo,
    Photo,
    Qr,
    Shape,
    StripeZone,
    Text,
)
from station.domain.errors import LayoutError
from station.domain.layout import Layout
from station.domain.layout_rules import check_layout

BOX = Box(10, 20, 30, 5)
TEXT = Text(id="t", box=BOX, text="{escn}", size_pt=8)

RIGHT: list[AnyElement] = [
    TEXT,
    Text(id="a", box=BOX, text="blue", size_pt=8, layer=Layer.COLOUR, colour="accent"),
    Photo(id="b", box=BOX),
    Logo(id="c", box=BOX),
    Shape(id="d", box=BOX, fill="accent", fill_to="white", opacity=0.5),
    Shape(id="e", box=BOX, fill="#000000", layer=Layer.RESIN),
    Line(id="f", box=Box(0, 0, 10, 0), layer=Layer.RESIN),
    Qr(id="g", box=BOX),
    EscLogo(id="h", box=BOX),
    StripeZone(id="i", box=BOX),
]


def test_what_can_be_drawn_is_accepted() -> None:
    check_layout(Layout("x", 1, front=tuple(RIGHT), back=tuple(RIGHT)))


@pytest.mark.parametrize(
    ("element", "detail"),
    [
        (replace(TEXT, text="{shoe_size}"), "there is no field shoe_size"),
        (replace(TEXT, needs=("shoe_size",)), "there is no field shoe_size"),
        (replace(TEXT, box=Box(1, 1, 0, 5)), "the box has no area"),
        (replace(TEXT, min_size_pt=9), "min_size_pt is larger than size_pt"),
        (replace(TEXT, colour="#010101"), "a panel without colours takes #000000 only, not #010101"),
        (Shape(id="s", box=BOX, fill="accent", layer=Layer.RESIN), "is #000000, without gradient"),
        (Shape(id="s", box=BOX, fill="#000000", opacity=0.9, layer=Layer.RESIN), "is #000000, without gradient"),
        (Shape(id="s", box=BOX, fill="#000000", fill_to="white", layer=Layer.RESIN), "is #000000, without gradient"),
        (Photo(id="p", box=BOX, layer=Layer.RESIN), "portraits and logos"),
        (EscLogo(id="l", box=BOX, layer=Layer.RESIN), "takes the logo in black only, not in blue"),
        (Qr(id="q", box=BOX, layer=Layer.COLOUR), "a code for machines has to be printed in resin"),
        (Image(id="i", box=BOX, source="logo.png"), "the picture logo.png is not in the layout"),
    ],
)
def test_what_can_not_is_refused_with_its_place(element: AnyElement, detail: str) -> None:
    layout = Layout("x", 1, front=(replace(TEXT, id="fine"),), back=(element,))
    with pytest.raises(LayoutError) as caught:
        check_layout(layout)
    assert (caught.value.params["file"], caught.value.params["place"]) == ("x", f"back/{element.id}")
    assert detail in str(caught.value)


def test_a_picture_that_is_there_is_accepted() -> None:
    image = Image(id="i", box=BOX, source="logo.png")
    check_layout(Layout("x", 1, front=(image,), files={"logo.png": b""}))


def test_an_id_names_one_element_a_side() -> None:
    check_layout(Layout("x", 1, front=(TEXT,), back=(TEXT,)))
    with pytest.raises(LayoutError, match="twice"):
        check_layout(Layout("x", 1, front=(TEXT, replace(TEXT, text="other"))))
