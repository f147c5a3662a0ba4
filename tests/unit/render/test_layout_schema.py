"""The shape of layout.json: strict, bounded, told with its place, and the same in the schema for editors."""

from __future__ import annotations

import json
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from station.domain.errors import LayoutError
from station.domain.layout import Layout
from station.domain.layout_document import KINDS, layout_json, whole_document
from station.render.layout_schema import MOST_ELEMENTS, elements_of, json_schema, parse_document
from station.resources import asset
from tests.helpers.random_layouts import layouts

ROOT = Path(__file__).resolve().parents[3]
BOX = {"x_mm": 4, "y_mm": 5.5, "width_mm": 40, "height_mm": 6}
TEXT = {"type": "text", "id": "name", "text": "{full_name}", "size_pt": 9, "box": BOX}
SCHEMA = Draft202012Validator(json.loads(asset("layout.schema.json").read_text("utf-8")))


def document(*front: Any, **more: Any) -> dict[str, Any]:
    return {"schema_version": 1, "name": "mine", "version": 1, "front": list(front), **more}


def refused(content: str | dict[str, Any]) -> tuple[str, str]:
    raw = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(LayoutError) as caught:
        parse_document(raw.encode("utf-8", "surrogatepass"), "layout.json")
    message = str(caught.value)
    assert len(message) < 1500
    return str(caught.value.params["place"]), message


class TestSchema:
    def test_in_the_assets_is_fresh(self) -> None:
        kept = json.loads(asset("layout.schema.json").read_text("utf-8"))
        assert kept == json.loads(json.dumps(json_schema())), "run packaging/make-layout-schema"

    def test_is_written_by_its_script(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        loader = SourceFileLoader("make_layout_schema", str(ROOT / "packaging" / "make-layout-schema"))
        spec = spec_from_loader(loader.name, loader)
        assert spec is not None
        script = module_from_spec(spec)
        loader.exec_module(script)
        monkeypatch.setattr(script, "FILE", tmp_path / "new.json")
        assert script.main() == 0
        assert (tmp_path / "new.json").read_bytes() == asset("layout.schema.json").read_bytes()

    def test_is_a_schema_and_the_shipped_layouts_follow_it(self) -> None:
        Draft202012Validator.check_schema(SCHEMA.schema)
        for file in asset("layouts").glob("*/layout.json"):
            assert [error.message for error in SCHEMA.iter_errors(json.loads(file.read_text("utf-8")))] == []

    def test_knows_every_kind_of_element_and_says_what_it_is(self) -> None:
        definitions = SCHEMA.schema["$defs"]
        for cls in KINDS.values():
            assert definitions[cls.__name__]["additionalProperties"] is False
            assert definitions[cls.__name__]["description"]

    @given(layouts())
    @settings(max_examples=40)
    def test_what_is_saved_follows_it(self, layout: Layout) -> None:
        assert SCHEMA.is_valid(json.loads(layout_json(layout)))

    @pytest.mark.parametrize(
        "wrong",
        [
            document({**TEXT, "shadow": True}),
            document({**TEXT, "size_pt": "9"}),
            document({**TEXT, "box": {**BOX, "x_mm": 501}}),
            document({"id": "name", "size_pt": 9}),
            document(TEXT, title=7),
            document(TEXT, extends="university"),
        ],
    )
    def test_refuses_what_the_station_refuses(self, wrong: dict[str, Any]) -> None:
        assert not SCHEMA.is_valid(wrong)
        refused(wrong)


class TestBounds:
    @pytest.mark.parametrize(
        ("content", "place"),
        [
            (document({**TEXT, "box": {**BOX, "x_mm": 1e300}}), "front/name/box/x_mm"),
            (document({**TEXT, "box": {**BOX, "width_mm": -1}}), "front/name/box/width_mm"),
            (document({**TEXT, "size_pt": 10**400}), "the beginning"),
            (document({**TEXT, "max_lines": 10**12}), "front/name/max_lines"),
            (document({**TEXT, "leading": 1e9}), "front/name/leading"),
            (document({**TEXT, "text": "x" * 5000}), "front/name/text"),
            (document({**TEXT, "when": "x" * 1001}), "front/name/when"),
            (document({**TEXT, "needs": ["esi"] * 41}), "front/name/needs"),
            (document(*[{**TEXT, "id": f"n{n}"} for n in range(MOST_ELEMENTS + 1)]), "front"),
            (document(TEXT, fonts=["a.ttf"] * 21), "fonts"),
            (document(TEXT, title="x" * 201), "title"),
            (document(TEXT, version=10**9), "version"),
            (document(TEXT, width_mm=1e6), "width_mm"),
        ],
    )  # fmt: skip
    def test_nothing_is_larger_than_a_card_can_need(self, content: dict[str, Any], place: str) -> None:
        if place == "the beginning":  # more digits than any number that a computer counts with
            assert refused(content)[0] in (place, "front/name/size_pt")
        else:
            assert refused(content)[0] == place

    @pytest.mark.parametrize(
        ("content", "place", "words"),
        [
            (document(TEXT, name="Our Card"), "name", "small letters, digits and hyphens"),
            (document({**TEXT, "id": "Name 1"}), "front/Name 1/id", "small letters, digits and underlines"),
            (document({**TEXT, "size_pt": "9"}), "front/name/size_pt", "has to be a number"),
            (document({**TEXT, "size_pt": 500}), "front/name/size_pt", "at most 200"),
            (document({**TEXT, "size_pt": 0.5}), "front/name/size_pt", "at least 2"),
            (document({**TEXT, "upper": 1}), "front/name/upper", "true or false"),
            (document({**TEXT, "text": 7}), "front/name/text", "quotation marks"),
            (document(TEXT, title="x" * 300), "title", "200 letters at most"),
            (document(TEXT, extends="ours"), "extends", "named with its version"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said_in_plain_words(self, content: dict[str, Any], place: str, words: str) -> None:
        said = refused(content)
        assert said[0] == place
        assert words in said[1]

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5000])
    def test_numbers_are_numbers(self, number: str) -> None:
        refused(json.dumps(document(TEXT)).replace("5.5", number))

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ('{"schema_version": 1, "schema_version": 1}', "schema_version"),
            (json.dumps(document(TEXT)).replace('"id": "name"', '"id": "name", "id": "other"'), "id"),
            ("[" * 100_000, "the beginning"),
            ('{"front":' * 5000 + "1" + "}" * 5000, "the beginning"),
            ('{"name": "\ud800"}', "the beginning"),
            ("null", "the beginning"),
        ],
    )
    def test_tricks_of_json(self, text: str, place: str) -> None:
        assert refused(text)[0] == place

    def test_a_document_that_would_fill_the_memory_is_not_parsed(self) -> None:
        assert "larger than 2 MB" in refused("[" + "[]," * 700_000 + "[]]")[1]

    def test_a_mark_that_editors_put_before_a_text_is_no_mistake(self) -> None:
        assert parse_document(("\ufeff" + json.dumps(document(TEXT))).encode(), "x")["name"] == "mine"

    @pytest.mark.parametrize("key", ["__class__", "__dict__", "model_config", "files", "digest", "state", "approval"])
    def test_no_key_reaches_what_is_not_in_the_file(self, key: str) -> None:
        place, message = refused(document(TEXT, **{key: "x"}))
        assert (place, "no such key" in message) == (key, True)
        assert refused(document({**TEXT, key: 1}))[0] == f"front/name/{key}"


class TestDerived:
    def test_changes_name_no_type(self) -> None:
        change = {"id": "header", "fill": "white", "box": BOX}
        parsed = parse_document(json.dumps(document(change, extends="university/1")).encode(), "x")
        assert parsed["front"] == [change]

    @pytest.mark.parametrize(
        ("content", "place"),
        [
            (document({"id": "header", "shadow": 1}, extends="a/1"), "front/header/shadow"),
            (document({"id": "header", "size_pt": "9"}, extends="a/1"), "front/header/size_pt"),
            (document({"fill": "white"}, extends="a/1"), "front/0/id"),
            (document({**TEXT, "type": "script"}, extends="a/1"), "front/name"),
            (document(7, extends="a/1"), "front/0"),
            (document(TEXT, extends="../a/1"), "extends"),
            (document(TEXT, extends="a/0"), "extends"),
            (document(TEXT, extends="a/1", remove={"middle": ["x"]}), "remove/middle"),
            (document(TEXT, extends="a/1", order={"front": ["A B"]}), "order/front/0"),
            (document(TEXT, remove={"front": ["x"]}), "remove"),
        ],
    )  # fmt: skip
    def test_are_as_strict(self, content: dict[str, Any], place: str) -> None:
        assert refused(content)[0].startswith(place)

    def test_what_a_change_comes_to_is_checked_whole(self) -> None:
        whole = whole_document(Layout("x", 1, ()))
        with pytest.raises(LayoutError, match="there is no such key") as caught:
            elements_of({**whole, "front": [{**TEXT, "fill": "white"}]}, "x")
        assert caught.value.params["place"] == "front/name/fill"


@given(layouts())
@settings(max_examples=40)
def test_what_was_written_is_read_the_same(layout: Layout) -> None:
    assert elements_of(whole_document(layout), "x") == {"front": layout.front, "back": layout.back}


def test_the_script_is_looked_after_like_the_others() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "packaging/make-layout-schema" in pyproject["tool"]["ruff"]["extend-include"]
