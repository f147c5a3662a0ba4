"""Keys in the system's keyring (Secret Service, Windows credential vault, macOS keychain), through ``keyring``.

IT puts them there with the ``keyring`` command: ``keyring set esc-station deuinfo-base/v1``, then the key as 32 hex
digits (48 for 3K3DES). A signing key lies there in the PKCS#8 form (PEM, or the DER as hexadecimal digits), its
certificate beside it as ``NAME/certificate``. Binary values that the station keeps itself are written as ``hex:…``,
long ones as ``base64:…`` because some keyrings are narrow; everything else is text.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TypeVar

from station.adapters.secrets.names import certificate_of, entry_of
from station.domain.errors import N_, SecretError
from station.domain.hidden import Hidden
from station.ports.secrets import KeyKind

SERVICE = "esc-station"
_BINARY = "hex:"
_LONG_BINARY = "base64:"
# Windows keeps up to 1280 characters a secret.
_LONG = 256
T = TypeVar("T")


class KeyringSecrets:
    """The keeper of secrets of a real station. What keys need is loaded with the first key, not when the desk opens."""

    def __init__(self, service: str = SERVICE) -> None:
        self._service = service

    def get(self, name: str) -> bytes:
        """Return a secret; raises SecretError when it is not there, or the keyring is locked."""
        import keyring

        text = self._asked(name, lambda: keyring.get_password(self._service, name))
        if text is None:
            raise SecretError(name=name)
        return _decoded(text, name)

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret; raises SecretError when the keyring does not take it."""
        import keyring

        self._asked(name, lambda: keyring.set_password(self._service, name, _encoded(value)))
        # A machine without a keyring may have one that forgets everything at once.
        if self.get(name) != value:
            raise SecretError(_NOT_KEPT, name=name)

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error."""
        import keyring
        import keyring.errors

        def forget() -> None:
            try:
                keyring.delete_password(self._service, name)
            # keyring raises the same error for "was not there" and for "could not"; a second look tells them apart.
            except keyring.errors.PasswordDeleteError:
                if keyring.get_password(self._service, name) is not None:
                    raise

        self._asked(name, forget)

    def diversified(self, name: str, version: int, data: bytes, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return the card's own key, made from the master key that is kept as ``name/vVERSION``."""
        from station.chip.kdf import diversify

        return Hidden(diversify(kind, self.plain_key(name, version, kind), data))

    def plain_key(self, name: str, version: int, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return a key as it is; a keyring can't keep it to itself."""
        from station.adapters.secrets.checks import master_key

        entry = entry_of(name, version)
        return master_key(self.get(entry), kind, entry)

    def versions(self, name: str) -> tuple[int, ...]:
        """Return the versions of a key; a keyring has no list, so each of the 256 is asked for."""
        import keyring

        def there(version: int) -> bool:
            entry = entry_of(name, version)
            return self._asked(entry, lambda: keyring.get_password(self._service, entry)) is not None

        return tuple(filter(there, range(256)))

    def sign(self, name: str, data: bytes) -> bytes:
        """Return a signature by the key that is kept as ``name``."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        from station.adapters.secrets.checks import signing_key

        return signing_key(self.get(name), name).sign(data, ec.ECDSA(hashes.SHA256()))

    def certificate(self, name: str) -> bytes:
        """Return the certificate that is kept as ``name/certificate``."""
        from station.adapters.secrets.checks import certificate_der, need_own_certificate, signing_key

        der = certificate_der(self.get(certificate_of(name)), name)
        return need_own_certificate(der, signing_key(self.get(name), name).public_key(), name)

    def _asked(self, name: str, ask: Callable[[], T]) -> T:
        import keyring.errors

        try:
            return ask()
        except keyring.errors.NoKeyringError as error:
            raise SecretError(_NO_KEYRING, _UNLOCK, name=name) from error
        except keyring.errors.KeyringError as error:
            raise SecretError(_LOCKED, _UNLOCK, name=name) from error


def _encoded(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return _as_binary(value)
    # Text that could be taken for something else when it is read again is kept as bytes, too.
    return _as_binary(value) if not text.isprintable() or text.startswith((_BINARY, _LONG_BINARY)) else text


def _as_binary(value: bytes) -> str:
    if len(value) > _LONG:
        return _LONG_BINARY + base64.b64encode(value).decode("ascii")
    return _BINARY + value.hex()


def _decoded(text: str, name: str) -> Hidden:
    try:
        if text.startswith(_BINARY):
            return Hidden(bytes.fromhex(text[len(_BINARY) :]))
        if text.startswith(_LONG_BINARY):
            return Hidden(base64.b64decode(text[len(_LONG_BINARY) :], validate=True))
    except (ValueError, binascii.Error):
        text = ""  # a dump of this frame's variables shows nothing
        # Without the cause: its text could repeat what is secret.
        raise SecretError(_SPOILED, _AGAIN, name=name) from None
    return Hidden(text.encode("utf-8"))


_NO_KEYRING = N_("This computer has no keyring, so the key {name} can't be read.")
_LOCKED = N_("This computer's keyring is locked, so the key {name} can't be used.")
_UNLOCK = N_("Unlock the keyring (log in again), or ask IT.")
_NOT_KEPT = N_("This computer's keyring did not keep the key {name}.")
_SPOILED = N_("The secret {name} in this computer's keyring can't be read: it is not written as it should be.")
_AGAIN = N_("Ask IT to put it there again.")
