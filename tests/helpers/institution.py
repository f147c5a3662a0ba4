"""An institution that signs cards: its key, its certificate, and the authority that gave it; made anew each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@dataclass(frozen=True)
class Institution:
    """Everything in PEM, as an authority sends it and as the keyring keeps it."""

    root: bytes
    key: bytes
    certificate: bytes

    @classmethod
    def certified(cls, name: str) -> Institution:
        """Return an institution whose certificate a new authority issued."""
        above, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate("Student cards", above, "Student cards", above)
        certificate = _certificate(name, key, "Student cards", above)
        pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return cls(root, pkcs8, certificate)


def _certificate(subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey) -> bytes:
    root = subject == issuer
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(_name(issuer), _name(subject), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    builder = builder.add_extension(x509.BasicConstraints(root, 0 if root else None), critical=True)
    usage = x509.KeyUsage(not root, False, False, False, False, root, root, False, False)
    return builder.add_extension(usage, critical=True).sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
