"""Is what a card carries genuine: its signature, and the chain from its certificate to a root that is pinned.

The data zone of the European Student Card holds an ECDSA signature (P-256, SHA-256, DER) over number and UID, and the
certificate (X.509, RFC 5280) of the institution that signed. A certificate alone proves nothing: anybody can make one.
Only a chain that ends in a root whose very bytes the chip profile pins is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning

from station.chip.profiles import Trust
from station.domain.errors import N_, CertificateError, ChipMismatchError

_LONGEST_CHAIN = 8
# A certificate with a critical extension that one does not understand must be refused (RFC 5280, 4.2).
_UNDERSTOOD = frozenset((x509.BasicConstraints.oid, x509.KeyUsage.oid))


def check_signature(certificate: bytes, message: bytes, signature: bytes) -> None:
    """Check that the holder of ``certificate`` (DER) signed ``message``.

    Raises:
        CertificateError: the certificate can't be used for this at all.
        ChipMismatchError: the signature is of something, or of somebody, else.
    """
    public = _signer(_parsed(certificate))
    try:
        public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ChipMismatchError(_FORGED, _FORGED_TODO) from error


def is_signature(certificate: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether the holder of ``certificate`` signed ``message``; never fails."""
    try:
        check_signature(certificate, message, signature)
    except (CertificateError, ChipMismatchError):
        return False
    return True


def check_chain(certificate: bytes, trust: Trust, at: datetime) -> None:
    """Check that ``certificate`` (DER) leads to a pinned root, every link valid ``at`` that time (with a time zone).

    Each issuer must be an authority that may sign certificates, with as many others below it as it allows (RFC 5280,
    4.2.1.3 and 4.2.1.9 and 6.1).

    Raises:
        CertificateError: there is no such chain; it says what is wrong with the certificate, or with its issuers.
    """
    leaf = _parsed(certificate)
    _signer(leaf)
    _check_link(leaf, at)
    if not trust.roots:
        raise CertificateError(_NO_ROOTS, name=_common_name(leaf))
    # Pinned by itself; its own validity was checked above all the same.
    if certificate in trust.roots:
        return
    pinned = {_parsed(each).fingerprint(hashes.SHA256()) for each in trust.roots}
    known = [_parsed(each) for each in (*trust.roots, *trust.between)]
    wrong: list[CertificateError] = []
    if not _leads_to_root((leaf,), known, pinned, at, wrong):
        raise wrong[0] if wrong else CertificateError(_NO_CHAIN, name=_common_name(leaf))


def _leads_to_root(
    chain: tuple[x509.Certificate, ...],
    known: list[x509.Certificate],
    pinned: set[bytes],
    at: datetime,
    wrong: list[CertificateError],
) -> bool:
    for issuer in _issuers(chain[-1], known):
        if issuer in chain or len(chain) >= _LONGEST_CHAIN:
            continue
        try:
            _check_link(issuer, at)
            _check_authority(issuer, below=_authorities(chain[1:]))
        except CertificateError as error:
            # Another issuer of the same name and key may still do: what is wrong with one is told only when none leads
            # up.
            wrong.append(error)
            continue
        if issuer.fingerprint(hashes.SHA256()) in pinned or _leads_to_root((*chain, issuer), known, pinned, at, wrong):
            return True
    return False


def _issuers(certificate: x509.Certificate, known: list[x509.Certificate]) -> Iterator[x509.Certificate]:
    for each in known:
        try:
            certificate.verify_directly_issued_by(each)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            continue  # another name, another kind of key, or another key of the same name
        yield each


def _authorities(between: tuple[x509.Certificate, ...]) -> int:
    """Return how many certificates count for a path length: those in between that did not issue themselves."""
    return sum(each.issuer != each.subject for each in between)


def _check_link(certificate: x509.Certificate, at: datetime) -> None:
    name = _common_name(certificate)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        begins, ends = certificate.not_valid_before_utc.date(), certificate.not_valid_after_utc.date()
        raise CertificateError(_OUT_OF_TIME, name=name, begins=begins.isoformat(), ends=ends.isoformat())
    for extension in _extensions(certificate):
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise CertificateError(_NOT_UNDERSTOOD, name=name, extension=extension.oid.dotted_string)


def _check_authority(certificate: x509.Certificate, *, below: int) -> None:
    name = _common_name(certificate)
    constraints, usage = _constraints(certificate), _usage(certificate)
    if constraints is None or not constraints.ca or (usage is not None and not usage.key_cert_sign):
        raise CertificateError(_NO_AUTHORITY, name=name)
    if constraints.path_length is not None and below > constraints.path_length:
        raise CertificateError(_TOO_LONG, name=name, allowed=constraints.path_length)


def _signer(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    """Return the key of a certificate that may sign student cards."""
    name = _common_name(certificate)
    try:
        public = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(_NO_P256, name=name) from error
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise CertificateError(_NO_P256, name=name)
    usage = _usage(certificate)
    if usage is not None and not usage.digital_signature:
        raise CertificateError(_NO_SIGNER, name=name)
    return public


def _parsed(der: bytes) -> x509.Certificate:
    try:
        found = x509.load_der_x509_certificate(der)
        # DER has one form only: what is pinned or stored with something behind it is not that certificate.
        # A serial number is positive (RFC 5280, 4.1.2.2).
        if found.public_bytes(Encoding.DER) != der or found.serial_number <= 0:
            raise ValueError("not as RFC 5280 says")  # noqa: TRY301 - told like any other senseless bytes
    except (ValueError, x509.InvalidVersion, CryptographyDeprecationWarning) as error:
        raise CertificateError(_NO_CERTIFICATE, name="?") from error
    return found


def _common_name(certificate: x509.Certificate) -> str:
    try:
        return certificate.subject.rfc4514_string() or "?"
    except (ValueError, TypeError):
        return "?"


def _extensions(certificate: x509.Certificate) -> x509.Extensions:
    try:
        return certificate.extensions
    except (ValueError, x509.DuplicateExtension) as error:
        raise CertificateError(_NO_CERTIFICATE, name=_common_name(certificate)) from error


def _constraints(certificate: x509.Certificate) -> x509.BasicConstraints | None:
    try:
        return _extensions(certificate).get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return None


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return _extensions(certificate).get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


_FORGED = N_("The signature on this card is not of this card: it may be a copy or a forgery.")
_FORGED_TODO = N_("Don't hand this card over, and don't accept it. Give it to IT.")
_NO_ROOTS = N_("The certificate {name} can't be checked: the chip profile pins no root certificate.")
_NO_CHAIN = N_("The certificate {name} doesn't lead to a root certificate that the chip profile pins.")
_OUT_OF_TIME = N_("The certificate {name} is valid from {begins} to {ends} only.")
_NOT_UNDERSTOOD = N_("The certificate {name} has a condition that the station doesn't understand ({extension}).")
_NO_AUTHORITY = N_("The certificate {name} may not issue others.")
_TOO_LONG = N_("The certificate {name} allows only {allowed} authorities below it, and there are more.")
_NO_P256 = N_("The certificate {name} has no key of the curve P-256.")
_NO_SIGNER = N_("The certificate {name} is not for signing.")
_NO_CERTIFICATE = N_("There is something else where a certificate should be ({name}).")
