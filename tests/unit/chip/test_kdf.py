"""Key diversification against the published example, and the padding that others get wrong."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from station.chip.kdf import cmac_subkeys, diversify, diversify_2k3des, diversify_3k3des, diversify_aes128
from station.ports.secrets import KeyKind
from tests.helpers.chip import unhex, vector


def test_the_example_of_an10922() -> None:
    example = vector("an10922-aes128")
    master = unhex(example["master"])
    assert diversify_aes128(master, unhex(example["div_input"])) == unhex(example["derived"])
    assert cmac_subkeys(master) == (unhex(example["cmac_k1"]), unhex(example["cmac_k2"]))


@pytest.mark.parametrize("case", vector("an10922-aes128-esc")["cases"], ids=lambda case: case["div_input"])
def test_the_inputs_of_a_student_card(case: dict[str, str]) -> None:
    assert diversify_aes128(unhex(case["master"]), unhex(case["div_input"])) == unhex(case["derived"])


def test_a_short_input_is_padded_to_two_blocks_and_not_to_one() -> None:
    # The plain CMAC of 01 || UID pads to one block: the mistake that made other keys in the field.
    master, uid = unhex("00112233445566778899AABBCCDDEEFF"), unhex("04782E21801D80")
    plain = CMAC(AES128(master))
    plain.update(b"\x01" + uid)
    assert diversify_aes128(master, uid) != plain.finalize()


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=31))
def test_from_16_bytes_on_it_is_an_ordinary_cmac(master: bytes, data: bytes) -> None:
    plain = CMAC(AES128(master))
    plain.update(b"\x01" + data)
    assert diversify_aes128(master, data) == plain.finalize()


def test_the_3des_examples_of_an10922() -> None:
    two, three = vector("an10922-2k3des"), vector("an10922-3k3des")
    assert diversify_2k3des(unhex(two["master"]), unhex(two["div_input"])) == unhex(two["derived_raw"])
    assert diversify_3k3des(unhex(three["master"]), unhex(three["div_input"])) == unhex(three["derived_raw"])


@pytest.mark.parametrize("kind", list(KeyKind))
@given(data=st.data())
def test_every_key_has_its_kind_s_length_and_belongs_to_its_input(kind: KeyKind, data: st.DataObject) -> None:
    master = data.draw(st.binary(min_size=kind.length, max_size=kind.length))
    inputs = st.binary(min_size=1, max_size=31 if kind is KeyKind.AES128 else 15)
    one, other = data.draw(inputs), data.draw(inputs)
    made = diversify(kind, master, one)
    assert len(made) == kind.length
    assert (made == diversify(kind, master, other)) == (one == other)


@pytest.mark.parametrize(
    ("kind", "master", "data"),
    [
        (KeyKind.AES128, bytes(15), b"x"),
        (KeyKind.AES128, bytes(16), b""),
        (KeyKind.AES128, bytes(16), bytes(32)),
        (KeyKind.TDES2K, bytes(24), b"x"),
        (KeyKind.TDES2K, bytes(16), bytes(16)),
        (KeyKind.TDES3K, bytes(16), b"x"),
        (KeyKind.TDES3K, bytes(24), b""),
    ],
)
def test_what_an10922_does_not_know_is_refused(kind: KeyKind, master: bytes, data: bytes) -> None:
    with pytest.raises(ValueError, match="AN10922"):
        diversify(kind, master, data)
