"""A queue's options as attributes of a job: each name's own type, and what can't be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printers.ipp import Data, Group, GroupTag, Message, Range, Resolution, ValueTag, decode, encode
from printers.ipp_options import attribute, attributes


@pytest.mark.parametrize(
    ("name", "value", "tag", "data"),
    [
        ("copies", "1", ValueTag.INTEGER, (1,)),
        ("page-top", "-3", ValueTag.INTEGER, (-3,)),
        ("print-quality", "5", ValueTag.ENUM, (5,)),
        ("finishings", "3,4", ValueTag.ENUM, (3, 4)),
        ("media", "om_card_54x86mm", ValueTag.KEYWORD, ("om_card_54x86mm",)),
        ("sides", "two-sided-long-edge", ValueTag.KEYWORD, ("two-sided-long-edge",)),
        ("job-sheets", "none,none", ValueTag.NAME, ("none", "none")),
        ("printer-resolution", "300dpi", ValueTag.RESOLUTION, (Resolution(300, 300),)),
        ("printer-resolution", "300x600dpi", ValueTag.RESOLUTION, (Resolution(300, 600),)),
        ("printer-resolution", "118dpcm", ValueTag.RESOLUTION, (Resolution(118, 118, 4),)),
        ("page-ranges", "1,3-4", ValueTag.RANGE, (Range(1, 1), Range(3, 4))),
        ("fit-to-page", "False", ValueTag.BOOLEAN, (False,)),
        ("FBlackManagement", "TEXTINBLACK", ValueTag.NAME, ("TEXTINBLACK",)),
        ("MagTrack2", "4711=12, 13", ValueTag.NAME, ("4711=12, 13",)),
        ("GMagCoercivity", "", ValueTag.NAME, ("",)),
    ],
)
def test_an_option_has_the_type_of_its_name(name: str, value: str, tag: int, data: tuple[Data, ...]) -> None:
    made = attribute(name, value)
    assert {each.tag for each in made.values} == {tag}
    assert tuple(each.data for each in made.values) == data


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("copies", "one"), ("copies", ""), ("copies", "99999999999"), ("print-quality", "best"),
        ("finishings", "3,"), ("printer-resolution", "300"), ("page-ranges", "1-"),
        ("media-col", "{media-source=rear}"), ("MagTrack1", "A" * 1024),
    ],
)  # fmt: skip
def test_what_a_name_cannot_have_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        attribute(name, value)


@given(st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,30}", fullmatch=True), st.text(max_size=60)))
def test_whatever_is_no_mistake_can_be_sent(options: dict[str, str]) -> None:
    try:
        made = attributes(options)
    except ValueError:
        return
    group = Group(GroupTag.JOB, tuple(made))
    (read,) = decode(encode(Message(2, 1, (group,)))).groups
    assert [each.name for each in read.attributes] == list(options)
