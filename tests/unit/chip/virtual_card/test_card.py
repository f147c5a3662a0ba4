"""The software card as a whole: bytes in, bytes out, whatever they are; and the power going away."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.virtual_card import store
from station.chip.virtual_card.card import Tear, VirtualCard
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.kinds import blank_card
from station.chip.virtual_card.memory import CardMemory
from tests.helpers.chip import UID, unhex, vector

CREATE_ESC = unhex("90ca0000104088f50ba30010a00000061404f5884000")
SELECT_ESC = unhex("905a0000034088f500")
# An application whose files anybody may create, without ISO ids, and a file that anybody may write.
CREATE_OPEN = unhex("90ca0000055634120f8100")
SELECT_OPEN = unhex("905a00000356341200")
CREATE_FREE_FILE = unhex("90cd0000070100eeee20000000")


def hexed(card: VirtualCard, apdu: str) -> str:
    return card.transmit(unhex(apdu)).hex()


@pytest.fixture
def card() -> VirtualCard:
    return blank_card(UID)


def test_the_reader_tells_the_uid(card: VirtualCard) -> None:
    assert hexed(card, "ffca000000") == "04782e21801d809000"
    assert hexed(card, "ffca010000") == "0675778102809000"
    assert hexed(card, "ffca000004") == "6c07"
    assert hexed(card, "ffca020000") == "6a81"


def test_a_random_uid_changes_with_the_power() -> None:
    memory = CardMemory.blank(UID)
    memory.random_uid = True
    card = VirtualDesfire(memory)
    first = hexed(card, "ffca000000")
    assert first == hexed(card, "ffca000000")
    assert (first[:2], len(first)) == ("08", 12)
    card.reset()
    assert hexed(card, "ffca000000") != first
    assert card.uid == UID


def test_the_version_comes_in_three_frames(card: VirtualCard) -> None:
    first, second, third = (hexed(card, apdu) for apdu in ("9060000000", "90af000000", "90af000000"))
    assert first.startswith("0401")
    assert first.endswith("91af")
    assert second.endswith("91af")
    assert third.startswith("04782e21801d80")
    assert third.endswith("9100")


def test_aes_authentication_as_in_the_example() -> None:
    example = vector("an0945-t22-auth-aes")
    card = VirtualDesfire(CardMemory.blank(UID), random=lambda _: unhex(example["rndB"]))
    card.transmit(CREATE_ESC)
    card.transmit(SELECT_ESC)
    for sent, answered in example["exchange"]:
        assert hexed(card, sent) == answered.lower()


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("", "6700"),
        ("90", "6700"),
        ("906000", "6700"),
        ("9060000005aa00", "6700"),
        ("80ca000000", "6e00"),
        ("00ca000000", "6d00"),
        ("9099000000", "911c"),
        ("90af000000", "911c"),
        ("9060000001aa00", "917e"),
        ("905a00000300000100", "91a0"),
        ("906400000105" + "00", "9140"),
        ("90f500000100" + "00", "911c"),
        ("9051000000", "91ae"),
        ("90fc000000", "91ae"),
        ("90c400001900" + "00" * 24 + "00", "91ae"),
        ("90aa00000100" + "00", "91ae"),
    ],
)
def test_what_a_blank_card_refuses(card: VirtualCard, apdu: str, answer: str) -> None:
    assert hexed(card, apdu) == answer


def test_a_new_command_in_mid_chain_aborts(card: VirtualCard) -> None:
    hexed(card, "9060000000")
    assert hexed(card, "906e000000") == "91ca"
    assert hexed(card, "906e000000") == "001f009100"
    hexed(card, "901a0000010000")
    assert hexed(card, "9060000000") == "91ca"
    assert hexed(card, "90af000000") == "911c"


@given(st.lists(st.binary(max_size=70), max_size=12))
def test_no_bytes_break_it(commands: list[bytes]) -> None:
    card = blank_card(UID)
    for command in commands:
        assert 2 <= len(card.transmit(command)) <= 258


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                sorted(
                    b"\x60\x5a\xca\xda\x6a\x6d\x6e\xfc\x51\x45\x54\xaa\x1a\x64\xc4\xaf\xcd\xdf\x6f\x61\xf5\x5f\xbd\x3d"
                )
            ),
            st.binary(max_size=54),
        ),
        max_size=12,
    )
)
def test_no_native_command_breaks_it(commands: list[tuple[int, bytes]]) -> None:
    card = blank_card(UID)
    for command in (CREATE_OPEN, SELECT_OPEN, CREATE_FREE_FILE):
        assert card.transmit(command) == b"\x91\x00"
    for ins, data in commands:
        head = bytes([0x90, ins, 0, 0]) + (bytes([len(data)]) + data if data else b"") + b"\x00"
        answer = card.transmit(head)
        assert 2 <= len(answer) <= 61
        assert answer[-2] == 0x91


def test_resetting_forgets_what_was_selected(card: VirtualCard) -> None:
    card.transmit(CREATE_ESC)
    card.transmit(SELECT_ESC)
    assert hexed(card, "906f000000") == "9100"
    card.reset()
    assert hexed(card, "906f000000") == "911c"


@pytest.fixture
def open_card(tmp_path: Path) -> VirtualCard:
    card = blank_card(UID, path=tmp_path / "card.json")
    for command in (CREATE_OPEN, SELECT_OPEN, CREATE_FREE_FILE):
        assert card.transmit(command) == b"\x91\x00"
    return card


WRITE_16 = unhex("903d000017" + "01000000100000" + "11" * 16 + "00")


@pytest.mark.parametrize(("how", "kept"), [(Tear.BEFORE, 0), (Tear.DURING, 8), (Tear.AFTER, 16)], ids=str)
def test_a_write_that_is_torn(open_card: VirtualCard, tmp_path: Path, how: Tear, kept: int) -> None:
    open_card.tear(WRITE_16, how)
    content = b"\x11" * kept + bytes(32 - kept)
    assert bytes(open_card.memory.applications[unhex("563412")].files[1].content) == content
    assert store.load(tmp_path / "card.json") == open_card.memory
    # The power was gone: nothing is selected.
    assert hexed(open_card, "906f000000") == "911c"


@pytest.mark.parametrize(("how", "there"), [(Tear.BEFORE, 0), (Tear.DURING, 0), (Tear.AFTER, 1)])
def test_a_creation_that_is_torn_is_done_or_not(card: VirtualCard, how: Tear, there: int) -> None:
    card.tear(CREATE_ESC, how)
    assert len(card.memory.applications) == there


def test_a_deletion_that_is_torn_in_the_middle_is_not_done(open_card: VirtualCard) -> None:
    open_card.tear(unhex("90df0000010100"), Tear.DURING)
    assert 1 in open_card.memory.applications[unhex("563412")].files


def test_frames_of_a_plain_write_are_stored_as_they_come(open_card: VirtualCard) -> None:
    # 20 bytes announced, 8 sent: the card waits, then the power goes.
    assert open_card.transmit(unhex("903d00000f" + "01000000140000" + "22" * 8 + "00")) == b"\x91\xaf"
    open_card.reset()
    assert open_card.memory.applications[unhex("563412")].files[1].content.startswith(b"\x22" * 8 + b"\x00")
