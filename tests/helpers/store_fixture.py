"""Make and check the stores that are kept of every schema version, so that later programs prove they can open them.

python -m tests.helpers.store_fixture        writes those of the version in this checkout, once
"""

from __future__ import annotations

import lzma
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from station.adapters.store import FieldCipher, InstitutionRecord, SqlStore, open_store
from station.adapters.store.schema import SCHEMA_HEAD
from station.domain.card import BlankState, CardState, Registration
from station.domain.enrolment import EVERYTHING, USUAL, EnrolledStation, Invitation
from station.domain.layout_state import KeptLayout, LayoutState
from station.domain.outbox import OutboxEntry, failed, succeeded
from station.domain.portrait_review import PortraitReview, ReviewDecision
from station.domain.print_care import CareAct, CareEntry, Correction
from station.domain.queue_export import Export, ExportWay, content_of
from station.domain.stock import BlankCounts, SerialRange, StockAct, StockEntry
from station.domain.workflow import Cause, EncodeBegun, PrintBegun, Spoiled, replay
from station.ports.register import RegisterRow
from station.ports.store import ConsentRecord
from tests.helpers.scribe import NOON, PIC, Scribe, holder, keep, row
from tests.helpers.stores import KEY, PEOPLE, names, portrait

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "stores"
RTU = InstitutionRecord("rtu", "Rīgas Tehniskā universitāte", PIC, "rtu.lv", "LV", 1, "LV00000000000", "RTU")
LATER = datetime(2026, 9, 2, tzinfo=UTC)
SENT_BACK = PortraitReview(
    "ab" * 32, "id-1", "1.jpg", ReviewDecision.SENT_BACK, LATER, "Too dark.", None, "Ilze", "Desk 1"
)


BOX = StockEntry(StockAct.RECEIVED, 500, NOON, SerialRange("A-001", "A-500"), note="Box 1", operator="Ilze")
CALIBRATED = CareEntry("card-printer", CareAct.CALIBRATED, NOON, Correction(x_mm=0.25).as_data(), "Ilze", "Desk 1")
LAYOUT = KeptLayout("university", 3, "cd" * 32, LayoutState.APPROVED, "Students", NOON, LATER, "Ilze", "Desk 1")
ENROLLED = EnrolledStation("s1", "Desk 1", EVERYTHING, NOON, "Ilze", "ef" * 32, prefixes=((PIC, 1),))
INVITED = Invitation("01" * 32, "Desk 2", USUAL, NOON, LATER, "Ilze", "Desk 1")


def fill(store: SqlStore) -> None:
    """Write something into every table."""
    store.keep_institutions([RTU])
    store.layouts.keep(LAYOUT, b"zip")
    keep(store, *PEOPLE, RegisterRow(holder("1"), "010190-12345"), row("2"))
    keep(store, *PEOPLE, RegisterRow(holder("1"), "328673-00679"), at=LATER)
    store.portraits.add(portrait("p1", original=b"frame"))
    store.reviews.record(SENT_BACK)
    store.consents.add(ConsentRecord("id-1", "2026-1", "lv", "informed", NOON, extra={"where": "desk"}))
    store.escns.advance(1, PIC, 17893785600000)
    store.stock.add(BOX)
    store.printer_care.add(CALIBRATED)
    store.enrolment.add(ENROLLED, NOON)
    store.enrolment.invite(INVITED)
    first = Scribe(store, uid="04AA", holder_id="id-1")
    first.hand_over()
    person, told, _ = store.outbox.entries()
    store.queue_exports.mark([_exported(told, "file-1")])
    store.outbox.update(succeeded(person, LATER))
    store.outbox.update(failed(told, "refused", {"status": 400}, None), Registration.PARKED)
    second = Scribe(store, uid="04BB", holder_id="id-1")
    second.at += timedelta(days=1)
    second.hand_over()
    Scribe(store, uid="04CC", holder_id="h3").until(EncodeBegun).tell(Spoiled(Cause.CHIP_FAILED, "dead"))
    Scribe(store, uid="04DD", holder_id="h4").until(PrintBegun)


def _exported(entry: OutboxEntry, file: str) -> Export:
    return Export(entry.key, entry.escn, ExportWay.FORM, file, content_of(entry.payload), NOON, "Ilze", "Desk 1")


def check(store: SqlStore) -> None:
    """Fail unless everything that ``fill`` wrote is there."""
    assert store.institutions() == (RTU,)
    assert names(store, "грищ") == ["Олена Грищук"]
    assert [h.student_number for h in store.holders.search("berzins")] == ["051REB123", "1", "2"]
    assert store.holders.count() == len(PEOPLE) + 2
    gone = store.holders.get("id-2")
    assert gone is not None
    assert gone.vanished_on == LATER.date()
    assert store.holders.get("id-1") == holder("1")
    assert store.holders.personal_code("id-1") == "328673-00679"
    assert store.portraits.get("p1") == portrait("p1", original=b"frame")
    assert store.reviews.all() == (SENT_BACK,)
    assert store.layouts.all() == (LAYOUT,)
    assert store.layouts.package(LAYOUT.digest) == b"zip"
    assert [c.extra for c in store.consents.of_holder("id-1")] == [{"where": "desk"}]
    assert store.escns.last_value(1, PIC) == 17893785600000
    new, old = store.cards.of_holder("id-1")
    assert (new.state, new.uid, old.state, old.reason) == (CardState.ACTIVE, "04BB", CardState.REPLACED, new.escn)
    assert (new.registration, old.registration) == (Registration.QUEUED, Registration.PARKED)
    assert {b.uid: b.state for b in store.cards.blanks()} == {
        "04AA": BlankState.USED,
        "04BB": BlankState.USED,
        "04CC": BlankState.SPOILED,
        "04DD": BlankState.IN_WORK,
    }
    (left,) = store.issuances.open_issuances()
    assert left.uid == "04DD"
    for entry in store.entries_for_export():
        issuance = store.issuances.get(entry.issuance_id)
        journal = store.issuances.journal(entry.issuance_id)
        assert issuance == replay(entry.issuance_id, [e.event for e in journal])
    assert store.stock.ledger() == (BOX,)
    assert store.stock.taken(NOON) == BlankCounts(in_work=1, issued=2, spoiled=1)
    assert store.printer_care.of_printer("card-printer") == (CALIBRATED,)
    assert store.printer_care.prints_since("card-printer", None) == 3
    assert store.enrolment.stations() == (ENROLLED,)
    assert store.enrolment.invitations() == (INVITED,)
    assert [mark.escn for mark in store.queue_exports.of_file("file-1")] == [old.escn]
    summary = store.outbox.summary()
    assert (summary.waiting, summary.parked, summary.done) == (4, 1, 1)
    assert [e.sequence for e in store.outbox.entries(unfinished=False)] == list(range(6))


def versions() -> list[Path]:
    """Return every store that is kept."""
    return sorted(FOLDER.glob("*.db.xz"))


def unpacked(packed: Path, folder: Path) -> Path:
    """Return a working copy of a kept store."""
    copy = folder / packed.stem
    copy.write_bytes(lzma.decompress(packed.read_bytes()))
    return copy


def cipher_for(packed: Path) -> FieldCipher | None:
    """Return the cipher that a kept store was made with."""
    return FieldCipher(KEY) if "encrypted" in packed.name else None


def main() -> None:
    """Write the stores of this version where there are none yet; kept ones are never written again."""
    for kind, cipher in (("plain", None), ("encrypted", FieldCipher(KEY))):
        target = FOLDER / f"{SCHEMA_HEAD}-{kind}.db.xz"
        if target.exists():
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.db"
            with closing(open_store(path, cipher=cipher, station="Desk 1")) as store:
                fill(store)
            target.write_bytes(lzma.compress(path.read_bytes()))


if __name__ == "__main__":
    main()
