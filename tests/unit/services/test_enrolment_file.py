"""Tests for ``station.services.enrolment_file``: whole, with its code and in its time, or refused in one message."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from itertools import count

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import example, given, settings
from hypothesis import strategies as st

from station.adapters.secrets.virtual import VirtualSecrets
from station.domain.enrolment import USUAL, EnrolledStation, make_code, stretched
from station.domain.station_errors import EnrolmentError
from station.services.enrolment_file import LARGEST, MAGIC, Enrolled, open_file, sealed_file
from tests.helpers.finished_cards import NOW
from tests.helpers.scribe import PIC

KEYS = VirtualSecrets(demo=True)
CODE = make_code(b"1234567")
AWAY = EnrolledStation("a" * 32, "Campus", USUAL, NOW, "Ilze", prefixes=((PIC, 3),), ends_at=NOW + timedelta(days=9))
SAID = Enrolled.of(AWAY, NOW, NOW + timedelta(days=1))


@cache
def a_file() -> bytes:
    """Return a file that the demo's station signed."""
    salts = count(1)
    return sealed_file(
        SAID, CODE, lambda size: bytes([next(salts)]) * size, KEYS.certificate("s"), lambda d: KEYS.sign("s", d)
    )


def resealed(inside: bytes) -> bytes:
    """Return a file with other contents, by somebody who knows the code."""
    head = MAGIC + b"s" * 16 + b"n" * 12
    return head + AESGCM(stretched(CODE, b"s" * 16)).encrypt(b"n" * 12, inside, head)


def test_what_was_written_is_read() -> None:
    assert open_file(a_file(), CODE, NOW) == SAID


def test_it_tells_nothing_to_who_finds_it() -> None:
    assert b"Campus" not in a_file()
    assert PIC.encode() not in a_file()


def test_another_code_opens_nothing() -> None:
    with pytest.raises(EnrolmentError, match="code does not go with this file"):
        open_file(a_file(), make_code(b"7654321"), NOW)


def test_it_is_to_be_used_in_time() -> None:
    with pytest.raises(EnrolmentError, match="to be used by 2026-09-02"):
        open_file(a_file(), CODE, NOW + timedelta(days=1))


def test_a_file_of_a_newer_station_says_so() -> None:
    with pytest.raises(EnrolmentError, match="newer version"):
        open_file(MAGIC[:-1] + b"\x02" + a_file()[len(MAGIC) :], CODE, NOW)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_an_altered_byte_is_noticed(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(a_file()) - 1))
    changed = bytearray(a_file())
    changed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(EnrolmentError):
        open_file(bytes(changed), CODE, NOW)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: MAGIC + rest))
@example(b"")
@example(b"\0" * (LARGEST + 1))
@example(MAGIC + b"\0" * LARGEST)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(EnrolmentError):
        open_file(data, CODE, NOW)


NOT_BASE64 = json.dumps({"statement": "{}", "certificate": "*", "signature": ""}).encode()


@pytest.mark.parametrize("inside", [b"", b"{}", b"[" * 20_000, b'{"statement": 1}', b"\xff", NOT_BASE64])
def test_who_knows_the_code_and_writes_nonsense_is_refused(inside: bytes) -> None:
    with pytest.raises(EnrolmentError, match="not an enrolment file"):
        open_file(resealed(inside), CODE, NOW)


@pytest.mark.parametrize(
    ("certificate", "signature"), [(b"no certificate", b"x"), (KEYS.certificate("s"), KEYS.sign("s", b"other"))]
)
def test_who_knows_the_code_and_has_no_key_is_refused(certificate: bytes, signature: bytes) -> None:
    data = sealed_file(SAID, CODE, lambda size: b"7" * size, certificate, lambda _data: signature)
    with pytest.raises(EnrolmentError, match="signature in this enrolment file is not right"):
        open_file(data, CODE, NOW)
