"""A whole card as a tree: every kind of software card, encoded ones, with and without keys, and cards that lie."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.explore.card import explore
from station.chip.explore.node import CLOSED, Node
from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.iso_card import VirtualIsoCard
from station.chip.virtual_card.kinds import KINDS, blank_card, new_card
from station.chip.virtual_card.memory import CardMemory
from station.chip.virtual_card.reader import storage_atr
from station.domain.errors import CardRemovedError, ChipError, DeviceError
from station.domain.escn import escn_to_bytes, qr_text
from station.domain.message import Message
from tests.helpers.chip import ESCN, UID, Altered, Direct, Rambling, demo_profile, run_encode, unhex
from tests.helpers.chip_profiles import with_card_key

SECRETS = VirtualSecrets(demo=True)


def words(value: Message | str) -> str:
    return value if isinstance(value, str) else value.english()


def walk(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    here = (*path, words(node.name))
    yield here, node
    for child in node.children:
        yield from walk(child, here)


def find(tree: Node, *path: str) -> Node:
    """Return the first node whose path ends so."""
    found = [node for where, node in walk(tree) if where[-len(path) :] == path]
    assert found, f"no {path} in the tree"
    return found[0]


def value(tree: Node, *path: str) -> str:
    return words(find(tree, *path).value)


def encoded(*names: str) -> VirtualDesfire:
    card = VirtualDesfire.new("EV1", uid=UID)
    for name in names:
        run_encode(Direct(card), profile=demo_profile(name))
    return card


def look(card: VirtualCard, profile: str | None = None) -> Node:
    direct = Direct(card)
    if profile is None:
        return explore(direct.transmit, direct.atr)
    return explore(direct.transmit, direct.atr, profile=demo_profile(profile), secrets=SECRETS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_software_card_has_a_tree_that_json_can_carry(kind: str) -> None:
    tree = look(new_card(kind))
    assert words(tree.name) == "Card"
    found = json.loads(json.dumps(tree.as_json()))
    assert found["value"] == words(tree.value)
    assert found["children"][0]["name"] == "UID"
    assert all(words(node.name) for _, node in walk(tree))


def test_a_student_card_without_any_key() -> None:
    tree = look(encoded("deuinfo", "access-control"))
    zone = find(tree, "Application F58840")
    assert words(zone.value) == "European Student Card (data zone)"
    assert value(zone, "ISO name") == "A00000061404F58840"
    assert value(zone, "Keys") == "3 of AES-128"
    assert value(zone, "Key 1") == "version 1"
    assert value(zone, "File 00", "Content") == f"card number {ESCN}"
    assert value(zone, "File 00", "Rights", "May read") == "everybody"
    assert value(zone, "File 00", "Rights", "May write") == "key 0"
    assert value(zone, "File 01", "Content").startswith("signature of 7")
    assert value(zone, "File 02", "Content").startswith("certificate of CN=TEST deuinfo-signing")
    doors = find(tree, "Application F585C0")
    assert words(doors.value) == "access control"
    assert value(doors, "File 00", "Rights", "May read") == "one of the keys 1, 2"
    assert value(doors, "File 00", "Travels") == "enciphered"
    assert find(doors, "File 00", "Content") == Node(Message("Content"), CLOSED)
    assert value(tree, "Free memory").endswith("bytes")


def test_a_closed_file_is_read_with_a_key_that_is_at_hand() -> None:
    tree = look(encoded("deuinfo", "access-control"), "access-control")
    content = find(tree, "Application F585C0", "Files", "File 00", "Content")
    assert words(content.value) == "31 bytes"
    assert content.details[0].startswith("30 3")
    assert value(tree, "Application F58840", "Files", "File 00", "Content") == f"card number {ESCN}"


def test_an_address_on_a_desfire() -> None:
    tree = look(encoded("ndef-url-desfire"))
    assert value(tree, "Application 000001", "Files", "File 01", "Content") == "NDEF capability container"
    assert value(tree, "Application 000001", "Files", "File 02", "Content") == qr_text(ESCN)


def test_a_card_that_lists_nothing_without_its_key() -> None:
    card = encoded("deuinfo-unsigned")
    profile = with_card_key("deuinfo-unsigned", settings="09")
    run_encode(Direct(card), profile=profile)
    direct = Direct(card)
    tree = explore(direct.transmit, direct.atr)
    assert value(tree, "Applications") == "closed"
    assert value(tree, "Application F58840", "Files", "File 00", "Content") == f"card number {ESCN}"
    assert value(tree, "The card itself", "Key settings") == "closed"
    direct = Direct(card)
    opened = explore(direct.transmit, direct.atr, profile=profile, secrets=SECRETS)
    assert value(opened, "Applications") == "1"
    assert value(opened, "The card itself", "Key settings") == "09"
    assert value(opened, "May list what is there") == "key 0"


def test_a_hidden_uid_is_told_to_who_has_a_key() -> None:
    memory = CardMemory.blank(UID)
    card = VirtualDesfire(memory)
    run_encode(Direct(card), profile=demo_profile("deuinfo"))
    memory.random_uid = True
    assert "(another one each time)" in value(look(card), "UID")
    assert value(look(card, "deuinfo"), "Real UID") == UID.hex().upper()


def test_keys_that_are_not_there_open_nothing_and_stop_nothing() -> None:
    card = encoded("access-control")
    direct = Direct(card)
    none = VirtualSecrets(demo=True, versions=())
    tree = explore(direct.transmit, direct.atr, profile=demo_profile("access-control"), secrets=none)
    assert value(tree, "Application F585C0", "Files", "File 00", "Content") == "closed"


def test_nothing_is_written() -> None:
    card = encoded("deuinfo", "access-control")
    before = card.snapshot()
    look(card, "access-control")
    assert card.snapshot() == before


def test_the_data_zone_through_its_second_door() -> None:
    files = {0x1001: escn_to_bytes(ESCN), 0x1002: unhex("3045") + bytes(69), 0x1003: unhex("3003020101")}
    tree = look(VirtualIsoCard({unhex("A00000061404F58840"): files}, uid=UID))
    assert value(tree, "Card number") == f"card number {ESCN}"
    assert find(tree, "Certificate").details == ("30 03 02 01 01",)


def test_a_uid_in_its_ways_to_be_written() -> None:
    tree = look(VirtualDesfire.new("EV2", uid=UID))
    assert value(tree, "UID") == "04782E21801D80"
    assert value(tree, "hexadecimal, last byte first") == "801D80212E7804"
    assert value(tree, "decimal") == "01258039432715648"
    assert value(explore(Rambling([unhex("6D00")]).transmit, b""), "UID") == "none"


def test_two_cards_are_an_error_not_a_tree() -> None:
    card = Altered(blank_card(UID), lambda i, a: unhex("04A1B2C3D4E5809000") if i == 0 else a)
    with pytest.raises(ChipError, match="two cards"):
        explore(card.transmit, b"")


@pytest.mark.parametrize("after", range(0, 60, 7))
def test_a_card_that_is_gone_is_told(after: int) -> None:
    card = encoded("deuinfo")
    direct = Direct(card)
    card.tear_after(after)
    try:
        tree = explore(direct.transmit, direct.atr)
    except CardRemovedError:
        return
    assert len(direct.log) <= after, "it was not gone yet"
    assert tree.children


@pytest.mark.parametrize("status", ["919D", "91AE", "911C", "917E", "9100", "6D00", "6982", "", "91"])
def test_any_command_may_be_refused(status: str) -> None:
    whole = Direct(encoded("deuinfo", "access-control"))
    explore(whole.transmit, whole.atr, profile=demo_profile("access-control"), secrets=SECRETS)
    for at in range(len(whole.log)):
        card = Altered(whole.card, lambda i, a, at=at: unhex(status) if i == at else a)
        tree = explore(card.transmit, card.atr, profile=demo_profile("access-control"), secrets=SECRETS)
        assert json.dumps(tree.as_json())


@given(st.data())
def test_a_flipped_bit_anywhere_is_no_crash(data: st.DataObject) -> None:
    at, bit = data.draw(st.integers(0, 60)), data.draw(st.integers(0, 7))

    def flip(index: int, answer: bytes) -> bytes:
        if index != at or not answer:
            return answer
        place = data.draw(st.integers(0, len(answer) - 1))
        return answer[:place] + bytes((answer[place] ^ 1 << bit,)) + answer[place + 1 :]

    card = Altered(_ENCODED, flip)
    try:
        tree = explore(card.transmit, card.atr, profile=demo_profile("access-control"), secrets=SECRETS)
    except ChipError as error:
        assert "two cards" in error.what  # noqa: PT017 - the bit was one of the UID
        return
    assert json.dumps(tree.as_json())


ATRS = st.one_of(
    st.just(unhex("3B8180018080")),
    st.just(unhex("3B8680015354524E47451E")),
    st.integers(0, 0x40).map(storage_atr),
    st.binary(max_size=20),
)


@given(ATRS, st.lists(st.binary(max_size=80), min_size=1, max_size=30))
def test_whatever_answers_there_is_a_tree_or_an_error_of_ours(atr: bytes, answers: list[bytes]) -> None:
    try:
        tree = explore(Rambling([*answers, unhex("911C")]).transmit, atr)
    except DeviceError:
        return
    assert json.dumps(tree.as_json())


_ENCODED = encoded("deuinfo", "access-control")
