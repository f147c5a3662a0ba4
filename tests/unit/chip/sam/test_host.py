"""A SAM's answers are read as its transcripts show them, and its refusals carry their status."""

from __future__ import annotations

import pytest

from station.chip.sam.host import SamHost
from station.domain.errors import ChipError, ChipRefusedError
from station.ports.sam import SamGeneration, SamKeyEntry
from station.ports.secrets import KeyKind

# A SAM AV2 that still works as an AV1, as its owner showed it in NXP's forum.
VERSION = bytes.fromhex("04010103022801040101030228010431278A5F4F8098466900000509100" + "0A1" + "9000")
ENTRY = bytes.fromhex("000000000000000000FF0000" + "9000")
TALK = {bytes.fromhex("8060000000"): VERSION, bytes.fromhex("8064000000"): ENTRY}


def host(**answers: str) -> SamHost:
    """Return a host whose SAM answers so, and else as the transcript."""
    told = TALK | {bytes.fromhex(command): bytes.fromhex(answer) for command, answer in answers.items()}
    return SamHost(told.__getitem__)


def test_the_transcript_is_understood() -> None:
    version = host().version()
    assert (version.generation, version.uid.hex()) == (SamGeneration.AV1, "0431278a5f4f80")
    assert host().key_entry(0) == SamKeyEntry(KeyKind.TDES2K, (0,))


@pytest.mark.parametrize(
    ("mode", "entry", "kind", "versions"),
    [
        ("A2", "010203 000000 00 00 00 FF 2000 10", KeyKind.AES128, (1, 2, 3)),
        ("A2", "0102 000000 00 00 00 FF 1800 10", KeyKind.TDES3K, (1, 2)),
        ("A2", "050505 000000 00 00 00 FF 1000 00", None, (5,)),
        ("A3", "070000 000000 00 00 00 FF 2000 10 0000", KeyKind.AES128, (0, 7)),
    ],
)
def test_key_entries_of_later_ones(mode: str, entry: str, kind: KeyKind | None, versions: tuple[int, ...]) -> None:
    version = VERSION[:30].hex() + mode + "9000"
    talk = {"8060000000": version, "8064050000": entry + "9000"}
    assert host(**talk).key_entry(5) == SamKeyEntry(kind, versions)


def test_a_key_for_one_card_is_asked_for_with_its_input() -> None:
    sent: list[bytes] = []

    def answer(apdu: bytes) -> bytes:
        sent.append(apdu)
        return bytes(range(16)) + b"\x90\x00"

    key = SamHost(answer).diversified(9, 2, b"card")
    assert sent == [bytes.fromhex("80D602000609026361726400")]
    assert key == bytes(range(16))
    assert key.hex() not in f"{key!r}{key}"


@pytest.mark.parametrize("answer", ["", "90", "6985", "90AF", "DEAD"])
def test_refusals_carry_their_status(answer: str) -> None:
    with pytest.raises(ChipRefusedError) as caught:
        SamHost(lambda _: bytes.fromhex(answer)).diversified(1, 1, b"card")
    assert caught.value.sw == int(answer or "0", 16)


@pytest.mark.parametrize("answer", ["9000", VERSION[:-3].hex() + "A79000", VERSION[1:].hex()])
def test_a_chip_that_is_no_sam_is_told(answer: str) -> None:
    with pytest.raises(ChipError):
        SamHost(lambda _: bytes.fromhex(answer)).version()


def test_an_entry_of_no_length_that_is_known_is_told() -> None:
    with pytest.raises(ChipError, match="senseless"):
        host(**{"8064000000": "00" * 8 + "9000"}).key_entry(0)
