"""One logged-in session on a PKCS#11 token, opened when it is first needed and again after the token was away.

A token locks itself for good after a few wrong PINs. So a PIN that was refused is never tried again, in this run or
the next: it is noted in the keyring by its fingerprint until IT puts another one there.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from station.domain.errors import N_, SecretError
from station.ports.secrets import Secrets

if TYPE_CHECKING:
    from pkcs11 import Session, Token
    from pkcs11.exceptions import PKCS11Error

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where the token is: the module (shared library) of its maker, and the label it was given."""

    module: Path
    label: str

    @property
    def pin_name(self) -> str:
        """Return under which name the PIN is kept in the keyring."""
        return f"pkcs11-pin/{self.label}"

    @property
    def refused_name(self) -> str:
        """Return under which name the fingerprint of a refused PIN is kept."""
        return f"{self.pin_name}/refused"


class TokenSession:
    """A session on one token; work is done in it one piece at a time.

    A program has one login a token (PKCS#11 2.40, 5.6): who closes one of two sessions ends the other's login, too.
    """

    def __init__(self, place: TokenPlace, keyring: Secrets) -> None:
        self._place, self._keyring = place, keyring
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._refused_now = b""

    def run(self, work: Callable[[Session], T]) -> T:
        """Do ``work`` in the session; a session that was ended by others is opened anew before.

        Raises:
            SecretError: no module, no token, no PIN, a wrong one, or the token refused; the message tells which.
        """
        exceptions = _exceptions(self._place)
        with self._lock:
            try:
                if self._session is None or not self._is_alive(self._session):
                    self._forget()
                    self._session = self._open()
                return work(self._session)
            except exceptions.PKCS11Error as error:
                raise explained(error, self._place) from error

    def close(self) -> None:
        """Log out."""
        with self._lock:
            self._forget()

    def _is_alive(self, session: Session) -> bool:
        """Ask for something that only needs the session: the token may have been away, or restarted."""
        exceptions = _exceptions(self._place)
        try:
            session.generate_random(64)
        # A token without a generator has answered all the same.
        except (exceptions.RandomNoRNG, exceptions.FunctionNotSupported):
            return True
        except exceptions.PKCS11Error:
            return False
        return True

    def _forget(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        try:
            session.close()
        except _exceptions(self._place).PKCS11Error:
            pass  # it is gone already: that is why it is forgotten

    def _open(self) -> Session:
        token = self._token()
        self._need_tries_left(token)
        return self._login(token)

    def _token(self) -> Token:
        import pkcs11

        label, module = self._place.label, str(self._place.module)
        if not self._place.module.is_file():
            raise SecretError(_NO_MODULE, _NAME_MODULE, module=module)
        try:
            library = pkcs11.lib(module)
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise SecretError(_BAD_MODULE, _NAME_MODULE, module=module, detail=error) from error
        found = list(library.get_tokens(token_label=label))
        if not found:
            raise SecretError(_NO_TOKEN, _PLUG_IN, token=label)
        if len(found) > 1:
            raise SecretError(_TWO_TOKENS, _ONE_TOKEN, token=label)
        return found[0]

    def _need_tries_left(self, token: Token) -> None:
        from pkcs11 import TokenFlag

        if token.flags & TokenFlag.USER_PIN_LOCKED:
            raise SecretError(_PIN_LOCKED, _UNLOCK_PIN, token=self._place.label)
        # Somebody else has used the others up; a wrong PIN here would lock the keys of every station of the
        # institution.
        if token.flags & TokenFlag.USER_PIN_FINAL_TRY:
            raise SecretError(_LAST_TRY, _LOG_IN_YOURSELF, token=self._place.label)

    def _login(self, token: Token) -> Session:
        import pkcs11

        place = self._place
        pin = self._keyring.get(place.pin_name)
        # With the serial: the same PIN may be right for the token that took the place of this one.
        fingerprint = hashlib.sha256(token.serial + b"\0" + pin).digest()
        if fingerprint in (self._refused_now, self._refused()):
            raise SecretError(_PIN_WRONG, _PUT_PIN, token=place.label, name=place.pin_name)
        try:
            session = token.open(user_pin=pin.decode("utf-8", "replace"))
        except pkcs11.UserAlreadyLoggedIn:  # another session of this program is
            return token.open()
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
            # First here: the keyring may be one that takes nothing, and the next try comes with the next card.
            self._refused_now = fingerprint
            self._keyring.set(place.refused_name, fingerprint)
            raise SecretError(_PIN_WRONG, _PUT_PIN, token=place.label, name=place.pin_name) from error
        self._keyring.delete(place.refused_name)
        return session

    def _refused(self) -> bytes:
        try:
            return self._keyring.get(self._place.refused_name)
        except SecretError:
            return b""


def explained(error: PKCS11Error, place: TokenPlace) -> SecretError:
    """Return what a token's refusal means for the people at the desk."""
    import pkcs11

    if isinstance(error, pkcs11.PinLocked):
        return SecretError(_PIN_LOCKED, _UNLOCK_PIN, token=place.label)
    if isinstance(error, pkcs11.PinExpired):
        return SecretError(_PIN_EXPIRED, _PUT_PIN, token=place.label, name=place.pin_name)
    if isinstance(error, pkcs11.UserPinNotInitialized):
        return SecretError(_NO_PIN_YET, _SET_UP, token=place.label)
    if isinstance(error, pkcs11.TokenNotPresent | pkcs11.DeviceRemoved | pkcs11.NoSuchToken):
        return SecretError(_NO_TOKEN, _PLUG_IN, token=place.label)
    return SecretError(_REFUSED, _SET_UP, token=place.label, detail=type(error).__name__)


def _exceptions(place: TokenPlace) -> ModuleType:
    """Return the library's errors; raises SecretError when the station was installed without it."""
    try:
        from pkcs11 import exceptions
    except ImportError as error:
        raise SecretError(_NOT_INSTALLED, _INSTALL, token=place.label) from error
    return exceptions


_NOT_INSTALLED = N_("The keys are in the security module {token}, but this station was installed without PKCS#11.")
_INSTALL = N_("Ask IT to install it with the extra “pkcs11”.")
_NO_MODULE = N_("The PKCS#11 module {module} is not on this computer.")
_BAD_MODULE = N_("The PKCS#11 module {module} can't be loaded: {detail}")
_NAME_MODULE = N_("Ask IT to install the security module's software, or to correct secrets.module in the profile.")
_NO_TOKEN = N_("The security module {token} is not there.")
_PLUG_IN = N_("Plug it in. If it is plugged in, ask IT to check secrets.token in the station profile.")
_TWO_TOKENS = N_("There are two security modules named {token}.")
_ONE_TOKEN = N_("Unplug one of them, or ask IT to give it another name.")
_PIN_WRONG = N_("The security module {token} doesn't accept its PIN. The station won't try this PIN again.")
_PUT_PIN = N_("Ask IT to put the right PIN into the keyring, as {name}.")
_PIN_LOCKED = N_("The PIN of the security module {token} is locked.")
_PIN_EXPIRED = N_("The PIN of the security module {token} has expired.")
_UNLOCK_PIN = N_("Ask IT to unlock it with the software of its maker.")
_LAST_TRY = N_("The security module {token} allows one more try of its PIN; the station leaves it to a person.")
_LOG_IN_YOURSELF = N_("Ask IT to log in once with the software of its maker; then the station goes on.")
_NO_PIN_YET = N_("The security module {token} has no PIN yet.")
_SET_UP = N_("Ask IT to set the security module up again, with the software of its maker.")
_REFUSED = N_("The security module {token} refused to work with the key: {detail}")
