"""The approval of a layout: what is signed, how it is written beside the layout, whether it still fits.

Signed is a statement that names the layout, its version and its digest, who approved it and when; so neither a letter
of the layout nor the approver's name can be changed afterwards. The signature is ECDSA over P-256 with SHA-256
(FIPS 186-5), the certificate X.509. Whose signatures count is not said here: a station's profile names them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from station.domain.errors import N_, LayoutError
from station.domain.layout import Approval, Layout
from station.render.layout_package import APPROVAL_NAME

_LARGEST = 100_000
# Signed along with the rest, so that nothing else signed by the same key can pass for an approval.
_WHAT = "approval of a card layout, version 1"


def statement(layout: Layout, digest: str, at: datetime, by: str) -> bytes:
    """Return the bytes that are signed when a layout with this digest is approved."""
    said = {
        "what": _WHAT,
        "name": layout.name,
        "version": layout.version,
        "digest": digest,
        "at": at.isoformat(),
        "by": by,
    }
    return json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")


def fingerprint(certificate: bytes) -> str:
    """Return a certificate's SHA-256 fingerprint, in small hexadecimal digits."""
    return hashlib.sha256(certificate).hexdigest()


def signer(certificate: bytes) -> str:
    """Return whom a certificate names, as RFC 4514 writes it; empty when it can't be read."""
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()
    except ValueError:
        return ""


def approval_json(approval: Approval) -> bytes:
    """Return ``approval.json``."""
    said = {
        "schema_version": 1,
        "digest": approval.digest,
        "at": approval.at.isoformat(),
        "by": approval.by,
        "certificate": base64.b64encode(approval.certificate).decode("ascii"),
        "signature": base64.b64encode(approval.signature).decode("ascii"),
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def read_approval(raw: bytes, layout: Layout) -> Approval:
    """Return the approval that lies beside a layout whose digest is known, if it fits.

    Raises:
        LayoutError: it can't be read, is another layout's, or something was changed after it was given.
    """
    if len(raw) > _LARGEST:
        raise LayoutError(file="", place=APPROVAL_NAME, detail=_UNREADABLE)
    try:
        said: Any = _File.model_validate_json(raw)
        approval = Approval(
            said.digest,
            datetime.fromisoformat(said.at),
            said.by,
            base64.b64decode(said.certificate, validate=True),
            base64.b64decode(said.signature, validate=True),
        )
    except (ValidationError, ValueError, RecursionError) as error:  # binascii.Error is a ValueError
        raise LayoutError(file="", place=APPROVAL_NAME, detail=_UNREADABLE) from error
    # Without a zone the same words would name another moment elsewhere.
    if approval.digest != layout.digest or approval.at.tzinfo is None or not _proves(approval, layout):
        raise LayoutError(_ALTERED, _AGAIN, file="", place=APPROVAL_NAME, layout=layout.reference)
    return approval


def _proves(approval: Approval, layout: Layout) -> bool:
    return proves(
        approval.certificate, approval.signature, statement(layout, approval.digest, approval.at, approval.by)
    )


def proves(certificate: bytes, signature: bytes, data: bytes) -> bool:
    """Return whether the certificate's key made this signature of the data; what can't be read proves nothing."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            return False
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


class _File(BaseModel):
    """The shape of ``approval.json``."""

    model_config = ConfigDict(extra="forbid", strict=True)

    schema_version: Annotated[int, Field(ge=1, le=1)]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    at: Annotated[str, Field(max_length=64)]
    by: Annotated[str, Field(max_length=255)]
    certificate: Annotated[str, Field(max_length=20_000)]
    signature: Annotated[str, Field(max_length=400)]


_UNREADABLE = N_("the approval can't be read")
_ALTERED = N_("The card layout {layout} was altered after it was approved, or its approval is not its own.")
_AGAIN = N_("Take the layout as it was approved, or have this one checked and approved anew. Nothing was printed.")
