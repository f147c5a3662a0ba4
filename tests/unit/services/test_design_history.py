"""Undo and redo: every step back and forth, what is one step, and what counts as saved."""

from __future__ import annotations

from dataclasses import replace

from station.domain.elements import Text
from station.domain.snapping import Axis, Guide
from station.services.design_history import History
from station.services.designing import FRONT, changed, moved, removed
from tests.helpers.designs import a_design

NAME, PHOTO = (FRONT, "name"), (FRONT, "photo")


def step(history: History, done: str = "Move", *, merge: object = None) -> bool:
    return history.do(moved(history.design, frozenset({NAME}), 1, 0), frozenset({NAME}), done, merge=merge)


def test_undo_and_redo_go_the_whole_way() -> None:
    history = History(a_design())
    first = history.design
    for step in range(2000):
        history.do(moved(history.design, frozenset({NAME}), 0.1, 0), frozenset({NAME}), f"Move {step}")
    last = history.design
    assert history.steps == 2000
    while history.undo():
        pass
    assert history.design is first
    assert not history.unsaved
    while history.redo():
        pass
    assert history.design is last
    assert history.unsaved


def test_what_is_typed_in_one_go_is_one_step() -> None:
    history = History(a_design())
    for size in (8.5, 9.0, 9.5):
        history.do(changed(history.design, frozenset({NAME}), size_pt=size), frozenset({NAME}), "Size", merge="size")
    assert history.steps == 1
    history.settle()
    history.do(changed(history.design, frozenset({NAME}), size_pt=10.0), frozenset({NAME}), "Size", merge="size")
    assert history.steps == 2
    history.undo()
    element = history.design.get(NAME)
    assert isinstance(element, Text)
    assert element.size_pt == 9.5


def test_a_new_edit_after_undo_ends_the_other_future() -> None:
    history = History(a_design())
    history.do(moved(history.design, frozenset({NAME}), 1, 0), frozenset({NAME}), "Move")
    history.undo()
    assert (history.undoes, history.redoes) == ("", "Move")
    history.do(removed(history.design, frozenset({NAME})), frozenset(), "Delete")
    assert not history.redo()
    assert history.undoes == "Delete"


def test_guides_and_locks_are_no_change_of_the_layout() -> None:
    history = History(a_design())
    history.do(replace(history.design, guides=(Guide(0, Axis.X, 5),)), frozenset(), "Guide")
    assert not history.unsaved
    assert history.steps == 1


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    history = History(a_design())
    assert not history.do(moved(history.design, frozenset(), 1, 1), frozenset(), "Move")
    assert history.steps == 0


def test_undo_ends_a_step_that_was_still_being_made() -> None:
    history = History(a_design())
    for merge in ("first", "second"):
        step(history, merge=merge)
    history.undo()
    assert history.steps == 1
    step(history, merge="second")
    assert history.steps == 2


def test_a_selection_comes_back_with_its_moment_and_is_no_step() -> None:
    history = History(a_design())
    step(history)
    history.select(frozenset({PHOTO}))
    assert (history.steps, history.undoes, history.now.selected) == (1, "Move", frozenset({PHOTO}))
    history.undo()
    assert history.now.selected == frozenset()
    history.redo()
    assert history.now.selected == frozenset({PHOTO})


def test_saved_is_what_was_saved_however_far_it_has_gone_on() -> None:
    history = History(a_design())
    step(history)
    sent_to_be_saved = history.design
    step(history)
    history.saved(sent_to_be_saved)
    seen = [history.unsaved]
    for go in (history.undo, history.never_saved, history.saved):
        go()
        seen.append(history.unsaved)
    assert seen == [True, False, True, False]
