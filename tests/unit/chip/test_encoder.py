"""Inspect, encode, verify: on good cards and on those that something speaks against."""

from __future__ import annotations

import threading

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.encoder import ChipContents, ChipData, encode, inspect, verify
from station.chip.profiles import shipped_profile
from station.chip.virtual_card.ciphers import AES, TDES, CardKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.chip.virtual_card.memory import CardApplication
from station.domain.card import RouterCardType
from station.domain.errors import (
    Cancelled,
    CardRemovedError,
    ChipError,
    ChipKeyError,
    ChipMismatchError,
    ChipRefusedError,
    ChipUnsuitableError,
    SecretError,
    StationError,
    StoreFullError,
    WorkflowError,
)
from station.ports.secrets import KeyKind
from tests.helpers.chip import (
    ESC_AID,
    ESCN,
    OTHER_ESCN,
    UID,
    Altered,
    Direct,
    Pulled,
    Rambling,
    demo_profile,
    run_encode,
    unhex,
)

DEUINFO = demo_profile()
DATA = ChipData(ESCN)
SECRETS = VirtualSecrets(demo=True)
NEIGHBOUR = unhex("C05885")


@pytest.fixture
def card() -> VirtualDesfire:
    made = VirtualDesfire.new(uid=UID)
    # Another institution's application on the same card: it must come through untouched.
    made.memory.applications[NEIGHBOUR] = CardApplication(NEIGHBOUR, 0x0B, AES, [CardKey(AES, b"\x77" * 16, 3)])
    return made


def test_a_blank_card_becomes_a_student_card(card: VirtualDesfire) -> None:
    begun: list[str] = []
    neighbour = card.memory.copy().applications[NEIGHBOUR]
    report = run_encode(Direct(card), begun=begun)
    assert (report.uid, report.escn_on_chip, report.verified) == ("04782E21801D80", ESCN, True)
    assert report.card_type is RouterCardType.SMART_CDZ
    assert begun == ["04782E21801D80"]
    app = card.memory.applications[ESC_AID]
    assert (app.settings, app.iso_fid, app.df_name.hex()) == (0x0B, 0x1000, "a00000061404f58840")
    assert (app.files[0].rights, app.files[0].mode, app.files[0].iso_fid) == (0xE000, 0, 0x1001)
    assert app.files[0].content.hex() == ESCN.replace("-", "")
    assert [key.version for key in app.keys] == [1, 1, 1]
    assert card.memory.applications[NEIGHBOUR] == neighbour
    assert card.memory.picc == VirtualDesfire.new(uid=UID).memory.picc


def test_the_keys_are_the_card_s_own(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    number = unhex(ESCN.replace("-", ""))
    assert [key.value for key in card.memory.applications[ESC_AID].keys] == [
        SECRETS.diversified("deuinfo-application", 1, UID + ESC_AID),
        SECRETS.diversified("deuinfo-base", 1, number),
        SECRETS.diversified("deuinfo-base", 1, UID),
    ]


def test_nothing_is_written_before_the_caller_was_told(card: VirtualDesfire) -> None:
    before = card.memory.copy()
    seen: list[bool] = []
    encode(
        Direct(card),
        DEUINFO,
        DATA,
        SECRETS,
        before_write=lambda _: seen.append(card.memory == before),
        cancel=threading.Event(),
        progress=lambda _step, _share: None,
    )
    assert seen == [True]


def test_no_command_carries_more_than_a_frame(card: VirtualDesfire) -> None:
    connection = Direct(card)
    run_encode(connection)
    assert all(len(sent) <= 5 + 54 + 1 and len(answer) <= 59 + 2 for sent, answer in connection.log)


def test_progress_goes_from_nothing_to_all(card: VirtualDesfire) -> None:
    shares: list[tuple[str, float]] = []
    encode(
        Direct(card),
        DEUINFO,
        DATA,
        SECRETS,
        before_write=lambda _: None,
        cancel=threading.Event(),
        progress=lambda step, share: shares.append((step, share)),
    )
    values = [share for _, share in shares]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0.0, 1.0)
    assert "Writing the card number" in [step for step, _ in shares]


def test_a_finished_card_is_only_checked(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    before, begun = card.memory.copy(), list[str]()
    report = run_encode(Direct(card), begun=begun)
    assert report.verified
    assert begun == ["04782E21801D80"]
    assert card.memory == before


def test_another_number_is_refused_before_anything_is_written(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    before, begun = card.memory.copy(), list[str]()
    with pytest.raises(ChipMismatchError) as caught:
        run_encode(Direct(card), OTHER_ESCN, begun=begun)
    assert caught.value.params["escn"] == ESCN
    assert not caught.value.written
    assert (begun, card.memory) == ([], before)


def test_the_number_may_be_written_in_capitals(card: VirtualDesfire) -> None:
    assert run_encode(Direct(card), ESCN.upper()).escn_on_chip == ESCN


def test_a_caller_who_refuses_is_obeyed(card: VirtualDesfire) -> None:
    before = card.memory.copy()

    def refuse(_: str) -> None:
        raise WorkflowError(detail="another card")

    with pytest.raises(WorkflowError):
        encode(
            Direct(card),
            DEUINFO,
            DATA,
            SECRETS,
            before_write=refuse,
            cancel=threading.Event(),
            progress=lambda _step, _share: None,
        )
    assert card.memory == before


# --- what speaks against a card ---------------------------------------------------------------------------------


def refused(connection: Direct | Rambling, kind: type[StationError], *, says: str = "") -> None:
    begun: list[str] = []
    with pytest.raises(kind) as caught:
        run_encode(connection, begun=begun)
    assert type(caught.value) is kind
    assert says in str(caught.value)
    assert begun == []
    assert not caught.value.written


def random_one(*, picc_key: bytes = bytes(16)) -> VirtualDesfire:
    made = VirtualDesfire.new(uid=UID)
    made.memory.random_uid = True
    made.memory.picc.keys[0] = CardKey(TDES, picc_key)
    return made


def test_a_card_with_a_random_uid_is_asked_for_the_real_one() -> None:
    hiding, begun = random_one(), list[str]()
    assert run_encode(Direct(hiding), begun=begun).uid == UID.hex().upper()
    assert begun == [UID.hex().upper()]
    # Now it knows a key made from the number, which anybody may read: with that it tells its UID again.
    hiding.memory.picc.keys[0] = CardKey(TDES, b"\x54" * 16)
    assert run_encode(Direct(hiding)).verified
    assert check(hiding).uid == UID.hex().upper()


def test_a_random_uid_that_stays_a_secret_is_refused() -> None:
    refused(Direct(random_one(picc_key=b"\x54" * 16)), ChipUnsuitableError, says="another UID each time")


def test_another_chip_is_refused_by_name() -> None:
    classic = unhex("3B8F8001804F0CA000000306030001000000006A")
    refused(Rambling([unhex("04A1B2C3" + "9000"), b"\x6e\x00"], classic), ChipUnsuitableError, says="MIFARE Classic 1K")


def test_the_first_desfire_of_all_is_refused(card: VirtualDesfire) -> None:
    # It has no FreeMemory, and then says of itself what it is.
    def older(index: int, answer: bytes) -> bytes:
        if index == 3:
            return b"\x91\x1c"
        return answer[:3] + b"\x00" + answer[4:] if index in (5, 6) else answer

    refused(Altered(card, older), ChipUnsuitableError, says="MF3ICD40")


def test_the_light_is_refused() -> None:
    refused(Direct(VirtualDesfire.new("Light", uid=UID)), ChipUnsuitableError, says="DESFire Light")


def test_a_chip_that_tells_no_uid_is_refused(card: VirtualDesfire) -> None:
    def silent(index: int, answer: bytes) -> bytes:
        if index in (0, 4):
            return b"\x6a\x81"
        return bytes(len(answer) - 2) + answer[-2:] if index in (3, 7) else answer

    refused(Altered(card, silent), ChipUnsuitableError, says="UID")


def test_a_locked_card_is_refused(card: VirtualDesfire) -> None:
    card.memory.picc.settings = 0x0B
    refused(Direct(card), ChipUnsuitableError, says="locked")


def test_wrong_keys_are_told(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    card.memory.applications[ESC_AID].keys[0] = CardKey(AES, b"\x55" * 16, 1)
    refused(Direct(card), ChipKeyError, says="doesn't accept the institution's keys")


def test_a_missing_key_is_told_before_anything_is_written(card: VirtualDesfire) -> None:
    class Empty(VirtualSecrets):
        def diversified(self, name: str, version: int, data: bytes, kind: KeyKind = KeyKind.AES128) -> bytes:
            raise SecretError(name=f"{name}/v{version}")

    before = card.memory.copy()
    with pytest.raises(SecretError):
        run_encode(Direct(card), secrets=Empty(demo=True))
    assert card.memory == before


def test_a_card_with_room_for_the_application_only_is_put_aside(card: VirtualDesfire) -> None:
    # It says that there is room, and then there is not: memory is given out in pieces that nobody publishes.
    card.memory.capacity = card.memory.capacity - card.memory.free + 160
    lying = Altered(card, lambda i, a: b"\x00\x10\x00\x91\x00" if i == 3 else a)
    with pytest.raises(ChipUnsuitableError, match="not enough room") as caught:
        run_encode(lying)
    assert caught.value.written
    assert "spoiled" in caught.value.todo


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (0x0E, ChipUnsuitableError, "not enough room"),
        (0xCE, ChipUnsuitableError, "not enough room"),
        (0xAE, ChipUnsuitableError, "locked"),
        (0x9D, ChipUnsuitableError, "locked"),
        (0xDE, ChipUnsuitableError, "ISO name of our F58840"),
        (0xEE, ChipRefusedError, "CreateApplication"),
    ],
)
def test_a_refused_first_step_has_written_nothing(
    card: VirtualDesfire, status: int, kind: type[StationError], says: str
) -> None:
    before, begun = card.memory.copy(), list[str]()

    class Refusing(Direct):
        def transmit(self, apdu: bytes) -> bytes:
            return bytes([0x91, status]) if apdu[1] == 0xCA and apdu[0] == 0x90 else super().transmit(apdu)

    with pytest.raises(kind, match=says) as caught:
        run_encode(Refusing(card), begun=begun)
    assert len(begun) == 1
    assert not caught.value.written
    assert card.memory == before


@pytest.mark.parametrize(("after_that", "written"), [("9100", True), ("91a0", False), ("6f00", True), ("91cd", True)])
def test_a_refusal_is_checked_against_what_the_card_has(card: VirtualDesfire, after_that: str, written: bool) -> None:
    class Garbling(Direct):
        refused = False

        def transmit(self, apdu: bytes) -> bytes:
            if self.refused:
                return unhex(after_that)
            self.refused = apdu[:2] == b"\x90\xca"
            return b"\x91\xee" if self.refused else super().transmit(apdu)

    with pytest.raises(ChipRefusedError) as caught:
        run_encode(Garbling(card))
    assert caught.value.written is written


def test_a_chip_that_forgets_what_was_written_is_noticed(card: VirtualDesfire) -> None:
    class Forgetful(Direct):
        def transmit(self, apdu: bytes) -> bytes:
            answer = super().transmit(apdu)
            if apdu[:2] == b"\x90\x3d":
                self.card.memory.applications[ESC_AID].files[0].content[8] ^= 0x80
            return answer

    with pytest.raises(ChipMismatchError, match="does not hold") as caught:
        run_encode(Forgetful(card))
    assert caught.value.written
    assert run_encode(Direct(card)).verified


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_key_that_was_not_kept_is_noticed(card: VirtualDesfire, number: int) -> None:
    class Forgetful(Direct):
        def transmit(self, apdu: bytes) -> bytes:
            answer = super().transmit(apdu)
            if apdu[:2] == b"\x90\xc4" and apdu[5] == number:
                self.card.memory.applications[ESC_AID].keys[number] = CardKey(AES, bytes(16), 1)
            return answer

    if number == 0:
        # The master key is used at once: whatever else happens, nothing is written under another one.
        with pytest.raises(ChipMismatchError, match="does not have the key") as caught:
            run_encode(Forgetful(card))
        assert caught.value.written
        assert card.memory.applications[ESC_AID].files == {}
    else:
        # The chip has acknowledged the others under the session's MAC; before the card is handed over, each is tried.
        run_encode(Forgetful(card))
        with pytest.raises(ChipMismatchError, match="copy"):
            check(card)


# --- stopping ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", range(4))
def test_it_stops_at_once_while_nothing_is_written(card: VirtualDesfire, after: int) -> None:
    cancel, before = threading.Event(), card.memory.copy()

    class Stopping(Direct):
        def transmit(self, apdu: bytes) -> bytes:
            if len(self.log) == after:
                cancel.set()
            return super().transmit(apdu)

    connection = Stopping(card)
    with pytest.raises(Cancelled):
        encode(
            connection,
            DEUINFO,
            DATA,
            SECRETS,
            before_write=lambda _: pytest.fail("writing began"),
            cancel=cancel,
            progress=lambda _step, _share: None,
        )
    assert len(connection.log) == after + 1
    assert card.memory == before


def test_what_has_begun_is_finished(card: VirtualDesfire) -> None:
    cancel = threading.Event()
    report = encode(
        Direct(card),
        DEUINFO,
        DATA,
        SECRETS,
        before_write=lambda _: cancel.set(),
        cancel=cancel,
        progress=lambda _step, _share: None,
    )
    assert report.verified


# --- other profiles ---------------------------------------------------------------------------------------------


def test_the_uid_profile_reads_and_binds(card: VirtualDesfire) -> None:
    before, begun = card.memory.copy(), list[str]()
    report = run_encode(Direct(card), profile=shipped_profile("uid"), begun=begun)
    assert (report.uid, report.escn_on_chip, report.card_type) == (UID.hex().upper(), None, RouterCardType.SMART_NO_CDZ)
    assert begun == [report.uid]
    assert card.memory == before


def test_the_uid_profile_takes_any_chip_with_a_uid() -> None:
    report = run_encode(Rambling([unhex("04A1B2C3" + "9000"), b"\x6e\x00"]), profile=shipped_profile("uid"))
    assert report.uid == "04A1B2C3"
    with pytest.raises(ChipUnsuitableError):
        run_encode(Rambling([unhex("08A1B2C3" + "9000"), b"\x6e\x00"]), profile=shipped_profile("uid"))
    with pytest.raises(ChipUnsuitableError):
        run_encode(Rambling([b"\x6e\x00"]), profile=shipped_profile("uid"))


def test_the_none_profile_leaves_the_chip_alone(card: VirtualDesfire) -> None:
    connection, begun = Direct(card), list[str]()
    report = run_encode(connection, profile=shipped_profile("none"), begun=begun)
    assert (report.uid, report.card_type, report.apdus) == ("", RouterCardType.PASSIVE, 0)
    assert (connection.log, begun) == ([], [])
    assert verify(connection, shipped_profile("none"), DATA, SECRETS) == ChipContents("", "")


# --- inspect ----------------------------------------------------------------------------------------------------


def test_inspect_a_blank_card(card: VirtualDesfire) -> None:
    del card.memory.applications[NEIGHBOUR]
    assert inspect(Direct(card)) == ChipContents("04782E21801D80", "DESFire EV1 8K", None, False, 7936)


def test_inspect_a_student_card(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    found = inspect(Direct(card))
    assert (found.escn, found.has_esc) == (ESCN, True)
    assert found.free_memory == card.memory.free


def test_inspect_a_card_that_keeps_its_memory_to_itself(card: VirtualDesfire) -> None:
    found = inspect(Altered(card, lambda i, a: b"\x91\xae" if i == 5 else a))
    assert found.free_memory is None
    assert found.kind == "DESFire EV1 8K"


def test_inspect_a_light_which_has_no_room_for_applications_of_ours() -> None:
    found = inspect(Direct(VirtualDesfire.new("Light", uid=UID)))
    assert found == ChipContents(UID.hex().upper(), "DESFire Light 512 bytes")


def test_inspect_names_what_it_does_not_know() -> None:
    found = inspect(Rambling([b"\x6d\x00"], unhex("3B6500002063CB6800")))
    assert found == ChipContents("", "unknown chip (ATR 3B6500002063CB6800)")


# --- verify -----------------------------------------------------------------------------------------------------


def check(card: VirtualDesfire, escn: str = ESCN) -> ChipContents:
    return verify(Direct(card), DEUINFO, ChipData(escn), SECRETS)


def test_verify_the_right_card(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    assert check(card) == ChipContents("04782E21801D80", "DESFire EV1 8K", ESCN, True)


def test_verify_a_card_with_another_number(card: VirtualDesfire) -> None:
    run_encode(Direct(card), OTHER_ESCN)
    with pytest.raises(ChipMismatchError) as caught:
        check(card)
    assert caught.value.params["escn"] == OTHER_ESCN


def test_verify_a_blank_card_or_another_chip(card: VirtualDesfire) -> None:
    with pytest.raises(ChipMismatchError, match="no card number"):
        check(card)
    with pytest.raises(ChipMismatchError, match="no card number"):
        verify(Rambling([b"\x6d\x00"]), DEUINFO, DATA, SECRETS)


@pytest.mark.parametrize("content", [bytes(16), b"\xff" * 16])
def test_verify_an_empty_number(card: VirtualDesfire, content: bytes) -> None:
    run_encode(Direct(card))
    card.memory.applications[ESC_AID].files[0].content[:] = content
    with pytest.raises(ChipMismatchError, match="no card number"):
        check(card)


def test_verify_a_number_that_anybody_could_change(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    card.memory.applications[ESC_AID].files[0].rights = 0xEEEE
    with pytest.raises(ChipMismatchError, match="not safely"):
        check(card)


def test_verify_a_copy(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    memory = card.memory.copy()
    for number in range(3):
        memory.applications[ESC_AID].keys[number] = CardKey(AES, bytes(16), 1)
    with pytest.raises(ChipMismatchError, match="copy"):
        check(VirtualDesfire(memory))


def test_verify_a_perfect_copy_on_another_chip(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    memory = card.memory.copy()
    memory.uid = unhex("04AAAAAAAAAA80")
    with pytest.raises(ChipMismatchError, match="copy"):
        check(VirtualDesfire(memory))


def test_verify_a_number_that_is_no_longer_readable(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    card.memory.applications[ESC_AID].files.clear()
    with pytest.raises(ChipMismatchError, match="no card number"):
        check(card)


@pytest.mark.parametrize("after", range(26))
def test_verify_a_card_that_is_taken_away(card: VirtualDesfire, after: int) -> None:
    run_encode(Direct(card))
    with pytest.raises(CardRemovedError):
        verify(Pulled(card, after), DEUINFO, DATA, SECRETS)


def test_verify_writes_nothing(card: VirtualDesfire) -> None:
    run_encode(Direct(card))
    before = card.memory.copy()
    check(card)
    inspect(Direct(card))
    assert card.memory == before


def test_errors_of_the_chip_say_something_to_the_operator(card: VirtualDesfire) -> None:
    with pytest.raises(ChipError) as caught:
        run_encode(Altered(card, lambda i, a: b"\x91" if i == 4 else a))
    assert "senseless answer (1 bytes)" in str(caught.value)


@pytest.mark.parametrize("milestone", ["created", "locked", "written"])
def test_a_journal_that_fails_in_between_does_not_make_the_card_a_blank(card: VirtualDesfire, milestone: str) -> None:
    def reached(name: str) -> None:
        if name == milestone:
            raise StoreFullError

    with pytest.raises(StoreFullError) as caught:
        encode(
            Direct(card),
            DEUINFO,
            DATA,
            SECRETS,
            before_write=lambda _: None,
            cancel=threading.Event(),
            progress=lambda _step, _share: None,
            reached=reached,
        )
    assert caught.value.written
    assert run_encode(Direct(card)).verified
