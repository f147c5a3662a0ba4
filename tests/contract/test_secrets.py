"""One suite for every keeper of secrets.

Each keeper has the master keys ``base`` (versions 1 and 2), ``other`` (version 1), ``two`` and ``three`` (3DES of both
kinds, version 1), and the signing key ``signer`` with its certificate.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.pkcs11 import Pkcs11Secrets
from station.adapters.secrets.virtual import VirtualSecrets, demo_key
from station.chip.kdf import diversify
from station.domain.errors import SecretError
from station.ports.secrets import KeyKind, Secrets
from tests.helpers.keepers import MASTERS, certificate_for, filled_keyring, filled_sam, signing_key
from tests.helpers.keyrings import FakeKeyring, in_use
from tests.helpers.softhsm import KINDS as TOKEN_KINDS
from tests.helpers.softhsm import PIN, SoftToken, new_token

KINDS = {"base": KeyKind.AES128, "two": KeyKind.TDES2K, "three": KeyKind.TDES3K}
AGAIN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    """Give a token with all of these keys."""
    made = new_token(tmp_path_factory.mktemp("softhsm"))
    for name, key in MASTERS.items():
        made.put(name, key, TOKEN_KINDS[name.split("/")[0]])
    made.put_signing_key("signer", signing_key())
    made.put_certificate("signer", certificate_for(signing_key()).public_bytes(serialization.Encoding.DER))
    return made


@pytest.fixture(params=["virtual", "keyring", "pkcs11", "sam"])
def secrets(request: pytest.FixtureRequest) -> Iterator[Secrets]:
    """Give each keeper in turn."""
    if request.param == "virtual":
        yield VirtualSecrets(demo=True, versions=(1, 2))
        return
    with in_use(FakeKeyring()):
        if request.param == "keyring":
            yield filled_keyring(KeyringSecrets())
            return
        if request.param == "sam":
            yield filled_sam(filled_keyring(KeyringSecrets()))
            return
        token: SoftToken = request.getfixturevalue("token")
        keyring = KeyringSecrets()
        keyring.set(token.place.pin_name, PIN.encode())
        keeper = Pkcs11Secrets(token.place, keyring)
        yield keeper
        keeper.close()


def master_of(secrets: Secrets, name: str, version: int, kind: KeyKind) -> bytes:
    """Return what the keeper was given."""
    if isinstance(secrets, VirtualSecrets):
        return demo_key(name, version, kind)
    return MASTERS[f"{name}/v{version}"]


def test_what_is_not_there_is_an_error_with_its_name(secrets: Secrets) -> None:
    with pytest.raises(SecretError) as caught:
        secrets.get("router/host")
    assert "router/host" in str(caught.value)


@AGAIN
@given(value=st.binary(max_size=400) | st.text(max_size=40).map(str.encode))
def test_what_is_kept_comes_back(secrets: Secrets, value: bytes) -> None:
    secrets.set("name", value)
    assert secrets.get("name") == value
    secrets.set("name", b"later")
    assert secrets.get("name") == b"later"


def test_what_is_deleted_is_gone(secrets: Secrets) -> None:
    secrets.set("name", b"value")
    secrets.delete("name")
    secrets.delete("name")
    with pytest.raises(SecretError):
        secrets.get("name")


def test_a_card_s_key_depends_on_everything_that_goes_into_it(secrets: Secrets) -> None:
    keys = {
        secrets.diversified(name, version, data)
        for name, version, data in [
            ("base", 1, b"one"),
            ("base", 1, b"two"),
            ("base", 2, b"one"),
            ("other", 1, b"one"),
        ]
    }
    assert {len(key) for key in keys} == {16}
    assert len(keys) == 4
    assert secrets.diversified("base", 1, b"one") in keys


@pytest.mark.parametrize("name", KINDS)
@AGAIN
@given(data=st.data())
def test_a_card_s_key_is_the_one_of_an10922(secrets: Secrets, name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    parts = data.draw(st.binary(min_size=1, max_size=31 if kind is KeyKind.AES128 else 15))
    made = secrets.diversified(name, 1, parts, kind)
    assert made == diversify(kind, master_of(secrets, name, 1, kind), parts)


@pytest.mark.parametrize("name", KINDS)
def test_data_that_an10922_does_not_know_is_refused(secrets: Secrets, name: str) -> None:
    for data in (b"", bytes(32)):
        with pytest.raises(ValueError, match="AN10922"):
            secrets.diversified(name, 1, data, KINDS[name])


def test_a_version_that_is_not_there_is_told_with_its_name(secrets: Secrets) -> None:
    with pytest.raises(SecretError) as caught:
        secrets.diversified("base", 9, b"one")
    assert "base/v9" in str(caught.value)


def test_it_knows_which_versions_there_are(secrets: Secrets) -> None:
    assert secrets.versions("base") == (1, 2)


@pytest.mark.parametrize("name", KINDS)
def test_a_plain_key_is_the_master_key_or_stays_inside(secrets: Secrets, name: str) -> None:
    kind = KINDS[name]
    if isinstance(secrets, VirtualSecrets | KeyringSecrets):
        assert secrets.plain_key(name, 1, kind) == master_of(secrets, name, 1, kind)
    else:
        with pytest.raises(SecretError, match="never gives"):
            secrets.plain_key(name, 1, kind)


@AGAIN
@given(data=st.binary(max_size=100))
def test_its_certificate_proves_its_signatures(secrets: Secrets, data: bytes) -> None:
    signature = secrets.sign("signer", data)
    public = x509.load_der_x509_certificate(secrets.certificate("signer")).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert isinstance(public.curve, ec.SECP256R1)
    public.verify(signature, data, ec.ECDSA(hashes.SHA256()))


def test_keys_do_not_show_themselves(secrets: Secrets) -> None:
    key = secrets.diversified("base", 1, b"one")
    secrets.set("password", b"of somebody")
    shown = f"{key!r} {key} {[key]} {secrets!r} {vars(secrets)} {secrets.get('password')!r}"
    assert key.hex() not in shown.lower()
    assert repr(bytes(key)) not in shown
    assert "of somebody" not in shown
