"""Files of every kind in the tree: values, records, backup, and those that only a key opens."""

from __future__ import annotations

from station.chip.desfire import applications, files, records
from station.chip.desfire.applications import NewApplication
from station.chip.desfire.auth import authenticate
from station.chip.desfire.files import NewBackupFile, NewRecordFile, NewStdFile, NewValueFile
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC, AccessRights, CommMode, FileKind
from station.chip.explore.desfire import Visit
from station.chip.explore.desfire_files import applications_node
from station.chip.explore.node import Node
from station.chip.virtual_card.desfire import VirtualDesfire
from tests.helpers.chip import UID, Direct

AID = bytes.fromhex("563412")
FREE, KEYED, NEVER = (AccessRights.parse(each) for each in (0xEEE0, 0x1010, 0xF0F0))


def made() -> Direct:
    direct = Direct(VirtualDesfire.new("EV1", uid=UID))
    link = DesfireLink(direct.transmit)
    applications.create_application(link, NewApplication(AID, 0x0B, 2))
    applications.select(link, AID)
    authenticate(link, 0, Key.aes())
    files.create_file(link, NewStdFile(0, 20, CommMode.FULL, KEYED))
    files.create_file(link, NewBackupFile(1, 8, CommMode.PLAIN, FREE))
    files.create_file(link, NewValueFile(2, CommMode.PLAIN, FREE, 0, 1000, 250))
    files.create_file(link, NewRecordFile(3, CommMode.PLAIN, FREE, 4, 5))
    files.create_file(link, NewRecordFile(4, CommMode.MACED, FREE, 4, 3, cyclic=True))
    files.create_file(link, NewStdFile(5, 6000, CommMode.PLAIN, FREE))
    files.create_file(link, NewStdFile(6, 4, CommMode.PLAIN, NEVER))
    applications.select(link, AID)
    for record in (b"one\x00", b"two\x00"):
        records.write_record(link, 3, record)
        files.commit_transaction(link)
    return direct


def tree(*, with_key: bool) -> dict[str, Node]:
    link = DesfireLink(made().transmit)

    def source(aid: bytes, number: int) -> Key | None:
        return Key.aes() if with_key and aid != PICC and number in (0, 1) else None

    node = applications_node(Visit(link, source))
    found = next(child for child in node.children[0].children if child.name.english() == "Files")
    return {file.name.english(): file for file in found.children}


def child(node: Node, name: str) -> Node:
    return next(each for each in node.children if each.name.english() == name)


def said(node: Node, name: str) -> str:
    value = child(node, name).value
    return value if isinstance(value, str) else value.english()


def test_files_of_every_kind_without_a_key() -> None:
    found = tree(with_key=False)
    assert [file.value.english() for file in found.values() if not isinstance(file.value, str)] == [
        *("data file", "data file with backup", "value file", "record file", "cyclic record file"),
        *("data file", "data file"),
    ]
    assert said(found["File 00"], "Content") == "closed"
    assert said(found["File 01"], "Content") == "8 bytes, all zero"
    assert (said(found["File 02"], "Content"), said(found["File 02"], "Limits")) == ("250", "0 … 1000")
    assert said(found["File 03"], "Size") == "2 of 5 records of 4 bytes"
    assert [node.value for node in child(found["File 03"], "Content").children] == ["one", "two"]
    assert said(found["File 04"], "Content") == "records: 0"
    assert said(found["File 06"], "Content") == "closed"


def test_a_long_file_is_looked_into_only() -> None:
    found = tree(with_key=False)
    assert said(found["File 05"], "Size") == "6000 bytes"
    assert said(found["File 05"], "Content") == "4096 bytes, all zero"


def test_a_key_opens_what_it_may() -> None:
    found = tree(with_key=True)
    assert said(found["File 00"], "Content") == "20 bytes, all zero"
    assert said(found["File 06"], "Content") == "closed"
    assert said(found["File 01"], "Content") == "8 bytes, all zero"


def test_kinds_are_those_of_the_data_sheet() -> None:
    assert [kind.value for kind in FileKind] == [0, 1, 2, 3, 4, 5]
