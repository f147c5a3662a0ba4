"""What goes onto one card: which values there are, what expressions make of them, and what is told of a missing one."""

from __future__ import annotations

from datetime import date

import pytest

from station.chip.content import (
    CARD_NAMES,
    HOLDER_NAMES,
    SAMPLE,
    ChipData,
    HolderData,
    bytes_of,
    compile_content,
    fitted,
    values_of,
)
from station.chip.ndef import encode_uri
from station.domain.errors import ChipError, EscnError, ExpressionError
from station.domain.escn import next_escn
from station.domain.holder import Enrolment, EnrolmentStatus, Holder, Identifier, IdentifierKind
from tests.helpers.chip import ESCN, UID, unhex

DATA = ChipData(ESCN, url=f"https://s.esc-r.eu/{ESCN}", expires_on=date(2028, 6, 30), holder=HolderData("esi", "042"))
VALUES = {**values_of(DATA, UID), "app.aid": b"\x40\x88\xf5"}


def made(text: str) -> bytes:
    return bytes_of(compile_content(text), VALUES)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("card.escn", unhex(ESCN.replace("-", ""))),
        ("card.escn + card.uid", unhex(ESCN.replace("-", "")) + UID),
        ("ascii(card.escn_text)", ESCN.encode()),
        ("ascii(holder.student_number)", b"042"),
        ("ascii(date(card.expires_on, 'YYMM'))", b"2806"),
        ("ndef_uri(card.url)", encode_uri(DATA.url)),
        ("card.uid + app.aid", UID + b"\x40\x88\xf5"),
        ("ascii(uid_text(card.uid, 'decimal'))", b"01258039432715648"),
        ("ascii(uid_text(card.uid, 'hex-reversed'))", b"801D80212E7804"),
    ],
)
def test_what_is_written(text: str, content: bytes) -> None:
    assert made(text) == content


def test_every_name_has_a_value_or_none() -> None:
    assert set(VALUES) == {*CARD_NAMES, *HOLDER_NAMES, "app.aid"}
    assert set(SAMPLE) <= {*CARD_NAMES, "app.aid"}


def test_what_a_holder_does_not_have_is_named_before_anything_is_written() -> None:
    for text in ("utf8(holder.given_names)", "holder.faculty", "ndef_uri(holder.email)"):
        with pytest.raises(ExpressionError, match=r"register doesn't say holder\.\w+ of this person") as caught:
            made(text)
        assert "Nothing was written" in caught.value.todo
    assert made("ascii(holder.faculty or 'none')") == b"none"


def test_a_mistake_that_is_none_of_the_holder_is_the_profile_s() -> None:
    with pytest.raises(ExpressionError, match="a chip holds bytes"):
        made("card.escn_text")
    with pytest.raises(ExpressionError, match="digits only"):
        made("bcd(card.escn_text)")
    with pytest.raises(ExpressionError, match="needs an address"):
        made("ndef_uri(card.uid)")
    for text in ("uid_text(card.uid, 'octal')", "uid_text(card.escn_text, 'hex')", "uid_text(card.uid, 5)"):
        with pytest.raises(ExpressionError, match=r"needs a UID and one of: hex, hex-reversed, decimal"):
            made(text)
    with pytest.raises(ExpressionError, match="has 56 bits, and the format wiegand-34 carries 32"):
        made("uid_text(card.uid, 'wiegand-34')")


def test_a_file_is_filled_up_and_never_cut() -> None:
    assert fitted(b"abc", 5) == b"abc\x00\x00"
    assert fitted(b"abc", None) == b"abc"
    with pytest.raises(ChipError, match="have 3 bytes, and the file only 2"):
        fitted(b"abc", 2)


def test_the_counter_grows_with_each_number_and_stays_with_its_card() -> None:
    counters, last = [], 0
    for _ in range(50):
        escn, last = next_escn(1_790_000_000_000, last, 7, 1, "999465982")
        counters.append(values_of(ChipData(escn), UID)["card.counter"])
        assert counters[-1] == values_of(ChipData(escn.upper()), UID)["card.counter"]
    assert counters == sorted(set(counters))  # type: ignore[type-var]


def test_the_uid_may_not_be_known_yet() -> None:
    assert values_of(DATA, b"")["card.uid"] is None


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(EscnError):
        values_of(ChipData("42"), UID)


def test_a_holder_s_data_are_the_register_s() -> None:
    holder = Holder(
        "h",
        "rpu",
        "Līga",
        "Bērziņa",
        "042",
        identifiers=(Identifier(IdentifierKind.ESI, "urn:esi"),),
        enrolments=(Enrolment(EnrolmentStatus.ACTIVE, faculty="Law", ends_on=date(2027, 6, 30)),),
    )
    found = HolderData.of(holder)
    assert found == HolderData("urn:esi", "042", "Līga", "Bērziņa", None, "Law", None, date(2027, 6, 30))
    assert HolderData.of(Holder("h", "rpu", "", "", "")) == HolderData()


def test_an_esi_may_be_given_without_its_holder() -> None:
    assert values_of(ChipData(ESCN, "urn:esi"), UID)["holder.esi"] == "urn:esi"
