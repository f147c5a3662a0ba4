"""The desk's own copy: it becomes what the shared store is, piece by piece, and never undoes what the desk did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from station.adapters.standby import mirror
from station.adapters.standby.local import LocalDatabase
from station.adapters.standby.numbers import number_before
from station.adapters.store import FieldCipher, SqlStore
from station.adapters.store.schema import HOLDERS, META
from station.domain.card import Registration
from station.domain.errors import StoreConflictError
from station.domain.escn import next_escn, parse_escn
from station.domain.layout_state import KeptLayout, LayoutState
from station.domain.portrait_review import PortraitReview, ReviewDecision
from station.domain.print_care import CareAct, CareEntry
from station.domain.stock import StockAct, StockEntry
from station.domain.workflow import Began, Encoded, PortraitTaken
from station.ports.register import RegisterRow
from station.ports.store import ConsentRecord
from tests.helpers.scribe import NOON, PIC, Scribe, holder, keep, row
from tests.helpers.standby import Desks, ready_desks, settle
from tests.helpers.stores import KEY, names, portrait


@pytest.fixture(params=["plain", "encrypted"])
def desks(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desks]:
    made = Desks(tmp_path, FieldCipher(KEY) if request.param == "encrypted" else None)
    made.desk()
    yield made
    made.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Desks]:
    made = ready_desks(tmp_path, ("id-1", "id-2"))
    yield made
    made.close()


def own(desks: Desks, name: str = "Desk 1") -> SqlStore:
    return desks.open[name]._local


def test_people_are_copied_with_everything_that_finds_them(desks: Desks) -> None:
    keep(desks.shared, row("1"), RegisterRow(holder("2", "Олена", "Грищук"), "010190-12345"), row("3"))
    settle(desks.open["Desk 1"])
    copy = own(desks).holders
    assert [copy.get(f"id-{n}") for n in "123"] == [desks.shared.holders.get(f"id-{n}") for n in "123"]
    assert names(own(desks), "грищ") == ["Олена Грищук"]
    assert copy.by_student_number("3") == desks.shared.holders.get("id-3")
    assert copy.personal_code("id-2") == "010190-12345"
    keep(desks.shared, row("1", "Anna", "Kalniņa"), row("2", "Олена", "Грищук"), at=NOON + timedelta(days=1))
    settle(desks.open["Desk 1"])
    assert names(own(desks), "kaln") == ["Anna Kalniņa"]
    assert names(own(desks), "berz") == ["Jānis Bērziņš"], "who has left is found, at the end"
    gone = copy.get("id-3")
    assert gone is not None
    assert gone.vanished_on is not None


def test_who_is_erased_there_is_erased_here(desks: Desks) -> None:
    keep(desks.shared, row("1"), row("2"))
    settle(desks.open["Desk 1"])
    with desks.shared.database.write() as connection:
        connection.execute(HOLDERS.delete().where(HOLDERS.c.id == "id-2"))
        connection.execute(update(META).where(META.c.key == "holders_generation").values(value="77"))
    settle(desks.open["Desk 1"])
    assert own(desks).holders.count() == 1
    assert own(desks).holders.get("id-2") is None


def test_numbers_that_two_people_swapped_are_swapped(desks: Desks) -> None:
    keep(desks.shared, row("1"), row("2"))
    settle(desks.open["Desk 1"])
    with desks.shared.database.write() as connection:
        digests = {row.id: row.number_digest for row in connection.execute(select(HOLDERS))}
        for which, digest in (("id-1", None), ("id-2", digests["id-1"]), ("id-1", digests["id-2"])):
            connection.execute(update(HOLDERS).where(HOLDERS.c.id == which).values(number_digest=digest, content=which))
        connection.execute(update(META).where(META.c.key == "holders_generation").values(value="77"))
    settle(desks.open["Desk 1"])
    found = own(desks).holders.by_student_number("1")
    assert found is not None
    assert found.id == "id-2"


def test_many_pages_are_copied_as_one(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "PAGE", 3)
    monkeypatch.setattr(mirror, "_STRETCH", 2)
    keep(desks.shared, *(row(str(n)) for n in range(8)))
    for n in range(5):
        Scribe(desks.shared, holder_id=f"id-{n}", uid=f"04{n:04X}").hand_over()
    settle(desks.open["Desk 1"])
    assert list(own(desks).cards.each()) == list(desks.shared.cards.each())
    assert list(own(desks).entries_for_export()) == list(desks.shared.entries_for_export())
    assert own(desks).holders.count() == 8
    assert own(desks).outbox.entries() == (), "what is to be told is told from there"


def test_everything_else_that_a_desk_needs_is_copied(desks: Desks) -> None:
    shared = desks.shared
    kept = KeptLayout("university", 3, "ab" * 32, LayoutState.APPROVED, "University", NOON, NOON, "anna", "Desk 2")
    shared.layouts.keep(kept, b"package")
    shared.stock.add(StockEntry(StockAct.RECEIVED, 100, NOON))
    shared.printer_care.add(CareEntry("printer", CareAct.CLEANED, NOON, {}, "anna", "Desk 2"))
    shared.consents.add(ConsentRecord("id-1", "1", "lv", "notice", NOON))
    shared.reviews.record(PortraitReview("cd" * 32, "id-1", "1.jpg", ReviewDecision.SENT_BACK, NOON, "too dark"))
    shared.escns.advance(7, PIC, 2**50)
    settle(desks.open["Desk 1"])
    copy = own(desks)
    assert copy.layouts.all() == (kept,)
    assert copy.layouts.package(kept.digest) == b"package"
    assert copy.stock.ledger() == shared.stock.ledger()
    assert copy.printer_care.of_printer("printer") == shared.printer_care.of_printer("printer")
    assert copy.consents.of_holder("id-1") == shared.consents.of_holder("id-1")
    assert copy.reviews.all() == shared.reviews.all()
    assert copy.escns.last_value(7, PIC) == 2**50
    retired = replace(kept, state=LayoutState.RETIRED, changed_at=NOON + timedelta(days=1))
    shared.layouts.keep(retired)
    settle(desks.open["Desk 1"])
    assert copy.layouts.all() == (retired,)


def test_that_a_card_was_registered_is_copied_too(desks: Desks) -> None:
    card = Scribe(desks.shared).hand_over()
    settle(desks.open["Desk 1"])
    desks.shared.cards.set_registration(card.escn, Registration.REGISTERED)
    settle(desks.open["Desk 1"])
    copied = own(desks).cards.get(card.escn)
    assert copied is not None
    assert copied.registration is Registration.REGISTERED


def test_pictures_stay_only_as_long_as_the_card_is_made(two: Desks) -> None:
    scribe = Scribe(two.open["Desk 1"], holder_id="id-1").until(Began)
    scribe.tell(PortraitTaken("p1"), portrait=portrait("p1", holder_id="id-1"))
    two.shared.portraits.add(portrait("p2", holder_id="id-2"))
    settle(two.open["Desk 1"])
    assert own(two).portraits.get("p1") is not None
    assert own(two).portraits.get("p2") is None
    for event in list(scribe.events())[scribe.sequence :]:
        scribe.tell(event)
    scribe.hand_over()
    settle(two.open["Desk 1"])
    assert own(two).portraits.get("p1") is None
    assert two.open["Desk 1"].portraits.get("p1") is not None


def test_a_page_that_was_read_before_the_desk_wrote_is_read_again(two: Desks) -> None:
    store, scribe = two.open["Desk 1"], Scribe(two.open["Desk 1"], holder_id="id-1").until(PortraitTaken)
    found = store._mirror
    real, wrote = found._unwritten, []

    def meanwhile(writes: int) -> object:
        if not wrote:
            wrote.append(True)
            for event in list(scribe.events())[2:4]:
                scribe.tell(event)
        return real(writes)

    found._unwritten = meanwhile  # type: ignore[assignment]
    settle(store)
    assert wrote
    assert own(two).issuances.get(scribe.issuance.id) == scribe.issuance
    assert isinstance(own(two).issuances.journal(scribe.issuance.id)[-1].event, Encoded)


def test_a_desk_that_has_not_copied_everything_does_not_go_on_alone(tmp_path: Path) -> None:
    from station.domain.errors import StoreAwayError

    desks = Desks(tmp_path)
    keep(desks.shared, row("1"))
    store = desks.desk(copied=False)
    assert not store.state().ready
    Scribe(store, holder_id="id-1").until(PortraitTaken)
    desks.cut()
    with pytest.raises(StoreAwayError):
        store.holders.search("")
    assert store.state().alone_since is None
    desks.mend()
    assert store.state().ready
    desks.close()


def test_several_writes_are_one_and_one_of_them_may_fail(tmp_path: Path) -> None:
    desks = Desks(tmp_path)
    store = desks.desk()
    database = own(desks).database
    assert isinstance(database, LocalDatabase)
    with database.together():
        own(desks).escns.advance(1, PIC, 5)
        with pytest.raises(StoreConflictError):
            own(desks).escns.advance(1, PIC, 5)
        with database.write() as connection:
            connection.execute(insert(META), {"key": "also", "value": "there"})
        assert own(desks).escns.last_value(1, PIC) == 5

    def twice() -> None:
        with database.together():
            own(desks).escns.advance(1, PIC, 6)
            own(desks).escns.advance(1, PIC, 6)

    with pytest.raises(StoreConflictError):
        twice()
    assert own(desks).escns.last_value(1, PIC) == 5
    assert store.state().cards == 0
    desks.close()


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_desks_of_one_range_make_different_numbers_in_the_same_millisecond(two: Desks) -> None:
    for name in two.open:
        two.cut(name)
    now, made = datetime(2026, 9, 1, 12, tzinfo=UTC), []
    for name, store in two.open.items():
        for _ in range(30):
            two.clock.at = now
            last = store.escns.last_value(1, PIC)
            escn, value = next_escn(int(now.timestamp() * 1000), last, 99, 1, PIC)
            store.escns.advance(1, PIC, value)
            made.append((name, escn))
    assert len({escn for _, escn in made}) == 60
    ticks = {name: {parse_escn(escn).value % 10_000 for of, escn in made if of == name} for name in two.open}
    assert [len(each) for each in ticks.values()] == [1, 1]
    assert ticks["Desk 1"].isdisjoint(ticks["Desk 2"])


@pytest.mark.parametrize("place", [0, 1, 9_998, 9_999, 12_345])
@pytest.mark.parametrize("last", [0, 2**58, 18_000_000_000_000_000])
def test_a_number_of_a_desk_that_is_alone_is_later_than_the_last(place: int, last: int) -> None:
    before = number_before(last, NOON, place)
    _, value = next_escn(int(NOON.timestamp() * 1000), before, 0, 1, PIC)
    assert value == before + 1 > last
    assert value - max(last, int(NOON.timestamp() * 1000) * 10_000 + 12_219_292_800_000) <= 10_000
    assert value % 10_000 == 9_999 - place % 9_999
