"""Was this chip made by NXP? A signature over its UID, made at the factory and checked against published keys.

It says that the UID is of a chip of NXP's, not that this chip is that one: a signature can be copied with the UID.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from station.chip.apdu import DesfireStatus
from station.chip.desfire.applications import exactly
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.native import Native

SIGNATURE_LENGTH = 56
_HALF = SIGNATURE_LENGTH // 2

# NXP's public keys on the curve secp224r1, by family: AN12343 (Light), AN12196 (EV2 and its kin), AN11350 and the
# leaflets of the others.
PUBLIC_KEYS = {
    "DESFire Light": "040E98E117AAA36457F43173DC920A8757267F44CE4EC5ADD3C54075571AEBBF7B942A9774A1D94AD02572427E5AE0A2"
    "DD36591B1FB34FCF3D",
    "DESFire EV1": "04BB5D514F7050025C7D0F397310360EEC91EAF792E96FC7E0F496CB4E669D414F877B7B27901FE67C2E3B33CD39D1C7"
    "97715189AC951C2ADD",
    "DESFire EV2": "04B304DC4C615F5326FE9383DDEC9AA892DF3A57FA7FFB3276192BC0EAA252ED45A865E3B093A3D0DCE5BE29E92F1392"
    "CE7DE321E3E5C52B3A",
    "DESFire EV2 or Light": "048A9B380AF2EE1B98DC417FECC263F8449C7625CECE82D9B916C992DA209D68422B81EC20B65A66B5102A61"
    "596AF3379200599316A00A1410",
    "DESFire EV2 XL": "04CD5D45E50B1502F0BA4656FF37669597E7E183251150F9574CC8DA56BF01C7ABE019E29FEA48F9CE22C3EA4029A765"
    "E1BC95A89543BAD1BC",
    "DESFire EV3": "041DB46C145D0A36539C6544BD6D9B0AA62FF91EC48CBC6ABAE36E0089A46F0D08C8A715EA40A63313B92E90DDC17302"
    "30E0458A33276FB743",
}


def read_signature(link: DesfireLink) -> bytes:
    """Return the 56 bytes that the factory signed the UID with.

    Raises:
        ChipRefusedError: the card has none (those before late EV1 ones have not).
    """
    # Cards answer with a success of its own here, which is not the usual one.
    return exactly(link.send(Native(0x3C, b"\x00", also_ok=DesfireStatus.SIGNATURE)), SIGNATURE_LENGTH)


def made_by_nxp(uid: bytes, signature: bytes) -> str | None:
    """Return whose key signed ``uid`` (a family of chips), ``None`` when none of NXP's did."""
    # Families share keys, so a chip's version does not tell which one signed it: all are tried.
    for family, key in PUBLIC_KEYS.items():
        if is_signed_by(bytes.fromhex(key), uid, signature):
            return family
    return None


def is_signed_by(public_key: bytes, uid: bytes, signature: bytes) -> bool:
    """Say whether the holder of a key (uncompressed point) signed ``uid``: ECDSA over the bare UID, without a hash."""
    if len(signature) != SIGNATURE_LENGTH or len(uid) > _HALF:
        return False
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP224R1(), public_key)
    numbers = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    # The UID is the number to be signed; put to the length of a digest it stays the same number.
    digest = uid.rjust(_HALF, b"\x00")
    try:
        key.verify(encode_dss_signature(*numbers), digest, ec.ECDSA(Prehashed(hashes.SHA224())))
    except InvalidSignature:
        return False
    return True
