"""A day at the desks as a picture: three lines over the hours, and the troubles above them, where nothing crosses them.

The labels stand in rows of their own, above the lines; no label lies on a line or on another label.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from tests.helpers.print_day import Happened, Plan

OPENS = 8
"""The desks open at eight: 10:00 is two hours after."""

Account = dict[str, int]
"""How many cards were begun, handed over, lost, doubled."""

_WIDTH, _HEIGHT, _LEFT, _TOP, _PLOT_W, _PLOT_H = 960, 552, 70, 144, 850, 330
_INK, _MUTED, _LINE, _WARN, _BAD = "#16202e", "#5b6878", "#dfe3e9", "#8a5a00", "#b3261e"
_SERIES = (
    ("handed over", "#2c4390", ""),
    ("known to ESC-Router", "#1b7f4b", "7 4"),
    ("entries in the queues", "#8a5a00", "2 3"),
)
_ROW = 20


def chart(plan: Plan, happened: Happened, account: Account) -> str:
    """Return the day as SVG."""
    return "\n".join([*_Chart(plan, happened).parts(account), "</svg>\n"])


def clock(at_s: float) -> str:
    """Return a time of day."""
    minutes = int(at_s // 60)
    return f"{OPENS + minutes // 60}:{minutes % 60:02d}"


class _Chart:
    def __init__(self, plan: Plan, happened: Happened) -> None:
        self._plan, self._happened = plan, happened
        handed = sorted(happened.handed_s)
        self._series = (
            [(at_s, number) for number, at_s in enumerate(handed, 1)],
            happened.registered_s,
            happened.waiting_s,
        )
        points = [point for series in self._series for point in series]
        self._end_s = max([plan.hours * 3600, *(at_s for at_s, _ in points)])
        self._most = max([plan.cards, *(value for _, value in points)])

    def parts(self, account: Account) -> list[str]:
        """Return the picture's elements, those behind first."""
        plan, happened = self._plan, self._happened
        title = f"{account['handed_over']} cards, {account['lost']} lost, {account['doubled']} doubled"
        below = (
            f"{plan.desks} stations, each with its own store and {plan.printers_a_desk} printers; simulated time",
            f"cards that went on at the next printer by themselves: {happened.moved_by_itself};"
            f" settled by hand: {happened.settled_by_hand}",
        )
        font = 'font-family="Inter, sans-serif"'
        return [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {font}>',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
            _text(_LEFT, 32, title, 20, _INK),
            *(_text(_LEFT, 52 + 18 * row, words, 13, _MUTED) for row, words in enumerate(below)),
            *self._troubles(),
            *self._axes(),
            *self._lines(),
        ]

    def _x(self, at_s: float) -> float:
        return _LEFT + at_s / self._end_s * _PLOT_W

    def _y(self, value: float) -> float:
        return _TOP + _PLOT_H * (1 - value / self._most)

    def _troubles(self) -> list[str]:
        plan = self._plan
        away, open_s, dies_s = plan.router_away_s, plan.cover_open_s, plan.printer_dies_s or 0.0
        return [
            self._band(away, "#fbf1dc"),
            self._band(open_s, "#fbe4e2"),
            f'<path d="M{self._x(dies_s):.1f} {_TOP - 6}v{_PLOT_H + 6}" stroke="{_BAD}" stroke-width="2"/>',
            _text(self._x(away[0]), _TOP - 10 - _ROW, f"ESC-Router away {clock(away[0])}–{clock(away[1])}", 13, _WARN),
            _text(self._x(dies_s), _TOP - 10, f"printer 1a dies {clock(dies_s)}", 13, _BAD),
            _text(self._x(open_s[0]), _TOP - 10, f"cover of 3a open {clock(open_s[0])}–{clock(open_s[1])}", 13, _BAD),
        ]

    def _band(self, times_s: tuple[float, float], colour: str) -> str:
        left, right = self._x(times_s[0]), self._x(times_s[1])
        return f'<rect x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{_PLOT_H}" fill="{colour}"/>'

    def _axes(self) -> list[str]:
        parts = []
        for hour in range(int(self._end_s // 3600) + 1):
            place = self._x(hour * 3600.0)
            parts.append(f'<path d="M{place:.1f} {_TOP + _PLOT_H}v6" stroke="{_MUTED}"/>')
            parts.append(_text(place, _TOP + _PLOT_H + 22, clock(hour * 3600.0), 12, _MUTED, "middle"))
        for value in range(0, self._most + 1, 100):
            height = self._y(value)
            parts.append(f'<path d="M{_LEFT} {height:.1f}h{_PLOT_W}" stroke="{_LINE}"/>')
            parts.append(_text(_LEFT - 10, height + 4, str(value), 12, _MUTED, "end"))
        return parts

    def _lines(self) -> list[str]:
        parts = []
        for number, ((name, colour, dashes), points) in enumerate(zip(_SERIES, self._series, strict=True)):
            line = " ".join(f"{self._x(at_s):.1f},{self._y(value):.1f}" for at_s, value in points)
            stroke = f'stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"'
            parts.append(f'<polyline points="{line}" fill="none" {stroke}/>')
            left = _LEFT + number * 230
            parts.append(f'<path d="M{left} {_HEIGHT - 20}h34" {stroke}/>')
            parts.append(_text(left + 42, _HEIGHT - 16, name, 13, _INK))
        return parts


def _text(x: float, y: float, words: str, size: int, colour: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"'
    return f"<text {place}>{escape(words)}</text>"
