"""Whatever happens to answers on their way, the host ends in the right result or in one error: never in a wrong one."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.chip.ciphers import aes, tdes
from station.chip.desfire import (
    applications,
    files,
    keys,
    originality,
    picc,
    proximity,
    records,
    transaction_mac,
    values,
)
from station.chip.desfire.applications import NewApplication
from station.chip.desfire.auth import authenticate
from station.chip.desfire.files import NewRecordFile, NewStdFile, NewValueFile
from station.chip.desfire.keys import Key, default_key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import AccessRights, CommMode
from station.chip.desfire.picc import Option
from station.chip.desfire.session import Ev1Session, NoSession, Scheme, Session
from station.chip.desfire.session_d40 import D40Session
from station.chip.desfire.session_ev2 import Ev2Session
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.errors import ChipError
from station.ports.secrets import KeyKind
from tests.helpers.chip import Rambling
from tests.helpers.desfire_scenarios import AID, KINDS, OURS, UID, Talk, open_application

CONTENT = bytes((3 * at) % 256 for at in range(100))
SECRET = AccessRights(0, 0, 0, 0)
# What travels plain with D40 and EV2 is protected by nothing; that is how those generations are.
PROTECTED = [
    (name, mode) for name in KINDS for mode in CommMode if mode is not CommMode.PLAIN or KINDS[name][1] is Scheme.EV1
]


@dataclass
class Prepared:
    """A card with an application and files, ready to be read, and what an honest reading gives."""

    kind: KeyKind
    scheme: Scheme
    mode: CommMode
    card: VirtualDesfire = field(init=False)
    truth: list[object] = field(init=False)
    answers: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.card = VirtualDesfire.new("EV2", uid=UID)
        link = DesfireLink(self.card.transmit)
        open_application(Talk(link, os.urandom), self.kind, self.scheme)
        files.create_file(link, NewStdFile(1, 100, self.mode, OURS, 0x0101))
        files.create_file(link, NewValueFile(2, self.mode, OURS, 0, 1000, 77))
        files.create_file(link, NewRecordFile(3, self.mode, OURS, 10, 3, iso_fid=0x0103))
        files.write_data(link, 1, CONTENT, self.mode)
        records.write_record(link, 3, b"0123456789", self.mode)
        files.commit_transaction(link)
        counted = Tampered(self.card, lambda _, answer: answer)
        self.truth = self.read(counted)
        self.answers = counted.answered

    def read(self, tampered: Tampered) -> list[object]:
        """Read whatever the session protects; the card is as new in the field."""
        self.card.reset()
        link = DesfireLink(tampered.transmit)
        applications.select(link, AID)
        authenticate(link, 0, default_key(self.kind), scheme=self.scheme)
        read: list[object] = [
            files.read_data(link, 1, 100, self.mode),
            values.get_value(link, 2, self.mode),
            records.read_records(link, 3, 10, self.mode, count=1),
            applications.get_card_uid(link),
        ]
        if self.scheme is not Scheme.D40:
            read += [files.get_file_settings(link, 1), files.get_file_ids(link), keys.get_key_version(link, 1)]
        return read


@dataclass
class Tampered:
    """A card whose answers pass through ``change(index, answer)``."""

    card: VirtualDesfire
    change: Callable[[int, bytes], bytes]
    answered: int = 0

    def transmit(self, apdu: bytes) -> bytes:
        """Send an APDU, return what has become of the answer."""
        answer = self.change(self.answered, self.card.transmit(apdu))
        self.answered += 1
        return answer


READY = {(name, mode): Prepared(*KINDS[name], mode) for name, mode in PROTECTED}
pick = st.sampled_from(list(READY.values()))


def right_or_an_error(ready: Prepared, change: Callable[[int, bytes], bytes]) -> None:
    with suppress(ChipError):
        assert ready.read(Tampered(ready.card, change)) == ready.truth


def test_an_honest_card_is_read() -> None:
    for ready in READY.values():
        assert ready.truth[:4] == [CONTENT, 77, (b"0123456789",), UID]


@given(pick, st.data())
def test_a_flipped_bit_in_any_answer(ready: Prepared, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, ready.answers - 1))
    bit = data.draw(st.integers(0, 8 * 70))

    def flip(at: int, answer: bytes) -> bytes:
        if at != index:
            return answer
        changed = bytearray(answer)
        changed[bit // 8 % len(answer)] ^= 1 << bit % 8
        return bytes(changed)

    right_or_an_error(ready, flip)


JUNK = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x91", b"\x91\x00", b"\x91\xaf", b"\x91\xae", b"\x90\x00", b"\x6a\x82", bytes(65538)]),
    st.binary(max_size=64).map(lambda body: body + b"\x91\x00"),
    st.binary(max_size=64).map(lambda body: body + b"\x91\xaf"),
)


@given(pick, st.data(), JUNK)
def test_junk_in_place_of_any_answer(ready: Prepared, data: st.DataObject, junk: bytes) -> None:
    index = data.draw(st.integers(0, ready.answers - 1))
    right_or_an_error(ready, lambda at, answer: junk if at == index else answer)


@given(pick, st.data())
def test_an_earlier_answer_in_place_of_another(ready: Prepared, data: st.DataObject) -> None:
    index = data.draw(st.integers(1, ready.answers - 1))
    earlier = data.draw(st.integers(0, index - 1))
    heard: list[bytes] = []

    def repeat(at: int, answer: bytes) -> bytes:
        heard.append(answer)
        return heard[earlier] if at == index else answer

    right_or_an_error(ready, repeat)


@pytest.mark.parametrize(("name", "mode"), PROTECTED)
def test_another_cards_answers_from_any_moment_on(name: str, mode: CommMode) -> None:
    one, other = READY[name, mode], Prepared(*KINDS[name], mode)
    # The other card has a session of its own, with the same key.
    for switch in range(3, one.answers):
        other.card.reset()
        link = DesfireLink(other.card.transmit)
        applications.select(link, AID)
        authenticate(link, 0, default_key(one.kind), scheme=one.scheme)
        one.card.reset()
        asked = 0

        def transmit(apdu: bytes, switch: int = switch) -> bytes:
            nonlocal asked
            asked += 1
            return (one.card if asked <= switch else other.card).transmit(apdu)

        class Both(Tampered):
            def transmit(self, apdu: bytes) -> bytes:
                return transmit(apdu)

        with pytest.raises(ChipError):
            one.read(Both(one.card, lambda _, answer: answer))


ASKED: list[Callable[[DesfireLink], object]] = [
    applications.get_version,
    applications.select,
    applications.get_key_settings,
    applications.free_memory,
    applications.get_application_ids,
    applications.get_df_names,
    applications.get_card_uid,
    lambda link: applications.create_application(link, NewApplication(AID, 0x0F, 1)),
    lambda link: applications.delete_application(link, AID),
    lambda link: applications.change_key_settings(link, 0x0F),
    files.get_file_ids,
    files.get_iso_file_ids,
    files.commit_transaction,
    files.abort_transaction,
    lambda link: files.get_file_settings(link, 0),
    lambda link: files.create_file(link, NewStdFile(0, 1, CommMode.PLAIN, SECRET)),
    lambda link: files.read_data(link, 0, 16, CommMode.FULL),
    lambda link: files.read_data(link, 0, 0, CommMode.FULL),
    lambda link: files.read_data(link, 0, 0, CommMode.MACED),
    lambda link: files.write_data(link, 0, bytes(99), CommMode.FULL),
    lambda link: values.get_value(link, 0, CommMode.MACED),
    lambda link: values.credit(link, 0, 1, CommMode.FULL),
    lambda link: records.read_records(link, 0, 10, CommMode.FULL),
    lambda link: records.read_records(link, 0, 10, CommMode.PLAIN),
    lambda link: keys.get_key_version(link, 0),
    lambda link: keys.change_key(link, 0, Key.aes()),
    lambda link: keys.change_key(link, 1, Key.aes()),
    lambda link: keys.roll_key_set(link, 1),
    lambda link: picc.set_configuration(link, Option.ATS, bytes(6)),
    picc.format_picc,
    lambda link: originality.made_by_nxp(UID, originality.read_signature(link)),
    lambda link: proximity.check_proximity(link, bytes(16), rounds=2),
    transaction_mac.commit_with_mac,
    lambda link: transaction_mac.commit_reader_id(link, bytes(16)),
    *(
        lambda link, kind=kind, scheme=scheme: authenticate(link, 0, default_key(kind), scheme=scheme)
        for kind, scheme in [*KINDS.values(), (KeyKind.TDES2K, None), (KeyKind.AES128, None)]
    ),
]
SESSIONS: list[Callable[[], Session]] = [
    NoSession,
    lambda: D40Session(0, tdes(bytes(16))),
    lambda: Ev1Session(0, aes(bytes(16))),
    lambda: Ev1Session(0, tdes(bytes(24))),
    lambda: Ev2Session(0, (bytes(16), bytes(16)), bytes(4)),
]


@given(st.sampled_from(ASKED), st.sampled_from(SESSIONS), st.lists(JUNK, min_size=1, max_size=5))
def test_any_command_and_any_answers_end_in_a_result_or_in_one_error(
    ask: Callable[[DesfireLink], object], session: Callable[[], Session], answers: list[bytes]
) -> None:
    rambling = Rambling([*answers, b"\x6f\x00"])
    link = DesfireLink(rambling.transmit)
    link.open_session(session())
    with suppress(ChipError):
        ask(link)
    assert rambling.asked < 40
