"""Master keys: which a chip profile needs, which the keeper has, and which card carries which version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.domain.card import Card, CardState
from station.domain.errors import SecretError
from station.domain.key_versions import read_key_versions
from station.ports.secrets import KeyKind, Secrets

if TYPE_CHECKING:
    from station.chip.profiles import ChipProfile

# Cards in these states may come to a desk again, so their keys still have to be known.
IN_USE = frozenset((CardState.ACTIVE, CardState.BLOCKED, CardState.LOST, CardState.STOLEN))


@dataclass(frozen=True, slots=True)
class NeededKey:
    """A master key that a chip profile names; ``diversified`` says that each card gets a key of its own from it."""

    name: str
    version: int
    kind: KeyKind
    diversified: bool

    @property
    def entry(self) -> str:
        """Return under which name the key is kept."""
        return f"{self.name}/v{self.version}"


@dataclass(frozen=True, slots=True)
class KeyState:
    """How a needed key stands: its versions that the keeper has, and why it can't be used (``None``: it can).

    ``kind`` is that of the key, or ``signing``; a signing key has no versions. Without one that is not ``needed`` the
    station makes cards all the same.
    """

    entry: str
    kind: str
    versions: tuple[int, ...]
    trouble: SecretError | None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How many cards in use carry one version of a master key; ``wanted`` is the version that the profile says now."""

    name: str
    version: int
    cards: int
    wanted: int | None

    @property
    def outdated(self) -> bool:
        """Say whether these cards get another version at their next tap."""
        return self.wanted is not None and self.version != self.wanted


@dataclass(frozen=True, slots=True)
class KeyReport:
    """Which card carries which version; ``unknown`` cards were encoded before versions were recorded, or have none."""

    uses: tuple[KeyUse, ...]
    unknown: int


def needed_keys(profile: ChipProfile) -> tuple[NeededKey, ...]:
    """Return the master keys that a chip profile names, each once, sorted by name."""
    found = {
        NeededKey(key.secret, key.version, app.key_type, key.diversify is not None)
        for app in profile.applications
        for key in app.keys
    }
    if (own := profile.card_key) is not None:
        found.add(NeededKey(own.secret, own.version, KeyKind.AES128, own.diversify is not None))
    return tuple(sorted(found, key=lambda key: (key.name, key.version, key.kind.value, key.diversified)))


def check_keys(profile: ChipProfile, secrets: Secrets, others: Iterable[str] = ()) -> Iterator[KeyState]:
    """Try each key that the profile needs, as encoding would; no card is touched and no key is shown.

    ``others`` are signing keys that a station may do without, as the one that approves layouts.
    """
    for key in needed_keys(profile):
        versions: tuple[int, ...] = ()
        trouble = None
        try:
            versions = secrets.versions(key.name)
            if key.diversified:
                # Made for an input that no card has, and thrown away: that the keeper answers is all that is asked.
                secrets.diversified(key.name, key.version, b"\x00", key.kind)
            else:
                secrets.plain_key(key.name, key.version, key.kind)
        except SecretError as error:
            trouble = error
        yield KeyState(key.entry, key.kind.value, versions, trouble)
    if profile.signature is not None:
        yield _signing_key(profile.signature.secret, secrets)
    for name in others:
        yield replace(_signing_key(name, secrets), needed=False)


def key_report(cards: Iterable[Card], profile: ChipProfile) -> KeyReport:
    """Count the cards in use by the key versions that they carry, most used first within a name."""
    wanted = {key.name: key.version for key in needed_keys(profile)}
    counted: Counter[tuple[str, int]] = Counter()
    unknown = 0
    for card in cards:
        if card.state in IN_USE:
            carried = read_key_versions(card.key_versions)
            counted.update(carried)
            unknown += not carried
    uses = [KeyUse(name, version, count, wanted.get(name)) for (name, version), count in counted.items()]
    return KeyReport(tuple(sorted(uses, key=lambda use: (use.name, -use.cards, use.version))), unknown)


def outdated_cards(cards: Iterable[Card], profile: ChipProfile) -> Iterator[tuple[Card, tuple[tuple[str, int], ...]]]:
    """Yield each card in use that carries another version of a key than the profile says, with those keys."""
    wanted = {key.name: key.version for key in needed_keys(profile)}
    for card in cards:
        if card.state in IN_USE:
            old = tuple((n, v) for n, v in read_key_versions(card.key_versions) if wanted.get(n, v) != v)
            if old:
                yield card, old


def _signing_key(name: str, secrets: Secrets) -> KeyState:
    try:
        secrets.certificate(name)  # which is only given out when the key can sign and belongs to it
    except SecretError as error:
        return KeyState(name, "signing", (), error)
    return KeyState(name, "signing", (), None)
