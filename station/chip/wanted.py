"""What one card shall have: its own keys and the contents of its files, made from the profile and the keeper's keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from station.chip import proof
from station.chip.content import CERTIFICATE, SIGNATURE, ChipData, bytes_of, fitted, values_of
from station.chip.desfire.keys import Key
from station.chip.profiles import ApplicationSpec, CardKeySpec, ChipProfile, FileSpec, KeySpec
from station.domain.errors import N_, ChipMismatchError, ProfileError
from station.domain.expression_functions import Value
from station.domain.expressions import Expression
from station.ports.secrets import KeyKind, Secrets


@dataclass(frozen=True, slots=True, repr=False)
class Signed:
    """What a card's signature must be of, and what vouches for the signer."""

    profile: ChipProfile
    message: bytes
    data: ChipData

    def check(self, certificate: bytes, signature: bytes) -> None:
        """Check signature and chain.

        Raises:
            CertificateError: the certificate leads to no pinned root.
            ChipMismatchError: the signature is not of this card.
        """
        proof.check_signature(certificate, self.message, signature)
        proof.check_chain(certificate, self.profile.trust, self.data.at)


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """What an application shall have on this one card. Never shown.

    ``contents`` has each file's bytes by its number; those of signature and certificate are missing where a card is
    only to be checked: whatever is genuine will do.
    """

    uid: bytes
    app: ApplicationSpec
    contents: Mapping[int, bytes]
    keys: Mapping[int, Key]
    signed: Signed | None = None

    def is_right(self, file: FileSpec, found: bytes | None) -> bool:
        """Say whether a file that holds ``found`` need not be written.

        A signature is another one each time it is made, so one that is there is tried, not compared.
        """
        wanted = self.contents.get(file.number)
        if wanted is not None and found == wanted:
            return True
        if file.content != SIGNATURE or self.signed is None or found is None:
            return found is not None and wanted is None
        certificate = self.contents.get(self.number_of(CERTIFICATE))
        return certificate is None or proof.is_signature(certificate, self.signed.message, found)

    def needs_new(self, file: FileSpec, found: bytes | None) -> bool:
        """Say whether a file must be created: it is not there, or what it shall hold has another length."""
        return not self.is_right(file, found) and (found is None or len(found) != len(self.contents[file.number]))

    def number_of(self, content: str) -> int:
        """Return the number of the file with this content, -1 when there is none."""
        return next((file.number for file in self.app.files if file.content == content), -1)

    def check_genuine(self, found: Mapping[int, bytes]) -> None:
        """Check signature and certificate as they were read from the card, where the application has them.

        Raises:
            CertificateError, ChipMismatchError: as ``Signed.check``; or one of the two is not there.
        """
        if self.signed is None or self.number_of(SIGNATURE) < 0:
            return
        signature, certificate = (found.get(self.number_of(each)) for each in (SIGNATURE, CERTIFICATE))
        if signature is None or certificate is None:
            raise ChipMismatchError(N_("The card on the reader carries no signature."))
        self.signed.check(certificate, signature)


class KeyRing:
    """The keys of one card, each made when it is asked for."""

    def __init__(self, secrets: Secrets, values: Mapping[str, Value]) -> None:
        self._secrets = secrets
        self._values = values

    def key(self, spec: KeySpec | CardKeySpec, app: ApplicationSpec | None, version: int | None = None) -> Key:
        """Return the card's key after ``spec``; of another ``version`` for one that was set before.

        Raises:
            SecretError: its master key is not there.
            ProfileError: the profile makes it from more, or less, than AN10922 knows.
        """
        kind = KeyKind.AES128 if app is None else app.key_type
        number = spec.version if version is None else version
        if spec.diversify is None:
            return Key(kind, self._secrets.plain_key(spec.secret, number, kind), number)
        data = bytes_of(spec.diversify, {**self._values, "app.aid": bytes(3) if app is None else app.aid})
        try:
            value = self._secrets.diversified(spec.secret, number, data, kind)
        except ValueError as error:
            raise ProfileError(_NOT_KNOWN, file=spec.secret, place="diversify", detail=str(error)) from error
        return Key(kind, value, number)

    def older(
        self, spec: KeySpec | CardKeySpec, app: ApplicationSpec | None, version: int | None = None
    ) -> Iterator[Key]:
        """Yield the card's keys of the other versions that the keeper has, newest first; or of one ``version`` only."""
        for there in reversed(self._secrets.versions(spec.secret)):
            # Version 0 is what a key says that nobody has set.
            if there and there != spec.version and version in (None, there):
                yield self.key(spec, app, there)


def make_wanted(
    profile: ChipProfile, data: ChipData, uid: bytes, secrets: Secrets, *, to_write: bool
) -> tuple[tuple[Wanted, ...], KeyRing]:
    """Return what each application of a card shall have, and the card's keys.

    With ``to_write`` the card is signed, and the signer's certificate checked as every reader of the card will.

    Raises:
        SecretError: a key is not there.
        ExpressionError, ChipError, EscnError, CertificateError: this card can't be made; nothing was written.
    """
    values = values_of(data, uid)
    ring = KeyRing(secrets, values)
    parts = _signed_parts(profile, data, values, secrets if to_write else None)
    signed = _signed(profile, data, values)
    found = []
    for app in profile.applications:
        local = {**values, "app.aid": app.aid}
        contents = {file.number: content for file in app.files if (content := _content(file, local, parts)) is not None}
        keys = {key.number: ring.key(key, app) for key in app.keys}
        found.append(Wanted(uid, app, contents, keys, signed))
    return tuple(found), ring


def _signed(profile: ChipProfile, data: ChipData, values: Mapping[str, Value]) -> Signed | None:
    if profile.signature is None:
        return None
    return Signed(profile, bytes_of(profile.signature.message, values), data)


def _signed_parts(
    profile: ChipProfile, data: ChipData, values: Mapping[str, Value], secrets: Secrets | None
) -> dict[str, bytes]:
    signed = _signed(profile, data, values)
    if signed is None or profile.signature is None or secrets is None:
        return {}
    certificate = secrets.certificate(profile.signature.secret)
    # Before anything is signed or written: a card that nobody would believe is not made.
    proof.check_chain(certificate, profile.trust, data.at)
    signature = secrets.sign(profile.signature.secret, signed.message)
    # A keeper may have been given another key than that of its certificate: better told here than by every reader.
    signed.check(certificate, signature)
    return {SIGNATURE: signature, CERTIFICATE: certificate}


def _content(file: FileSpec, values: Mapping[str, Value], parts: Mapping[str, bytes]) -> bytes | None:
    if not isinstance(file.content, Expression):
        made = parts.get(file.content)
        return None if made is None else fitted(made, file.size)
    return fitted(bytes_of(file.content, values), file.size)


_NOT_KNOWN = N_("The chip profile has a mistake: the key {file} can't be made from what {place} says ({detail}).")
