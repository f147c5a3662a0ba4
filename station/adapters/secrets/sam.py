"""Keys in a SAM in a second reader: the master keys never come out of it, only the keys of single cards.

Signing keys, certificates, passwords, and keys that are the same on every card stay in the keyring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from station.adapters.secrets.checks import known_key
from station.adapters.secrets.demo_keys import keys_known_to_everybody
from station.adapters.secrets.names import entry_of
from station.chip.kdf import block_of, diversify
from station.chip.sam.host import SamHost, SamStatus
from station.domain.errors import N_, ChipRefusedError, SecretError
from station.domain.hidden import Hidden
from station.ports.chip import Readers
from station.ports.sam import Sam
from station.ports.secrets import KeyKind, Secrets

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SamPlace:
    """Where the SAM is: part of its reader's name; and which of its keys (0 to 127) is which master key."""

    reader: str
    keys: Mapping[str, int] = field(default_factory=dict)


class SamSecrets:
    """A keeper whose master keys stay in a SAM. Every call for a key happens on the ``chip`` lane."""

    def __init__(self, place: SamPlace, readers: Callable[[], Readers], keyring: Secrets) -> None:
        self._place, self._readers, self._keyring = place, readers, keyring

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
        """Return the card's own key, made in the SAM."""
        entry, number = entry_of(name, version), self._number(name)
        if not 1 <= len(data) < 2 * block_of(kind):
            raise ValueError(f"AN10922 takes 1 to {2 * block_of(kind) - 1} bytes of data for {kind.value}")

        def made(sam: Sam) -> Hidden:
            told = sam.key_entry(number)
            if version not in told.versions:
                raise SecretError(_MISSING, _SET_UP, name=entry, number=number)
            if told.kind is not kind:
                raise SecretError(_WRONG_KIND, _SET_UP, name=entry, kind=kind.value)
            return Hidden(sam.diversified(number, version, data))

        key = self._asked(entry, made)
        # A SAM has no way to compare its master key, so the card's key is: a test key makes the same one of the same
        # data.
        if any(_same(kind, key, diversify(kind, known, data)) for known in keys_known_to_everybody(kind, name)):
            raise known_key(entry)
        return key

    def plain_key(self, name: str, version: int, kind: KeyKind = KeyKind.AES128) -> bytes:
        """Return a key of the keyring; the SAM never gives one out."""
        if name in self._place.keys:
            raise SecretError(_NEVER, _INTO_KEYRING, name=entry_of(name, version))
        return self._keyring.plain_key(name, version, kind)

    def versions(self, name: str) -> tuple[int, ...]:
        """Return the versions that the SAM has of a key; of a key that is not in the SAM, those in the keyring."""
        if name not in self._place.keys:
            return self._keyring.versions(name)
        return self._asked(name, lambda sam: sam.key_entry(self._place.keys[name]).versions)

    def sign(self, name: str, data: bytes) -> bytes:
        """Return a signature by a key of the keyring: a SAM's own keys are no signing keys."""
        return self._keyring.sign(name, data)

    def certificate(self, name: str) -> bytes:
        """Return a certificate of the keyring."""
        return self._keyring.certificate(name)

    def _number(self, name: str) -> int:
        if name not in self._place.keys:
            raise SecretError(_NOT_NAMED, _NAME_IT, name=name)
        return self._place.keys[name]

    def _asked(self, name: str, ask: Callable[[Sam], T]) -> T:
        readers = self._readers()
        wanted = self._place.reader.casefold()
        found = [r.name for r in readers.list_readers() if r.card_present and wanted in r.name.casefold()]
        if not found:
            raise SecretError(_NO_SAM, _PUT_IN, reader=self._place.reader)
        with readers.open_card(found[0]) as connection:
            try:
                return ask(SamHost(connection.transmit))
            except ChipRefusedError as error:
                if error.sw == SamStatus.HOST_AUTHENTICATION_NEEDED:
                    raise SecretError(_LOCKED, _SET_UP, name=name) from error
                raise SecretError(_REFUSED, _SET_UP, name=name, detail=f"{error.sw:04X}") from error


def _same(kind: KeyKind, one: bytes, other: bytes) -> bool:
    """Compare two keys without the bits that 3DES does not use: a SAM may have put the key's version there."""
    mask = 0xFF if kind is KeyKind.AES128 else 0xFE
    return bytes(b & mask for b in one) == bytes(b & mask for b in other)


_NO_SAM = N_("There is no SAM in a reader named {reader}.")
_PUT_IN = N_("Put the SAM in, or ask IT to check secrets.reader in the station profile.")
_NOT_NAMED = N_("The station profile does not say which key of the SAM is {name}.")
_NAME_IT = N_("Ask IT to add it to secrets.sam_keys in the station profile.")
_MISSING = N_("The SAM has no such version of the key {name} (its key number {number}).")
_WRONG_KIND = N_("The key {name} in the SAM is no {kind} key.")
_SET_UP = N_("Ask IT to set the SAM up again, as the help page on keys says.")
_LOCKED = N_("The SAM demands that its host authenticates before it makes the key {name}; the station can't.")
_REFUSED = N_("The SAM refused to make the key {name} (answer {detail}).")
_NEVER = N_("The SAM never gives the key {name} out.")
_INTO_KEYRING = N_("A key that is the same on every card belongs into the keyring: ask IT.")
