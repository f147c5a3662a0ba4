"""The demo's signing keys and their certificate authority: made anew, the same, on every desk; worth nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from station.adapters.secrets.demo_keys import demo_digest

_ROOT = "demo root"
_BEGINS, _ENDS = datetime(2024, 1, 1, tzinfo=UTC), datetime(2044, 1, 1, tzinfo=UTC)
# The order of the group of P-256 (NIST SP 800-186, 3.2.1.3): private keys lie below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@cache
def demo_signing_key(name: str) -> ec.EllipticCurvePrivateKey:
    """Return the demo's signing key of this name."""
    number = int.from_bytes(demo_digest(f"{name} signing"), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def is_demo_signing_key(public: ec.EllipticCurvePublicKey, name: str) -> bool:
    """Return whether this is the demo's key of this name."""
    return public == demo_signing_key(name).public_key()


@cache
def demo_certificate(name: str) -> bytes:
    """Return the certificate (DER) of the demo's signing key, issued by the demo's root."""
    return _certificate(f"TEST {name}", demo_signing_key(name).public_key())


@cache
def demo_root() -> bytes:
    """Return the root certificate (DER) behind every certificate of the demo."""
    return _certificate("TEST root", demo_signing_key(_ROOT).public_key())


def _certificate(subject: str, public: ec.EllipticCurvePublicKey) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name("TEST root"))
        .public_key(public)
        .serial_number(int.from_bytes(demo_digest(f"{subject} serial")[:8], "big") | 1)
        .not_valid_before(_BEGINS)
        .not_valid_after(_ENDS)
        # As in the certificates of real student cards: each may issue others.
        .add_extension(x509.BasicConstraints(ca=True, path_length=3), critical=True)
        .add_extension(_USAGE, critical=True)
    )
    # Deterministic (RFC 6979): the demo's certificate is the same bytes on every desk, and in every test.
    made = builder.sign(demo_signing_key(_ROOT), hashes.SHA256(), ecdsa_deterministic=True)
    return made.public_bytes(serialization.Encoding.DER)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "European Student Card station, demo"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, common),
        ]
    )


_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
