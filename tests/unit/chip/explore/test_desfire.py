"""What a DESFire says of itself in the tree, and how keys at hand open what is closed."""

from __future__ import annotations

from station.chip.desfire import applications
from station.chip.desfire.applications import NewApplication, get_version
from station.chip.desfire.auth import authenticate
from station.chip.desfire.keys import Key, change_key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC, Version
from station.chip.explore.desfire import Visit, card_nodes, key_nodes, no_keys
from station.chip.explore.node import CLOSED, Node
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.errors import SecretError
from station.domain.message import Message
from tests.helpers.chip import UID, Direct

AID = bytes.fromhex("563412")


def english(value: Message | str) -> str:
    return value if isinstance(value, str) else value.english()


def new_link(model: str = "EV1") -> DesfireLink:
    return DesfireLink(Direct(VirtualDesfire.new(model, uid=UID)).transmit)


def by_name(nodes: tuple[Node, ...]) -> dict[str, Node]:
    return {node.name.english(): node for node in nodes}


def test_what_the_card_says_of_itself() -> None:
    link = new_link()
    nodes = by_name(card_nodes(Visit(link), get_version(link), UID))
    assert list(nodes) == ["Version", "Made by NXP", "Free memory", "The card itself"]
    version = by_name(nodes["Version"].children)
    assert (english(version["Memory"].value), english(version["Software"].value)) == ("8192 bytes", "1.4")
    assert english(nodes["Made by NXP"].value).startswith("not proved")
    keys = by_name(nodes["The card itself"].children)["Keys"]
    assert english(keys.value) == "1 of DES / 2K3DES"


def test_what_a_version_leaves_out_is_left_out() -> None:
    link = new_link()
    bare = Version(4, 1, 1, 0, 0x1A, bytes(7), batch=bytes(5))
    version = card_nodes(Visit(link), bare, UID)[0]
    assert list(by_name(version.children)) == ["Hardware", "Software", "Memory"]


def closed_application() -> DesfireLink:
    """Return a card with an application that tells nothing without its key 0."""
    link = new_link()
    applications.create_application(link, NewApplication(AID, 0x09, 2))
    applications.select(link, AID)
    authenticate(link, 0, Key.aes())
    change_key(link, 0, Key.aes(b"\x01" * 16, 7))
    applications.select(link, AID)
    return link


def test_a_key_at_hand_opens_the_settings() -> None:
    link = closed_application()
    assert [node.value for node in key_nodes(Visit(link, no_keys), AID)] == [CLOSED]
    visit = Visit(link, lambda aid, number: Key.aes(b"\x01" * 16) if (aid, number) == (AID, 0) else None)
    nodes = by_name(tuple(key_nodes(visit, AID)))
    assert english(nodes["Key settings"].value) == "09"
    assert [english(node.value) for node in nodes["Keys"].children] == ["version 7", "version 0"]


def test_a_wrong_key_or_none_opens_nothing() -> None:
    link = closed_application()

    def missing(_aid: bytes, _number: int) -> Key | None:
        raise SecretError(name="doors")

    for source in (no_keys, missing, lambda _aid, _number: Key.aes(b"\x02" * 16)):
        visit = Visit(link, source)
        assert not visit.opened(AID, 0)
        assert [node.value for node in key_nodes(visit, AID)] == [CLOSED]


def test_an_application_that_is_not_there_cannot_be_selected() -> None:
    visit = Visit(new_link())
    assert not visit.select(AID)
    assert visit.select(PICC)
    assert not Visit(DesfireLink(lambda _: b"\x6e\x00")).select(AID)
