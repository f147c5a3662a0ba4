"""What one card shall have: keys and contents of its own, made before anything is written."""

from __future__ import annotations

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.content import ChipData, values_of
from station.chip.profiles import CardKeySpec, parse_profile
from station.chip.wanted import KeyRing, make_wanted
from station.domain.errors import CertificateError, ChipMismatchError, ProfileError, SecretError
from station.ports.secrets import KeyKind
from tests.helpers.chip import ESC_AID, ESCN, OTHER_ESCN, UID, demo_profile, unhex
from tests.helpers.chip_profiles import changed, shipped_text

SECRETS = VirtualSecrets(demo=True)
PROFILE = demo_profile()
NUMBER = unhex(ESCN.replace("-", ""))
(WANTED,), RING = make_wanted(PROFILE, ChipData(ESCN), UID, SECRETS, to_write=True)


def test_each_key_is_the_card_s_own() -> None:
    made = {number: key.value for number, key in WANTED.keys.items()}
    assert made == {
        0: SECRETS.diversified("deuinfo-application", 1, UID + ESC_AID),
        1: SECRETS.diversified("deuinfo-base", 1, NUMBER),
        2: SECRETS.diversified("deuinfo-base", 1, UID),
    }
    assert {key.version for key in WANTED.keys.values()} == {1}


def test_a_key_that_is_not_diversified_is_the_same_on_every_card() -> None:
    static = changed("access-control", ('diversify = "card.uid"\n', ""))
    (wanted,), _ = make_wanted(static, ChipData(ESCN), UID, SECRETS, to_write=True)
    assert wanted.keys[1].value == SECRETS.plain_key("access-read", 1)


@pytest.mark.parametrize("kind", [KeyKind.TDES2K, KeyKind.TDES3K])
def test_keys_of_older_kinds_are_made_by_the_same_rule(kind: KeyKind) -> None:
    old = changed("access-control", ('key_settings = "0B"', f'key_settings = "0B"\nkey_type = "{kind.value}"'))
    (wanted,), _ = make_wanted(old, ChipData(ESCN), UID, SECRETS, to_write=True)
    assert wanted.keys[1].value == SECRETS.diversified("access-read", 1, UID, kind)
    assert wanted.keys[1].kind is kind


def test_the_card_s_own_key_is_aes_and_knows_no_application() -> None:
    spec = CardKeySpec.model_validate({"secret": "card", "version": 3, "diversify": "card.uid + app.aid"})
    assert RING.key(spec, None).value == SECRETS.diversified("card", 3, UID + bytes(3))
    assert [key.version for key in RING.older(spec, None)] == [2, 1]


def test_a_key_from_too_much_is_the_profile_s_mistake() -> None:
    spec = CardKeySpec.model_validate({"secret": "card", "version": 1, "diversify": "utf8(holder.esi)"})
    ring = KeyRing(SECRETS, values_of(ChipData(ESCN, "urn:" + "x" * 40), UID))
    with pytest.raises(ProfileError, match="can't be made"):
        ring.key(spec, None)


def test_number_signature_and_certificate_are_what_is_written() -> None:
    assert WANTED.contents[0] == NUMBER
    assert WANTED.contents[2] == SECRETS.certificate("deuinfo-signing")
    assert 68 <= len(WANTED.contents[1]) <= 72
    WANTED.check_genuine(WANTED.contents)


def test_what_is_only_checked_is_not_signed() -> None:
    (wanted,), _ = make_wanted(PROFILE, ChipData(ESCN), UID, SECRETS, to_write=False)
    assert wanted.contents == {0: NUMBER}
    wanted.check_genuine(WANTED.contents)
    assert all(wanted.is_right(file, WANTED.contents[file.number]) for file in wanted.app.files)


def test_a_signature_of_another_card_is_not_right() -> None:
    (other,), _ = make_wanted(PROFILE, ChipData(OTHER_ESCN), UID, SECRETS, to_write=True)
    assert not WANTED.is_right(WANTED.app.files[1], other.contents[1])
    assert not WANTED.is_right(WANTED.app.files[1], None)
    with pytest.raises(ChipMismatchError, match="copy or a forgery"):
        WANTED.check_genuine({**WANTED.contents, 1: other.contents[1]})
    with pytest.raises(ChipMismatchError, match="no signature"):
        WANTED.check_genuine({2: WANTED.contents[2]})


def test_a_signer_that_nobody_vouches_for_signs_no_card() -> None:
    with pytest.raises(CertificateError, match="pins no root"):
        make_wanted(parse_profile(shipped_text("deuinfo")), ChipData(ESCN), UID, SECRETS, to_write=True)


def test_a_missing_key_is_told_at_once() -> None:
    with pytest.raises(SecretError):
        make_wanted(PROFILE, ChipData(ESCN), UID, VirtualSecrets(demo=True, versions=[9]), to_write=True)


def test_nothing_of_it_is_ever_shown() -> None:
    shown = repr(WANTED) + repr(RING) + repr(WANTED.signed)
    assert not any(key.value.hex() in shown or repr(key.value) in shown for key in WANTED.keys.values())
    assert repr(NUMBER) not in shown
