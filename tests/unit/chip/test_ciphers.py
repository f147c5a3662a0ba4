"""The ciphers of cards against published vectors, and where a library would refuse a key."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.ciphers import BlockCipher, aes, cipher_for, marked_padded, tdes, xor, zero_padded
from station.ports.secrets import KeyKind
from tests.helpers.chip import unhex, vector


@pytest.mark.parametrize("name", ["cmac-aes-0", "cmac-aes-16", "cmac-aes-40", "cmac-aes-64"])
def test_cmac_of_aes(name: str) -> None:
    case = vector(name)
    assert aes(unhex(case["key"])).cmac(unhex(case["message"])) == unhex(case["cmac"])


@pytest.mark.parametrize("kind", ["des", "2k3des", "3k3des"])
@pytest.mark.parametrize("length", [0, 16])
def test_cmac_of_the_des_family(kind: str, length: int) -> None:
    case = vector(f"cmac-{kind}-{length}")
    assert tdes(unhex(case["key"])).cmac(unhex(case["message"])) == unhex(case["cmac"])


def test_a_cmac_goes_on_from_its_initial_vector() -> None:
    # CBC: a first block that is XORed with the initial vector gives the same as starting from it.
    cipher = aes(unhex(vector("cmac-aes-0")["key"]))
    iv, first, rest = bytes(range(16)), bytes(range(16, 32)), b"rest"
    assert cipher.cmac(first + rest, iv) == cipher.cmac(xor(iv, first) + rest)


def test_des_is_the_des_of_the_standard() -> None:
    # NIST SP 800-17, appendix B, table B.1 (variable plaintext, known answer): the first of them.
    for key in (unhex("01" * 8), unhex("01" * 16), unhex("01" * 24)):
        assert tdes(key).encrypt(bytes(8), unhex("8000000000000000")).hex() == "95f8a5e5dd31d900"


@pytest.mark.parametrize("length", [8, 16, 24])
def test_the_factory_key_of_zeros_works_and_nothing_warns(length: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tdes(bytes(length)).encrypt(bytes(8), bytes(8)).hex() == "8ca64de9c1b123a7"


CIPHERS = [aes(bytes(range(16))), tdes(bytes(range(8))), tdes(bytes(range(16))), tdes(bytes(range(24)))]


@pytest.mark.parametrize("cipher", CIPHERS, ids=["aes", "des", "2k3des", "3k3des"])
@given(blocks=st.binary(max_size=160).map(zero_padded))
def test_what_was_enciphered_can_be_deciphered(cipher: BlockCipher, blocks: bytes) -> None:
    iv = bytes(range(cipher.block))
    assert cipher.decrypt(iv, cipher.encrypt(iv, blocks)) == blocks
    # A card that only enciphers reads what a host sends by deciphering: each block, and then the one before.
    sent = cipher.send_by_decrypting(blocks)
    size = cipher.block
    before = cipher.zero_iv + sent
    for at in range(0, len(blocks), size):
        read = xor(cipher.encrypt(cipher.zero_iv, sent[at : at + size]), before[at : at + size])
        assert read == blocks[at : at + size]


def test_the_kind_of_a_key_says_its_cipher() -> None:
    assert [cipher_for(kind, bytes(kind.length)).block for kind in KeyKind] == [16, 8, 8]


def test_padding() -> None:
    assert zero_padded(b"") == b""
    assert zero_padded(bytes(16)) == bytes(16)
    assert zero_padded(b"\x01" * 17) == b"\x01" * 17 + bytes(15)
    assert marked_padded(b"", 8) == b"\x80" + bytes(7)
    assert marked_padded(bytes(8), 8) == bytes(8) + b"\x80" + bytes(7)
