"""Tests for ``station.services.queue_file``: whole, sealed, signed and of this kind, or refused in one message."""

from __future__ import annotations

import json
import struct
from functools import cache
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import example, given, settings
from hypothesis import strategies as st

from station.adapters.secrets.virtual import VirtualSecrets
from station.domain.errors import SecretError, StationError
from station.domain.outbox import OutboxKind
from station.domain.station_errors import QueueFileError
from station.services import queue_file
from station.services.queue_file import AnswerBody, CarriedEntry, Kind, QueueBody, Result, Seal, read_file, write_file
from tests.helpers.finished_cards import NOW

_salts = count(1)
HEAD = 55
"""So many bytes come before the sealed contents."""


def seal(**changes: Any) -> Seal:
    """Return the demo's seal; every chance is another."""
    given: dict[str, Any] = {
        "keys": VirtualSecrets(demo=True),
        "chance": lambda size: next(_salts).to_bytes(size, "big"),
    }
    return Seal(**{**given, **changes})


ENTRY = CarriedEntry(
    key="card:1",
    kind=OutboxKind.CARD,
    order_key="urn:x:1",
    escn="1",
    sequence=0,
    payload={"esi": "urn:x:1", "known": True, "email": None},
    content="a" * 64,
)
QUEUE = QueueBody(made_at=NOW, station="Desk 1", router="router.example", entries=(ENTRY,), pictures={"p": "QUJD"})
ANSWER = AnswerBody(
    made_at=NOW,
    station="Desk 2",
    router="router.example",
    answers_to="0" * 32,
    results=(Result(key="card:1", content="a" * 64, done=True, said={"did": "created"}, router_at=NOW),),
)


@cache
def a_file() -> bytes:
    """Return a queue file."""
    return write_file(seal(), Kind.QUEUE, QUEUE, key_version=2)[1]


def read(data: bytes, by: Seal | None = None) -> QueueBody:
    return read_file(by or seal(), Kind.QUEUE, QueueBody, data, "stick.escqueue")[1]


def forged(inside: bytes) -> bytes:
    """Return a file with these contents, by somebody who has the shared key."""
    head = a_file()[:HEAD]
    (_, _, _, _, _, salt, nonce) = struct.unpack(">8sBBB16s16s12s", head[:55])
    key = queue_file._key(seal(), Kind.QUEUE, 2, salt)
    return head[:55] + AESGCM(key).encrypt(nonce, inside, head[:55])


def signed(said: bytes, by: str = "station-signing") -> bytes:
    """Return contents that a station of the demo signed."""
    keys = VirtualSecrets(demo=True)
    signature = keys.sign(by, queue_file._signed(Kind.QUEUE, a_file()[11:27], said))
    certificate = keys.certificate(by)
    return struct.pack(">HH", len(certificate), len(signature)) + certificate + signature + said


@pytest.mark.parametrize("version", [1, 2, 3])
def test_what_was_written_is_read(version: int) -> None:
    file_id, data = write_file(seal(), Kind.QUEUE, QUEUE, key_version=version)
    opened, body = read_file(seal(), Kind.QUEUE, QueueBody, data, "x")
    assert body == QUEUE
    assert (opened.file_id, opened.key_version) == (file_id, version)
    assert opened.certificate == VirtualSecrets(demo=True).certificate("station-signing")


def test_an_answer_is_read_as_an_answer() -> None:
    _id, data = write_file(seal(), Kind.ANSWER, ANSWER, key_version=1)
    assert read_file(seal(), Kind.ANSWER, AnswerBody, data, "x")[1] == ANSWER
    with pytest.raises(QueueFileError, match="the other of the two"):
        read_file(seal(), Kind.QUEUE, QueueBody, data, "x")


def test_a_stick_that_is_lost_tells_nothing() -> None:
    for told in (b"urn:x:1", b"Desk 1", b"router.example", b"card", b"QUJD", b"TEST"):
        assert told not in a_file()


def test_two_files_of_one_queue_have_nothing_in_common() -> None:
    other = write_file(seal(), Kind.QUEUE, QUEUE, key_version=2)[1]
    assert other[11:] != a_file()[11:]
    assert other[HEAD : HEAD + 64] != a_file()[HEAD : HEAD + 64]


def test_who_has_another_key_reads_nothing() -> None:
    with pytest.raises(QueueFileError, match="sealed with another key"):
        read(a_file(), seal(carry_key="another"))
    with pytest.raises(SecretError):
        read(a_file(), seal(keys=VirtualSecrets(demo=True, versions=[1])))


def test_the_newest_of_the_shared_keys_is_used() -> None:
    assert seal().newest_version() == 3
    with pytest.raises(QueueFileError, match="no key queue-carry"):
        seal(keys=VirtualSecrets(demo=True, versions=[])).newest_version()


def test_a_file_of_a_newer_station_says_so() -> None:
    with pytest.raises(QueueFileError, match="newer version of the station"):
        read(a_file()[:8] + b"\x02" + a_file()[9:])


def test_a_file_that_could_not_be_read_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_file, "LARGEST", len(a_file()) - 10)  # a signature is some bytes longer or shorter
    with pytest.raises(QueueFileError, match="too large for one file"):
        write_file(seal(), Kind.QUEUE, QUEUE, key_version=2)
    monkeypatch.setattr(queue_file, "LARGEST", len(a_file()) + 10)
    assert write_file(seal(), Kind.QUEUE, QUEUE, key_version=2)


def test_a_file_may_be_as_large_as_the_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_file, "LARGEST", len(a_file()))
    assert read(a_file()) == QUEUE
    monkeypatch.setattr(queue_file, "LARGEST", len(a_file()) - 1)
    with pytest.raises(QueueFileError, match="not a queue file"):
        read(a_file())


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_an_altered_byte_is_noticed(data: st.DataObject) -> None:
    changed = bytearray(a_file())
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises((QueueFileError, SecretError)):
        read(bytes(changed))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2000), st.binary(max_size=40))
def test_a_file_that_was_cut_or_has_more_behind_it_is_noticed(length: int, more: bytes) -> None:
    data = a_file()[:length] + more
    if data != a_file():
        with pytest.raises(QueueFileError):
            read(data)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: a_file()[:11] + rest))
@example(b"")
@example(b"ESCQUEUE")
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(StationError):
        read(data)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda rest: signed(b"{}") + rest))
@example(b"\xff\xff\xff\xff")
@example(b"\x00\x00\x00\x00{}")
def test_nonsense_by_who_has_the_key_is_refused(inside: bytes) -> None:
    with pytest.raises(QueueFileError):
        read(forged(inside))


def test_who_has_the_shared_key_and_no_signature_is_refused() -> None:
    said = QUEUE.model_dump_json().encode()
    good = signed(said)
    assert read(forged(good)) == QUEUE
    for changed in (said.replace(b"Desk 1", b"Desk 9"), said + b" "):
        with pytest.raises(QueueFileError, match="signature is not right"):
            read(forged(good[: -len(said)] + changed))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(QUEUE.model_dump())), json_values)
@example("entries", [ENTRY.model_dump(mode="json")] * 20_001)
@example("made_at", "2026-09-01T08:00:00")
@example("station", "x" * 301)
@example("pictures", {"p": "A" * 400_001})
def test_a_signed_body_of_another_shape_is_refused_or_read_as_it_is(part: str, value: Any) -> None:
    said = {**QUEUE.model_dump(mode="json"), part: value}
    try:
        read(forged(signed(json.dumps(said).encode())))
    except QueueFileError as error:
        assert "not a queue file" in str(error)  # noqa: PT017 - some of these are bodies after all
    else:
        assert QueueBody.model_validate(said) is not None


@pytest.mark.parametrize("said", [b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"null", b'{"entries": [], "x": 1}'])
def test_a_body_that_would_hurt_a_careless_reader_is_refused(said: bytes) -> None:
    with pytest.raises(QueueFileError, match="not a queue file"):
        read(forged(signed(said)))
