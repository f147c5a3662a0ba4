"""The SAM in software: its keys are those of AN10922, and what a real one refuses it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.kdf import diversify
from station.chip.sam.host import SamHost, SamStatus
from station.chip.sam.virtual import VirtualSam, VirtualSamKey
from station.domain.errors import ChipRefusedError
from station.ports.sam import SamGeneration
from station.ports.secrets import KeyKind

VECTORS = json.loads((Path(__file__).resolve().parents[3] / "fixtures" / "desfire-vectors.json").read_text("utf-8"))
EXAMPLES = {"aes128": "an10922-aes128", "2k3des": "an10922-2k3des", "3k3des": "an10922-3k3des"}


@pytest.mark.parametrize(("kind", "name"), EXAMPLES.items())
def test_the_examples_of_an10922(kind: str, name: str) -> None:
    example = VECTORS["vectors"][name]
    sam = VirtualSam({5: VirtualSamKey(kind, {1: bytes.fromhex(example["master"])})})
    made = SamHost(sam.transmit).diversified(5, 1, bytes.fromhex(example["div_input"]))
    assert made == bytes.fromhex(example.get("derived") or example["derived_raw"])


@pytest.mark.parametrize("kind", list(KeyKind))
@given(data=st.data())
def test_it_agrees_with_the_host_s_own_diversification(kind: KeyKind, data: st.DataObject) -> None:
    master = data.draw(st.binary(min_size=kind.length, max_size=kind.length))
    parts = data.draw(st.binary(min_size=1, max_size=31 if kind is KeyKind.AES128 else 15))
    sam = VirtualSam({0: VirtualSamKey(kind.value, {9: master})})
    assert SamHost(sam.transmit).diversified(0, 9, parts) == diversify(kind, master, parts)


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_it_says_what_it_has(generation: int) -> None:
    keys = {1: VirtualSamKey("aes128", {2: bytes(16), 3: bytes(16)}), 2: VirtualSamKey("3k3des", {4: bytes(24)})}
    host = SamHost(VirtualSam(keys, generation=generation).transmit)
    assert host.version().generation is SamGeneration(f"AV{generation}")
    assert (host.key_entry(1).kind, host.key_entry(1).versions) == (KeyKind.AES128, (2, 3))
    assert (host.key_entry(2).kind, host.key_entry(2).versions) == (KeyKind.TDES3K, (4,))


@pytest.mark.parametrize(
    ("sam", "status"),
    [
        (VirtualSam({}), SamStatus.KEY_VERSION_NOT_FOUND),
        (VirtualSam({1: VirtualSamKey("aes128", {2: bytes(16)})}), SamStatus.KEY_VERSION_NOT_FOUND),
        (VirtualSam({1: VirtualSamKey("aes128", {1: bytes(16)}, False)}), SamStatus.CONDITIONS_NOT_SATISFIED),
        (VirtualSam({1: VirtualSamKey("aes128", {1: bytes(16)})}, generation=1), SamStatus.CONDITIONS_NOT_SATISFIED),
        (VirtualSam({1: VirtualSamKey("aes128", {1: bytes(16)})}, locked=True), SamStatus.HOST_AUTHENTICATION_NEEDED),
        (VirtualSam({1: VirtualSamKey("2k3des", {1: bytes(16)})}), SamStatus.WRONG_DATA),
    ],
)
def test_it_refuses_what_a_real_one_refuses(sam: VirtualSam, status: SamStatus) -> None:
    with pytest.raises(ChipRefusedError) as caught:
        SamHost(sam.transmit).diversified(1, 1, bytes(16))
    assert caught.value.sw == status


def test_a_master_key_is_never_dumped() -> None:
    sam = VirtualSam({1: VirtualSamKey("aes128", {1: b"a real key of us"})})
    for p1 in (0x00, 0x01, 0x03):
        for data in (b"", b"card"):
            answer = sam.transmit(bytes((0x80, 0xD6, p1, 0, 2 + len(data), 1, 1)) + data + b"\x00")
            assert answer == b"\x69\x85"
    assert "real key" not in repr(VirtualSamKey("aes128", {1: b"a real key of us"}))


@given(st.binary(max_size=40))
def test_nothing_sent_to_it_breaks_it(apdu: bytes) -> None:
    assert len(VirtualSam({1: VirtualSamKey("aes128", {1: bytes(16)})}).transmit(apdu)) >= 2
