"""Field encryption: what goes in comes out, only in its own column, only with the key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.adapters.store.cipher import (
    FieldCipher,
    digest_of,
    sealed,
    sealed_text,
    unsealed,
    unsealed_text,
)
from station.domain.errors import StoreDamagedError, StoreError

KEY = bytes(range(32))
CIPHER = FieldCipher(KEY)
ONLY_NAMES = FieldCipher(KEY, frozenset({"holders.family_name"}))

texts = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize("cipher", [None, CIPHER, ONLY_NAMES])
@given(text=texts, data=st.binary())
def test_any_value_comes_back(cipher: FieldCipher | None, text: str, data: bytes) -> None:
    for column in ("holders.family_name", "personal_codes.code"):
        assert unsealed_text(sealed_text(text, column, cipher), column, cipher) == text
        assert unsealed(sealed(data, column, cipher), column, cipher) == data


@pytest.mark.parametrize("cipher", [None, CIPHER])
def test_a_plain_value_that_looks_like_a_ciphertext_comes_back(cipher: FieldCipher | None) -> None:
    for data in (b"\x00sc1", b"\x00sc1" + bytes(40), b"\x00sp1", b"\x00sp1\x00sp1x"):
        assert unsealed(sealed(data, "a.b", cipher), "a.b", cipher) == data
    for text in ("\x01sc1:", "\x01sc1:AAAA", "\x01sp1:", "\x01sp1:\x01sp1:x"):
        assert unsealed_text(sealed_text(text, "a.b", cipher), "a.b", cipher) == text


def test_nothing_of_the_value_can_be_seen_and_the_same_value_differs_each_time() -> None:
    one, two = (sealed_text("Bērziņš", "holders.family_name", CIPHER) for _ in range(2))
    assert one != two
    assert "rzi" not in one + two
    assert b"picture" not in sealed(b"picture", "portrait_layers.image", CIPHER)


def test_only_the_chosen_columns_are_encrypted() -> None:
    assert sealed_text("Bērziņš", "holders.family_name", ONLY_NAMES) != "Bērziņš"
    assert sealed_text("a@b.lv", "holders.email", ONLY_NAMES) == "a@b.lv"
    assert [ONLY_NAMES.covers(c) for c in ("holders.family_name", "holders.email")] == [True, False]
    assert CIPHER.covers("anything.at_all")


def test_a_value_from_before_a_column_was_chosen_stays_readable() -> None:
    assert unsealed_text(sealed_text("Anna", "holders.given_names", None), "holders.given_names", CIPHER) == "Anna"
    assert unsealed(b"\xff\xd8jpeg", "portrait_layers.image", CIPHER) == b"\xff\xd8jpeg"


def test_a_value_moved_to_another_column_is_refused() -> None:
    kept = sealed_text("anna@rtu.lv", "holders.email", CIPHER)
    with pytest.raises(StoreDamagedError) as caught:
        unsealed_text(kept, "holders.family_name", CIPHER)
    assert caught.value.params["column"] == "holders.family_name"


def test_another_key_is_refused() -> None:
    kept = sealed(b"x", "a.b", CIPHER)
    with pytest.raises(StoreDamagedError, match="does not fit the key"):
        unsealed(kept, "a.b", FieldCipher(bytes(32)))


def test_without_a_key_nothing_is_guessed() -> None:
    with pytest.raises(StoreError, match="its key was not given"):
        unsealed(sealed(b"x", "a.b", CIPHER), "a.b", None)
    with pytest.raises(StoreError, match="its key was not given"):
        unsealed_text(sealed_text("x", "a.b", CIPHER), "a.b", None)


@given(data=st.data())
def test_every_changed_byte_is_noticed(data: st.DataObject) -> None:
    kept = bytearray(sealed(b"some value", "a.b", CIPHER))
    place = data.draw(st.integers(4, len(kept) - 1))
    kept[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(StoreDamagedError):
        unsealed(bytes(kept), "a.b", CIPHER)


@pytest.mark.parametrize("kept", ["\x01sc1:", "\x01sc1:A", "\x01sc1:!!!!", "\x01sc1:AAAA"])
def test_a_ciphertext_that_is_not_whole_is_damage(kept: str) -> None:
    with pytest.raises(StoreDamagedError):
        unsealed_text(kept, "a.b", CIPHER)


def test_digests_find_equal_values_and_depend_on_the_key() -> None:
    assert digest_of("051reb123", CIPHER) == CIPHER.digest("051reb123")
    others = [digest_of("051reb123", c) for c in (None, CIPHER, FieldCipher(bytes(32)))]
    assert len({*others, CIPHER.digest("051reb124")}) == 4
    assert {len(digest) for digest in others} == {32}


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        FieldCipher(key)
