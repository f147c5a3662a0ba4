"""A layout as plain data: canonical, digested, inherited."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain import elements as el
from station.domain.errors import LayoutError
from station.domain.layout import Layout
from station.domain.layout_document import (
    KINDS,
    element_document,
    files_used,
    inherited,
    layout_digest,
    layout_json,
    whole_document,
)
from station.render.layout_schema import elements_of
from tests.helpers.random_layouts import layouts, sides

BOX = el.Box(4, 5.5, 40, 6)
NAME = el.Text(id="name", box=BOX, text="{full_name}", size_pt=9)
HEADER = el.Shape(id="header", box=BOX, fill="accent")
MARK = el.Image(id="mark", box=BOX, source="mark.png")
PARENT = Layout("university", 1, (HEADER, NAME), (replace(NAME, id="back"),), title="Students")


def said(layout: Layout) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(layout_json(layout))
    return found


class TestDocument:
    def test_leaves_out_what_has_its_default(self) -> None:
        assert element_document(NAME) == {
            "type": "text",
            "id": "name",
            "box": {"x_mm": 4, "y_mm": 5.5, "width_mm": 40, "height_mm": 6},
            "text": "{full_name}",
            "size_pt": 9,
        }

    def test_says_everything_when_asked(self) -> None:
        assert set(element_document(NAME, everything=True)) == {"type", *(field.name for field in fields(NAME))}

    def test_every_kind_of_element_has_a_name(self) -> None:
        # By their names: with slots, each class leaves another one of its name behind.
        def below(cls: type) -> set[str]:
            return {cls.__name__, *(found for each in cls.__subclasses__() for found in below(each))}

        assert below(el.Element) - {cls.__name__ for cls in KINDS.values()} == {"Element", "Code", "Zone"}

    def test_is_written_for_people_too(self) -> None:
        text = layout_json(PARENT).decode()
        assert text.endswith("}\n")
        assert '  "front": [\n    {\n      "type": "shape",' in text


class TestDigest:
    def test_is_that_of_what_is_printed(self) -> None:
        assert layout_digest(PARENT) == layout_digest(replace(PARENT, extends=PARENT))
        changed = (
            replace(PARENT, title="x"),
            replace(PARENT, version=2),
            replace(PARENT, name="x"),
            replace(PARENT, width_mm=86.0),
            replace(PARENT, front=PARENT.front[::-1]),
            replace(PARENT, back=()),
            replace(PARENT, files={"Own.ttf": b"font"}),
        )
        assert len({layout_digest(each) for each in (PARENT, *changed)}) == len(changed) + 1

    def test_follows_the_files_that_are_used(self) -> None:
        shown = replace(PARENT, front=(MARK,), files={"mark.png": b"1"})
        assert files_used(replace(shown, files={"mark.png": b"1", "spare.png": b"", "A.otf": b""})) == (
            "A.otf",
            "mark.png",
        )
        assert layout_digest(shown) != layout_digest(replace(shown, files={"mark.png": b"2"}))
        assert layout_digest(shown) == layout_digest(replace(shown, files={"mark.png": b"1", "spare.png": b"x"}))

    def test_a_whole_number_is_the_same_with_a_point(self) -> None:
        assert layout_digest(replace(PARENT, width_mm=86.0)) == layout_digest(replace(PARENT, width_mm=86))

    def test_never_changes_for_a_layout_that_was_approved(self) -> None:
        # Cards in use name this digest: a change of how it is made would make their layouts unknown.
        assert layout_digest(PARENT) == "a358fbe728d0e227e1d29479f5ae8c9ac06e5df0da8fdfe48130599c5f77436c"


class TestInheritance:
    def test_only_what_differs_is_said(self) -> None:
        child = replace(
            PARENT,
            name="phd",
            extends=PARENT,
            front=(replace(HEADER, fill="#aa0000"), MARK),
            files={"mark.png": b"1"},
        )
        assert said(child) == {
            "schema_version": 1,
            "name": "phd",
            "version": 1,
            "extends": "university/1",
            "fonts": [],
            "front": [{"id": "header", "fill": "#aa0000"}, element_document(MARK)],
            "back": [],
            "remove": {"front": ["name"]},
            "order": {},
        }

    def test_a_default_that_takes_the_place_of_something_is_said(self) -> None:
        parent = replace(PARENT, front=(replace(NAME, max_lines=3),))
        assert said(replace(parent, name="x", extends=parent, front=(NAME,)))["front"] == [
            {"id": "name", "max_lines": 1}
        ]

    def test_another_kind_of_thing_is_said_whole(self) -> None:
        line = el.Line(id="header", box=BOX)
        assert said(replace(PARENT, name="x", extends=PARENT, front=(line, NAME)))["front"] == [element_document(line)]

    @given(layouts("parent"), sides(), sides(), st.booleans())
    @settings(max_examples=60)
    def test_what_was_said_makes_the_same_layout(
        self, parent: Layout, front: tuple[el.AnyElement, ...], back: tuple[el.AnyElement, ...], turned: bool
    ) -> None:
        own = front[::-1] if turned else front
        child = replace(parent, name="child", title="T", extends=parent, front=own, back=(*parent.back[1:], *back[9:]))
        whole = inherited(whole_document(parent), said(child))
        assert elements_of(whole, "x") == {"front": child.front, "back": child.back}
        assert {**whole, "front": [], "back": []} == {**whole_document(child), "front": [], "back": []}

    @pytest.mark.parametrize(
        ("change", "place", "detail"),
        [
            ({"remove": {"front": ["logo"]}}, "remove/front/logo", "has no such element"),
            ({"front": [{"id": "logo", "fill": "white"}]}, "front/logo", "has no such element"),
            ({"front": [{"id": "name"}, {"id": "name"}]}, "front/name", "twice"),
            ({"order": {"front": ["name"]}}, "order/front", "look at header"),
            ({"order": {"front": ["name", "name", "header"]}}, "order/front", "look at"),
            ({"remove": {"front": ["name"]}, "order": {"front": ["name", "header"]}}, "order/front", "look at name"),
        ],
    )  # fmt: skip
    def test_what_is_not_there_can_not_be_changed(self, change: dict[str, Any], place: str, detail: str) -> None:
        with pytest.raises(LayoutError) as caught:
            inherited(whole_document(PARENT), {"name": "x", "version": 1, **change})
        assert caught.value.params["place"] == place
        assert detail in str(caught.value)
