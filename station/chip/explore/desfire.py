"""What a DESFire tells: itself, its applications, keys and files; without keys, or with those that are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from station.chip.desfire import applications, keys
from station.chip.desfire.auth import authenticate
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC, KeySettings, Version
from station.chip.desfire.originality import made_by_nxp, read_signature
from station.chip.explore import names
from station.chip.explore.node import Node, asked, tried
from station.domain.errors import N_, ChipError, SecretError
from station.domain.message import Message

T = TypeVar("T")
KeySource = Callable[[bytes, int], Key | None]
"""Return the key of an application (id, low byte first; zeros for the card itself) by its number, if it is at hand."""


def no_keys(_aid: bytes, _number: int) -> Key | None:
    """Return no key for anything."""
    return None


class Visit:
    """One card, and the keys at hand: what is closed without a key is tried with one."""

    def __init__(self, link: DesfireLink, source: KeySource = no_keys) -> None:
        self.link = link
        self._source = source

    def select(self, aid: bytes) -> bool:
        """Select an application, and say whether it is there and can be selected."""
        try:
            return applications.select(self.link, aid)
        except ChipError:
            return False

    def opened(self, aid: bytes, number: int) -> bool:
        """Say whether a key is at hand and the card knows it; then it is authenticated."""
        try:
            key = self._source(aid, number)
        except SecretError:
            return False
        if key is None or not self.select(aid):
            return False
        try:
            authenticate(self.link, number, key)
        except ChipError:
            return False
        return True

    def tried(self, aid: bytes, number: int, read: Callable[[], T]) -> T | Message:
        """Return what ``read`` returns of the selected application, with key ``number`` where it needs one."""
        found = tried(read)
        # Without a key first: what everybody may read should be seen to be so.
        if isinstance(found, Message) and self.opened(aid, number):
            found = tried(read)
        return found


def card_nodes(visit: Visit, version: Version, uid: bytes) -> tuple[Node, ...]:
    """Return what the card tells about itself, without its applications."""
    link = visit.link
    visit.select(PICC)
    return (
        _version_node(version),
        asked(Message(N_("Made by NXP")), lambda: _originality(link, uid)),
        asked(Message(N_("Free memory")), lambda: _bytes(applications.free_memory(link))),
        Node(Message(N_("The card itself")), names.aid_text(PICC), (), tuple(key_nodes(visit, PICC))),
    )


def key_nodes(visit: Visit, aid: bytes) -> Iterator[Node]:
    """Yield the key settings of the selected application or card, and the versions of its keys."""
    found = visit.tried(aid, 0, lambda: applications.get_key_settings(visit.link))
    name, card = Message(N_("Key settings")), aid == PICC
    if isinstance(found, Message):
        yield Node(name, found)
        return
    words = tuple(Node(what, who) for what, who in names.settings_in_words(found, card=card))
    yield Node(name, f"{found.settings:02X}", (), words)
    yield _keys_node(visit.link, found, 1 if card else found.keys)


def _keys_node(link: DesfireLink, settings: KeySettings, count: int) -> Node:
    value = Message(N_("{count} of {kind}"), {"count": count, "kind": names.key_kind(settings)})
    return Node(Message(N_("Keys")), value, (), tuple(_key_node(link, number) for number in range(count)))


def _key_node(link: DesfireLink, number: int) -> Node:
    def version() -> Message:
        return Message(N_("version {number}"), {"number": keys.get_key_version(link, number)})

    return asked(Message(N_("Key {number}"), {"number": number}), version)


def _version_node(version: Version) -> Node:
    below = [
        Node(Message(N_("Hardware")), f"{version.major:X}.{version.minor}"),
        Node(Message(N_("Software")), f"{version.software[0]:X}.{version.software[1]}"),
        Node(Message(N_("Memory")), _bytes(version.storage_bytes)),
    ]
    if any(version.batch):
        below.append(Node(Message(N_("Lot")), version.batch.hex().upper()))
    if version.week:
        made = Message(N_("week {week} of {year}"), {"week": version.week, "year": version.year})
        below.append(Node(Message(N_("Made in")), made))
    return Node(Message(N_("Version")), version.name, (), tuple(below))


def _originality(link: DesfireLink, uid: bytes) -> Message:
    family = made_by_nxp(uid, read_signature(link))
    if family is None:
        return Message(N_("not proved: no key of NXP's that we know signed its UID"))
    return Message(N_("yes, signed as {family}"), {"family": family})


def _bytes(count: int) -> Message:
    return Message(N_("{length} bytes"), {"length": count})
