"""The parts of a profile by themselves: what they mean for a card, whatever file they came from."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from station.chip.desfire.model import CommMode, FileKind
from station.chip.profile_parts import CardKeySpec, FileSpec, KeySpec

FILE: dict[str, Any] = {"number": 0, "size": 16, "mode": "plain", "rights": "E000", "content": "card.escn"}


def a_file(**changes: Any) -> FileSpec:
    return FileSpec.model_validate({**FILE, **changes})


@pytest.mark.parametrize(
    ("rights", "free", "read", "write", "readers"),
    [
        ("E000", True, 0, 0, (0,)),
        ("1223", False, 1, 2, (1, 2)),
        ("F12F", False, 2, 1, (2,)),
        ("3F2F", False, 3, 2, (3, 2)),
        ("E1FF", True, None, 1, ()),
    ],
)
def test_which_key_does_what(rights: str, free: bool, read: int | None, write: int, readers: tuple[int, ...]) -> None:
    file = a_file(rights=rights)
    assert (file.free_read, file.read_key, file.write_key, file.readers) == (free, read, write, readers)


@pytest.mark.parametrize("rights", ["EEEE", "EE00", "E0E0", "E00E", "FFFF", "F0FF", "E", "FFE000", 57344, "GGGG"])
def test_rights_that_are_not_safe_or_none_are_refused(rights: object) -> None:
    with pytest.raises(ValidationError):
        a_file(rights=rights)


def test_what_is_left_out_is_the_plainest() -> None:
    file = a_file(size="exact", content="signature")
    assert (file.kind, file.mode, file.size, file.iso_fid) == (FileKind.STANDARD, CommMode.PLAIN, None, None)


@pytest.mark.parametrize(
    ("content", "number"), [("card.escn", True), (" card.escn ", True), ("signature", False), ("card.uid", False)]
)
def test_the_card_number_is_known_where_it_stands_alone(content: str, number: bool) -> None:
    assert a_file(content=content, size="exact").is_escn is number


@pytest.mark.parametrize(
    ("diversify", "needed"),
    [
        ("card.escn", False),
        ("card.escn + app.aid", False),
        ("card.uid", True),
        ("ascii(holder.student_number)", True),
        (None, False),
    ],
)
def test_which_keys_can_be_made_before_the_uid_is_known(diversify: str | None, needed: bool) -> None:
    given = {"number": 1, "secret": "a", "version": 1} | ({"diversify": diversify} if diversify else {})
    assert KeySpec.model_validate(given).needs_uid is needed


@pytest.mark.parametrize("secret", ["", "A", "a b", "a/b", "x" * 65])
def test_a_master_key_has_a_plain_name(secret: str) -> None:
    with pytest.raises(ValidationError):
        CardKeySpec.model_validate({"secret": secret, "version": 1})


@pytest.mark.parametrize(
    ("content", "of_number"),
    [
        ("card.escn + card.uid", True),
        ("ascii(card.escn_text) + app.aid", True),
        ("bcd(digits(card.counter, 18))", True),
        ("card.uid", False),
        ("card.escn + utf8(holder.family_name)", False),
        ("signature", False),
    ],
)
def test_what_follows_from_the_number_alone_never_changes(content: str, of_number: bool) -> None:
    assert a_file(content=content, size="exact").is_of_number is of_number
