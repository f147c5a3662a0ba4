"""What every keeper of real keys looks at before a key is used; no error here quotes what it looked at."""

from __future__ import annotations

from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from station.adapters.secrets.demo_keys import is_known_to_everybody
from station.adapters.secrets.demo_signer import demo_certificate, is_demo_signing_key
from station.adapters.secrets.names import certificate_of
from station.domain.errors import N_, SecretError
from station.domain.hidden import Hidden
from station.ports.secrets import KeyKind


def master_key(kept: bytes, kind: KeyKind, entry: str) -> Hidden:
    """Return a master key from what is kept: its bytes, or its hexadecimal digits.

    Raises SecretError when it is no key of this kind, is known to everybody, or is 3DES in name only.
    """
    key = Hidden(kept if len(kept) == kind.length else _digits(kept))
    # Kept and raised at the end: raised where it is found, its traceback would hold the key in this frame's variables.
    wrong = None
    if len(key) != kind.length:
        wrong = SecretError(_WRONG_LENGTH, _WRITE_IT_SO, name=entry, length=kind.length, digits=2 * kind.length)
    elif is_known_to_everybody(key):
        wrong = known_key(entry)
    elif kind is not KeyKind.AES128 and _is_weak(key):
        wrong = SecretError(_WEAK, _REAL_KEY, name=entry)
    del kept  # a dump of this frame's variables shows nothing
    if wrong is not None:
        raise wrong
    return key


def signing_key(kept: bytes, name: str) -> ec.EllipticCurvePrivateKey:
    """Return a P-256 key from its PKCS#8 form: PEM, DER or hexadecimal digits of the DER.

    Raises SecretError when it is none, or is the demo's.
    """
    key = _private_key(kept)
    del kept
    if key is None or not isinstance(key.curve, ec.SECP256R1):
        raise SecretError(_NO_SIGNING_KEY, _SIGNING_KEY_SO, name=name)
    if is_demo_signing_key(key.public_key(), name):
        raise known_key(name)
    return key


def need_own_certificate(der: bytes, public: ec.EllipticCurvePublicKey, name: str) -> bytes:
    """Return a certificate (DER) that belongs to this public key; raises SecretError when it belongs to another."""
    # A card that is signed by one key, with another's certificate beside it, is refused by whoever checks it.
    if x509.load_der_x509_certificate(der).public_key() != public:
        raise others_certificate(name)
    return der


def need_real_signature(signature: bytes, data: bytes, name: str) -> bytes:
    """Return a signature; raises SecretError when the demo's key of this name made it."""
    if proves(demo_certificate(name), signature, data):
        raise known_key(name)
    return signature


def known_key(entry: str) -> SecretError:
    """Return the error for a key that everybody knows."""
    return SecretError(_TEST_KEY, _REAL_KEY, name=entry)


def others_certificate(name: str) -> SecretError:
    """Return the error for a certificate that belongs to another key."""
    return SecretError(_OTHERS_CERTIFICATE, _CERTIFICATE_SO, name=certificate_of(name))


def certificate_der(kept: bytes, name: str) -> bytes:
    """Return a certificate as DER from PEM, DER or hexadecimal digits; raises SecretError when it is none."""
    try:
        if kept.lstrip().startswith(b"-----BEGIN"):
            found = x509.load_pem_x509_certificate(kept)
        else:
            found = x509.load_der_x509_certificate(kept if kept.startswith(b"\x30") else _digits(kept))
        return found.public_bytes(serialization.Encoding.DER)
    except ValueError:
        raise SecretError(_NO_CERTIFICATE, _CERTIFICATE_SO, name=certificate_of(name)) from None


def proves(der: bytes, signature: bytes, data: bytes) -> bool:
    """Return whether the certificate's key made this signature (ECDSA, SHA-256) of the data."""
    public = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    try:
        public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _private_key(kept: bytes) -> ec.EllipticCurvePrivateKey | None:
    try:
        if kept.lstrip().startswith(b"-----BEGIN"):
            key = serialization.load_pem_private_key(kept, None)
        else:
            key = serialization.load_der_private_key(kept if kept.startswith(b"\x30") else _digits(kept), None)
    except (ValueError, TypeError):  # TypeError: it has a password
        return None
    return key if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _digits(kept: bytes) -> bytes:
    """Return the bytes behind hexadecimal digits, nothing where these are none."""
    try:
        return bytes.fromhex(kept.decode("ascii"))
    except ValueError:
        return b""


def _is_weak(key: bytes) -> bool:
    """Return whether 3DES with this key is only DES: two neighbouring parts agree but for the unused lowest bits."""
    parts = [bytes(byte & 0xFE for byte in key[i : i + 8]) for i in range(0, len(key), 8)]
    return any(one == other for one, other in pairwise(parts))


_WRONG_LENGTH = N_("The key {name} in this computer's keyring is not a key of {length} bytes.")
_WRITE_IT_SO = N_("Ask IT to put it there again, as {digits} hexadecimal digits.")
_TEST_KEY = N_("The key {name} is a test key, or one that everybody knows. Such keys are refused outside the demo.")
_REAL_KEY = N_("Ask IT to put the real key there.")
_WEAK = N_("The key {name} is no triple DES key: two parts of it are the same.")
_NO_SIGNING_KEY = N_("The key {name} in this computer's keyring can't sign: it is not a P-256 key without a password.")
_SIGNING_KEY_SO = N_("Ask IT to put it there again in the PKCS#8 form.")
_NO_CERTIFICATE = N_("The certificate {name} in this computer's keyring can't be read.")
_OTHERS_CERTIFICATE = N_("The certificate {name} belongs to another signing key.")
_CERTIFICATE_SO = N_("Ask IT to put there the X.509 certificate that was made for this signing key.")
