"""Keys in the system's keyring (Secret Service, Windows credential vault, macOS keychain), through ``keyring``.

IT puts them there with the ``keyring`` command: ``keyring set esc-station deuinfo-base/v1``, then the key as 32 hex
digits. Binary values that the station keeps itself are written as ``hex:…``; everything else is text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from station.adapters.secrets.virtual import TEST_MARK
from station.domain.errors import N_, SecretError

SERVICE = "esc-station"
_BINARY = "hex:"
_KEY_LENGTH = 16
T = TypeVar("T")


class KeyringSecrets:
    """The keeper of secrets of a real station."""

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
            except keyring.errors.PasswordDeleteError:
                if keyring.get_password(self._service, name) is not None:
                    raise

        self._asked(name, forget)

    def diversified_aes(self, name: str, version: int, data: bytes) -> bytes:
        """Return the card's own key, made from the master key that is kept as ``name/vVERSION``."""
        from station.chip.kdf import diversify_aes128

        entry = f"{name}/v{version}"
        master = self.get(entry)
        if len(master) == 2 * _KEY_LENGTH:
            master = _from_hex(master.decode("ascii", "replace"), entry)
        if len(master) != _KEY_LENGTH:
            raise SecretError(_WRONG_LENGTH, _WRITE_IT_SO, name=entry)
        if master.startswith(TEST_MARK):
            raise SecretError(_TEST_KEY, _REAL_KEY, name=entry)
        return diversify_aes128(master, data)

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
        return _BINARY + value.hex()
    # Text that could be taken for something else when it is read again is kept as bytes, too.
    return _BINARY + value.hex() if not text.isprintable() or text.startswith(_BINARY) else text


def _decoded(text: str, name: str) -> bytes:
    return _from_hex(text[len(_BINARY) :], name) if text.startswith(_BINARY) else text.encode("utf-8")


def _from_hex(text: str, name: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        # Without the cause: its text could repeat what is secret.
        raise SecretError(_WRONG_LENGTH, _WRITE_IT_SO, name=name) from None


_NO_KEYRING = N_("This computer has no keyring, so the key {name} can't be read.")
_LOCKED = N_("This computer's keyring is locked, so the key {name} can't be used.")
_UNLOCK = N_("Unlock the keyring (log in again), or ask IT.")
_NOT_KEPT = N_("This computer's keyring did not keep the key {name}.")
_WRONG_LENGTH = N_("The key {name} in this computer's keyring is not a key of 16 bytes.")
_WRITE_IT_SO = N_("Ask IT to put it there again, as 32 hexadecimal digits.")
_TEST_KEY = N_("The key {name} in this computer's keyring is a test key. Test keys are refused outside the demo.")
_REAL_KEY = N_("Ask IT to put the real key there.")
