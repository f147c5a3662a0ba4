"""What a host does with a DESFire, one scenario a command family: run on software cards, recorded, and replayed.

Each scenario checks what it gets, so it can be run wherever a link leads. ``random`` stands in for the host's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

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
from station.chip.desfire.applications import KeySets, NewApplication
from station.chip.desfire.auth import Random, authenticate
from station.chip.desfire.files import NewBackupFile, NewRecordFile, NewStdFile, NewValueFile
from station.chip.desfire.keys import Key, default_key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import AccessRights, CommMode, FileKind, KeySettingBit, RecordLimits, ValueLimits
from station.chip.desfire.picc import CardOption, Option
from station.chip.desfire.session import Scheme
from station.chip.processors import LONG_FRAME_DATA
from station.domain.errors import ChipKeyError, ChipRefusedError
from station.ports.secrets import KeyKind

AID = bytes.fromhex("563412")
OTHER_AID = bytes.fromhex("010203")
UID = bytes.fromhex("04782E21801D80")
OURS = AccessRights(0, 0, 0, 0)
DATA = bytes((7 * at) % 256 for at in range(99)) + b"\x00"


@dataclass(frozen=True)
class Talk:
    """A card in the field, as a scenario sees it."""

    link: DesfireLink
    random: Random

    def authenticate(self, number: int, key: Key, scheme: Scheme | None = None) -> None:
        """Authenticate with this talk's random numbers."""
        authenticate(self.link, number, key, scheme=scheme, random=self.random)


def some_key(kind: KeyKind, first: int, version: int) -> Key:
    """Return a key that is none of the degenerate ones."""
    return Key(kind, bytes((first + 2 * at) % 256 for at in range(kind.length)), version)


def refused(status: int, call: Callable[[], object]) -> None:
    """Check that the card refuses with this status."""
    with pytest.raises(ChipRefusedError) as caught:
        call()
    assert caught.value.sw == 0x9100 | status


def open_application(talk: Talk, kind: KeyKind, scheme: Scheme) -> None:
    """Make an application with three zero keys, select it and open its master key."""
    new = NewApplication(AID, 0x0F, 3, 0x1234, b"\xa0\x01", kind)
    applications.create_application(talk.link, new)
    assert applications.select(talk.link, AID)
    talk.authenticate(0, default_key(kind), scheme)


def look(talk: Talk) -> None:
    """Ask a card everything that it tells anybody."""
    link = talk.link
    version = applications.get_version(link)
    assert version.uid == UID
    assert version.is_desfire
    assert applications.get_application_ids(link) == ()
    assert applications.get_df_names(link) == ()
    assert applications.free_memory(link) > 1000
    assert applications.get_key_settings(link).kind is KeyKind.TDES2K
    assert keys.get_key_version(link, 0) == 0
    assert not applications.select(link, AID)


def list_applications(talk: Talk) -> None:
    """Make applications of each kind of key, list them by id and by name, delete one."""
    link = talk.link
    for aid, kind, fid, name in (
        (AID, KeyKind.AES128, 0x1234, b"\xa0\x01\x02\x03\x04"),
        (OTHER_AID, KeyKind.TDES3K, 0x1235, b"sixteen letters!"),
        (b"\x0a\x0b\x0c", KeyKind.TDES2K, None, b""),
    ):
        applications.create_application(link, NewApplication(aid, 0x0F, 2, fid, name, kind))
    assert set(applications.get_application_ids(link)) == {AID, OTHER_AID, b"\x0a\x0b\x0c"}
    named = {each.aid: (each.iso_fid, each.name) for each in applications.get_df_names(link)}
    assert named == {AID: (0x1234, b"\xa0\x01\x02\x03\x04"), OTHER_AID: (0x1235, b"sixteen letters!")}
    refused(0xDE, lambda: applications.create_application(link, NewApplication(AID, 0x0F, 1)))
    applications.select(link, OTHER_AID)
    found = applications.get_key_settings(link)
    assert (found.kind, found.keys, found.settings) == (KeyKind.TDES3K, 2, 0x0F)
    applications.select(link)
    talk.authenticate(0, Key.des())
    assert len(applications.get_df_names(link)) == 2
    applications.delete_application(link, AID)
    assert AID not in applications.get_application_ids(link)


def change_keys(kind: KeyKind, scheme: Scheme) -> Callable[[Talk], None]:
    """Return a scenario that changes keys in every way: another's, the own one, and the settings of both."""

    def scenario(talk: Talk) -> None:
        link = talk.link
        open_application(talk, kind, scheme)
        assert applications.get_key_settings(link).kind is kind
        first, second = some_key(kind, 0x10, 0x55), some_key(kind, 0x40, 0xAA)
        keys.change_key(link, 1, first)
        assert keys.get_key_version(link, 1) == 0x55
        refused(0x1E, lambda: keys.change_key(link, 1, second, some_key(kind, 0x80, 0x55)))
        talk.authenticate(0, default_key(kind), scheme)
        keys.change_key(link, 1, second, first)
        keys.change_key(link, 0, first)
        assert link.authenticated is None
        with pytest.raises(ChipKeyError):
            talk.authenticate(0, default_key(kind), scheme)
        talk.authenticate(1, second, scheme)
        assert link.authenticated == 1
        talk.authenticate(0, first, scheme)
        assert applications.get_card_uid(link) == UID
        applications.change_key_settings(link, 0x0B)
        assert applications.get_key_settings(link).settings == 0x0B
        assert not applications.get_key_settings(link).free_creation

    return scenario


def use_files(kind: KeyKind, scheme: Scheme, mode: CommMode) -> Callable[[Talk], None]:
    """Return a scenario that does with each kind of file whatever can be done, with a 3DES key where it is 3DES."""

    def scenario(talk: Talk) -> None:
        open_application(talk, kind, scheme)
        keys.change_key(talk.link, 0, some_key(kind, 0x10, 0x11))
        talk.authenticate(0, some_key(kind, 0x10, 0x11), scheme)
        use_data_files(talk.link, mode)
        use_value_file(talk.link, mode)
        use_record_files(talk.link, mode)
        change_and_delete_files(talk.link, mode)

    return scenario


def use_data_files(link: DesfireLink, mode: CommMode) -> None:
    """Write and read a standard and a backup file."""
    files.create_file(link, NewStdFile(1, 100, mode, OURS, 0x0101))
    files.create_file(link, NewBackupFile(2, 100, mode, OURS, 0x0102))
    assert sorted(files.get_iso_file_ids(link)) == [0x0101, 0x0102]
    files.write_data(link, 1, DATA, mode)
    assert files.read_data(link, 1, 100, mode) == DATA
    files.write_data(link, 1, b"abc", mode, offset=5)
    assert files.read_data(link, 1, 4, mode, offset=4) == DATA[4:5] + b"abc"
    assert files.read_data(link, 1, 0, mode, offset=90) == DATA[90:]
    files.write_data(link, 2, DATA, mode)
    assert files.read_data(link, 2, 100, mode) == bytes(100)
    files.abort_transaction(link)
    files.write_data(link, 2, DATA, mode)
    files.commit_transaction(link)
    assert files.read_data(link, 2, 100, mode) == DATA
    refused(0xBE, lambda: files.read_data(link, 2, 101, mode))


def use_value_file(link: DesfireLink, mode: CommMode) -> None:
    """Credit, debit and give back."""
    files.create_file(link, NewValueFile(3, mode, OURS, -100, 1000, 50, limited_credit=True))
    assert values.get_value(link, 3, mode) == 50
    values.credit(link, 3, 25, mode)
    assert values.get_value(link, 3, mode) == 50
    files.commit_transaction(link)
    assert values.get_value(link, 3, mode) == 75
    values.debit(link, 3, 100, mode)
    files.commit_transaction(link)
    assert values.get_value(link, 3, mode) == -25
    assert files.get_file_settings(link, 3).values == ValueLimits(-100, 1000, 100)
    values.limited_credit(link, 3, 40, mode)
    files.commit_transaction(link)
    assert values.get_value(link, 3, mode) == 15


def use_record_files(link: DesfireLink, mode: CommMode) -> None:
    """Write, read and clear records."""
    files.create_file(link, NewRecordFile(4, mode, OURS, 10, 3, iso_fid=0x0104))
    files.create_file(link, NewRecordFile(5, mode, OURS, 10, 3, cyclic=True, iso_fid=0x0105))
    written = [bytes([0x30 + at]) * 10 for at in range(4)]
    for record in written[:3]:
        records.write_record(link, 4, record, mode)
        files.commit_transaction(link)
    assert records.read_records(link, 4, 10, mode) == tuple(written[:3])
    assert records.read_records(link, 4, 10, mode, first=1, count=2) == tuple(written[:2])
    for record in written:
        records.write_record(link, 5, record[:4], mode)
        records.write_record(link, 5, record[4:], mode, offset=4)
        files.commit_transaction(link)
    # The place that a cyclic file keeps for the next record is not to be read.
    assert records.read_records(link, 5, 10, mode) == tuple(written[2:])
    assert files.get_file_settings(link, 5).records == RecordLimits(10, 3, 2)
    records.clear_record_file(link, 4)
    files.commit_transaction(link)
    assert files.get_file_settings(link, 4).records == RecordLimits(10, 3, 0)
    refused(0xBE, lambda: records.read_records(link, 4, 10, mode))


def change_and_delete_files(link: DesfireLink, mode: CommMode) -> None:
    """Change who may do what, and remove files."""
    assert files.get_file_ids(link) == (1, 2, 3, 4, 5)
    before = files.get_file_settings(link, 1)
    assert (before.kind, before.mode, before.rights, before.size) == (FileKind.STANDARD, mode, OURS, 100)
    opened = AccessRights(0xE, 0, 0, 0xE)
    files.change_file_settings(link, 1, CommMode.PLAIN, opened, before=before)
    after = files.get_file_settings(link, 1)
    assert (after.rights, after.mode) == (opened, CommMode.PLAIN)
    files.change_file_settings(link, 1, mode, OURS, before=after)
    assert files.get_file_settings(link, 1) == before
    files.delete_file(link, 1)
    assert files.get_file_ids(link) == (2, 3, 4, 5)


def configure(talk: Talk) -> None:
    """Set what a card is for good: its default key, its ATS, its master key (DES to AES), its options; format it."""
    link = talk.link
    talk.authenticate(0, Key.des())
    default = Key.aes(bytes(range(16)), 0x42)
    picc.set_default_key(link, default)
    picc.set_configuration(link, Option.ATS, bytes.fromhex("067577810280"))
    keys.change_key(link, 0, Key.aes(bytes(range(1, 17)), 0x01))
    assert link.authenticated is None
    assert applications.get_key_settings(link).aes
    talk.authenticate(0, Key.aes(bytes(range(1, 17)), 0x01))
    applications.create_application(link, NewApplication(AID, 0x0F, 1))
    assert applications.select(link, AID)
    assert keys.get_key_version(link, 0) == 0x42
    talk.authenticate(0, default)
    applications.select(link)
    talk.authenticate(0, Key.aes(bytes(range(1, 17)), 0x01))
    picc.format_picc(link)
    assert applications.get_application_ids(link) == ()
    settings = KeySettingBit.MASTER_CHANGEABLE | KeySettingBit.SETTINGS_CHANGEABLE
    applications.change_key_settings(link, settings)
    picc.set_card_options(link, CardOption.RANDOM_UID)
    assert applications.get_card_uid(link) == UID


def change_master_key(kind: KeyKind) -> Callable[[Talk], None]:
    """Return a scenario that changes the card's own key to one of this kind and back."""

    def scenario(talk: Talk) -> None:
        talk.authenticate(0, Key.des(), Scheme.D40)
        key = some_key(kind, 0x20, 0x07)
        keys.change_key(talk.link, 0, key)
        talk.authenticate(0, key)
        assert applications.get_key_settings(talk.link).kind is kind
        assert keys.get_key_version(talk.link, 0) == 0x07
        keys.change_key(talk.link, 0, Key.des())
        talk.authenticate(0, Key.des())

    return scenario


def switch_keys_in_one_transaction(talk: Talk) -> None:
    """Authenticate a second key within an EV2 transaction, which goes on."""
    link = talk.link
    open_application(talk, KeyKind.AES128, Scheme.EV2)
    files.create_file(link, NewBackupFile(1, 16, CommMode.FULL, AccessRights(1, 0, 0, 0), 0x0101))
    files.write_data(link, 1, bytes(range(16)), CommMode.FULL)
    files.commit_transaction(link)
    talk.authenticate(1, Key.aes(), Scheme.EV2)
    assert files.read_data(link, 1, 16, CommMode.FULL) == bytes(range(16))
    assert applications.get_card_uid(link) == UID


def roll_keys(talk: Talk) -> None:
    """Prepare a further key set and put it in force."""
    link = talk.link
    new = NewApplication(AID, 0x0F, 2, key_sets=KeySets(count=2, roll_key=0))
    applications.create_application(link, new)
    applications.select(link, AID)
    talk.authenticate(0, Key.aes(), Scheme.EV2)
    assert applications.get_key_settings(link).keys == 2
    keys.initialize_key_set(link, 1, KeyKind.AES128)
    fresh = Key.aes(bytes(range(16)), 0x09)
    keys.change_key(link, 0, fresh, key_set=1)
    keys.change_key(link, 1, fresh, key_set=1)
    assert keys.get_key_version(link, 1, key_set=1) == 0x09
    keys.finalize_key_set(link, 1, 0x02)
    keys.roll_key_set(link, 1)
    assert link.authenticated is None
    with pytest.raises(ChipKeyError):
        talk.authenticate(0, Key.aes(), Scheme.EV2)
    talk.authenticate(0, fresh, Scheme.EV2)


def sign_transactions(talk: Talk) -> None:
    """Have the card sign what a transaction did, and check that as a back office does."""
    link = talk.link
    open_application(talk, KeyKind.AES128, Scheme.EV2)
    key = Key.aes(bytes(range(0x20, 0x30)))
    rights = AccessRights(0, 0xF, 0xF, 0)
    transaction_mac.create_transaction_mac_file(link, 7, CommMode.PLAIN, rights, key)
    files.create_file(link, NewBackupFile(1, 16, CommMode.FULL, OURS, 0x0101))
    files.write_data(link, 1, b"sixteen letters!", CommMode.FULL)
    signed = transaction_mac.commit_with_mac(link)
    header = bytes.fromhex("01000000100000")
    entries = transaction_mac.transaction_entry(0x3D, header, b"sixteen letters!")
    assert signed.counter == 1
    assert transaction_mac.is_signed(signed, key.value, UID, entries)
    assert not transaction_mac.is_signed(signed, key.value, UID, entries[::-1])
    assert transaction_mac.parsed_transaction_mac(files.read_data(link, 7, 12)) == signed


def update_records(talk: Talk) -> None:
    """Change a record that is there."""
    link = talk.link
    open_application(talk, KeyKind.AES128, Scheme.EV2)
    files.create_file(link, NewRecordFile(1, CommMode.FULL, OURS, 10, 3, iso_fid=0x0101))
    for record in (b"0123456789", b"abcdefghij"):
        records.write_record(link, 1, record, CommMode.FULL)
        files.commit_transaction(link)
    records.update_record(link, 1, 0, b"XY", CommMode.FULL, offset=3)
    files.commit_transaction(link)
    assert records.read_records(link, 1, 10, CommMode.FULL) == (b"0123456789", b"abcXYfghij")


def long_frames(talk: Talk) -> None:
    """Write and read a long file in frames of 256 bytes."""
    talk.link.frame_data = LONG_FRAME_DATA
    open_application(talk, KeyKind.AES128, Scheme.EV2)
    content = DATA * 10
    files.create_file(talk.link, NewStdFile(1, 1000, CommMode.FULL, OURS, 0x0101))
    files.write_data(talk.link, 1, content, CommMode.FULL)
    assert files.read_data(talk.link, 1, 1000, CommMode.FULL) == content


def iso_chaining(talk: Talk) -> None:
    """Use the commands that leave the cutting to the reader."""
    link = talk.link
    link.iso_chaining = True
    link.frame_data = LONG_FRAME_DATA
    open_application(talk, KeyKind.AES128, Scheme.EV2)
    for mode in CommMode:
        number = mode + 1
        files.create_file(link, NewStdFile(number, 500, mode, OURS, 0x0101 + mode))
        files.write_data(link, number, DATA * 5, mode)
        assert files.read_data(link, number, 500, mode) == DATA * 5
    files.create_file(link, NewRecordFile(9, CommMode.FULL, OURS, 10, 3, iso_fid=0x0109))
    records.write_record(link, 9, b"0123456789", CommMode.FULL)
    files.commit_transaction(link)
    records.update_record(link, 9, 0, b"ab", CommMode.FULL)
    files.commit_transaction(link)
    assert records.read_records(link, 9, 10, CommMode.FULL) == (b"ab23456789",)


def use_light(talk: Talk) -> None:
    """Select a Light's application by its name, write and read its file."""
    link = talk.link
    version = applications.get_version(link)
    assert version.generation == "Light"
    link.suit(version)
    assert not applications.select_df_name(link, b"nothing by that name")
    assert applications.select_df_name(link, bytes.fromhex("A00000039656434103F015400000000B"))
    talk.authenticate(0, Key.aes(), Scheme.EV2)
    before = files.get_file_settings(link, 0)
    files.change_file_settings(link, 0, CommMode.FULL, OURS, before=before)
    files.write_data(link, 0, bytes(range(256)), CommMode.FULL)
    assert files.read_data(link, 0, 256, CommMode.FULL) == bytes(range(256))
    keys.change_key(link, 1, Key.aes(bytes(range(16)), 3))
    assert keys.get_key_version(link, 1) == 3
    assert applications.get_card_uid(link) == UID


def check_nearness(talk: Talk) -> None:
    """Check that the card that answers is the one that has the key, in one and in eight rounds."""
    for rounds in (1, 8):
        found = proximity.check_proximity(talk.link, bytes(16), rounds=rounds, random=talk.random)
        assert found.signed
        assert found.published_us > 0


def show_origin(talk: Talk) -> None:
    """Read the factory's signature; the software card's is nobody's that NXP would know."""
    signature = originality.read_signature(talk.link)
    assert originality.made_by_nxp(UID, signature) is None


KINDS = {
    "d40-2k3des": (KeyKind.TDES2K, Scheme.D40),
    "ev1-2k3des": (KeyKind.TDES2K, Scheme.EV1),
    "ev1-3k3des": (KeyKind.TDES3K, Scheme.EV1),
    "ev1-aes": (KeyKind.AES128, Scheme.EV1),
    "ev2-aes": (KeyKind.AES128, Scheme.EV2),
}

SCENARIOS: dict[str, tuple[str, Callable[[Talk], None]]] = {
    "look": ("EV1", look),
    "applications": ("EV1", list_applications),
    "configure": ("EV1", configure),
    **{f"master-key-{kind.value}": ("EV1", change_master_key(kind)) for kind in KeyKind},
    **{
        f"keys-{name}": ("EV2" if scheme is Scheme.EV2 else "EV1", change_keys(kind, scheme))
        for name, (kind, scheme) in KINDS.items()
    },
    **{
        f"files-{name}-{mode.name.lower()}": ("EV2" if scheme is Scheme.EV2 else "EV1", use_files(kind, scheme, mode))
        for name, (kind, scheme) in KINDS.items()
        for mode in CommMode
    },
    "second-key": ("EV2", switch_keys_in_one_transaction),
    "key-sets": ("EV2", roll_keys),
    "transaction-mac": ("EV2", sign_transactions),
    "update-records": ("EV2", update_records),
    "long-frames": ("EV3", long_frames),
    "iso-chaining": ("EV3", iso_chaining),
    "light": ("Light", use_light),
    "proximity": ("EV3", check_nearness),
    "originality": ("EV2", show_origin),
}
"""By name: the generation of card that it needs, and what is done with it."""
