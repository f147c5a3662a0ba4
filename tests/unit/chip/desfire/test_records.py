"""Record files on the wire; what a card makes of them is in the scenarios."""

from __future__ import annotations

import pytest

from station.chip.desfire import records
from station.chip.desfire.link import DesfireLink
from station.domain.errors import ChipError
from tests.helpers.chip import Rambling, Replay


def link_to(sent: str, answer: str = "9100", *, iso_chaining: bool = False) -> DesfireLink:
    return DesfireLink(Replay([(sent, answer)]).transmit, iso_chaining=iso_chaining)


def test_records_on_the_wire() -> None:
    records.write_record(link_to("903b000009040200000200004142" + "00"), 4, b"AB", offset=2)
    records.update_record(link_to("90db00000c04010000020000020000414200"), 4, 1, b"AB", offset=2)
    records.clear_record_file(link_to("90eb0000010400"), 4)
    read = records.read_records(link_to("90bb00000704010000020000" + "00", "414243449100"), 4, 2, first=1, count=2)
    assert read == (b"AB", b"CD")


def test_the_commands_that_leave_cutting_to_the_reader() -> None:
    records.write_record(link_to("908b000008040000000100004100", iso_chaining=True), 4, b"A")
    records.update_record(link_to("90ba00000b040000000000000100004100", iso_chaining=True), 4, 0, b"A")
    link = link_to("90ab00000704000000000000" + "00", "41429100", iso_chaining=True)
    assert records.read_records(link, 4, 1) == (b"A", b"B")


@pytest.mark.parametrize("length", [0, 3, 6])
def test_what_is_not_so_many_records_is_refused(length: int) -> None:
    with pytest.raises(ChipError):
        records.read_records(DesfireLink(Rambling([bytes(length) + b"\x91\x00"]).transmit), 4, 2, count=2)
