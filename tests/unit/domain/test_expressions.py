"""Expressions do what they say, name the column of every mistake, and never do anything else."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from station.domain.errors import ExpressionError
from station.domain.expression_functions import FUNCTIONS, LONGEST_VALUE, Function, Misuse
from station.domain.expressions import Value, compile_expression

VALUES: dict[str, Value] = {
    "card.escn": bytes(range(16)),
    "card.uid": bytes.fromhex("04782E21801D80"),
    "card.counter": 1234500000000001,
    "holder.student_number": "20231234",
    "holder.name": "Bērziņš",
    "holder.ends_on": date(2027, 6, 30),
    "holder.is_staff": False,
    "holder.library": None,
}


def value(text: str) -> Value:
    return compile_expression(text, VALUES).evaluate(VALUES)


def mistake(text: str) -> tuple[int, str]:
    with pytest.raises(ExpressionError) as caught:
        value(text)
    return int(str(caught.value.params["column"])), str(caught.value.params["detail"])


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("card.escn", bytes(range(16))),
        ("card.uid + card.escn", bytes.fromhex("04782E21801D80") + bytes(range(16))),
        ("hex(card.uid)", "04782E21801D80"),
        ("unhex('00ff') + ascii('A1')", b"\x00\xffA1"),
        ("reverse(card.uid)", bytes.fromhex("801D80212E7804")),
        ("bcd('12345')", b"\x01\x23\x45"),
        ("bcd(holder.student_number)", bytes.fromhex("20231234")),
        ("utf8(upper(holder.name))", "BĒRZIŅŠ".encode()),
        ("pad('AB', 4)", "AB  "),
        ("pad_left('7', 3, '0')", "007"),
        ("pad(unhex('01'), 3, 255)", b"\x01\xff\xff"),
        ("pad_left(unhex('01'), 3)", b"\x00\x00\x01"),
        ("first(holder.student_number, 4)", "2023"),
        ("last(card.uid, 2)", b"\x1d\x80"),
        ("last(card.uid, 0)", b""),
        ("uint_le(258, 3)", b"\x02\x01\x00"),
        ("uint_be(0x102, 3)", b"\x00\x01\x02"),
        ("date(holder.ends_on, 'DDMMYY')", "300627"),
        ("date(holder.ends_on, 'YYYY-MM-DD')", "2027-06-30"),
        ("digits(card.counter + 1, 17)", "01234500000000002"),
        ("number('0042') - 2", 40),
        ("luhn('7992739871')", "3"),
        ("length(card.escn)", 16),
        ("'T' if holder.is_staff else 'S'", "S"),
        ("1 if true else 2 if false else 3", 1),
        ("holder.library or holder.student_number", "20231234"),
        ("holder.is_staff and 'x' or 'y'", "y"),
        ("not holder.is_staff", True),
        ("not not holder.is_staff", False),
        ("'23' in holder.student_number", True),
        ("unhex('78') in card.uid", True),
        ("card.counter >= 10 and 1 < 2 and 2 <= 2 and 3 > 2 and not 1 > 2", True),
        ("holder.ends_on == holder.ends_on", True),
        ("holder.ends_on < holder.ends_on", False),
        ("'a' < 'b' and unhex('01') >= unhex('00')", True),
        ("1 == true", False),
        ("'1' != 1", True),
        ("(((1)))", 1),
        ('lower("A\'B")', "a'b"),
    ],
)
def test_what_expressions_come_to(text: str, result: Value) -> None:
    found = value(text)
    assert (found, type(found)) == (result, type(result))


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "the end"),
        ("card.escm", 1, "there is no card.escm here; there are: card.counter, card.escn"),
        ("'a' + card.escm", 7, "card.escm"),
        ("card.escn.__class__", 1, "there is no card.escn.__class__"),
        ("eval('1')", 1, "there is no function eval"),
        ("card.escn.hex()", 1, "there is no function card.escn.hex"),
        ("hex(1)(2)", 7, "nothing was expected"),
        ("'a'.upper()", 4, "not understood"),
        ("card.escn[0]", 10, "not understood"),
        ("1 2", 3, "nothing was expected after this"),
        ("1.5", 1, "not understood"),
        ("2 ** 3", 3, "not understood"),
        ("lambda: 1", 7, "not understood"),
        ("'open", 1, "not understood"),
        ("a := 1", 3, "not understood"),
        ("hex(", 5, "the end"),
        ("hex()", 1, "takes 1 to 1"),
        ("first('a')", 1, "takes 2 to 2"),
        ("first('a' 2)", 11, ", was expected"),
        ("1 if 2", 7, "else was expected"),
        ("'a' + 1", 5, "+ does not go with a text and a number"),
        ("'a' - 'b'", 5, "- does not go with a text and a text"),
        ("true + true", 6, "yes or no"),
        ("card.escn + holder.library", 11, "bytes and nothing"),
        ("1 < 'a'", 3, "< does not go with"),
        ("1 in 2", 3, "in does not go with"),
        ("hex('a')", 1, "hex needs bytes, and this is a text"),
        ("upper(card.escn)", 1, "upper needs a text, and this is bytes"),
        ("reverse(1)", 1, "a text or bytes"),
        ("1 + uint_le(256, 1)", 5, "from 0 to 255"),
        ("uint_le(0 - 1, 1)", 1, "from 0 to 255"),
        ("uint_le(1, 9)", 1, "from 0 to 8"),
        ("bcd('12a')", 1, "digits only"),
        ("bcd('١٢')", 1, "digits only"),
        ("unhex('0')", 1, "hexadecimal"),
        ("ascii(holder.name)", 1, "letters with marks"),
        ("pad('abc', 2)", 1, "the value has 3, and only 2 fit"),
        ("pad('abc', 9, '--')", 1, "one character"),
        ("first('ab', 3)", 1, "needs 3, and the value has only 2"),
        ("date('2027', 'YY')", 1, "needs a date"),
        ("pad('', 8193)", 1, "from 0 to 8192"),
        ("pad('', 8192) + 'a'", 15, "longer than 8192"),
        ("0xFFFFFFFFFFFFFFFF + 1", 20, "too big"),
        ("number('99999999999999999999')", 1, "too big"),
        ("(" * 17 + "1", 17, "more than 16 brackets"),
        ("+".join(["1"] * 70), 138, "more than 64 parts"),
        ("1" + " " * 1000, 1, "longer than 1000"),
    ],
)
def test_mistakes_are_named_with_their_column(text: str, column: int, says: str) -> None:
    where, detail = mistake(text)
    assert where == column
    assert says in detail


def test_the_names_used_are_known_before_anything_is_computed() -> None:
    made = compile_expression("card.uid if holder.is_staff else card.escn", VALUES)
    assert made.names == {"card.uid", "holder.is_staff", "card.escn"}


def test_what_is_not_chosen_is_not_computed() -> None:
    assert value("1 if true else uint_le(999, 1)") == 1
    assert value("'x' or hex(1)") == "x"
    assert value("false and hex(1)") is False


def test_a_caller_adds_functions_of_its_own() -> None:
    def shout(given: Value) -> Value:
        if not isinstance(given, str):
            raise Misuse("{name} needs something to shout")
        return given + "!"

    own = {"shout": Function(shout, (1, 1))}
    assert compile_expression("shout('ho')", (), own).evaluate({}) == "ho!"
    with pytest.raises(ExpressionError, match="shout needs something"):
        compile_expression("shout(1)", (), own).evaluate({})


def test_a_value_of_another_kind_is_refused() -> None:
    made = compile_expression("holder.name", VALUES)
    with pytest.raises(ExpressionError, match="not a value"):
        made.evaluate({"holder.name": object()})  # type: ignore[dict-item]
    assert made.evaluate({}) is None
    assert made.evaluate({"holder.name": datetime(2026, 1, 1)}) == datetime(2026, 1, 1)  # noqa: DTZ001


# --- whatever is written ----------------------------------------------------------------------------------------

WORDS = [
    *FUNCTIONS,
    *VALUES,
    *"if else and or not in true false ( ) ( ) , , + - < == 'x' 7 0xFF 300 ' . [ \\".split(" "),  # noqa: SIM905
]
TEXTS = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), st.binary(max_size=30).map(repr)
)
ANY_VALUES = st.dictionaries(
    st.sampled_from(sorted(VALUES)),
    st.one_of(st.none(), st.booleans(), st.integers(), st.binary(), st.text(), st.dates(), st.datetimes()),
)


@given(text=TEXTS, values=ANY_VALUES)
@example(text="\x00", values={})
@example(text="(" * 1000, values={})
@example(text="not " * 250, values={})
@example(text="9" * 999, values={})
@example(text="utf8('\ud800')", values={})
@example(text="date(holder.ends_on, 'YYYY' )", values={"holder.ends_on": date.min})
def test_whatever_is_written_ends_in_a_value_or_in_its_own_error(text: str, values: dict[str, Value]) -> None:
    found: Value | ExpressionError
    try:
        found = compile_expression(text, VALUES).evaluate(values)
    except ExpressionError as error:
        found = error
    if isinstance(found, ExpressionError):
        assert 1 <= int(str(found.params["column"])) <= len(text) + 1
        assert str(found)
    else:
        assert isinstance(found, (str, bytes, int, date, type(None)))
        if isinstance(found, (str, bytes)) and found not in values.values():
            assert len(found) <= LONGEST_VALUE


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_joining_is_joining(a: bytes, b: bytes) -> None:
    assert value(f"unhex('{a.hex()}') + unhex('{b.hex()}')") == a + b


@given(st.integers(0, 2**32 - 1))
def test_numbers_come_back(number: int) -> None:
    assert value(f"uint_be({number}, 4)") == number.to_bytes(4, "big")
    assert value(f"uint_le({number}, 4)") == number.to_bytes(4, "little")
    assert value(f"number(digits({number}, 12))") == number
