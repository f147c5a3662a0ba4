"""The originality signature of a software card: a real one, by a key that is not NXP's."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA224

from station.chip.desfire.originality import made_by_nxp
from station.chip.virtual_card.ciphers import AES
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.models import EV1, EV2, EV3
from station.chip.virtual_card.originality import signature as signature_of
from station.chip.virtual_card.originality import software_public_key
from tests.helpers.card_host import FULL, ZERO_AES, Host
from tests.helpers.chip import UID, unhex, vector


def verified(point: bytes, uid: bytes, signature: bytes) -> bool:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP224R1(), point)
    numbers = (int.from_bytes(signature[:28], "big"), int.from_bytes(signature[28:], "big"))
    try:
        key.verify(encode_dss_signature(*numbers), uid.rjust(28, b"\0"), ec.ECDSA(Prehashed(SHA224())))
    except InvalidSignature:
        return False
    return True


def test_this_way_of_verifying_knows_a_genuine_card() -> None:
    case = vector("originality-an12343-t44")
    assert verified(unhex(case["public_key"]), unhex(case["uid"]), unhex(case["signature"]))


@pytest.mark.parametrize("generation", [EV1, EV2, EV3])
def test_a_software_card_is_never_genuine(generation: str) -> None:
    signature, status = Host(VirtualDesfire.new(generation, uid=UID)).send(0x3C, b"\x00")
    assert (len(signature), status) == (56, 0x90)
    assert verified(software_public_key(), UID, signature)
    assert not verified(software_public_key(), bytes(7), signature)
    for point in vector("originality-public-keys")["keys"].values():
        assert not verified(unhex(point), UID, signature)


def test_each_card_has_its_own_and_the_host_believes_none() -> None:
    uids = [UID, UID[:-1] + b"\x00", bytes(7), b"\xff" * 7]
    signatures = [signature_of(uid) for uid in uids]
    assert len(set(signatures)) == len(uids)
    for uid, signature in zip(uids, signatures, strict=True):
        assert verified(software_public_key(), uid, signature)
        assert made_by_nxp(uid, signature) is None
    assert not verified(software_public_key(), uids[0], signatures[1])


def test_a_card_says_the_same_each_time() -> None:
    card = VirtualDesfire.new(EV2, uid=UID)
    first = Host(card).send(0x3C, b"\x00")
    card.reset()
    assert Host(card).send(0x3C, b"\x00") == first


def test_the_signature_is_enciphered_in_a_session() -> None:
    card = VirtualDesfire.new(EV2, uid=UID)
    card.memory.picc.keys, card.memory.picc.kind = [ZERO_AES], AES
    host = Host(card)
    assert host.authenticate(0x71, 0, ZERO_AES) == 0
    signature, status = host.command(0x3C, b"\x00", back=FULL)
    assert (status, verified(software_public_key(), UID, signature)) == (0x90, True)
    assert host.command(0x3C, b"\x01")[1] == 0x9E
