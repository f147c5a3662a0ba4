"""The applications of a DESFire with their files, and what is in those that may be read."""

from __future__ import annotations

from station.chip.desfire import applications, files, records, values
from station.chip.desfire.applications import DfName
from station.chip.desfire.model import PICC, CommMode, FileKind, FileSettings, Right
from station.chip.explore import names
from station.chip.explore.content import CONTENT, content_node
from station.chip.explore.desfire import Visit, key_nodes
from station.chip.explore.node import CLOSED, Node, tried
from station.domain.errors import N_, ChipRefusedError
from station.domain.message import Message

# What one look reads of a file: nothing on a student card is longer, and a slow reader takes a second for it.
_LONGEST_LOOK = 4096
_NO_RECORDS = 0x91BE


def applications_node(visit: Visit) -> Node:
    """Return the applications of a card; where it doesn't list them, those with a known id that are there."""
    name = Message(N_("Applications"))
    visit.select(PICC)
    found = visit.tried(PICC, 0, lambda: applications.get_application_ids(visit.link))
    listed = [bytes.fromhex(text)[::-1] for text in names.APPLICATIONS] if isinstance(found, Message) else list(found)
    described = _df_names(visit)
    nodes = [_application_node(visit, aid, described.get(aid)) for aid in listed if visit.select(aid)]
    value = found if isinstance(found, Message) else str(len(nodes))
    return Node(name, value, (), tuple(nodes))


def _df_names(visit: Visit) -> dict[bytes, DfName]:
    visit.select(PICC)
    found = visit.tried(PICC, 0, lambda: applications.get_df_names(visit.link))
    return {} if isinstance(found, Message) else {each.aid: each for each in found}


def _application_node(visit: Visit, aid: bytes, described: DfName | None) -> Node:
    below = []
    if described is not None:
        below.append(Node(Message(N_("ISO file id")), f"{described.iso_fid:04X}"))
        if described.name:
            below.append(Node(Message(N_("ISO name")), described.name.hex().upper()))
    below += key_nodes(visit, aid)
    name = Message(N_("Application {number}"), {"number": names.aid_text(aid)})
    return Node(name, names.application_name(aid), (), (*below, _files_node(visit, aid)))


def _files_node(visit: Visit, aid: bytes) -> Node:
    found = visit.tried(aid, 0, lambda: files.get_file_ids(visit.link))
    name = Message(N_("Files"))
    if isinstance(found, Message):
        return Node(name, found)
    return Node(name, str(len(found)), (), tuple(_file_node(visit, aid, number) for number in found))


def _file_node(visit: Visit, aid: bytes, number: int) -> Node:
    name = Message(N_("File {number}"), {"number": f"{number:02X}"})
    settings = visit.tried(aid, 0, lambda: files.get_file_settings(visit.link, number))
    if isinstance(settings, Message):
        return Node(name, settings)
    rights = tuple(Node(what, who) for what, who in names.rights_in_words(settings))
    below = (
        *_size_nodes(settings),
        Node(Message(N_("Travels")), names.mode_name(settings.mode)),
        Node(Message(N_("Rights")), str(settings.rights), (), rights),
        _content(visit, aid, number, settings),
    )
    return Node(name, names.file_kind(settings.kind), (), below)


def _size_nodes(settings: FileSettings) -> tuple[Node, ...]:
    name = Message(N_("Size"))
    if settings.records is not None:
        limits = settings.records
        params: dict[str, object] = {"count": limits.count, "capacity": limits.capacity, "size": limits.size}
        return (Node(name, Message(N_("{count} of {capacity} records of {size} bytes"), params)),)
    if settings.values is not None:
        return (Node(Message(N_("Limits")), f"{settings.values.lower} … {settings.values.upper}"),)
    return (Node(name, Message(N_("{length} bytes"), {"length": settings.size})),) if settings.size else ()


def _content(visit: Visit, aid: bytes, number: int, settings: FileSettings) -> Node:
    """Return what is in a file: read by everybody, or with the first key at hand that may."""
    rights = {right for each in (settings.rights, *settings.more_rights) for right in names.reading(each)}
    if Right.FREE in rights or settings.kind == FileKind.VALUE:
        # The right may be free while another key is authenticated from before: then it travels as that key has it.
        mode = settings.mode_for(visit.link.authenticated, writing=False)
        node = _read(visit, number, settings, mode)
        if node.value != CLOSED:
            return node
    for key in sorted(right for right in rights if right < Right.FREE):
        if visit.opened(aid, key):
            return _read(visit, number, settings, settings.mode_for(key, writing=False))
    return Node(CONTENT, CLOSED)


def _read(visit: Visit, number: int, settings: FileSettings, mode: CommMode) -> Node:
    link = visit.link
    if settings.kind == FileKind.VALUE:
        value = tried(lambda: str(values.get_value(link, number, mode)))
        return Node(CONTENT, value)
    if settings.records is not None:
        return _records(visit, number, settings.records.size, mode)
    length = min(settings.size, _LONGEST_LOOK)
    data = tried(lambda: files.read_data(link, number, length, mode))
    return Node(CONTENT, data) if isinstance(data, Message) else content_node(data)


def _records(visit: Visit, number: int, size: int, mode: CommMode) -> Node:
    def read() -> tuple[bytes, ...]:
        try:
            return records.read_records(visit.link, number, size, mode)
        except ChipRefusedError as error:
            if error.sw == _NO_RECORDS:
                return ()
            raise

    found = tried(read)
    if isinstance(found, Message):
        return Node(CONTENT, found)
    nodes = tuple(
        content_node(each, Message(N_("Record {number}"), {"number": at})) for at, each in enumerate(found, 1)
    )
    return Node(CONTENT, Message(N_("records: {count}"), {"count": len(found)}), (), nodes)
