"""What every store must do with holders and imports."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.adapters.store import SqlStore, open_store
from station.domain.card import Registration
from station.domain.errors import StoreConflictError
from station.domain.holder import Enrolment, EnrolmentStatus, Identifier, IdentifierKind
from station.domain.outbox import OutboxEntry, OutboxKind
from station.ports.register import RegisterRow
from tests.helpers.scribe import NOON, Scribe, holder, keep, row
from tests.helpers.stores import PEOPLE, Maker, Reopen, names


def test_a_holder_comes_back_whole(store: SqlStore, reopen: Reopen) -> None:
    given = holder(
        enrolments=(
            Enrolment(EnrolmentStatus.ON_LEAVE, begins_on=date(2020, 9, 1)),
            Enrolment(EnrolmentStatus.ACTIVE, "RDBD0", "DITF", None, None, date(2029, 6, 30)),
        )
    )
    keep(store, RegisterRow(given, "010190-12345", "line 2"))
    for opened in (store, reopen()):
        assert opened.holders.get(given.id) == given
        assert opened.holders.personal_code(given.id) == "010190-12345"
        assert opened.holders.count() == 1
    assert store.holders.get("nobody") is None
    assert store.holders.personal_code("nobody") is None


def test_everyone_who_is_still_there_comes_by_name(store: SqlStore) -> None:
    keep(store, *(row(f"{n:06}") for n in range(1203)))
    keep(store, *(row(f"{n:06}") for n in range(1202)))
    found = [each.student_number for each in store.holders.everyone()]
    assert sorted(found) == [f"{n:06}" for n in range(1202)]
    assert [each.id for each in store.holders.search("", limit=3)] == [f"id-{n}" for n in found[:3]]


def test_a_student_number_is_found_in_any_case(store: SqlStore) -> None:
    keep(store, row("051REB123"), row("051REB124"))
    found = store.holders.by_student_number(" 051reb124 ")
    assert found is not None
    assert found.id == "id-051REB124"
    assert store.holders.by_student_number("051REB12") is None
    assert store.holders.by_student_number("") is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("berzins", ["Jānis Bērziņš"]),
        ("Bērziņš", ["Jānis Bērziņš"]),
        ("BĒRZ", ["Anna Marija Bērza", "Jānis Bērziņš"]),
        ("be ja", ["Jānis Bērziņš"]),
        ("mar berz ann", ["Anna Marija Bērza"]),
        ("грищук", ["Олена Грищук"]),
        ("ГРИ", ["Олена Грищук"]),
        ("іжак", ["Ґанна Їжакевич"]),
        ("ганна", ["Ґанна Їжакевич"]),
        ("zolc", ["Łukasz Żółć"]),
        ("lukasz", ["Łukasz Żółć"]),
        ("strauss", ["Søren Strauß-Ørsted"]),
        ("orsted", ["Søren Strauß-Ørsted"]),
        ("051reb", ["Anna Marija Bērza", "Jānis Bērziņš"]),
        ("061RDB002", ["Ґанна Їжакевич"]),
        ("soren.x@exa", ["Søren Strauß-Ørsted"]),
        ("an", ["Anna Marija Bērza", "An Nguyễn Thị"]),
        ("nguyen", ["An Nguyễn Thị"]),
        ("erzins", []),
        ("berzins anna", []),
        ('"* OR a', []),
        ("100%", []),
        ("_", None),
        ("", None),
        ("   ", None),
    ],
)
def test_people_are_found_in_either_spelling(store: SqlStore, typed: str, found: list[str] | None) -> None:
    keep(store, *PEOPLE)
    everyone = [  # by family name, folded; Cyrillic after Latin
        "Anna Marija Bērza", "Jānis Bērziņš", "An Nguyễn Thị", "Søren Strauß-Ørsted", "Łukasz Żółć",
        "Олена Грищук", "Ґанна Їжакевич",
    ]  # fmt: skip
    assert names(store, typed) == (everyone if found is None else found)


def test_an_exact_student_number_comes_first_and_the_limit_holds(store: SqlStore) -> None:
    keep(store, row("12", "Zane", "Zariņa"), *(row(f"12{n:02d}", "Aija", f"Āboliņa{n:02d}") for n in range(30)))
    assert names(store, "12")[0] == "Zane Zariņa"
    assert len(names(store, "12")) == 20
    assert names(store, "12", limit=3) == ["Zane Zariņa", "Aija Āboliņa00", "Aija Āboliņa01"]
    assert len(store.holders.search("", limit=1000)) == 31


# --- imports ------------------------------------------------------------------------------------------------------


def test_an_import_is_planned_before_anything_is_written(store: SqlStore) -> None:
    rows = [row("1"), row("2")]
    assert store.holders.plan_import(rows, "csv").new == tuple(rows)
    assert store.holders.count() == 0


def test_an_import_tells_new_changed_same_and_vanished_apart(store: SqlStore) -> None:
    keep(store, row("1"), row("2"), row("3"), RegisterRow(holder("4"), "111111-11111"))
    married = row("2", family="Kalniņa")
    with_code, other_code = RegisterRow(holder("1"), "222222-22222"), RegisterRow(holder("4"), "333333-33333")
    plan_ = store.holders.plan_import([with_code, married, other_code, row("5")], "csv")
    assert plan_.new == (row("5"),)
    assert plan_.changed == (with_code, married, other_code)
    assert plan_.same == 0
    assert [gone.student_number for gone in plan_.vanished] == ["3"]
    later = NOON + timedelta(days=1)
    assert store.holders.apply_import(plan_, "csv", later) == 4
    assert names(store, "kalnina") == ["Jānis Kalniņa"]
    assert [h.student_number for h in store.holders.search("berzins")] == ["1", "4", "5", "3"]  # who vanished, last
    assert store.holders.personal_code("id-1") == "222222-22222"
    assert store.holders.personal_code("id-4") == "333333-33333"
    gone = store.holders.get("id-3")
    assert gone is not None
    assert gone.vanished_on == later.date()
    again = store.holders.plan_import([row("1"), married, row("4"), row("5"), row("3")], "csv")
    assert (again.new, again.changed, again.same, again.vanished) == ((), (row("3"),), 4, ())
    store.holders.apply_import(again, "csv", later)
    assert store.holders.get("id-3") == holder("3")


def test_an_import_names_those_with_a_card_and_takes_along_what_is_told_of_them(store: SqlStore) -> None:
    keep(store, row("1"), row("2"))
    card = Scribe(store, holder_id="id-1").hand_over()
    married = (row("1", family="Kalniņa"), row("2", family="Kalniņa"))
    plan_ = store.holders.plan_import(married, "csv")
    assert plan_.known == ((holder("1"), married[0]),), "the other one has no card"
    told = OutboxEntry("person:again", "router", OutboxKind.PERSON, "id-1", {"esi": "x"}, NOON, escn=card.escn)
    assert store.holders.apply_import(plan_, "csv", NOON, [told]) == 2
    assert store.outbox.get(told.key) is not None
    store.cards.set_registration(card.escn, Registration.NOT_NEEDED)
    back = store.holders.plan_import([row("1"), row("2")], "csv")
    assert back.known == ()
    store.holders.apply_import(back, "csv", NOON, [replace(told, key="person:once more")])
    assert store.outbox.get("person:once more") is None, "nothing is told of a card that is not to be registered"


def test_an_import_is_written_with_what_is_told_or_not_at_all(store: SqlStore) -> None:
    keep(store, row("1"))
    card = Scribe(store, holder_id="id-1").hand_over()
    plan_ = store.holders.plan_import([row("1", family="Kalniņa")], "csv")
    told = OutboxEntry("person:again", "router", OutboxKind.PERSON, "id-1", {"esi": "x"}, NOON, escn=card.escn)
    store.outbox.add([told])
    with pytest.raises(StoreConflictError):
        store.holders.apply_import(plan_, "csv", NOON, [told])
    assert store.holders.get("id-1") == holder("1")


def test_a_missing_personal_code_takes_nothing_away(store: SqlStore) -> None:
    keep(store, RegisterRow(holder("1"), "010190-12345"))
    assert store.holders.plan_import([row("1")], "csv").same == 1


def test_a_holder_keeps_the_identity_that_cards_refer_to(store: SqlStore) -> None:
    keep(store, row("1"))
    keep(store, row("1", given="Jana", id="another-id"))
    assert store.holders.count() == 1
    found = store.holders.by_student_number("1")
    assert found is not None
    assert (found.id, found.given_names) == ("id-1", "Jana")


def test_without_a_student_number_the_identity_counts(store: SqlStore) -> None:
    keep(store, row("", "Guest", "One", id="g1"), row("", "Guest", "Two", id="g2"))
    assert store.holders.count() == 2
    plan_ = store.holders.plan_import([row("", "Guest", "One", id="g1"), row("", "Guest", "Three", id="g2")], "csv")
    assert (plan_.same, len(plan_.changed)) == (1, 1)
    store.holders.apply_import(plan_, "csv", NOON)
    assert names(store, "guest") == ["Guest One", "Guest Three"]


def test_a_number_that_two_people_have_is_left_out_and_named(store: SqlStore) -> None:
    keep(store, row("1", "Old", "Name"))
    rows = [row("1", "Jānis"), row("1", "Anna"), row("2"), row("2"), row("3", "Eva"), row("3", "Ieva")]
    plan_ = store.holders.plan_import(rows, "csv")
    assert plan_.duplicates == ("1", "3")
    assert plan_.new == (row("2"),)
    assert (plan_.changed, plan_.vanished) == ((), ())


def test_institutions_and_sources_do_not_mix(store: SqlStore) -> None:
    keep(store, row("1"), row("1", "Other", "University", id="lu-1", institution="lu"))
    assert store.holders.count() == 2
    elsewhere = store.holders.plan_import([row("9")], "another file")
    assert elsewhere.vanished == ()
    moved = store.holders.plan_import([row("1")], "another file")
    assert moved.changed == (row("1"),)
    store.holders.apply_import(moved, "another file", NOON)
    found = store.holders.get("id-1")
    assert found is not None
    assert found.source == "another file"


def test_who_vanished_is_told_by_register_and_institution(store: SqlStore) -> None:
    keep(store, row("1"), row("2"), row("1", "Other", "University", id="lu-1", institution="lu"))
    assert [gone.id for gone in store.holders.plan_import([row("2")], "csv").vanished] == ["id-1"]
    theirs = [row("9", id="lu-9", institution="lu")]
    assert [gone.id for gone in store.holders.plan_import(theirs, "csv").vanished] == ["lu-1"]
    assert store.holders.plan_import([], "csv").vanished == ()


def test_an_import_that_cannot_be_whole_is_not_begun(store: SqlStore) -> None:
    stale = store.holders.plan_import([row("1"), row("2")], "csv")
    keep(store, row("2", given="Somebody", id="else"))
    with pytest.raises(StoreConflictError) as caught:
        store.holders.apply_import(stale, "csv", NOON)
    assert caught.value.params["constraint"] == "student_number"
    assert [h.id for h in store.holders.search("")] == ["else"]


def test_several_identifiers_keep_order_source_and_preference(store: SqlStore) -> None:
    given = (
        Identifier(IdentifierKind.LEGACY_ESI, "LV-999465982-1", "old card"),
        Identifier(IdentifierKind.ESI, "urn:schac:personalUniqueCode:int:esi:lv:X1", "viis"),
        Identifier(IdentifierKind.ESI, "urn:schac:personalUniqueCode:int:esi:rtu.lv:1", "register", True),
    )
    keep(store, row("1", identifiers=given))
    keep(store, row("1", identifiers=given[::-1]))
    found = store.holders.get("id-1")
    assert found is not None
    assert found.identifiers == given[::-1]


people = st.dictionaries(
    st.sampled_from("123456"), st.tuples(st.sampled_from(["Anna", "Jānis"]), st.sampled_from([None, "1-1", "2-2"]))
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshots=st.lists(people, min_size=1, max_size=4))
def test_after_any_imports_the_store_says_what_the_last_register_said(
    maker: Maker, snapshots: list[dict[str, tuple[str, str | None]]]
) -> None:
    with ExitStack() as stack:
        store = open_store(maker.address(stack), cipher=maker.cipher)
        stack.callback(store.close)
        codes: dict[str, str] = {}
        ever: set[str] = set()
        present: set[str] = set()
        for day, snapshot in enumerate(snapshots):
            rows = [RegisterRow(holder(number, name), code) for number, (name, code) in snapshot.items()]
            plan = store.holders.plan_import(rows, "csv")
            assert len(plan.new) + len(plan.changed) + plan.same == len(rows)
            assert {row.holder.student_number for row in plan.new} == snapshot.keys() - ever
            store.holders.apply_import(plan, "csv", NOON + timedelta(days=day))
            again = store.holders.plan_import(rows, "csv")
            assert (again.new, again.changed, again.same, again.vanished) == ((), (), len(rows), ())
            codes |= {number: code for number, (_, code) in snapshot.items() if code}
            ever |= snapshot.keys()
            present = set(snapshot) or present  # an empty register makes nobody vanish
            for number in ever:
                found = store.holders.by_student_number(number)
                assert found is not None
                assert (found.vanished_on is None) == (number in present)
                if number in snapshot:
                    assert found == holder(number, snapshot[number][0])
                assert store.holders.personal_code(found.id) == codes.get(number)
                assert found in store.holders.search(found.given_names)
        assert store.holders.count() == len(ever)


def test_where_the_registers_portrait_lies_comes_back_and_goes_with_it(store: SqlStore, reopen: Reopen) -> None:
    keep(store, row("1", photo="/photos/1.jpg"), row("2"), row("3", photo="/photos/3.jpg"))
    again = reopen()
    assert [found.photo for found in again.holders.with_photo()] == ["/photos/1.jpg", "/photos/3.jpg"]
    keep(again, row("1", photo="/photos/1-new.jpg"), row("2"))
    assert [found.photo for found in again.holders.with_photo()] == ["/photos/1-new.jpg"]
    keep(again, row("1"), row("2"))
    assert again.holders.with_photo() == ()
