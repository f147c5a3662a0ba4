"""What memory cards tell: pages and message of a tag, and the sectors of a MIFARE Classic that public keys open."""

from __future__ import annotations

from station.chip.apdu import Transmit
from station.chip.classic import SECTORS, AccessBits, Allowed, Classic, ClassicKey, blocks_of
from station.chip.explore.content import content_node, message_nodes
from station.chip.explore.node import CLOSED, UNABLE, UNREADABLE, Node, asked, hex_lines, tried
from station.chip.identify import Identity
from station.chip.storage import KeyLetter
from station.chip.type2 import Container, Type2Tag
from station.domain.errors import N_, ChipError, ChipKeyError, ChipRefusedError, ReaderUnableError
from station.domain.message import Message

# Keys that are no secret: those of the factory, of the application directory (NXP AN10787) and of NDEF (AN1304).
_PUBLIC_KEYS = (
    (b"\xff" * 6, N_("opens with the factory key")),
    (bytes.fromhex("A0A1A2A3A4A5"), N_("opens with the public key of the directory")),
    (bytes.fromhex("D3F7D3F7D3F7"), N_("opens with the public key for NDEF")),
)
_ALLOWED = {
    Allowed.NEVER: N_("nobody"),
    Allowed.A: N_("key A"),
    Allowed.B: N_("key B"),
    Allowed.BOTH: N_("key A or B"),
}


def tag_nodes(transmit: Transmit, chip: Identity) -> tuple[Node, ...]:
    """Return what an Ultralight or NTAG tells."""
    tag = Type2Tag(transmit, chip.tag)
    nodes = [_container_node(tag), _message_node(tag), asked(Message(N_("Locked for good")), lambda: _locked(tag))]
    if chip.tag is not None and chip.tag.config_page is not None:
        nodes.append(asked(Message(N_("Password")), lambda: _password(tag)))
    return (*nodes, _pages_node(tag, 16 if chip.tag is None else chip.tag.last_data_page + 1))


def _container_node(tag: Type2Tag) -> Node:
    def words() -> Message:
        container = tag.container()
        if container is None:
            return Message(N_("not prepared for NDEF"))
        return _container_words(container)

    return asked(Message(N_("NDEF area")), words)


def _container_words(container: Container) -> Message:
    params: dict[str, object] = {"size": container.data_bytes}
    if container.writable:
        return Message(N_("{size} bytes, can be written"), params)
    return Message(N_("{size} bytes, can't be written"), params)


def _message_node(tag: Type2Tag) -> Node:
    name = Message(N_("NDEF message"))
    message = tried(tag.read_message)
    if isinstance(message, Message):
        return Node(name, message)
    if not message:
        return Node(name, Message(N_("none")) if message is None else Message(N_("empty")))
    return Node(name, Message(N_("{length} bytes"), {"length": len(message)}), (), message_nodes(message))


def _locked(tag: Type2Tag) -> Message:
    pages = sorted(tag.locked_pages())
    if not pages:
        return Message(N_("nothing"))
    return Message(N_("pages {numbers}"), {"numbers": ", ".join(map(str, pages))})


def _password(tag: Type2Tag) -> Message:
    first = tag.first_protected_page()
    if first is None:
        return Message(N_("none"))
    return Message(N_("needed from page {number} on"), {"number": first})


def _pages_node(tag: Type2Tag, count: int) -> Node:
    name = Message(N_("Pages"))
    data = tried(lambda: tag.read_pages(0, count))
    return Node(name, data) if isinstance(data, Message) else Node(name, str(count), hex_lines(data))


def classic_nodes(transmit: Transmit, chip: Identity) -> tuple[Node, ...]:
    """Return the sectors of a MIFARE Classic, with what is in those that a public key opens."""
    size = next((sectors for name, sectors in SECTORS.items() if f" {name}" in chip.kind), SECTORS["1K"])
    with Classic(transmit, size) as card:
        return tuple(_sector_node(card, sector) for sector in range(size))


def _sector_node(card: Classic, sector: int) -> Node:
    name = Message(N_("Sector {number}"), {"number": sector})
    # The commonest first: after a wrong key a Classic falls silent and has to be found anew, for each of up to 40
    # sectors.
    for value, words in _PUBLIC_KEYS:
        key = ClassicKey(KeyLetter.A, value)
        try:
            first = card.read_access(sector, key)
        except ChipKeyError:
            continue
        except ReaderUnableError:
            return Node(name, UNABLE)
        except ChipRefusedError:
            return Node(name, CLOSED)
        except ChipError:
            return Node(name, UNREADABLE)
        blocks = blocks_of(sector)
        data = tuple(_block_node(card, block, key) for block in blocks[:-1])
        return Node(name, Message(words), (), (*data, _access_node(first)))
    return Node(name, CLOSED)


def _block_node(card: Classic, block: int, key: ClassicKey) -> Node:
    name = Message(N_("Block {number}"), {"number": block})
    data = tried(lambda: card.read_block(block, key))
    return Node(name, data) if isinstance(data, Message) else content_node(data, name)


def _access_node(bits: AccessBits) -> Node:
    groups = []
    for group in range(3):
        rule = bits.data_rule(group)
        below = (Node(Message(N_("May read")), _word(rule.read)), Node(Message(N_("May write")), _word(rule.write)))
        groups.append(Node(Message(N_("Data {number}"), {"number": group}), "", (), below))
    trailer = bits.trailer_rule
    keys = (
        Node(Message(N_("May change key A")), _word(trailer.write_key_a)),
        Node(Message(N_("May change key B")), _word(trailer.write_key_b)),
        Node(Message(N_("May change these rights")), _word(trailer.write_bits)),
    )
    return Node(Message(N_("Access")), bytes(bits).hex().upper(), (), (*groups, *keys))


def _word(allowed: Allowed) -> Message:
    return Message(_ALLOWED[allowed])
