"""The ledger of blanks: it adds up, or it says by how much it doesn't."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.errors import InputError
from station.domain.stock import (
    BlankCounts,
    Pile,
    SerialRange,
    StockAct,
    StockBalance,
    StockEntry,
    balance,
    begun_at,
    boxes,
    checked,
    expected_next,
    lasts_to,
)

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
NOTHING_TAKEN = BlankCounts()


def entry(act: StockAct, count: int, *numbers: str, pile: Pile = Pile.STOCK) -> StockEntry:
    return StockEntry(act, count, NOON, SerialRange(*numbers) if numbers else None, pile)


def add(ledger: list[StockEntry], line: StockEntry, taken: BlankCounts = NOTHING_TAKEN) -> None:
    ledger.append(checked(ledger, balance(ledger, taken), line))


BOX = entry(StockAct.RECEIVED, 500, "RTU-0001", "RTU-0500")


def test_every_blank_is_in_one_place() -> None:
    ledger = [BOX]
    add(ledger, entry(StockAct.TEST, 3))
    add(ledger, entry(StockAct.SPOILED, 2))
    taken = BlankCounts(in_work=1, in_doubt=1, issued=40, spoiled=4)
    stands = balance(ledger, taken)
    assert stands == StockBalance(500, in_work=1, in_doubt=1, issued=40, spoiled=6, test=3)
    assert stands.on_hand == 500 - 1 - 1 - 40 - 6 - 3
    assert stands.adds_up
    add(ledger, entry(StockAct.DESTROYED, 6, pile=Pile.SPOILED), taken)
    add(ledger, entry(StockAct.DESTROYED, 1, pile=Pile.STOCK), taken)
    after = balance(ledger, taken)
    assert (after.spoiled, after.destroyed, after.on_hand) == (0, 7, stands.on_hand - 1)
    with pytest.raises(InputError, match="There are 0 of them, not 1"):
        checked(ledger, after, entry(StockAct.DESTROYED, 1, pile=Pile.SPOILED))


def test_counting_tells_what_is_missing_and_begins_anew() -> None:
    ledger = [BOX]
    taken = BlankCounts(issued=10)
    add(ledger, entry(StockAct.COUNTED, 488), taken)
    stands = balance(ledger, taken)
    assert (ledger[-1].expected, stands.missing, stands.on_hand, stands.adds_up) == (490, 2, 488, False)
    add(ledger, entry(StockAct.COUNTED, 490), taken)
    assert balance(ledger, taken).adds_up, "they were found again"


def test_more_cards_than_blanks_do_not_add_up() -> None:
    assert not balance([entry(StockAct.RECEIVED, 5)], BlankCounts(issued=6)).adds_up


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("A-001", "B-002", "is no range"),
        ("A-010", "A-001", "is no range"),
        ("A-1", "A-10", "is no range"),
        ("box", "box", "does not end in digits"),
        ("", "", "does not end in digits"),
    ],
)
def test_what_is_no_range(first: str, last: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        _ = SerialRange(first, last).count


def test_serial_numbers_come_once_and_go_once() -> None:
    ledger = [BOX]
    with pytest.raises(InputError, match="RTU-0001 to RTU-0500 were written down before"):
        add(ledger, entry(StockAct.RECEIVED, 2, "RTU-0500", "RTU-0501"))
    add(ledger, entry(StockAct.RECEIVED, 100, "RTU-0501", "RTU-0600"))
    add(ledger, entry(StockAct.TEST, 4, "RTU-0499", "RTU-0502"))  # across two boxes that lie side by side
    with pytest.raises(InputError, match="were written down before"):
        add(ledger, entry(StockAct.SPOILED, 1, "RTU-0500", "RTU-0500"))
    with pytest.raises(InputError, match="No box"):
        add(ledger, entry(StockAct.TEST, 2, "RTU-0600", "RTU-0601"))
    with pytest.raises(InputError, match="No box"):
        add(ledger, entry(StockAct.TEST, 1, "LU-0001", "LU-0001"))
    add(ledger, entry(StockAct.DESTROYED, 4, "RTU-0499", "RTU-0502", pile=Pile.TEST))
    with pytest.raises(InputError, match="There are 0 of them"):
        add(ledger, entry(StockAct.DESTROYED, 1, "RTU-0499", "RTU-0499", pile=Pile.TEST))


def test_what_is_destroyed_lay_on_the_pile_that_it_is_taken_from() -> None:
    ledger = [BOX]
    add(ledger, entry(StockAct.SPOILED, 2, "RTU-0005", "RTU-0006"))
    add(ledger, entry(StockAct.TEST, 1, "RTU-0009", "RTU-0009"))
    with pytest.raises(InputError, match="RTU-0007 to RTU-0007 are not among the spoiled"):
        add(ledger, entry(StockAct.DESTROYED, 1, "RTU-0007", "RTU-0007", pile=Pile.SPOILED))
    with pytest.raises(InputError, match="RTU-0006 to RTU-0007 are not among the spoiled"):
        add(ledger, entry(StockAct.DESTROYED, 2, "RTU-0006", "RTU-0007", pile=Pile.SPOILED))
    with pytest.raises(InputError, match="not among those that were tried out"):
        add(ledger, entry(StockAct.DESTROYED, 1, "RTU-0005", "RTU-0005", pile=Pile.TEST))
    add(ledger, entry(StockAct.DESTROYED, 1, "RTU-0005", "RTU-0005", pile=Pile.SPOILED))
    lost = BlankCounts(spoiled=1)
    with pytest.raises(InputError, match="not among the spoiled"):
        add(ledger, entry(StockAct.DESTROYED, 1, "RTU-0009", "RTU-0009", pile=Pile.SPOILED), lost)
    # A card that was lost in the making lies there, too, and nobody had read its number.
    add(ledger, entry(StockAct.DESTROYED, 1, "RTU-0100", "RTU-0100", pile=Pile.SPOILED), lost)
    with pytest.raises(InputError, match="not among the spoiled"):
        add(ledger, entry(StockAct.DESTROYED, 1, "RTU-0101", "RTU-0101", pile=Pile.SPOILED), lost)
    add(ledger, entry(StockAct.DESTROYED, 1, "RTU-0006", "RTU-0006", pile=Pile.SPOILED), lost)


@pytest.mark.parametrize("count", [0, -3])
def test_nothing_is_not_written_down(count: int) -> None:
    with pytest.raises(InputError, match="at least one"):
        checked([], StockBalance(received=9), entry(StockAct.TEST, count))
    with pytest.raises(InputError, match="don't agree"):
        checked([], StockBalance(), replace(BOX, count=499))


def test_a_stock_begins_with_its_first_box() -> None:
    assert begun_at([entry(StockAct.COUNTED, 0)]) is None
    assert begun_at([replace(BOX, at=NOON.replace(hour=15)), BOX]) == NOON


@settings(max_examples=60)
@given(st.data())
def test_whatever_is_written_down_adds_up(data: st.DataObject) -> None:
    ledger: list[StockEntry] = [entry(StockAct.RECEIVED, 50)]
    issued = spoiled = 0
    for _ in range(data.draw(st.integers(0, 12))):
        stands = balance(ledger, BlankCounts(issued=issued, spoiled=spoiled))
        assert stands.adds_up
        lost = data.draw(st.integers(0, min(3, stands.on_hand)))
        spoiled += lost
        issued += data.draw(st.integers(0, stands.on_hand - lost))
        stands = balance(ledger, BlankCounts(issued=issued, spoiled=spoiled))
        act = data.draw(st.sampled_from([StockAct.RECEIVED, StockAct.TEST, StockAct.SPOILED, StockAct.DESTROYED]))
        line = entry(act, data.draw(st.integers(1, 8)), pile=data.draw(st.sampled_from(list(Pile))))
        try:
            ledger.append(checked(ledger, stands, line))
        except InputError:
            continue
    end = balance(ledger, BlankCounts(issued=issued, spoiled=spoiled))
    places = (end.on_hand, end.in_work, end.in_doubt, end.issued, end.spoiled, end.test, end.destroyed)
    assert sum(places) == end.received
    assert min(places) >= 0


# September 2026 begins on a Tuesday.
WEEK = {date(2026, 9, day): 40 for day in (1, 2, 3, 4)}


@pytest.mark.parametrize(
    ("on_hand", "today", "last_day"),
    [
        (0, date(2026, 9, 4), date(2026, 9, 4)),
        (39, date(2026, 9, 4), date(2026, 9, 4)),
        (40, date(2026, 9, 4), date(2026, 9, 8)),  # nobody has come on a Monday yet, nor on Saturday and Sunday
        (120, date(2026, 9, 4), date(2026, 9, 10)),
        (80, date(2026, 9, 8), date(2026, 9, 9)),  # a day that has not begun yet takes its part first
    ],
)
def test_they_last_to_a_day(on_hand: int, today: date, last_day: date) -> None:
    assert lasts_to(on_hand, WEEK, today) == last_day


def test_what_does_not_add_up_is_told_with_by_how_much() -> None:
    sound = StockBalance(received=10, issued=4)
    assert sound.adds_up
    assert sound.gaps == ()
    told = {
        StockBalance(10, missing=3): "3 are missing",
        StockBalance(10, missing=-2): "2 are too many",
        StockBalance(10, issued=14): "4 more were used than came",
        StockBalance(10, spoiled=-1): "1 more spoiled ones were destroyed",
        StockBalance(10, test=-5): "5 more tried-out ones were destroyed",
    }
    for stands, words in told.items():
        (gap,) = stands.gaps
        assert str(gap).startswith(words)
        assert not stands.adds_up


def test_a_box_tells_what_was_written_down_of_its_numbers() -> None:
    ledger = [BOX, entry(StockAct.RECEIVED, 20), entry(StockAct.TEST, 3, "RTU-0001", "RTU-0003")]
    ledger += [entry(StockAct.SPOILED, 2, "RTU-0499", "RTU-0500"), entry(StockAct.DESTROYED, 9)]
    without, numbered = boxes(ledger)
    assert (without.came.count, without.test) == (20, 0)
    assert (numbered.test, numbered.spoiled, numbered.destroyed) == (3, 2, 0)
    assert SerialRange("A-1", "A-9").common(SerialRange("A-5", "A-7")) == 3


def test_nobody_has_more_than_a_million() -> None:
    with pytest.raises(InputError, match="a million"):
        checked([], StockBalance(), entry(StockAct.RECEIVED, 1_000_001))


def test_no_pace_no_forecast_and_no_end_of_time() -> None:
    assert lasts_to(100, {}, date(2026, 9, 4)) is None
    assert lasts_to(100, {date(2026, 9, 4): 0, date(2026, 9, 5): 9}, date(2026, 9, 4)) is None
    assert lasts_to(10**9, WEEK, date(2026, 9, 4)) is None, "no day is named that nobody can know"


# --- a year of an office: a rush in September, quiet after it, shut over Christmas and in summer ---------------------

RUSH, FADES, SHUT = date(2026, 9, 25), date(2026, 10, 9), (date(2026, 12, 24), date(2027, 1, 6))
YEAR = [date(2026, 8, 24) + timedelta(days=number) for number in range(310)]


def _made(day: date, chance: Random) -> int:
    if day.weekday() >= 5 or SHUT[0] <= day <= SHUT[1]:
        return 0
    usual = 90 if day <= RUSH else 25 if day <= FADES else 8
    return max(0, round(chance.gauss(usual, usual**0.5)))


@pytest.fixture(scope="module", params=range(3))
def cards(request: pytest.FixtureRequest) -> dict[date, int]:
    chance = Random(request.param)
    return {day: _made(day, chance) for day in YEAR}


def _truly_to(cards: dict[date, int], on_hand: int, today: date) -> date | None:
    for day in (day for day in YEAR if day > today):
        on_hand -= cards[day]
        if on_hand < 0:
            return day - timedelta(days=1)
    return None


def _misses(cards: dict[date, int], on_hand: int, first: date, last: date) -> list[tuple[int, int]]:
    """Return for each day of work by how many days the forecast is too late, and how many days it really lasted."""
    found = []
    for today in (day for day in YEAR if first <= day <= last and cards[day]):
        month = {day: made for day, made in cards.items() if today - timedelta(days=30) <= day <= today}
        said, truth = lasts_to(on_hand, month, today), _truly_to(cards, on_hand, today)
        if said is not None and truth is not None:
            found.append(((said - truth).days, (truth - today).days))
    assert found
    return found


@pytest.mark.parametrize("on_hand", [50, 100, 200, 400])
def test_where_the_pace_is_steady_the_forecast_is_near_and_else_it_warns_too_early(
    cards: dict[date, int], on_hand: int
) -> None:
    steady = _misses(cards, on_hand, date(2027, 2, 8), date(2027, 4, 30))
    assert all(abs(late) <= 4 + 0.2 * truth for late, truth in steady)
    whole_year = _misses(cards, on_hand, date(2026, 8, 31), YEAR[-1])
    assert all(late <= 5 + 0.35 * truth for late, truth in whole_year), "a box that is missed is worse than one early"
    mean = sum(abs(late) / max(1, truth) for late, truth in steady) / len(steady)
    assert mean < 0.2


def test_a_week_into_the_rush_it_is_right_to_two_days(cards: dict[date, int]) -> None:
    rush = _misses(cards, 200, date(2026, 8, 31), date(2026, 9, 21))
    assert all(abs(late) <= 2 for late, _ in rush)


def _came(first: str, last: str) -> StockEntry:
    serials = SerialRange(first, last)
    return StockEntry(StockAct.RECEIVED, serials.count, NOON, serials)


@pytest.mark.parametrize(
    ("lines", "taken", "read", "expected"),
    [
        ([], 0, [], None),
        ([StockEntry(StockAct.RECEIVED, 5, NOON)], 2, [], None),
        ([_came("A-8", "A-9"), _came("B-01", "B-03")], 0, [], "A-8"),
        ([_came("A-8", "A-9"), _came("B-01", "B-03")], 2, [], "B-01"),
        ([_came("A-8", "A-9"), _came("B-01", "B-03")], 5, [], None),
        ([_came("A-08", "A-12")], 2, ["A-11"], "A-09"),
        ([_came("A-08", "A-12"), StockEntry(StockAct.TEST, 1, NOON, SerialRange("A-08", "A-08"))], 1, [], "A-10"),
        ([_came("A-08", "A-12"), StockEntry(StockAct.SPOILED, 2, NOON)], 1, [], "A-11"),
        ([_came("A-08", "A-12"), StockEntry(StockAct.DESTROYED, 2, NOON, pile=Pile.SPOILED)], 1, [], "A-09"),
        ([StockEntry(StockAct.RECEIVED, 3, NOON), _came("A-08", "A-12")], 4, [], "A-09"),
    ],
)
def test_the_number_of_the_next_blank_if_boxes_are_used_in_order(
    lines: list[StockEntry], taken: int, read: list[str], expected: str | None
) -> None:
    assert expected_next(lines, taken, read) == expected


def test_what_was_read_from_cards_is_told_of_their_box() -> None:
    lines = [_came("A-08", "A-12"), _came("B-01", "B-03")]
    assert [box.issued for box in boxes(lines, ["A-08", "A-10", "B-02", "C-1"])] == [1, 2]
