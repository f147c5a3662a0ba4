"""Memory cards in the tree: tags with their message, locks and password, and the open sectors of a Classic."""

from __future__ import annotations

from station.chip.classic import AccessBits, Classic, ClassicKey, Trailer
from station.chip.explore.card import explore
from station.chip.explore.node import Node
from station.chip.ndef import encode_uri
from station.chip.storage import KeyLetter
from station.chip.type2 import Type2Tag
from station.chip.virtual_card.classic import VirtualClassic
from station.chip.virtual_card.type2 import NTAG213, ULTRALIGHT, VirtualType2
from station.domain.escn import qr_text
from tests.helpers.chip import ESCN, UID, Direct, Rambling, unhex

FACTORY = ClassicKey(KeyLetter.A, b"\xff" * 6)


def said(tree: Node, *names: str) -> str:
    node = tree
    for name in names:
        node = next(child for child in node.children if child.name.english() == name)
    return node.value if isinstance(node.value, str) else node.value.english()


def look(direct: Direct) -> Node:
    return explore(direct.transmit, direct.atr)


def test_a_tag_with_an_address() -> None:
    direct = Direct(VirtualType2.new(NTAG213, uid=UID))
    Type2Tag(direct.transmit).write_message(encode_uri(qr_text(ESCN)))
    tree = look(direct)
    assert said(tree) == "NTAG213"
    assert said(tree, "NDEF message") == "52 bytes"
    assert said(tree, "NDEF message", "Record 1") == qr_text(ESCN)
    assert said(tree, "NDEF area") == "144 bytes, can be written"
    assert said(tree, "Locked for good") == "nothing"
    assert said(tree, "Password") == "none"
    assert said(tree, "Pages") == "40"


def test_a_tag_that_is_locked_and_protected() -> None:
    card = VirtualType2.new(NTAG213, uid=UID)
    card.memory[10:12] = unhex("F8FF")
    card.memory[41 * 4 + 3] = 20
    tree = look(Direct(card))
    assert said(tree, "Locked for good") == "pages " + ", ".join(map(str, range(3, 16)))
    assert said(tree, "Password") == "needed from page 20 on"
    card.memory[42 * 4] = 0x80
    assert said(look(Direct(card)), "Pages") == "closed"


def test_a_tag_never_prepared() -> None:
    tree = look(Direct(VirtualType2.new(ULTRALIGHT, uid=UID)))
    assert said(tree, "NDEF area") == "not prepared for NDEF"
    assert said(tree, "NDEF message") == "none"
    assert said(tree, "Pages") == "16"


def test_a_damaged_message_makes_no_sense() -> None:
    card = VirtualType2.new(NTAG213, uid=UID)
    card.memory[16:20] = unhex("03FF8000")
    assert said(look(Direct(card)), "NDEF message") == "makes no sense"


def test_the_sectors_of_a_classic() -> None:
    card = VirtualClassic.new(1, uid=unhex("04A1B2C3"))
    direct = Direct(card)
    with Classic(direct.transmit) as chip:
        chip.write_block(4, b"hello, students!", FACTORY)
        keys = unhex("D3F7D3F7D3F7"), unhex("B0B1B2B3B4B5")
        chip.write_trailer(2, Trailer(*keys, AccessBits((0b100, 0b011, 0), 0b011)), FACTORY)
        chip.write_trailer(3, Trailer(unhex("010203040506"), keys[1], AccessBits((0, 0, 0), 0b011)), FACTORY)
    tree = look(direct)
    assert said(tree, "Sector 1") == "opens with the factory key"
    assert said(tree, "Sector 1", "Block 4") == "hello, students!"
    assert said(tree, "Sector 2") == "opens with the public key for NDEF"
    assert said(tree, "Sector 2", "Block 9") == "closed"
    assert said(tree, "Sector 2", "Access", "Data 0", "May write") == "key B"
    assert said(tree, "Sector 2", "Access", "May change these rights") == "key B"
    assert said(tree, "Sector 3") == "closed"
    assert len(tree.children) == 2 + 16


def test_a_large_classic_has_forty_sectors() -> None:
    tree = look(Direct(VirtualClassic.new(4)))
    assert said(tree, "Sector 39", "Block 254") == "16 bytes, all zero"


def test_a_reader_that_has_no_commands_for_it() -> None:
    classic = unhex("3B8F8001804F0CA000000306030001000000006A")
    tree = explore(Rambling([unhex("04A1B2C39000"), unhex("6A81")]).transmit, classic)
    assert said(tree, "Sector 0") == "this reader can't read it"
    tag = unhex("3B8F8001804F0CA0000003060300030000000068")
    assert (
        said(explore(Rambling([UID + b"\x90\x00", unhex("6A81")]).transmit, tag), "Pages")
        == "this reader can't read it"
    )
