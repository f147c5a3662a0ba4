"""An hour with one printer, and a bad day with three desks: simulated time, the real services; with a chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from pytest_benchmark.fixture import BenchmarkFixture

from tests.helpers.print_day import Happened, Plan, live

RESULTS = Path(__file__).resolve().parents[2] / "bench-results"
HOUR = Plan()
DAY = Plan(
    desks=3, cards=700, hours=9.0, queue_at_the_door=False, printer_dies_s=3 * 3600.0, router_away_s=(7200.0, 21600.0)
)
OPENS = 8
"""The desks open at eight: 10:00 is two hours after, 11:00 three."""


def test_an_hour_with_one_printer(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """24 s a card in the printer, 47 s of a person's hands: how many cards an hour makes, and whether one is lost."""
    happened, escns, _ = benchmark.pedantic(live, (HOUR, tmp_path), rounds=1)
    within = sum(at_s <= 3600 for at_s in happened.handed_s)
    benchmark.extra_info.update(cards_in_the_hour=within, **_account(happened, escns))
    assert within >= 45
    assert _account(happened, escns)["lost"] == _account(happened, escns)["doubled"] == 0


def test_a_bad_day_with_three_desks(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """700 people in nine hours; a printer dies at 11:00, ESC-Router is away from 10:00 to 14:00."""
    happened, escns, room = benchmark.pedantic(live, (DAY, tmp_path), rounds=1)
    account = _account(happened, escns)
    late_s = max(at_s for at_s, count in happened.registered_s if count < len(escns))
    benchmark.extra_info.update(
        registered=len(room.router.cards),
        waiting_most=max(waiting for _, waiting in happened.waiting_s),
        all_registered_at=_clock(late_s + 60),
        settled_by_hand=happened.settled_by_hand,
        last_card_at=_clock(max(happened.handed_s)),
        **account,
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "print-day.svg").write_text(chart(happened, account), "utf-8")
    assert account == {"begun": 700, "handed_over": 700, "lost": 0, "doubled": 0}
    assert set(room.router.cards) == set(escns)


def _account(happened: Happened, escns: Sequence[str]) -> dict[str, int]:
    twice = sum(count > 1 for count in Counter(escns).values())
    return {
        "begun": happened.begun,
        "handed_over": len(escns),
        "lost": happened.begun - len(escns),
        "doubled": twice + happened.doubled(),
    }


# --- the chart ----------------------------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _LEFT, _TOP, _PLOT_W, _PLOT_H = 960, 480, 70, 70, 800, 330
_SERIES = (
    ("handed over", "#2c4390", ""),
    ("known to ESC-Router", "#1b7f4b", "7 4"),
    ("waiting in the queue", "#8a5a00", "2 3"),
)


def chart(happened: Happened, account: dict[str, int]) -> str:
    """Return the day as SVG: three lines over the hours, and the two troubles behind them."""
    handed = sorted(happened.handed_s)
    series = (
        [(at_s, number) for number, at_s in enumerate(handed, 1)],
        happened.registered_s,
        happened.waiting_s,
    )
    end_s = max([DAY.hours * 3600, *(at_s for points in series for at_s, _ in points)])
    most = max([DAY.cards, *(value for points in series for _, value in points)])

    def at(at_s: float, value: float) -> str:
        return f"{_LEFT + at_s / end_s * _PLOT_W:.1f},{_TOP + _PLOT_H * (1 - value / most):.1f}"

    def x(at_s: float) -> float:
        return float(at(at_s, 0).split(",")[0])

    title = (
        f"{account['handed_over']} cards on three desks: {account['lost']} lost, {account['doubled']} doubled,"
        f" {happened.settled_by_hand} settled by hand"
    )
    away = DAY.router_away_s
    dies_s = DAY.printer_dies_s or 0.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="Inter, sans-serif">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        _text(_LEFT, 34, title, 18, "#16202e"),
        f'<rect x="{x(away[0]):.1f}" y="{_TOP}" width="{x(away[1]) - x(away[0]):.1f}" height="{_PLOT_H}"'
        ' fill="#fbf1dc"/>',
        _text(x(away[0]) + 6, _TOP + 18, "ESC-Router away", 13, "#8a5a00"),
        f'<path d="M{x(dies_s):.1f} {_TOP}v{_PLOT_H}" stroke="#b3261e" stroke-width="2"/>',
        _text(x(dies_s) + 6, _TOP + 38, "printer 1 dies", 13, "#b3261e"),
    ]
    for hour in range(int(end_s // 3600) + 1):
        place = x(hour * 3600.0)
        parts.append(f'<path d="M{place:.1f} {_TOP + _PLOT_H}v6" stroke="#5b6878"/>')
        parts.append(_text(place - 16, _TOP + _PLOT_H + 22, _clock(hour * 3600.0), 12, "#5b6878"))
    for value in range(0, most + 1, 100):
        height = _TOP + _PLOT_H * (1 - value / most)
        parts.append(f'<path d="M{_LEFT} {height:.1f}h{_PLOT_W}" stroke="#dfe3e9"/>')
        parts.append(_text(_LEFT - 40, height + 4, str(value), 12, "#5b6878"))
    for number, ((name, colour, dashes), points) in enumerate(zip(_SERIES, series, strict=True)):
        line = " ".join(at(at_s, value) for at_s, value in points)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"/>'
        )
        left = _LEFT + number * 230
        parts.append(
            f'<path d="M{left} {_HEIGHT - 22}h34" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"/>'
        )
        parts.append(_text(left + 42, _HEIGHT - 18, name, 13, "#16202e"))
    return "\n".join([*parts, "</svg>\n"])


def _text(x: float, y: float, words: str, size: int, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}">{escape(words)}</text>'


def _clock(at_s: float) -> str:
    minutes = int(at_s // 60)
    return f"{OPENS + minutes // 60}:{minutes % 60:02d}"
