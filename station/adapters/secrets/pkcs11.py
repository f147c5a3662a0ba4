"""Keys in a PKCS#11 token (HSM, USB token): master keys and signing keys never come out of it.

The token needs: for each master key a secret key (AES, DES2 or DES3) with the label ``NAME/vVERSION`` that may encrypt;
for a signing key a P-256 private key with the label NAME, and its certificate under the same label, in the token or in
the keyring as ``NAME/certificate``. The PIN is in the keyring as ``pkcs11-pin/LABEL``; passwords stay there as well.
PKCS#11 2.40: mechanisms CKM_AES_CBC, CKM_DES3_CBC, CKM_ECDSA.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from station.adapters.secrets.checks import (
    certificate_der,
    known_key,
    need_real_signature,
    others_certificate,
    proves,
)
from station.adapters.secrets.demo_keys import blocks_known_to_everybody
from station.adapters.secrets.names import certificate_of, entry_of
from station.adapters.secrets.token_session import TokenPlace, TokenSession
from station.chip.kdf import EncryptCbc, block_of, diversify_inside
from station.domain.errors import N_, SecretError
from station.domain.hidden import Hidden
from station.ports.secrets import KeyKind, Secrets

if TYPE_CHECKING:
    from pkcs11 import Object, ObjectClass, Session

# DER of the object identifier of P-256 (RFC 5480, 2.1.1.1).
_P256 = bytes.fromhex("06082a8648ce3d030107")
_WHOSE = b"whose certificate is this"


class Pkcs11Secrets:
    """A keeper whose master keys stay in a token; what is no chip key is kept in the keyring beside it."""

    def __init__(self, place: TokenPlace, keyring: Secrets) -> None:
        self._place, self._keyring = place, keyring
        self._token = TokenSession(place, keyring)

    def get(self, name: str) -> bytes:
        """Return a secret of the keyring."""
        return self._keyring.get(name)

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret in the keyring."""
        self._keyring.set(name, value)

    def delete(self, name: str) -> None:
        """Forget a secret of the keyring."""
        self._keyring.delete(name)

    def diversified(self, name: str, version: int, data: bytes, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return the card's own key: the token enciphers the blocks of AN10922, the master key stays in it."""

        def inside(session: Session) -> Hidden:
            return Hidden(diversify_inside(kind, self._cipher(session, name, version, kind), data))

        return self._token.run(inside)

    def plain_key(self, name: str, version: int, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return a key of the keyring; the token never gives one out.

        A key that is the same on every card is sent to cards as it is: it belongs into the keyring.
        """
        entry = entry_of(name, version)
        # Not looked for in the keyring then: a copy beside the token would make it worthless, and nobody would notice.
        if version in self._in_token(name):
            raise SecretError(_NEVER, _INTO_KEYRING, name=entry, token=self._place.label)
        return self._keyring.plain_key(name, version, kind)

    def versions(self, name: str) -> tuple[int, ...]:
        """Return the versions of a master key in the token; of one that is not there at all, those in the keyring."""
        return self._in_token(name) or self._keyring.versions(name)

    def _in_token(self, name: str) -> tuple[int, ...]:
        from pkcs11 import Attribute, ObjectClass

        label = re.compile(re.escape(name) + r"/v(\d{1,3})")

        def listed(session: Session) -> tuple[int, ...]:
            keys = list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY}))
            found = (label.fullmatch(str(key[Attribute.LABEL])) for key in keys)
            return tuple(sorted({int(match[1]) for match in found if match}))

        return self._token.run(listed)

    def sign(self, name: str, data: bytes) -> bytes:
        """Return a signature that the token makes; it is given the SHA-256 digest."""
        digest = hashlib.sha256(data).digest()
        raw = self._token.run(lambda session: self._signed(session, name, digest))
        # A token gives the two numbers side by side (PKCS#11 2.40, CKM_ECDSA); everybody else wants them in DER.
        half = len(raw) // 2
        made = encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
        return need_real_signature(made, data, name)

    def certificate(self, name: str) -> bytes:
        """Return the certificate in the token, or else in the keyring, after a signature has shown that it belongs."""
        from pkcs11 import Attribute, ObjectClass

        def kept(session: Session) -> bytes:
            found = self._one(session, ObjectClass.CERTIFICATE, name)
            return b"" if found is None else bytes(found[Attribute.VALUE])

        der = certificate_der(self._token.run(kept) or self._keyring.get(certificate_of(name)), name)
        if not proves(der, self.sign(name, _WHOSE), _WHOSE):
            raise others_certificate(name)
        return der

    def close(self) -> None:
        """Log out of the token."""
        self._token.close()

    def _cipher(self, session: Session, name: str, version: int, kind: KeyKind) -> EncryptCbc:
        from pkcs11 import Attribute, EncryptMixin, KeyType, Mechanism, ObjectClass

        types = {KeyKind.AES128: KeyType.AES, KeyKind.TDES2K: KeyType.DES2, KeyKind.TDES3K: KeyType.DES3}
        mechanism = Mechanism.AES_CBC if kind is KeyKind.AES128 else Mechanism.DES3_CBC
        entry, size = entry_of(name, version), block_of(kind)
        key = self._one(session, ObjectClass.SECRET_KEY, entry)
        if key is None:
            raise SecretError(_MISSING, _MAKE_KEY, name=entry, token=self._place.label)
        long = kind is KeyKind.AES128 and key[Attribute.VALUE_LEN] != kind.length
        if not isinstance(key, EncryptMixin) or key[Attribute.KEY_TYPE] != types[kind] or long:
            raise SecretError(_WRONG_KIND, _MAKE_KEY, name=entry, token=self._place.label, kind=kind.value)
        able: EncryptMixin = key

        def encrypt(blocks: bytes) -> bytes:
            return bytes(able.encrypt(blocks, mechanism=mechanism, mechanism_param=bytes(size)))  # type: ignore[arg-type]

        # The key can't be read, but what it makes of zeros can be compared: a demo's key in a real token is refused,
        # too.
        if encrypt(bytes(size)) in blocks_known_to_everybody(kind, name):
            raise known_key(entry)
        return encrypt

    def _signed(self, session: Session, name: str, digest: bytes) -> bytes:
        from pkcs11 import Attribute, Mechanism, ObjectClass, SignMixin

        key = self._one(session, ObjectClass.PRIVATE_KEY, name)
        if key is None:
            raise SecretError(_MISSING, _MAKE_KEY, name=name, token=self._place.label)
        if not isinstance(key, SignMixin) or key[Attribute.EC_PARAMS] != _P256:
            raise SecretError(_CANT_SIGN, _MAKE_KEY, name=name, token=self._place.label)
        return key.sign(digest, mechanism=Mechanism.ECDSA)

    def _one(self, session: Session, what: ObjectClass, label: str) -> Object | None:
        from pkcs11 import Attribute

        found = list(session.get_objects({Attribute.CLASS: what, Attribute.LABEL: label}))
        if len(found) > 1:
            # Which of them a search finds first is up to the token: half of the cards could be made with the wrong one.
            raise SecretError(_DOUBLE, _DELETE_ONE, name=label, token=self._place.label)
        return found[0] if found else None


_MISSING = N_("The key {name} is not in the security module {token}.")
_MAKE_KEY = N_("Ask IT to put it there, as the help page on keys says.")
_WRONG_KIND = N_("The key {name} in the security module {token} can't be used: it is no {kind} key that may encrypt.")
_CANT_SIGN = N_("The key {name} in the security module {token} can't sign: it is no P-256 key that may sign.")
_DOUBLE = N_("The security module {token} has two keys named {name}.")
_DELETE_ONE = N_("Ask IT to delete or to rename the one that is not meant.")
_NEVER = N_("The security module {token} never gives the key {name} out.")
_INTO_KEYRING = N_("A key that is the same on every card belongs into the keyring: ask IT.")
