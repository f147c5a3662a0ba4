"""Opening a store: what is refused, in which words, and that nothing is lost or half-written."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from station.adapters.store import FieldCipher, InstitutionRecord, SqlStore, open_store
from station.adapters.store.schema import SCHEMA_HEAD
from station.domain.errors import (
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreNewerError,
    StoreReadOnlyError,
)
from station.domain.workflow import PortraitTaken, Verified
from tests.helpers.scribe import Scribe, keep, row
from tests.helpers.stores import in_threads, names, portrait

NOT_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write where others may not"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the place of a store with one card in it, closed."""
    made = tmp_path / "store.db"
    with closing(open_store(made, station="Desk 1")) as store:
        keep(store, row("1"))
        Scribe(store, holder_id="id-1").hand_over()
    return made


def refusal(path: Path | str, kind: type[StoreError], cipher: FieldCipher | None = None) -> StoreError:
    """Return why the store is refused; it must be named, and there must be something to do about it."""
    with pytest.raises(kind) as caught:
        open_store(path, cipher=cipher)
    assert type(caught.value) is kind
    assert caught.value.params["file"] == str(path)
    assert caught.value.todo
    return caught.value


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


# --- what is right ------------------------------------------------------------------------------------------------


def test_a_new_store_is_made_where_it_should_be(tmp_path: Path) -> None:
    with closing(open_store(str(tmp_path / "new.db"))) as store:
        assert store.where == str(tmp_path / "new.db")
        assert store.holders.count() == 0


def test_a_store_can_be_named_by_its_address(path: Path) -> None:
    with closing(open_store(f"sqlite:///{path}")) as store:
        assert store.holders.count() == 1


def test_folders_with_unusual_names_do(tmp_path: Path) -> None:
    folder = tmp_path / "Jāņa dati 100% #1?"
    folder.mkdir()
    with closing(open_store(folder / "store.db")) as store:
        keep(store, row("1"))
        assert store.holders.count() == 1
    assert (folder / "store.db").stat().st_size > 0


def test_nothing_is_left_beside_a_closed_store_but_the_lock(path: Path) -> None:
    assert sorted(p.name for p in path.parent.iterdir() if p.is_file()) == ["store.db", "store.db-lock"]


def test_every_commit_waits_for_the_disk_and_references_are_checked(path: Path) -> None:
    with closing(open_store(path)) as store, store._db.read() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_institutions_are_kept_and_corrected(path: Path) -> None:
    rtu = InstitutionRecord("rtu", "RTU", "999465982", "rtu.lv", "LV", 1, "LV00000000000", "Riga Technical University")
    lu = InstitutionRecord("lu", "LU", "999859608", "lu.lv", "LV", 66)
    with closing(open_store(path)) as store:
        store.keep_institutions([rtu])
        store.keep_institutions([lu, InstitutionRecord("rtu", "RTU", "999465982", "rtu.lv", "LV", 2)])
        assert store.institutions() == (lu, InstitutionRecord("rtu", "RTU", "999465982", "rtu.lv", "LV", 2))
        with pytest.raises(StoreError):
            store.keep_institutions([InstitutionRecord("x", "X", "12345", "x.lv", "LV", 1)])
        assert len(store.institutions()) == 2


# --- who has it ---------------------------------------------------------------------------------------------------


def test_a_second_station_is_told_at_once(path: Path) -> None:
    with closing(open_store(path)) as store:
        error = refusal(path, StoreLockedError)
        assert "another station" in str(error)
        store.portraits.add(portrait("p"))
    open_store(path).close()


def test_a_refused_store_is_not_held(tmp_path: Path, path: Path) -> None:
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    refusal(path, StoreNewerError)
    execute(path, "UPDATE alembic_version SET version_num = '0001'")
    open_store(path).close()


def test_closing_twice_is_closing_once(path: Path) -> None:
    store = open_store(path)
    store.close()
    with closing(open_store(path)) as other:
        store.close()
        assert other.holders.count() == 1
        refusal(path, StoreLockedError)  # what the other holds was not let go


def test_a_program_that_holds_the_file_does_not_stop_the_station_for_long(path: Path) -> None:
    with closing(open_store(path)) as store, closing(sqlite3.connect(path)) as other:
        store._db.engine.dispose()
        event.listen(store._db.engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout=50"))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLockedError):
            store.portraits.add(portrait("p"))
        other.execute("ROLLBACK")
        store.portraits.add(portrait("p"))


# --- what it is ---------------------------------------------------------------------------------------------------


def test_a_newer_store_is_not_touched(path: Path) -> None:
    execute(path, "CREATE TABLE something_new (x)", "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    error = refusal(path, StoreNewerError)
    assert "version 9999" in str(error)
    assert f"up to {SCHEMA_HEAD}" in str(error)
    assert "Nothing was changed" in error.todo
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    execute(path, "CREATE TABLE bookmarks (url TEXT)", "INSERT INTO bookmarks VALUES ('x')")
    before = path.read_bytes()
    assert "another program" in str(refusal(path, StoreError))
    assert path.read_bytes() == before


@pytest.mark.parametrize("data", [b"Dear diary, " * 1000, b"SQLite format 3\x00" + b"\xff" * 8000, b"x"])
def test_a_file_that_is_no_database_is_called_damaged_and_kept(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(data)
    assert "restore the backup" in refusal(path, StoreDamagedError).todo
    assert path.read_bytes() == data


def test_a_file_cut_short_is_called_damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 20 * 4096])
    refusal(path, StoreDamagedError)


def root_pages(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0"))


def spoil_page(path: Path, page: int) -> None:
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(data)


def test_a_damaged_page_is_reported_when_it_is_met_and_the_rest_can_be_read(path: Path) -> None:
    spoil_page(path, root_pages(path)["outbox"])
    with closing(open_store(path)) as store:
        assert store.holders.count() == 1
        with pytest.raises(StoreDamagedError) as caught:
            store.outbox.entries()
        assert caught.value.params["file"] == str(path)
        scribe = Scribe(store, uid="04BB", holder_id="id-1").until(Verified)
        with pytest.raises(StoreDamagedError):
            scribe.hand_over()
        assert store.issuances.get(scribe.issuance.id) == scribe.issuance


def test_after_a_crash_the_whole_file_is_checked(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "crashed.db"
    with closing(open_store(path)) as store:
        store.portraits.add(portrait("p"))
        copy.write_bytes(path.read_bytes())
        log = path.with_name("store.db-wal").read_bytes()
    (tmp_path / "crashed.db-wal").write_bytes(log)
    spoil_page(copy, root_pages(path)["outbox"])
    refusal(copy, StoreDamagedError)


def test_what_a_crash_left_in_the_log_is_there(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "crashed.db"
    with closing(open_store(path)) as store:
        store.portraits.add(portrait("p"))
        for name in ("store.db", "store.db-wal"):
            (tmp_path / name.replace("store", "crashed")).write_bytes(path.with_name(name).read_bytes())
    with closing(open_store(copy)) as store:
        assert store.portraits.get("p") == portrait("p")


# --- where it is --------------------------------------------------------------------------------------------------


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "nowhere" / "store.db", StoreError)
    assert "folder" in str(error)
    assert "profile" in error.todo
    assert list(tmp_path.glob("nowhere*")) == []


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    assert "is a folder" in str(refusal(tmp_path, StoreError))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("mysql://anna:secret@db/store", "is not the address"),
        ("nonsense://anna:secret@db/store", "is not the address"),
        ("postgresql://anna:secret@db:port/store", "is not the address"),
        ("sqlite://", "is not the address"),
        ("postgresql+nodriver://anna:secret@db/store", "driver"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_without_its_password(address: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as caught:
        open_store(address)
    assert "secret" not in f"{caught.value} {caught.value.params}"
    assert str(caught.value.params["file"]).startswith(address.split("://", maxsplit=1)[0])


@NOT_ROOT
def test_a_folder_without_the_right_to_write_is_named(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        refusal(path, StoreReadOnlyError)
    finally:
        path.parent.chmod(0o700)
    open_store(path).close()


@NOT_ROOT
def test_a_file_without_the_right_to_write_is_named(path: Path) -> None:
    path.chmod(0o400)
    refusal(path, StoreReadOnlyError)


def test_a_store_that_becomes_read_only_says_so(path: Path) -> None:
    with closing(open_store(path)) as store:
        store._db.engine.dispose()
        event.listen(store._db.engine, "connect", lambda c, _: c.execute("PRAGMA query_only=ON"))
        with pytest.raises(StoreReadOnlyError):
            store.portraits.add(portrait("p"))
        assert store.portraits.get("p") is None


# --- how much fits ------------------------------------------------------------------------------------------------


@pytest.fixture
def full(path: Path) -> Iterator[tuple[SqlStore, Callable[[], None]]]:
    """Give a store that may not grow any more, and a way to free space."""
    with closing(open_store(path)) as store:
        limit = [path.stat().st_size // 4096]
        store._db.engine.dispose()
        event.listen(store._db.engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count={limit[0]}"))

        def free() -> None:
            limit[0] = 1_000_000
            store._db.engine.dispose()

        yield store, free


def test_on_a_full_disk_the_step_is_not_recorded_and_nothing_else_is_lost(
    full: tuple[SqlStore, Callable[[], None]],
) -> None:
    store, free = full
    scribes = [Scribe(store, uid=f"04BB{n:04X}", holder_id=f"h{n}") for n in range(1000)]
    with pytest.raises(StoreFullError) as caught:
        any(scribe.hand_over() is None for scribe in scribes)
    scribe = next(each for each in scribes if each.issuance.open)
    assert "the last step was not recorded" in caught.value.todo
    journal = store.issuances.journal(scribe.issuance.id)
    assert len(journal) == scribe.sequence
    assert store.issuances.get(scribe.issuance.id) == (scribe.issuance if scribe.sequence else None)
    free()
    if scribe.sequence < 7:
        for event_ in list(scribe.events())[scribe.sequence :]:
            scribe.tell(event_)
    card = scribe.hand_over()
    assert store.cards.get(card.escn) == card


def test_an_import_onto_a_full_disk_changes_nothing(full: tuple[SqlStore, Callable[[], None]]) -> None:
    store, free = full
    many = [row(f"{n:05d}") for n in range(3000)]
    with pytest.raises(StoreFullError):
        keep(store, *many)
    assert [h.student_number for h in store.holders.search("")] == ["1"]
    assert names(store, "berz") == ["Jānis Bērziņš"]
    free()
    keep(store, *many)
    assert store.holders.count() == 3001


# --- keys ---------------------------------------------------------------------------------------------------------


def test_an_encrypted_store_wants_its_key(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(open_store(path, cipher=FieldCipher(bytes(32)))) as store:
        keep(store, row("1"))
    before = path.read_bytes()
    assert "its key was not given" in str(refusal(path, StoreError))
    assert "another key" in str(refusal(path, StoreError, cipher=FieldCipher(bytes(31) + b"x")))
    assert path.read_bytes() == before
    with closing(open_store(path, cipher=FieldCipher(bytes(32)))) as store:
        assert names(store, "berz") == ["Jānis Bērziņš"]


def test_a_plain_store_wants_none(path: Path) -> None:
    assert "not encrypted" in str(refusal(path, StoreError, cipher=FieldCipher(bytes(32))))


def test_columns_are_chosen_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    cipher = FieldCipher(bytes(32), frozenset({"personal_codes.code", "portrait_layers.image"}))
    with closing(open_store(path, cipher=cipher)) as store:
        keep(store, row("1", "Jānis", "Bērziņš"))
        store.portraits.add(portrait("p"))
        assert names(store, "berz") == ["Jānis Bērziņš"]
        assert store.portraits.get("p") == portrait("p")
    kept = path.read_bytes()
    assert "Bērziņš".encode() in kept
    assert b"picture" not in kept


# --- threads ------------------------------------------------------------------------------------------------------


def test_a_reader_does_not_wait_for_a_writer(path: Path) -> None:
    with closing(open_store(path)) as store:
        scribe = Scribe(store, uid="04BB", holder_id="id-1").until(PortraitTaken)
        seen: list[object] = []
        with store._db.write() as connection:
            connection.exec_driver_sql("UPDATE issuances SET cause = 'not yet'")
            reader = threading.Thread(target=lambda: seen.append(store.issuances.get(scribe.issuance.id)))
            reader.start()
            reader.join(30)
            assert seen == [scribe.issuance]


def test_what_raises_inside_a_transaction_undoes_it(path: Path) -> None:
    with closing(open_store(path)) as store:

        def half_a_change() -> None:
            with store._db.write() as connection:
                connection.exec_driver_sql("DELETE FROM outbox")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            half_a_change()
        assert len(store.outbox.entries()) == 3


def test_two_stores_that_are_made_at_once_are_both_whole(tmp_path: Path) -> None:
    def make(name: str) -> None:
        with closing(open_store(tmp_path / name)) as store:
            assert store.holders.count() == 0

    assert in_threads(lambda: make("a.db"), lambda: make("b.db"), lambda: make("c.db")) == []
