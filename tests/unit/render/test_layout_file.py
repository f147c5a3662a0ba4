"""Layouts from their folders: the shipped ones, broken ones, hostile ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from station.domain import elements as el
from station.domain.errors import LayoutError
from station.render.card import render_checked
from station.render.findings import card_findings
from station.render.layout_file import bundled_layout, bundled_names, load_layout
from station.resources import asset
from tests.helpers.layouts import CR80_300, as_png, card_fields, face

BOX = {"x_mm": 4, "y_mm": 5.5, "width_mm": 40, "height_mm": 6}
TEXT = {"type": "text", "id": "name", "text": "{full_name}", "size_pt": 9, "box": BOX}
IMAGE = {"type": "image", "id": "mark", "source": "images/mark.png", "box": BOX}


def document(*front: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"schema_version": 1, "name": "mine", "version": 1, "front": list(front), **more}


def folder_with(folder: Path, content: Any) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "layout.json").write_text(text, "utf-8")
    return folder


def refused(folder: Path) -> tuple[str, str]:
    """Return the place and the whole message with which a folder is refused."""
    with pytest.raises(LayoutError) as caught:
        load_layout(folder)
    assert str(folder) in str(caught.value.params["file"])
    return str(caught.value.params["place"]), str(caught.value)


class TestShipped:
    def test_there_are_two(self) -> None:
        assert bundled_names() == ("plain", "university")

    @pytest.mark.parametrize("name", bundled_names())
    def test_they_bear_their_folders_name_and_draw_a_card_without_findings(self, name: str) -> None:
        layout = bundled_layout(name)
        assert layout.name == name
        assert layout.title
        checked = render_checked(layout, card_fields(), face(), CR80_300)
        assert checked.findings == ()
        assert checked.qr

    @pytest.mark.parametrize("name", bundled_names())
    def test_their_own_texts_fit_for_the_widest_of_ordinary_names(self, name: str) -> None:
        assert card_findings(bundled_layout(name), card_fields("Anna Marija Elizabete", "Zariņa-Kalniņa-Ozoliņa")) == ()

    @pytest.mark.parametrize("name", bundled_names())
    def test_nothing_with_ink_is_nearer_to_the_edge_than_three_millimetres(self, name: str) -> None:
        layout = bundled_layout(name)
        for side in layout.sides:
            for element in side:
                whole = element.box.x_mm <= 0 or element.box.right_mm >= layout.width_mm
                if whole or isinstance(element, el.Shape | el.StripeZone | el.Qr):
                    continue
                top = element.box.y_mm + (0.95 - 0.73) * element.floor_pt * 0.353 if isinstance(element, el.Text) else 3
                assert element.box.x_mm >= 3, element.id
                assert element.box.right_mm <= layout.width_mm - 3, element.id
                assert top >= 2.3, element.id
                assert element.box.bottom_mm <= layout.height_mm - 3, element.id

    @pytest.mark.parametrize("name", bundled_names())
    def test_elements_keep_out_of_each_others_way(self, name: str) -> None:
        for side in bundled_layout(name).sides:
            solid = [e for e in side if not isinstance(e, el.Shape | el.StripeZone | el.Qr)]
            for index, one in enumerate(solid):
                for other in solid[index + 1 :]:
                    assert not one.box.meets(other.box), f"{one.id} and {other.id}"

    @pytest.mark.parametrize("name", bundled_names())
    def test_the_stripe_is_kept_free(self, name: str) -> None:
        for side in bundled_layout(name).sides:
            for stripe in (e for e in side if isinstance(e, el.StripeZone)):
                assert not [e.id for e in side if e is not stripe and e.box.meets(stripe.box)]

    def test_no_folder_is_left_without_a_layout(self) -> None:
        assert {p.name for p in asset("layouts").iterdir() if p.is_dir()} == set(bundled_names())

    @pytest.mark.parametrize("name", ["", "nobody", "../layouts/plain", "university/"])
    def test_another_name_is_refused(self, name: str) -> None:
        with pytest.raises(LayoutError, match="no layout of this name"):
            bundled_layout(name)


class TestRight:
    def test_a_small_layout_is_read(self, tmp_path: Path) -> None:
        layout = load_layout(folder_with(tmp_path, document(TEXT, title="Mine", width_mm=86)))
        assert (layout.name, layout.version, layout.title, layout.width_mm) == ("mine", 1, "Mine", 86)
        assert layout.front == (
            el.Text(id="name", text="{full_name}", size_pt=9, box=el.Box(4, 5.5, 40, 6)),
        )  # fmt: skip
        assert layout.back == ()

    def test_pictures_and_fonts_come_along(self, tmp_path: Path) -> None:
        (tmp_path / "images").mkdir()
        (tmp_path / "images" / "mark.png").write_bytes(as_png(Image.new("RGBA", (4, 4))))
        (tmp_path / "Own.ttf").write_bytes(asset("fonts", "Inter-Regular.ttf").read_bytes())
        text = {**TEXT, "family": "Own"}
        layout = load_layout(folder_with(tmp_path, document(text, IMAGE, fonts=["Own.ttf"])))
        assert set(layout.files) == {"images/mark.png", "Own.ttf"}

    def test_the_digest_follows_every_file(self, tmp_path: Path) -> None:
        (tmp_path / "images").mkdir()
        mark = tmp_path / "images" / "mark.png"
        mark.write_bytes(as_png(Image.new("RGBA", (4, 4))))
        digests = {load_layout(folder_with(tmp_path, document(IMAGE))).digest}
        mark.write_bytes(as_png(Image.new("RGBA", (4, 5))))
        digests.add(load_layout(tmp_path).digest)
        digests.add(load_layout(folder_with(tmp_path, document(IMAGE, title="other"))).digest)
        assert len(digests) == 3


class TestWrong:
    @pytest.mark.parametrize(
        ("content", "place", "detail"),
        [
            ("", "the beginning", "not JSON"),
            ("[]", "the beginning", "does not fit"),
            ("{", "the beginning", "not JSON"),
            (document(TEXT, colour="red"), "colour", "no such key"),
            (document({**TEXT, "shadow": True}), "front/name/shadow", "no such key"),
            (document({**TEXT, "box": {**BOX, "unit": "in"}}), "front/name/box/unit", "no such key"),
            (document({"type": "text", "id": "name", "box": BOX, "size_pt": 9}), "front/name/text", "key is missing"),
            (document({**TEXT, "size_pt": "9"}), "front/name/size_pt", "number"),
            (document({**TEXT, "size_pt": True}), "front/name/size_pt", "number"),
            (document({**TEXT, "size_pt": 1e9}), "front/name/size_pt", "less than or equal to 200"),
            (document({**TEXT, "max_lines": 2.5}), "front/name/max_lines", "integer"),
            (document({**TEXT, "align": "justify"}), "front/name/align", "'left', 'centre' or 'right'"),
            (document({**TEXT, "id": "A b"}), "front/A b/id", "pattern"),
            (document({**TEXT, "type": "script"}), "front/name", "no such type"),
            (document({k: v for k, v in TEXT.items() if k != "type"}), "front/name", "type of the element is missing"),
            (document({**TEXT, "text": "{pic}"}), "front/name", "no field pic"),
            (document({**TEXT, "text": "{full_name.__class__}"}), "front/name", "no field"),
            (document({**TEXT, "needs": ["pic"]}), "front/name", "no field pic"),
            (document({**TEXT, "colour": "#010101"}), "front/name", "#000000 only"),
            (document({**TEXT, "colour": "red", "layer": "colour"}), "front/name/red", "#rrggbb"),
            (document({**TEXT, "family": "Comic Sans"}), "front/name/Comic Sans", "no font of this name"),
            (document(TEXT, TEXT), "front/name", "twice"),
            (document(TEXT, name="../x"), "name", "pattern"),
            (document(TEXT, version=0), "version", "greater than or equal to 1"),
            (document(TEXT, schema_version=2), "schema_version", "1"),
            ({"schema_version": 1, "name": "x", "version": 1}, "front", "key is missing"),
            (document("name"), "front/0", "does not fit"),
        ],
    )  # fmt: skip
    def test_is_refused_with_its_place(self, tmp_path: Path, content: Any, place: str, detail: str) -> None:
        found, message = refused(folder_with(tmp_path, content))
        assert found == place
        assert detail in message
        assert "ask the designer" in message

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-1e999"])
    def test_numbers_are_numbers(self, tmp_path: Path, number: str) -> None:
        text = json.dumps(document(TEXT)).replace("5.5", number)
        refused(folder_with(tmp_path, text))

    def test_a_folder_without_a_layout(self, tmp_path: Path) -> None:
        place, message = refused(tmp_path)
        assert place == "layout.json"
        assert "it is not there" in message

    def test_a_picture_that_is_not_there(self, tmp_path: Path) -> None:
        place, message = refused(folder_with(tmp_path, document(IMAGE)))
        assert (place, "it is not there" in message) == ("images/mark.png", True)

    def test_a_font_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "Own.ttf").write_bytes(b"no font")
        assert "not a font" in refused(folder_with(tmp_path, document(TEXT, fonts=["Own.ttf"])))[1]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
        )
    )
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    def test_anything_at_all(self, tmp_path: Path, content: Any) -> None:
        refused(folder_with(tmp_path, document(front=content) if isinstance(content, list) and content else content))


class TestHostile:
    @pytest.mark.parametrize(
        "source",
        [
            "../secret.png",
            "/etc/hostname",
            "images/../../secret.png",
            "..\\secret.png",
            "C:\\secret.png",
            "c:secret.png",
        ],
    )
    def test_a_layout_reaches_no_file_outside_its_folder(self, tmp_path: Path, source: str) -> None:
        (tmp_path / "secret.png").write_bytes(as_png(Image.new("RGBA", (4, 4))))
        inner = tmp_path / "layout"
        inner.mkdir()
        place, message = refused(folder_with(inner, document({**IMAGE, "source": source})))
        assert place == source
        assert "its own folder" in message

    @pytest.mark.skipif(os.name == "nt", reason="Windows lets only administrators make links")
    def test_a_link_does_not_lead_out_either(self, tmp_path: Path) -> None:
        (tmp_path / "secret.png").write_bytes(as_png(Image.new("RGBA", (4, 4))))
        inner = tmp_path / "layout"
        inner.mkdir()
        (inner / "mark.png").symlink_to(tmp_path / "secret.png")
        assert "its own folder" in refused(folder_with(inner, document({**IMAGE, "source": "mark.png"})))[1]

    def test_a_huge_file_is_not_read(self, tmp_path: Path) -> None:
        with (tmp_path / "mark.png").open("wb") as huge:
            huge.truncate(20_000_001)
        assert "20 MB" in refused(folder_with(tmp_path, document({**IMAGE, "source": "mark.png"})))[1]

    def test_a_folder_in_the_place_of_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "mark.png").mkdir()
        assert "can't be read" in refused(folder_with(tmp_path, document({**IMAGE, "source": "mark.png"})))[1]

    def test_deep_nesting(self, tmp_path: Path) -> None:
        refused(folder_with(tmp_path, "[" * 100_000))
