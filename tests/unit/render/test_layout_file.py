"""Layouts from their folders: the shipped ones, broken ones, hostile ones."""

from __future__ import annotations

import json
import os
import struct
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from station.adapters.secrets.demo_signer import demo_certificate
from station.adapters.secrets.virtual import VirtualSecrets
from station.domain import elements as el
from station.domain.errors import LayoutError
from station.domain.layout import Approval, Layout, edited
from station.domain.layout_document import layout_digest
from station.domain.layout_state import LayoutState
from station.render.card import render_checked
from station.render.findings import card_findings
from station.render.layout_file import bundled_layout, bundled_names, load_layout, package_bytes, save_layout
from station.render.layout_package import zipped
from station.render.layout_signing import statement
from station.resources import asset
from tests.helpers.layouts import CR80_300, as_png, card_fields, face
from tests.helpers.random_layouts import layouts

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
    @pytest.mark.parametrize("name", bundled_names())
    def test_they_bear_their_folders_name_and_draw_a_card_without_findings(self, name: str) -> None:
        layout = bundled_layout(name)
        assert layout.name == name
        assert layout.title
        assert (layout.state, layout.digest) == (LayoutState.DRAFT, layout_digest(layout))
        assert render_checked(layout, card_fields(), face(), CR80_300).findings == ()

    @pytest.mark.parametrize("name", bundled_names())
    def test_their_own_texts_fit_for_the_widest_of_ordinary_names(self, name: str) -> None:
        assert card_findings(bundled_layout(name), card_fields("Anna Marija Elizabete", "Zariņa-Kalniņa-Ozoliņa")) == ()

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
            (document({**TEXT, "size_pt": 1e9}), "front/name/size_pt", "at most 200"),
            (document({**TEXT, "max_lines": 2.5}), "front/name/max_lines", "a whole number"),
            (document({**TEXT, "align": "justify"}), "front/name/align", "'left', 'centre' or 'right'"),
            (document({**TEXT, "id": "A b"}), "front/A b/id", "small letters, digits and underlines"),
            (document({**TEXT, "type": "script"}), "front/name", "no such type"),
            (document({k: v for k, v in TEXT.items() if k != "type"}), "front/name", "type of the element is missing"),
            (document({**TEXT, "text": "{pic}"}), "front/name", "no field pic"),
            (document({**TEXT, "text": "{full_name.__class__}"}), "front/name", "no field"),
            (document({**TEXT, "needs": ["pic"]}), "front/name", "no field pic"),
            (document({**TEXT, "colour": "#010101"}), "front/name", "#000000 only"),
            (document({**TEXT, "colour": "red", "layer": "colour"}), "front/name/red", "#rrggbb"),
            (document({**TEXT, "family": "Comic Sans"}), "front/name/Comic Sans", "no font of this name"),
            (document(TEXT, TEXT), "front/name", "twice"),
            (document(TEXT, name="../x"), "name", "small letters, digits and hyphens"),
            (document(TEXT, version=0), "version", "at least 1"),
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


def with_pixels(width: int = 4, height: int = 4, colour: str = "red") -> bytes:
    return as_png(Image.new("RGBA", (width, height), colour))


MARKED = Layout(
    "mine",
    1,
    (el.Image(id="mark", box=el.Box(4, 4, 10, 10), source="images/mark.png"),),
    (el.Text(id="note", box=el.Box(4, 30, 30, 4), text="{escn}", size_pt=6, family="Own"),),
    title="Karte ✓",
    files={"images/mark.png": with_pixels(), "fonts/Own.ttf": asset("fonts", "Inter-Regular.ttf").read_bytes()},
)


class TestSaving:
    @pytest.mark.parametrize("name", ["card.zip", "card", "deep/er/card.zip"])
    def test_what_was_saved_is_loaded_again(self, tmp_path: Path, name: str) -> None:
        saved = save_layout(MARKED, tmp_path / name)
        assert saved == replace(MARKED, digest=layout_digest(MARKED))
        loaded = load_layout(tmp_path / name)
        assert loaded == saved
        assert loaded.files == MARKED.files
        assert sorted(p.name for p in (tmp_path / name).parent.iterdir()) == [Path(name).name]

    def test_folder_and_file_have_the_same_digest_and_the_file_the_same_bytes(self, tmp_path: Path) -> None:
        zipped, folder = save_layout(MARKED, tmp_path / "a.zip"), save_layout(MARKED, tmp_path / "a")
        assert zipped.digest == folder.digest
        assert (tmp_path / "a.zip").read_bytes() == package_bytes(folder) == package_bytes(load_layout(tmp_path / "a"))

    def test_shipped_layouts_keep_what_they_are(self, tmp_path: Path) -> None:
        for name in bundled_names():
            layout = bundled_layout(name)
            assert save_layout(layout, tmp_path / f"{name}.zip") == layout

    @given(layouts())
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_any_layout_comes_back(self, tmp_path: Path, layout: Layout) -> None:
        saved = save_layout(layout, tmp_path / "any.zip")
        assert load_layout(tmp_path / "any.zip") == saved == replace(layout, digest=layout_digest(layout))

    def test_what_is_not_used_stays_behind(self, tmp_path: Path) -> None:
        saved = save_layout(replace(MARKED, files={**MARKED.files, "old.png": with_pixels()}), tmp_path / "a.zip")
        assert set(saved.files) == set(MARKED.files)

    @pytest.mark.parametrize(
        ("layout", "place"),
        [
            (replace(MARKED, name="No Name"), "name"),
            (replace(MARKED, files={}), "images/mark.png"),
            (replace(MARKED, front=(*MARKED.front, *MARKED.front)), "front/mark"),
            (replace(MARKED, files={**MARKED.files, "images/mark.png": b"x"}), "front/mark/images/mark.png"),
            (replace(MARKED, files={**MARKED.files, "fonts/Own.ttf": b"x"}), "fonts/Own.ttf"),
            (replace(MARKED, front=(replace(MARKED.front[0], box=el.Box(1e9, 0, 1, 1)),)), "front/mark/box/x_mm"),
        ],
    )
    def test_what_could_not_be_loaded_is_not_saved(self, tmp_path: Path, layout: Layout, place: str) -> None:
        save_layout(MARKED, tmp_path / "a.zip")
        with pytest.raises(LayoutError) as caught:
            save_layout(layout, tmp_path / "a.zip")
        assert caught.value.params["place"] == place
        assert load_layout(tmp_path / "a.zip").files == MARKED.files
        assert len(list(tmp_path.iterdir())) == 1

    def test_where_nothing_can_be_written_it_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(LayoutError, match="can't be written"):
            save_layout(MARKED, tmp_path / "file" / "a.zip")
        assert (tmp_path / "file").read_bytes() == b""

    def test_a_draft_takes_an_old_approval_away(self, tmp_path: Path) -> None:
        layout = save_layout(MARKED, tmp_path / "a")
        (tmp_path / "a" / "approval.json").write_text("{}", "utf-8")
        save_layout(layout, tmp_path / "a")
        assert load_layout(tmp_path / "a").state is LayoutState.DRAFT


class TestApproved:
    def signed(self, layout: Layout) -> Layout:
        at = datetime(2026, 9, 1, tzinfo=UTC)
        digest = layout_digest(layout)
        signature = VirtualSecrets(demo=True).sign("layout-signing", statement(layout, digest, at, "Ilze"))
        certificate = demo_certificate("layout-signing")
        return replace(layout, approval=Approval(digest, at, "Ilze", certificate, signature))

    @pytest.mark.parametrize("name", ["card.zip", "card"])
    def test_comes_back_approved(self, tmp_path: Path, name: str) -> None:
        signed = self.signed(MARKED)
        saved = save_layout(signed, tmp_path / name)
        assert (saved.state, saved.approval) == (LayoutState.APPROVED, signed.approval)
        assert load_layout(tmp_path / name) == saved

    def test_an_edit_is_a_draft_again(self, tmp_path: Path) -> None:
        signed = save_layout(self.signed(MARKED), tmp_path / "card.zip")
        assert save_layout(edited(signed, title="x"), tmp_path / "card.zip").state is LayoutState.DRAFT
        # Even where somebody forgot to say that it was edited.
        assert save_layout(replace(signed, title="x"), tmp_path / "card.zip").state is LayoutState.DRAFT

    @pytest.mark.parametrize("victim", ["layout.json", "images/mark.png", "fonts/Own.ttf"])
    def test_altered_it_is_refused_with_one_message(self, tmp_path: Path, victim: str) -> None:
        folder = tmp_path / "card"
        save_layout(self.signed(MARKED), folder)
        file = folder / victim
        changes = {
            "layout.json": file.read_bytes().replace(b"Karte", b"Cards"),
            "images/mark.png": with_pixels(colour="blue"),
            "fonts/Own.ttf": asset("fonts", "Inter-Bold.ttf").read_bytes(),
        }
        file.write_bytes(changes[victim])
        place, message = refused(folder)
        assert place == "approval.json"
        assert "The card layout mine/1 was altered after it was approved" in message
        assert load_layout(folder, altered_is_draft=True).state is LayoutState.DRAFT

    def test_spaces_and_the_order_of_keys_are_no_alteration(self, tmp_path: Path) -> None:
        folder = tmp_path / "card"
        save_layout(self.signed(MARKED), folder)
        said = json.loads((folder / "layout.json").read_bytes())
        folder_with(folder, json.dumps(dict(reversed(said.items()))))
        assert load_layout(folder).state is LayoutState.APPROVED


class TestExtending:
    def child(self, **more: Any) -> Layout:
        return replace(
            MARKED,
            name="child",
            title="Child",
            extends=MARKED,
            front=(el.Photo(id="p", box=el.Box(4, 4, 20, 26)),),
            **more,
        )

    @pytest.mark.parametrize("name", ["card.zip", "card"])
    def test_the_parents_come_along(self, tmp_path: Path, name: str) -> None:
        grandchild = replace(self.child(), name="grandchild", version=7, extends=self.child(), back=())
        saved = save_layout(grandchild, tmp_path / name)
        loaded = load_layout(tmp_path / name)
        assert loaded == saved
        names = [each.reference for each in (loaded, loaded.extends, loaded.extends.extends) if each]  # type: ignore[union-attr]
        assert names == ["grandchild/7", "child/1", "mine/1"]
        assert package_bytes(loaded) == package_bytes(saved)

    def test_a_picture_of_the_same_name_takes_the_place_of_the_parents(self, tmp_path: Path) -> None:
        own = {**MARKED.files, "images/mark.png": with_pixels(5)}
        layout = replace(MARKED, name="child", extends=MARKED, files=own)
        assert save_layout(layout, tmp_path / "a.zip").files == own
        loaded = load_layout(tmp_path / "a.zip")
        assert loaded.files == own
        assert loaded.extends is not None
        assert loaded.extends.files == MARKED.files

    def test_a_parent_may_lie_beside_it_or_ship_or_be_found(self, tmp_path: Path) -> None:
        derived = {"schema_version": 1, "name": "child", "version": 1}
        (tmp_path / "child").mkdir()
        ready = bundled_layout("university")
        removed = {"front": [ready.front[0].id]}
        folder_with(tmp_path / "child", {**derived, "extends": ready.reference, "remove": removed})
        assert load_layout(tmp_path / "child").front == ready.front[1:]
        folder_with(tmp_path / "child", {**derived, "extends": "mine/1"})
        assert "mine/1 that it extends is not there" in refused(tmp_path / "child")[1]
        assert load_layout(tmp_path / "child", {"mine/1": MARKED}.get).front == MARKED.front
        save_layout(MARKED, tmp_path / "mine.zip")
        assert load_layout(tmp_path / "child").front == MARKED.front

    def test_a_parent_of_another_version_is_not_taken(self, tmp_path: Path) -> None:
        (tmp_path / "child").mkdir()
        child = {"schema_version": 1, "name": "child", "version": 1, "extends": "university/99"}
        assert "university/99" in refused(folder_with(tmp_path / "child", child))[1]
        parent = tmp_path / "child" / "parents" / "university-99"
        parent.mkdir(parents=True)
        folder_with(parent, document(TEXT))
        assert refused(tmp_path / "child")[0] == "parents/university-99"

    def test_circles_are_refused(self, tmp_path: Path) -> None:
        def derived(name: str, parent: str) -> dict[str, Any]:
            return {"schema_version": 1, "name": name, "version": 1, "extends": f"{parent}/1"}

        for name, parent in (("a", "b"), ("b", "c"), ("c", "a"), ("self", "self")):
            inner = tmp_path / "card" / "parents" / f"{name}-1"
            inner.mkdir(parents=True)
            folder_with(inner, derived(name, parent))
        folder_with(tmp_path / "card", derived("a", "b"))
        assert "in a circle" in refused(tmp_path / "card")[1]
        folder_with(tmp_path / "card", derived("self", "self"))
        assert "in a circle" in refused(tmp_path / "card")[1]
        # Circles through layouts that lie beside each other.
        for name, parent in (("x", "y"), ("y", "x")):
            (tmp_path / name).mkdir()
            folder_with(tmp_path / name, derived(name, parent))
        with pytest.raises(LayoutError, match="in a circle, back to x/1"):
            load_layout(tmp_path / "x")

    def test_too_long_a_line_of_parents_is_refused(self, tmp_path: Path) -> None:
        for number in range(9):
            inner = tmp_path / "card" / "parents" / f"g{number}-1"
            inner.mkdir(parents=True)
            said = {"schema_version": 1, "name": f"g{number}", "version": 1, "extends": f"g{number + 1}/1"}
            folder_with(inner, said)
        folder_with(tmp_path / "card", {"schema_version": 1, "name": "first", "version": 1, "extends": "g0/1"})
        assert "too many layouts extend each other" in refused(tmp_path / "card")[1]


HUGE_PNG = struct.pack(">8sI4sIIBBBBBI", b"\x89PNG\r\n\x1a\n", 13, b"IHDR", 60_000, 60_000, 8, 6, 0, 0, 0, 0)


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("a.png", b"no picture", "can be read"),
            ("a.png", HUGE_PNG, ""),
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>" + b"<g>" * 500, ""),
            ("a.svg", b"<svg width='9' height='9'>" + b"<rect/>" * 30_000 + b"</svg>", "too large"),
            ("a.svg", b"<svg width='9' height='9'><!--" + b"x" * 6_000_000 + b"--></svg>", "too large"),
            (
                "a.svg",
                b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg width="9" height="9">&x;</svg>',
                "outside",
            ),
            (
                "a.svg",
                b'<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><svg width="9" height="9">&b;</svg>',
                "outside",
            ),
            ("a.svg", b'<svg width="9" height="9"><image href="file:///etc/passwd"/></svg>', "outside"),
            ("a.svg", b'<svg width="9" height="9"><style>@import "http://x/y"</style></svg>', "outside"),
            ("a.svg", b'<svg width="9" height="9"><script>x</script></svg>', "no part of a picture"),
            (
                "a.svg",
                b'<svg width="9" height="9">'
                + b"".join(
                    b'<g id="g%d">' % n + b'<use href="#g%d"/>' % (n + 1) * 10 + b"</g>" for n in range(12)
                )
                + b'<rect id="g12"/></svg>',
                "too large",
            ),
            ("a.pdf", b"%PDF-1.7 nonsense", "not a PDF"),
        ],
        ids=lambda value: str(value)[:30],
    )  # fmt: skip
    def test_artwork_is_refused_with_its_place(self, tmp_path: Path, name: str, data: bytes, said: str) -> None:
        (tmp_path / name).write_bytes(data)
        place, message = refused(folder_with(tmp_path, document({**IMAGE, "source": name})))
        assert place == f"front/mark/{name}"
        assert said in message

    @pytest.mark.parametrize(
        "expression",
        [
            "().__class__.__bases__[0].__subclasses__()",
            "__import__('os').system('id')",
            "open('/etc/passwd')",
            "(lambda: 1)()",
            "escn if" * 100,
            "not " * 5000 + "escn",
            "(" * 900,
            "9999999999999999999999",
            "escn.__len__",
            "full_name\n; import os",
            "`id`",
            "${escn}",
        ],
        ids=lambda value: value[:20],
    )
    def test_expressions_do_nothing_but_what_they_may(self, tmp_path: Path, expression: str) -> None:
        place, message = refused(folder_with(tmp_path, document({**TEXT, "when": expression})))
        assert place in ("front/name", "front/name/when")
        assert "\n" not in message.replace(expression, "")
        if "{" not in expression:
            assert refused(folder_with(tmp_path, document({**TEXT, "text": f"{{{expression}}}"})))[0].startswith(
                "front"
            )

    def test_a_zip_within_is_not_opened(self, tmp_path: Path) -> None:
        (tmp_path / "card.zip").write_bytes(zipped({"layout.json": b"{}", "a.png": package_bytes(MARKED)}))
        with pytest.raises(LayoutError, match="archive within") as caught:
            load_layout(tmp_path / "card.zip")
        assert caught.value.params["place"] == "a.png"

    @pytest.mark.parametrize("name", ["fonts/evil.exe", "layout.json", "../Own.ttf", "Own.woff2"])
    def test_a_font_is_a_font(self, tmp_path: Path, name: str) -> None:
        refused(folder_with(tmp_path, document(TEXT, fonts=[name])))

    @given(st.data())
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_a_damaged_file_is_refused_or_the_same(self, tmp_path: Path, data: st.DataObject) -> None:
        whole = bytearray(package_bytes(SMALL))
        for _ in range(data.draw(st.integers(1, 3))):
            whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
        (tmp_path / "card.zip").write_bytes(bytes(whole))
        with suppress(LayoutError):
            # What survives is what does not matter, as the times in the zip: every file in it has its check sum.
            assert load_layout(tmp_path / "card.zip").digest == layout_digest(SMALL)


SMALL = replace(MARKED, back=(), files={"images/mark.png": with_pixels()})
