"""The keeper in front of a token, tried on a real PKCS#11 module: what it uses, what it refuses, what stays inside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from station.adapters.secrets.demo_keys import demo_key
from station.adapters.secrets.demo_signer import demo_certificate, demo_signing_key
from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.pkcs11 import Pkcs11Secrets
from station.chip.kdf import diversify
from station.domain.errors import SecretError
from station.ports.secrets import KeyKind
from tests.helpers.chip import unhex, vector
from tests.helpers.keepers import MASTERS, certificate_for, signing_key
from tests.helpers.keyrings import FakeKeyring, in_use
from tests.helpers.softhsm import PIN, SoftToken, new_token, token_files

MASTER = MASTERS["base/v1"]


@pytest.fixture
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    return new_token(tmp_path_factory.getbasetemp())


@pytest.fixture
def keyring() -> Iterator[KeyringSecrets]:
    with in_use(FakeKeyring()):
        yield KeyringSecrets()


@pytest.fixture
def keeper(token: SoftToken, keyring: KeyringSecrets) -> Iterator[Pkcs11Secrets]:
    keyring.set(token.place.pin_name, PIN.encode())
    made = Pkcs11Secrets(token.place, keyring)
    yield made
    made.close()


def test_the_master_key_can_t_be_read_out_of_the_token(token: SoftToken, keeper: Pkcs11Secrets) -> None:
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism

    token.put("base/v1", MASTER)
    assert keeper.diversified("base", 1, b"card") == diversify(KeyKind.AES128, MASTER, b"card")
    with pytest.raises(SecretError, match="never gives"):
        keeper.plain_key("base", 1)
    keeper.close()
    with token.session() as session:
        key = session.get_key(label="base/v1")
        with pytest.raises(pkcs11.AttributeSensitive):
            key[Attribute.VALUE]
        wrapping = session.generate_key(KeyType.AES, 128, capabilities=pkcs11.MechanismFlag.WRAP)
        with pytest.raises(pkcs11.KeyUnextractable):
            wrapping.wrap_key(key, mechanism=Mechanism.AES_KEY_WRAP)
        for attribute, value in ((Attribute.EXTRACTABLE, True), (Attribute.SENSITIVE, False)):
            with pytest.raises(pkcs11.PKCS11Error):
                key[attribute] = value
    for file in token_files():  # the module's own files hold it enciphered only
        assert MASTER not in file.read_bytes()


def test_the_examples_of_an10922_come_out_of_a_token_s_cipher(token: SoftToken) -> None:
    from pkcs11 import Mechanism

    from station.chip.kdf import block_of, diversify_inside

    names = {KeyKind.AES128: "an10922-aes128", KeyKind.TDES2K: "an10922-2k3des", KeyKind.TDES3K: "an10922-3k3des"}
    for kind, name in names.items():
        example = vector(name)
        token.put(name, unhex(example["master"]), kind)
        with token.session() as session:
            key = session.get_key(label=name)
            mechanism = Mechanism.AES_CBC if kind is KeyKind.AES128 else Mechanism.DES3_CBC

            def encrypt(
                blocks: bytes, key: object = key, mechanism: object = mechanism, size: int = block_of(kind)
            ) -> bytes:
                return key.encrypt(blocks, mechanism=mechanism, mechanism_param=bytes(size))  # type: ignore[attr-defined,no-any-return]

            made = diversify_inside(kind, encrypt, unhex(example["div_input"]))
        assert made == unhex(example["derived"] if kind is KeyKind.AES128 else example["derived_raw"])


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (demo_key("base", 1), KeyKind.AES128),
        (demo_key("deuinfo-base", 2), KeyKind.AES128),
        (bytes(16), KeyKind.AES128),
        (unhex("00112233445566778899AABBCCDDEEFF"), KeyKind.AES128),
        (demo_key("base", 1, KeyKind.TDES2K), KeyKind.TDES2K),
        (demo_key("base", 3, KeyKind.TDES3K), KeyKind.TDES3K),
        (bytes(24), KeyKind.TDES3K),
    ],
)
def test_test_keys_are_recognised_without_being_seen(
    token: SoftToken, keeper: Pkcs11Secrets, key: bytes, kind: KeyKind
) -> None:
    token.put("base/v7", key, kind)
    with pytest.raises(SecretError, match="test key"):
        keeper.diversified("base", 7, b"card", kind)


def test_the_demo_s_signing_key_is_refused(token: SoftToken, keeper: Pkcs11Secrets) -> None:
    token.put_signing_key("signer", demo_signing_key("signer"))
    token.put_certificate("signer", demo_certificate("signer"))
    with pytest.raises(SecretError, match="test key"):
        keeper.sign("signer", b"data")
    with pytest.raises(SecretError, match="test key"):
        keeper.certificate("signer")


def test_keys_of_another_kind_are_told(token: SoftToken, keeper: Pkcs11Secrets) -> None:
    token.put("long/v1", MASTER + MASTER)
    token.put("dumb/v1", MASTER, encrypt=False)
    token.put("three/v1", MASTERS["three/v1"], KeyKind.TDES3K)
    for name, kind in (("long", KeyKind.AES128), ("dumb", KeyKind.AES128), ("three", KeyKind.TDES2K)):
        with pytest.raises(SecretError, match="can't be used"):
            keeper.diversified(name, 1, b"card", kind)


def test_a_signing_key_of_another_curve_is_told(token: SoftToken, keeper: Pkcs11Secrets) -> None:
    token.put_signing_key("signer", ec.generate_private_key(ec.SECP384R1()))
    with pytest.raises(SecretError, match="can't sign"):
        keeper.sign("signer", b"data")


def test_what_is_missing_is_told_with_its_name(token: SoftToken, keeper: Pkcs11Secrets) -> None:
    for use in (lambda: keeper.diversified("base", 4, b"card"), lambda: keeper.sign("base/v4", b"data")):
        with pytest.raises(SecretError) as caught:
            use()
        assert "base/v4" in str(caught.value)
        assert token.place.label in str(caught.value)


def test_two_keys_of_one_name_are_told(token: SoftToken, keeper: Pkcs11Secrets) -> None:
    token.put("base/v1", MASTER)
    token.put("base/v1", MASTERS["base/v2"])
    with pytest.raises(SecretError, match="two keys"):
        keeper.diversified("base", 1, b"card")


def test_versions_are_those_of_this_name_only(token: SoftToken, keeper: Pkcs11Secrets) -> None:
    for name in ("base/v2", "base/v10", "base/vx", "base.v3", "bases/v4", "a/base/v5"):
        token.put(name, MASTER)
    assert keeper.versions("base") == (2, 10)


def test_a_certificate_may_lie_in_the_keyring(token: SoftToken, keeper: Pkcs11Secrets, keyring: KeyringSecrets) -> None:
    token.put_signing_key("signer", signing_key())
    with pytest.raises(SecretError, match="signer/certificate"):
        keeper.certificate("signer")
    own = certificate_for(signing_key()).public_bytes(serialization.Encoding.DER)
    keyring.set("signer/certificate", own)
    assert keeper.certificate("signer") == own
    other = certificate_for(ec.generate_private_key(ec.SECP256R1()))
    keyring.set("signer/certificate", other.public_bytes(serialization.Encoding.PEM))
    with pytest.raises(SecretError, match="another signing key"):
        keeper.certificate("signer")


def test_keys_that_are_the_same_on_every_card_come_from_the_keyring(
    keeper: Pkcs11Secrets, keyring: KeyringSecrets
) -> None:
    keyring.set("doors/v1", MASTERS["other/v1"])
    assert keeper.plain_key("doors", 1) == MASTERS["other/v1"]
    with pytest.raises(SecretError, match="doors/v1"):
        keeper.diversified("doors", 1, b"card")


def test_the_versions_of_a_key_in_the_keyring_are_known_too(
    token: SoftToken, keeper: Pkcs11Secrets, keyring: KeyringSecrets
) -> None:
    token.put("base/v1", MASTER)
    for version in (1, 2):
        keyring.set(f"doors/v{version}", MASTERS["other/v1"])
    assert keeper.versions("doors") == (1, 2)
    assert keeper.plain_key("doors", 2) == MASTERS["other/v1"]
    assert keeper.versions("base") == (1,)
