"""What this printer can't do, side by side and panel by panel, and how near its edges are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printers.profile_files import load_profile
from station.domain.elements import AnyElement, Box, Image, Layer, Line, MagneticTracks, Photo, Shape, SignatureZone
from station.domain.lint import Level
from station.render.linting import on_printer
from tests.helpers.layouts import CR80_300, CR80_600, RETRANSFER
from tests.helpers.linting import NAME, PHOTO, QR, checked, layout, names, task, text

SHARED = load_profile("evolis-primacy2-one-ribbon")


def test_a_back_needs_a_printer_that_prints_it() -> None:
    given = layout(NAME, back=[text("x")])
    assert list(on_printer.sides(task(given))) == []
    (found,) = on_printer.sides(task(given, replace(CR80_300, duplex=False)))
    assert (found.rule, found.level, found.side) == ("printer/one-sided", Level.ERROR, None)
    assert list(on_printer.sides(task(layout(NAME), replace(CR80_300, duplex=False)))) == []


def test_a_raster_smaller_than_the_card_is_said() -> None:
    (found,) = on_printer.sides(task(layout(NAME), replace(CR80_300, width_px=990)))
    assert (found.rule, found.level) == ("printer/short-of-the-edge", Level.NOTE)
    assert "83.8" in str(found.message)


class TestPanels:
    def test_one_set_of_panels_for_both_sides_has_no_black_in_front_and_no_colour_behind(self) -> None:
        coloured = text("x", id="blue", layer=Layer.COLOUR, colour="#2c4390")
        found = list(on_printer.panels(task(layout(NAME, text("x"), PHOTO, back=[coloured, text("y")]), SHARED)))
        assert names(found) == ["printer/no-colour blue", "printer/no-resin name"]
        assert [each.level for each in found] == [Level.ERROR, Level.NOTE]
        assert list(on_printer.panels(task(layout(NAME, PHOTO, back=[coloured])))) == []

    def test_ultraviolet_needs_its_panel(self) -> None:
        hidden = Shape(id="hidden", fill="#000000", layer=Layer.UV, box=Box(10, 10, 5, 5))
        assert names(checked(on_printer.panels, hidden)) == ["printer/no-uv hidden"]
        assert checked(on_printer.panels, hidden, printer=replace(CR80_300, uv=True)) == []


class TestAbilities:
    def test_a_stripe_needs_a_writer(self) -> None:
        tracks = MagneticTracks(id="tracks", track2="{student_number}")
        (found,) = checked(on_printer.abilities, tracks)
        assert (found.rule, found.level) == ("printer/no-stripe", Level.ERROR)
        assert checked(on_printer.abilities, tracks, printer=replace(CR80_300, magnetic=True)) == []

    def test_bare_places_need_a_printer_that_can_be_told(self) -> None:
        bare = SignatureZone(id="signature", box=Box(10, 10, 40, 8))
        hole = Shape(id="hole", fill="#000000", layer=Layer.OVERLAY, box=Box(10, 30, 5, 5))
        assert names(checked(on_printer.abilities, bare, hole)) == ["printer/overlay signature", "printer/overlay hole"]
        assert checked(on_printer.abilities, bare, hole, printer=replace(CR80_300, overlay_holes=True)) == []


class TestEdges:
    @pytest.mark.parametrize(
        ("element", "rule"),
        [
            (replace(PHOTO, box=Box(4, 4, 20, 26)), ""),
            (replace(PHOTO, box=Box(2, 4, 20, 26)), "printer/margin photo"),
            (text("{full_name}", Box(0, 20, 50, 5)), "printer/margin text"),
            (text("{full_name}", Box(-3, 20, 50, 5)), "printer/off-card text"),
            (text("{full_name}", Box(40, 20, 45, 5)), ""),  # the box goes to the edge, the letters don't
            (text("{address}", Box(-3, 20, 50, 5)), ""),
            (replace(QR, box=Box(1.6, 19, 17.4, 17.4)), ""),  # the clear modules may
            (replace(QR, box=Box(0.5, 19, 17.4, 17.4)), "printer/margin qr"),
            (replace(PHOTO, box=Box(70, 4, 20, 26)), "printer/white-edge photo"),  # on purpose over the edge
        ],
    )
    def test_what_says_something_keeps_away_from_the_edge(self, element: AnyElement, rule: str) -> None:
        assert names(checked(on_printer.edges, element)) == ([rule] if rule else [])

    def test_each_printer_has_its_own_margin(self) -> None:
        near = replace(PHOTO, box=Box(2.6, 4, 20, 26))
        assert names(checked(on_printer.edges, near)) == ["printer/margin photo"]
        assert checked(on_printer.edges, near, printer=replace(CR80_300, safe_mm=2.5)) == []

    def test_a_ground_to_the_edge_is_white_there_unless_the_film_covers_all(self) -> None:
        ground = Shape(id="ground", fill="accent", box=Box(0, 0, 85.6, 10))
        twice = replace(ground, id="again", box=Box(0, 40, 85.6, 13.98))
        assert names(checked(on_printer.edges, ground, twice)) == ["printer/white-edge ground"]
        assert checked(on_printer.edges, replace(ground, fill="white")) == []
        assert checked(on_printer.edges, ground, printer=replace(RETRANSFER, to_the_edge=True)) == []
        picture = Image(id="picture", source="x.png", box=Box(0, 0, 85.6, 53.98))
        assert names(checked(on_printer.edges, picture)) == ["printer/white-edge picture"]


def test_a_line_finer_than_a_dot_is_noted_for_the_printer_that_has_no_finer_ones() -> None:
    line = Line(id="line", stroke_mm=0.06, box=Box(10, 10, 30, 0))
    (found,) = checked(on_printer.strokes, line)
    assert (found.rule, found.level) == ("printer/thin-line", Level.NOTE)
    assert "0.08" in str(found.message)
    assert checked(on_printer.strokes, line, printer=CR80_600) == []
    assert (
        checked(on_printer.strokes, Photo(id="p", box=Box(4, 4, 5, 5)), Shape(id="s", fill="white", box=line.box)) == []
    )
