"""Signatures and chains: what is genuine is believed, and nothing else, whatever it looks like."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from station.adapters.secrets.demo_signer import demo_certificate, demo_root
from station.chip.profiles import Trust
from station.chip.proof import check_chain, check_signature, is_signature
from station.domain.errors import CertificateError, ChipMismatchError

NOW = datetime(2026, 9, 1, tzinfo=UTC)
YEARS = timedelta(days=365)
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_RSA = rsa.generate_private_key(65537, 2048)


class Authority:
    """Somebody with a key and a certificate, who may issue others."""

    def __init__(
        self,
        name: str,
        issuer: Authority | None = None,
        *,
        key: Private | None = None,
        ca: bool | None = True,
        path: int | None = None,
        signs: bool = True,
        issues: bool = True,
        begins: datetime = NOW - YEARS,
        ends: datetime = NOW + YEARS,
        extra: Iterable[tuple[x509.ExtensionType, bool]] = (),
    ) -> None:
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        by = issuer or self
        builder = x509.CertificateBuilder(by.name, self.name, self.key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(begins).not_valid_after(ends)
        if ca is not None:
            builder = builder.add_extension(x509.BasicConstraints(ca, path if ca else None), critical=True)
        usage = x509.KeyUsage(signs, False, False, False, False, issues, issues, False, False)
        builder = builder.add_extension(usage, critical=True)
        for extension, critical in extra:
            builder = builder.add_extension(extension, critical)
        self.der = builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def sign(self, message: bytes) -> bytes:
        assert isinstance(self.key, ec.EllipticCurvePrivateKey)
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


ROOT = Authority("root", path=3)
MIDDLE = Authority("middle", ROOT, path=2)
SCHOOL = Authority("school", MIDDLE, path=1)
CARD = Authority("card signer", SCHOOL, path=0)
TRUST = Trust((ROOT.der,), (MIDDLE.der, SCHOOL.der))


def refused(leaf: bytes, trust: Trust = TRUST, *, says: str, at: datetime = NOW) -> None:
    with pytest.raises(CertificateError, match=says):
        check_chain(leaf, trust, at)


# --- signatures -------------------------------------------------------------------------------------------------


def test_a_signature_is_of_one_message_and_by_one_key() -> None:
    signature = CARD.sign(b"number and uid")
    check_signature(CARD.der, b"number and uid", signature)
    assert is_signature(CARD.der, b"number and uid", signature)
    for certificate, message, made in (
        (CARD.der, b"number and uie", signature),
        (SCHOOL.der, b"number and uid", signature),
        (CARD.der, b"number and uid", signature[:-1] + bytes([signature[-1] ^ 1])),
        (CARD.der, b"number and uid", b""),
    ):
        with pytest.raises(ChipMismatchError, match="copy or a forgery"):
            check_signature(certificate, message, made)
        assert not is_signature(certificate, message, made)


@given(st.binary(max_size=200), st.binary(max_size=90))
def test_noise_is_no_signature(certificate: bytes, signature: bytes) -> None:
    assert not is_signature(certificate, b"m", signature)
    assert not is_signature(CARD.der, b"m", signature)


def test_a_certificate_that_may_not_sign_signs_nothing() -> None:
    mute = Authority("mute", ROOT, signs=False)
    with pytest.raises(CertificateError, match="not for signing"):
        check_signature(mute.der, b"m", mute.sign(b"m"))
    for key in (_RSA, ec.generate_private_key(ec.SECP384R1())):
        with pytest.raises(CertificateError, match="P-256"):
            check_signature(Authority("other curve", ROOT, key=key).der, b"m", b"")


# --- chains -----------------------------------------------------------------------------------------------------


def test_a_chain_leads_to_a_pinned_root() -> None:
    check_chain(CARD.der, TRUST, NOW)
    check_chain(MIDDLE.der, Trust((ROOT.der,)), NOW)
    check_chain(demo_certificate("deuinfo-signing"), Trust((demo_root(),)), NOW)


def test_the_order_of_what_is_known_does_not_matter() -> None:
    check_chain(CARD.der, Trust((ROOT.der,), (SCHOOL.der, MIDDLE.der)), NOW)
    # Any certificate may be pinned, the signer's own as well; then nothing above it is asked for.
    check_chain(CARD.der, Trust((SCHOOL.der,)), NOW)
    check_chain(CARD.der, Trust((CARD.der,)), NOW)


def test_nothing_pinned_is_nothing_believed() -> None:
    refused(CARD.der, Trust((), (MIDDLE.der, SCHOOL.der)), says="pins no root")


def test_a_missing_link_is_told() -> None:
    refused(CARD.der, Trust((ROOT.der,), (MIDDLE.der,)), says="doesn't lead to a root")


def test_a_root_of_the_same_name_is_another_root() -> None:
    twin = Authority("root", path=3)
    refused(CARD.der, Trust((twin.der,), TRUST.between), says="doesn't lead to a root")
    # A twin that may stand in between is still not pinned.
    refused(Authority("card", twin).der, Trust((ROOT.der,), (twin.der,)), says="doesn't lead to a root")


def test_a_certificate_that_signs_itself_proves_nothing() -> None:
    refused(Authority("card signer").der, says="doesn't lead to a root")


@pytest.mark.parametrize("at", [NOW - 2 * YEARS, NOW + 2 * YEARS])
def test_a_certificate_out_of_its_time_is_refused(at: datetime) -> None:
    refused(CARD.der, at=at, says="valid from 2025-09-01 to 2027-09-01 only")


def test_every_link_must_be_valid_at_the_time() -> None:
    old = Authority("old", ROOT, ends=NOW - timedelta(days=1))
    refused(Authority("card", old).der, Trust((ROOT.der,), (old.der,)), says="CN=old is valid from")
    past = Authority("past root", ends=NOW - timedelta(days=1))
    refused(Authority("card", past).der, Trust((past.der,)), says="CN=past root is valid from")


def test_only_an_authority_issues() -> None:
    for name, made in (
        ("no authority", Authority("no authority", ROOT, ca=False)),
        ("says nothing", Authority("says nothing", ROOT, ca=None)),
        ("not for that", Authority("not for that", ROOT, issues=False)),
    ):
        refused(Authority("card", made).der, Trust((ROOT.der,), (made.der,)), says=f"{name} may not issue")


def test_the_length_of_the_path_is_kept() -> None:
    strict = Authority("strict", path=0)
    below = Authority("below", strict)
    check_chain(below.der, Trust((strict.der,)), NOW)
    refused(Authority("card", below).der, Trust((strict.der,), (below.der,)), says="allows only 0 authorities")


def test_an_issuer_that_issued_itself_anew_does_not_count() -> None:
    strict = Authority("strict", path=0)
    renewed = Authority("strict", strict, path=0)
    check_chain(Authority("card", renewed).der, Trust((strict.der,), (renewed.der,)), NOW)


def test_issuers_in_a_ring_come_to_an_end() -> None:
    first = Authority("first")
    second = Authority("second", first)
    again = Authority("first", second, key=first.key)
    leaf = Authority("card", again)
    refused(leaf.der, Trust((ROOT.der,), (again.der, second.der, first.der)), says="doesn't lead to a root")


def test_a_condition_that_is_not_understood_is_not_passed_over() -> None:
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    refused(Authority("card", ROOT, extra=[(strange, True)]).der, says=r"understand \(1\.2\.3\.4\)")
    check_chain(Authority("card", ROOT, extra=[(strange, False)]).der, TRUST, NOW)


@given(st.binary(max_size=80))
def test_noise_is_no_certificate(noise: bytes) -> None:
    for der in (noise, CARD.der + noise, CARD.der[: len(noise)]):
        if der != CARD.der:
            with pytest.raises(CertificateError):
                check_chain(der, TRUST, NOW)


_SIGNED = x509.load_der_x509_certificate(CARD.der).tbs_certificate_bytes
_AT = CARD.der.index(_SIGNED)


@given(st.integers(_AT * 8, (_AT + len(_SIGNED)) * 8 - 1))
def test_one_bit_turned_over_is_noticed(bit: int) -> None:
    altered = bytearray(CARD.der)
    altered[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CertificateError):
        check_chain(bytes(altered), TRUST, NOW)


@pytest.mark.parametrize("warned", ["ignore", "error"])
@pytest.mark.parametrize("number", [b"\x80", b"\x00"], ids=["below zero", "zero"])
def test_a_serial_number_that_counts_nothing_is_refused(warned: Literal["ignore", "error"], number: bytes) -> None:
    """RFC 5280, 4.1.2.2: a positive number. Refused in plain words, whatever the library warns of."""
    der = bytearray(CARD.der)
    length = der.index(b"\xa0\x03\x02\x01\x02\x02") + 6  # version 3, then the integer's own two bytes
    start, end = length + 1, length + 1 + der[length]
    der[start:end] = number + der[start + 1 : end] if number[0] else b"\x00" * der[length]
    with warnings.catch_warnings():
        warnings.simplefilter(warned)
        refused(bytes(der), says="something else where a certificate should be")
        refused(CARD.der, Trust((ROOT.der,), (*TRUST.between, bytes(der))), says="something else")
        assert not is_signature(bytes(der), b"", b"")
