"""Small safe expressions: what goes onto a chip or a card, as an institution writes it in a profile.

    card.escn                                       the number's 16 bytes
    ascii(pad_left(holder.student_number, 10, '0'))
    'S' + last(holder.student_number, 6) if holder.is_student else 'T'
    uint_le(card.counter, 4) + unhex('0000')

Literals, names with dots, ``+``, comparisons, ``and``/``or``/``not``, ``a if b else c`` and a fixed list of functions:
that is all there is. Nothing is evaluated by Python itself, a name is looked up whole and never taken apart, and
length, depth and results are bounded; so a profile can be wrong, but it can do no harm. Every mistake is an
``ExpressionError`` that names the column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from station.domain.errors import ExpressionError, fill
from station.domain.expression_functions import FUNCTIONS, Function, Misuse, Value, checked, shown_kind

__all__ = ["Expression", "Function", "Misuse", "Value", "compile_expression"]

LONGEST_TEXT = 1000
_DEEPEST = 16
_MOST_PARTS = 64
_KEYWORDS = frozenset(("if", "else", "and", "or", "not", "in", "true", "false"))
# Behind a number stands no letter and no point: 12ab and 1.5 are mistakes, not two values side by side.
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>0x[0-9A-Fa-f]{1,16}|[0-9]{1,18})(?![\w.])
    |(?P<text>'[^'\n]*'|"[^"\n]*")
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    |(?P<sign>==|!=|<=|>=|[-+<>(),])
    )""",
    re.VERBOSE,
)

Values = Mapping[str, Value]
_Node = Callable[[Values], Value]


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its ``text``, the ``names`` that it uses, and how to compute it."""

    text: str
    names: frozenset[str]
    _compute: _Node

    def evaluate(self, values: Values) -> Value:
        """Return what the expression comes to with ``values`` for its names.

        Raises:
            ExpressionError: a value is missing or empty where it may not be, or kinds do not fit each other.
        """
        return self._compute(values)


def compile_expression(
    text: str, names: Collection[str], functions: Mapping[str, Function] | None = None
) -> Expression:
    """Check ``text`` and return it ready to be computed; ``names`` are those that it may use.

    ``functions`` are known besides the built-in ones.

    Raises:
        ExpressionError: with the column (from 1) and, in words, what is wrong there.
    """
    if len(text) > LONGEST_TEXT:
        raise _error(text[:20] + "…", 0, "it is longer than {limit} characters", limit=LONGEST_TEXT)
    parser = _Parser(text, frozenset(names), {**FUNCTIONS, **(functions or {})})
    compute = parser.whole()
    return Expression(text, frozenset(parser.used), compute)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Parser:
    """Recursive descent, one method a level; chains are folded in loops, so depth comes from brackets alone."""

    def __init__(self, text: str, names: frozenset[str], functions: Mapping[str, Function]) -> None:
        self._text = text
        self._names = names
        self._functions = functions
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0
        self.used: set[str] = set()

    def whole(self) -> _Node:
        node = self._choice()
        if self._token.kind != "end":
            raise self._wrong(self._token, "nothing was expected after this, and here is {found}")
        return node

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *signs: str) -> _Token | None:
        token = self._token
        if token.kind in ("sign", "word") and token.text in signs:
            self._next += 1
            return token
        return None

    def _need(self, sign: str) -> None:
        if self._take(sign) is None:
            raise self._wrong(self._token, "{wanted} was expected, and here is {found}", wanted=sign)

    def _wrong(self, token: _Token, detail: str, **params: object) -> ExpressionError:
        return _error(self._text, token.at, detail, found=token.text or "the end", **params)

    def _choice(self) -> _Node:
        self._depth += 1
        # Long before Python's own recursion ends, which would be no message to anybody.
        if self._depth > _DEEPEST:
            raise self._wrong(self._token, "there are more than {limit} brackets in each other", limit=_DEEPEST)
        node = self._any()
        if self._take("if"):
            condition = self._any()
            self._need("else")
            other = self._choice()
            node = _chosen(node, condition, other)
        self._depth -= 1
        return node

    def _any(self) -> _Node:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else _first_that(parts, wanted=True)

    def _all(self) -> _Node:
        parts = [self._not()]
        while self._take("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else _first_that(parts, wanted=False)

    def _not(self) -> _Node:
        negated = False
        while self._take("not"):
            negated = not negated
        node = self._comparison()
        return (lambda values: not node(values)) if negated else node

    def _comparison(self) -> _Node:
        left = self._sum()
        sign = self._take("==", "!=", "<", "<=", ">", ">=", "in")
        if sign is None:
            return left
        return _compared(self._text, sign, left, self._sum())

    def _sum(self) -> _Node:
        node = self._atom()
        parts: list[tuple[_Token, _Node]] = []
        while (sign := self._take("+", "-")) is not None:
            parts.append((sign, self._atom()))
        if len(parts) > _MOST_PARTS:
            raise self._wrong(parts[-1][0], "there are more than {limit} parts", limit=_MOST_PARTS)
        return _added(self._text, node, parts) if parts else node

    def _atom(self) -> _Node:
        token = self._token
        self._next += 1
        match token.kind:
            case "number":
                # Not base 0 for both: with it Python refuses noughts in front.
                return _constant(int(token.text, 0 if token.text.startswith("0x") else 10))
            case "text":
                return _constant(token.text[1:-1])
            case "word" if token.text in ("true", "false"):
                return _constant(token.text == "true")
            case "name" if self._token.text == "(":
                return self._call(token)
            case "name":
                return self._named(token)
            case "sign" if token.text == "(":
                node = self._choice()
                self._need(")")
                return node
            case _:
                raise self._wrong(token, "a value was expected, and here is {found}")

    def _named(self, token: _Token) -> _Node:
        if token.text not in self._names:
            known = ", ".join(sorted(self._names))
            raise self._wrong(token, "there is no {found} here; there are: {known}", known=known)
        self.used.add(token.text)
        text, name, at = self._text, token.text, token.at

        def value(values: Values) -> Value:
            found = values.get(name)
            if not isinstance(found, (str, bytes, int, date, type(None))):
                raise _error(text, at, "{name} is not a value", name=name)
            return found

        return value

    def _call(self, token: _Token) -> _Node:
        function = self._functions.get(token.text)
        if function is None:
            known = ", ".join(sorted(self._functions))
            raise self._wrong(token, "there is no function {found}; there are: {known}", known=known)
        self._need("(")
        arguments: list[_Node] = []
        while not self._take(")"):
            if arguments:
                self._need(",")
            arguments.append(self._choice())
        least, most = function.arguments
        if not least <= len(arguments) <= most:
            raise self._wrong(token, "{found} takes {least} to {most} values", least=least, most=most)
        return _called(self._text, token, function, arguments)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text) and text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise _error(text, start, "{found} is not understood", found=text[start : start + 10])
        word = match.group(match.lastgroup)
        kind = "word" if match.lastgroup == "name" and word in _KEYWORDS else match.lastgroup
        found.append(_Token(kind, word, match.start(match.lastgroup)))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


def _constant(value: Value) -> _Node:
    return lambda _: value


def _chosen(node: _Node, condition: _Node, other: _Node) -> _Node:
    return lambda values: node(values) if condition(values) else other(values)


def _first_that(parts: list[_Node], *, wanted: bool) -> _Node:
    """Return ``or`` (wanted: the first part that is true or not empty) or ``and``, else the last part."""

    def compute(values: Values) -> Value:
        value: Value = None
        for part in parts:
            value = part(values)
            if bool(value) is wanted:
                break
        return value

    return compute


def _compared(text: str, sign: _Token, left: _Node, right: _Node) -> _Node:
    def compute(values: Values) -> Value:
        a, b = left(values), right(values)
        if sign.text in ("==", "!="):
            # To Python True == 1; here yes is no number.
            return (type(a) is type(b) and a == b) is (sign.text == "==")
        if isinstance(a, str) and isinstance(b, str):
            return a in b if sign.text == "in" else _ordered(sign.text, a < b, a == b)
        if isinstance(a, bytes) and isinstance(b, bytes):
            return a in b if sign.text == "in" else _ordered(sign.text, a < b, a == b)
        if sign.text != "in" and isinstance(a, int) and isinstance(b, int):
            return _ordered(sign.text, a < b, a == b)
        if sign.text != "in" and isinstance(a, date) and isinstance(b, date):
            return _ordered(sign.text, a < b, a == b)
        raise _mixed(text, sign, a, b)

    return compute


def _ordered(sign: str, less: bool, same: bool) -> bool:
    return {"<": less, "<=": less or same, ">": not less and not same, ">=": not less}[sign]


def _added(text: str, first: _Node, parts: list[tuple[_Token, _Node]]) -> _Node:
    def compute(values: Values) -> Value:
        total = first(values)
        for sign, part in parts:
            # Each step by itself: nothing grows beyond the limit on the way.
            total = _limited(text, sign, _one_added(text, sign, total, part(values)))
        return total

    return compute


def _one_added(text: str, sign: _Token, a: Value, b: Value) -> Value:
    if isinstance(a, int) and isinstance(b, int) and not isinstance(a, bool) and not isinstance(b, bool):
        return a + b if sign.text == "+" else a - b
    if sign.text == "+" and isinstance(a, str) and isinstance(b, str):
        return a + b
    if sign.text == "+" and isinstance(a, bytes) and isinstance(b, bytes):
        return a + b
    raise _mixed(text, sign, a, b)


def _called(text: str, token: _Token, function: Function, arguments: list[_Node]) -> _Node:
    def compute(values: Values) -> Value:
        given = [argument(values) for argument in arguments]
        try:
            return _limited(text, token, function.call(*given))
        except Misuse as misuse:
            raise _error(text, token.at, misuse.detail, name=token.text, **misuse.params) from None

    return compute


def _limited(text: str, token: _Token, value: Value) -> Value:
    try:
        return checked(value)
    except Misuse as misuse:
        raise _error(text, token.at, misuse.detail, name=token.text, **misuse.params) from None


def _mixed(text: str, sign: _Token, a: Value, b: Value) -> ExpressionError:
    detail = "{sign} does not go with {left} and {right}"
    return _error(text, sign.at, detail, sign=sign.text, left=shown_kind(a), right=shown_kind(b))


def _error(text: str, at: int, detail: str, **params: object) -> ExpressionError:
    return ExpressionError(text=text, column=at + 1, detail=fill(detail, params))
