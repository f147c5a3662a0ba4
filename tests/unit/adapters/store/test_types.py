"""Column types give back what they were given, and refuse what would be ambiguous."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from station.adapters.store.cipher import FieldCipher
from station.adapters.store.types import (
    EnumText,
    JsonText,
    PersonalBytes,
    PersonalJson,
    PersonalText,
    UtcInstant,
    cipher_of,
    to_json,
)
from station.domain.card import CardState

PLAIN = create_engine("sqlite://").dialect
SECRET = create_engine("sqlite://").dialect
SECRET.field_cipher = FieldCipher(bytes(32))  # type: ignore[attr-defined]

instants = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9.5))]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(instants.filter(lambda at: 2 < at.year < 9998))
def test_an_instant_is_the_same_instant_in_utc(at: datetime) -> None:
    kept = UtcInstant().process_bind_param(at, PLAIN)
    assert kept is not None
    for answered in (kept.replace(tzinfo=None), kept, kept.astimezone(timezone(timedelta(hours=5.75)))):
        back = UtcInstant().process_result_value(answered, PLAIN)
        assert back == at
        assert back is not None
        assert back.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        UtcInstant().process_bind_param(datetime(2026, 9, 1), PLAIN)  # noqa: DTZ001 - the fault that is provoked


def test_an_enum_is_kept_by_its_value() -> None:
    column = EnumText(CardState)
    assert column.process_bind_param(CardState.REPLACED, PLAIN) == "replaced"
    assert column.process_result_value("replaced", PLAIN) is CardState.REPLACED
    with pytest.raises(ValueError, match="melted"):
        column.process_result_value("melted", PLAIN)


@given(json_values)
def test_json_comes_back(value: object) -> None:
    for column, dialect in ((JsonText(), PLAIN), (PersonalJson("a.b"), PLAIN), (PersonalJson("a.b"), SECRET)):
        assert column.process_result_value(column.process_bind_param(value, dialect), dialect) == value


def test_json_is_always_written_the_same_way() -> None:
    assert to_json({"b": 1, "a": "ē"}) == '{"a":"ē","b":1}'


@given(st.text(st.characters(codec="utf-8")), st.binary())
def test_personal_values_come_back_from_both_kinds_of_store(text: str, data: bytes) -> None:
    for dialect in (PLAIN, SECRET):
        name, image = PersonalText("a.b"), PersonalBytes("a.c")
        assert name.process_result_value(name.process_bind_param(text, dialect), dialect) == text
        kept = image.process_bind_param(data, dialect)
        assert image.process_result_value(memoryview(kept or b""), dialect) == data


def test_nothing_is_nothing_everywhere() -> None:
    for column in (UtcInstant(), EnumText(CardState), JsonText(), PersonalText("a.b"), PersonalBytes("a.b")):
        for dialect in (PLAIN, SECRET):
            assert column.process_bind_param(None, dialect) is None
            assert column.process_result_value(None, dialect) is None
    assert cipher_of(PLAIN) is None
