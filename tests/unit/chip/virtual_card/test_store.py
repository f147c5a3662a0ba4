"""The file that a software card lives in: whole, small, and the same card when it is read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.virtual_card import store
from station.chip.virtual_card.ciphers import AES, KEY_BYTES, TDES, TDES3, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import blank_card, open_card
from station.chip.virtual_card.memory import (
    CardApplication,
    CardFile,
    CardMemory,
    FileKind,
    KeySet,
    KeySets,
    Purse,
    Records,
    Witness,
)
from station.chip.virtual_card.models import EV2, EV3, model
from station.domain.errors import ChipError
from tests.helpers.card_host import APP, Host
from tests.helpers.chip import ESC_AID, ESCN, UID, Direct, run_encode, unhex

FIRST_FORMAT = Path(__file__).resolve().parents[3] / "fixtures" / "cards" / "format-1.card"

bytes_ = st.integers(0, 255)
kinds = st.sampled_from((AES, TDES, TDES3))
keys = st.tuples(kinds, st.binary(min_size=24, max_size=24), bytes_).map(
    lambda drawn: CardKey(drawn[0], drawn[1][: KEY_BYTES[drawn[0]]], drawn[2])
)
files = st.builds(
    CardFile,
    bytes_,
    st.integers(0, 3),
    st.integers(0, 0xFFFF),
    st.binary(max_size=40).map(bytearray),
    st.none() | st.integers(0, 0xFFFF),
    st.sampled_from(FileKind),
    st.none() | st.builds(Purse, *(st.integers(-(2**31), 2**31 - 1),) * 3, st.booleans(), st.booleans(), bytes_),
    st.none() | st.builds(Records, bytes_, bytes_, st.lists(st.binary(max_size=9), max_size=3)),
    st.none() | st.builds(Witness, keys, bytes_, st.binary(max_size=8), st.binary(max_size=16)),
)
key_sets = st.builds(
    KeySets,
    bytes_,
    bytes_,
    bytes_,
    bytes_,
    st.dictionaries(
        bytes_,
        st.builds(KeySet, kinds, bytes_, st.lists(keys, max_size=2), st.booleans()),
        max_size=2,
    ),
)
applications = st.builds(
    CardApplication,
    st.binary(min_size=3, max_size=3),
    bytes_,
    kinds,
    st.lists(keys, max_size=3),
    st.none() | st.integers(0, 0xFFFF),
    st.binary(max_size=16),
    st.booleans(),
    st.lists(files, max_size=3).map(lambda each: {file.number: file for file in each}),
    st.none() | key_sets,
)
memories = st.builds(
    CardMemory,
    st.binary(min_size=7, max_size=7),
    applications,
    st.lists(applications, max_size=2).map(lambda each: {app.aid: app for app in each}),
    capacity=st.integers(0, 40_000),
    random_uid=st.booleans(),
    default_key=keys,
    model=st.sampled_from((model(EV2, 4), model(EV3, 16))),
    lost=bytes_,
    format_disabled=st.booleans(),
    ats=st.binary(max_size=20),
    capabilities=st.binary(min_size=6, max_size=6),
    forbidden=st.integers(0, 3),
    extra_keys=st.dictionaries(bytes_, keys, max_size=2),
)


@given(memories)
def test_whatever_a_card_knows_is_kept(memory: CardMemory) -> None:
    through_the_file = json.loads(json.dumps(store.desfire_data(memory)))
    assert store.desfire_memory(through_the_file) == memory


def test_everything_survives_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    card = blank_card(UID, path=path)
    run_encode(Direct(card))
    assert store.load(path) == card.memory
    assert open_card(path).memory == card.memory
    assert [each.name for each in tmp_path.iterdir()] == ["card.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 1}', '{"format": 99}', "\x00"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "card.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ChipError) as caught:
        open_card(path)
    assert "card.json" in str(caught.value)


def test_a_file_of_another_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    blank_card(UID, path=path)
    path.write_text(path.read_text("utf-8").replace('"format":2', '"format":3'), "utf-8")
    with pytest.raises(ChipError, match="damaged"):
        open_card(path)


def test_a_card_of_the_first_format_is_still_one() -> None:
    """The file was written before there were other chips: an EV1 that the demo had encoded."""
    card = open_card(FIRST_FORMAT)
    assert isinstance(card, VirtualDesfire)
    memory = card.memory
    assert (memory.model.generation, memory.model.kilobytes, card.uid) == ("EV1", 8, UID)
    number = memory.applications[ESC_AID].files[0]
    assert (number.kind, number.rights, bytes(number.content).hex()) == (0, 0xE000, ESCN.replace("-", ""))
    assert [key.version for key in memory.applications[ESC_AID].keys] == [1, 1, 1]
    assert store.desfire_memory(card.snapshot()) == memory
    assert card.transmit(unhex("905a0000034088f500")) == unhex("9100")
    assert card.transmit(unhex("90bd000007000000000000000000")[:13]) == number.content + unhex("9100")


def test_a_file_without_a_model_or_with_one_that_never_was_is_named(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    data: dict[str, Any] = blank_card(UID).snapshot()
    for wrong in ({"model": "EV9"}, {"kilobytes": 3}, {"uid": "no hex"}, {"picc": None}, {"applications": [{}]}):
        store.write(path, {**data, **wrong})
        with pytest.raises(ChipError, match="damaged"):
            open_card(path)
    store.write(path, data)
    assert open_card(path).uid == UID


def test_a_card_that_is_only_read_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    host = Host(VirtualDesfire.new(EV2, uid=UID, path=path))
    path.unlink()
    for command in ((0x60,), (0xAF,), (0xAF,), (0x6A,), (0x6E,), (0x5A, bytes(3)), (0xCA, b"no"), (0x45,)):
        host.send(*command)
    assert not path.exists()
    assert host.send(0xCA, APP + b"\x0f\x81")[1] == 0
    assert [each["aid"] for each in open_card(path).snapshot()["applications"]] == [APP.hex()]


def test_the_old_state_stays_where_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    card = blank_card(UID, path=path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        store.write(path, {**card.snapshot(), "uid": object()})
    assert path.read_bytes() == before


def test_the_file_is_small_and_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    card = blank_card(UID, path=path)
    run_encode(Direct(card))
    text = path.read_text("ascii")
    assert "\n" not in text
    assert ": " not in text
    assert json.loads(text) == card.snapshot()
