"""Keys for the keepers of real keys: made up, and unlike any that everybody knows."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from station.adapters.reader.virtual import VirtualReaders
from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.sam import SamPlace, SamSecrets
from station.chip.sam.virtual import VirtualSam, VirtualSamKey

LENGTHS = {"base/v1": 16, "base/v2": 16, "other/v1": 16, "two/v1": 16, "three/v1": 24}
MASTERS = {name: hashlib.sha256(f"a real key {name}".encode()).digest()[:length] for name, length in LENGTHS.items()}
"""The master keys that every keeper under test is given."""


@cache
def signing_key() -> ec.EllipticCurvePrivateKey:
    """Return the signing key that every keeper under test is given."""
    return ec.generate_private_key(ec.SECP256R1())


def signing_key_der() -> bytes:
    """Return it in its PKCS#8 form."""
    return signing_key().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@cache
def certificate_for(key: ec.EllipticCurvePrivateKey, name: str = "signer") -> x509.Certificate:
    """Return a certificate that a key gives itself."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256())


def filled_keyring(keeper: KeyringSecrets) -> KeyringSecrets:
    """Put all of these keys into a keyring."""
    for name, key in MASTERS.items():
        keeper.set(name, key)
    keeper.set("signer", signing_key_der())
    keeper.set("signer/certificate", certificate_for(signing_key()).public_bytes(serialization.Encoding.PEM))
    return keeper


SAM_KEYS = {
    1: VirtualSamKey("aes128", {1: MASTERS["base/v1"], 2: MASTERS["base/v2"]}),
    2: VirtualSamKey("aes128", {1: MASTERS["other/v1"]}),
    3: VirtualSamKey("2k3des", {1: MASTERS["two/v1"]}),
    4: VirtualSamKey("3k3des", {1: MASTERS["three/v1"]}),
}
SAM_PLACE = SamPlace("sam slot", {"base": 1, "other": 2, "two": 3, "three": 4})


def sam_in(reader: str, sam: VirtualSam) -> VirtualReaders:
    """Return readers: one for cards, with none on it, and one with a SAM."""
    readers = VirtualReaders("Desk Reader", reader)
    readers.insert(sam, reader)  # type: ignore[arg-type]
    return readers


def filled_sam(keyring: KeyringSecrets, sam: VirtualSam | None = None) -> SamSecrets:
    """Return the keeper in front of a SAM with all of these master keys."""
    readers = sam_in("Desk Reader SAM Slot", sam or VirtualSam(SAM_KEYS))
    return SamSecrets(SAM_PLACE, lambda: readers, keyring)
