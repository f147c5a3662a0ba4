"""The originality signature of a software card: made with a key of this program's own, and so never genuine.

A real card carries 56 bytes, r and s on secp224r1, that NXP made with a key of theirs; the digest is the UID itself
(AN12343, AN12196). The key here is public on purpose: its signature proves that the card is software.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha224

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA224
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_SECRET = int.from_bytes(sha224(b"A software card, not genuine").digest(), "big")
_HALF = 28


def software_public_key() -> bytes:
    """Return the point, uncompressed, that tells a software card's signature from NXP's."""
    return _key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@lru_cache(maxsize=64)
def signature(uid: bytes) -> bytes:
    """Return r and s over ``uid`` taken as the digest."""
    # The library wants a digest as long as the hash: zeros in front do not change the number.
    der = _key().sign(uid.rjust(_HALF, b"\x00"), ec.ECDSA(Prehashed(SHA224())))
    return b"".join(part.to_bytes(_HALF, "big") for part in decode_dss_signature(der))


@lru_cache(maxsize=1)
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(_SECRET, ec.SECP224R1())
