"""What is kept of a layout."""

from __future__ import annotations

from datetime import UTC, datetime

from station.domain.layout_state import KeptLayout, LayoutState

AT = datetime(2026, 9, 1, tzinfo=UTC)


def test_a_kept_layout_is_named_as_a_cards_record_names_it() -> None:
    kept = KeptLayout("university", 3, "ab" * 32, LayoutState.APPROVED, "Students", AT, AT)
    assert kept.reference == "university/3"


def test_states_go_one_way() -> None:
    assert [state.value for state in LayoutState] == ["draft", "approved", "retired"]
