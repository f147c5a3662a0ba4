"""What is shown of a person: pills, facts, the line under the name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from station.domain.card import Card, CardScheme, CardState, Registration, RouterCardType
from station.domain.holder import Enrolment, EnrolmentStatus, Identifier, IdentifierKind
from station.domain.message import Message
from station.i18n import Translator
from station.services.public_status import RouterStanding
from station.ui.tone import Tone
from station.ui.viewmodels.person import Record, chips_of, facts_of, subtitle_of
from tests.helpers.desks import a_holder

LIGA = a_holder("051REB123", "Līga", "Bērziņa-Šķēle")
EN = Translator("en")
CARD = Card(
    escn="e",
    holder_id=LIGA.id,
    institution="rpu",
    issuance_id="1",
    scheme=CardScheme.ESC,
    card_type=RouterCardType.SMART_CDZ,
    layout="university/1",
    chip_profile="deuinfo",
    issued_at=datetime(2025, 9, 2, 9, 0, tzinfo=UTC),
    expires_on=date(2027, 6, 30),
)


def words(record: Record | None = None, holder: object = LIGA) -> list[tuple[str, Tone]]:
    assert isinstance(holder, type(LIGA))
    return [(EN.message(chip.message), chip.tone) for chip in chips_of(holder, record)]


def test_complete_data_are_said_to_be() -> None:
    assert words(Record()) == [
        ("Data complete", Tone.OK),
        ("ESI rpu.example:051REB123", Tone.PLAIN),
        ("Card before: none", Tone.PLAIN),
    ]


def test_what_is_missing_is_named() -> None:
    bare = replace(LIGA, email=None, identifiers=())
    said = [text for text, tone in words(holder=bare) if tone is Tone.WARN]
    assert said == ["There is no European Student Identifier.", "There is no e-mail address."]


def test_of_two_identifiers_the_preferred_one_is_shown_and_both_in_the_hint() -> None:
    second = Identifier(IdentifierKind.ESI, "urn:schac:personalUniqueCode:int:esi:lv:VR1")
    both = replace(LIGA, identifiers=(second, *LIGA.identifiers))
    chip = chips_of(both, None)[1]
    assert EN.message(chip.message) == "ESI rpu.example:051REB123 (1 of 2)"
    assert chip.hint is not None
    assert "lv:VR1" in EN.message(chip.hint)


def test_a_valid_card_before_is_a_warning_and_an_old_one_a_note() -> None:
    assert words(Record(cards=(CARD,)))[-1] == ("Has a card from 2 Sep 2025", Tone.WARN)
    old = replace(CARD, state=CardState.REPLACED)
    assert words(Record(cards=(old,)))[-1] == ("Card before: 2 Sep 2025", Tone.PLAIN)


def test_the_facts_to_be_checked() -> None:
    facts = facts_of(LIGA, Message("{date}", {"date": date(2028, 6, 30)}), Record(cards=(CARD,)))
    said = {EN.message(f.label): f.value if isinstance(f.value, str) else EN.message(f.value) for f in facts}
    assert said["Student number"] == "051REB123"
    assert said["European identifier"] == "rpu.example:051REB123"
    assert said["Studies"] == "Datorzinātne, DITF, master"
    assert said["Status"] == "active"
    assert said["Card valid until"] == "30 Jun 2028"
    assert said["Card before"] == "issued 2 Sep 2025, valid until 30 Jun 2027"


def test_somebody_on_leave_stands_out() -> None:
    away = replace(LIGA, enrolments=(Enrolment(EnrolmentStatus.ON_LEAVE),))
    status = next(f for f in facts_of(away, Message("x"), None) if EN.message(f.label) == "Status")
    assert status.tone is Tone.BAD
    assert isinstance(status.value, Message)
    assert Translator("lv").message(status.value) == "akadēmiskajā atvaļinājumā"


def test_the_line_under_the_name_leaves_out_what_is_not_known() -> None:
    assert EN.message(subtitle_of(LIGA)) == "051REB123 · Datorzinātne, master · studies until 30 Jun 2028"
    level = replace(LIGA.enrolments[0], level=None)
    assert EN.message(subtitle_of(replace(LIGA, enrolments=(level,)))).startswith("051REB123 · Datorzinātne · studies")
    assert EN.message(subtitle_of(replace(LIGA, enrolments=()))) == "051REB123"


def test_how_others_see_the_card_before_is_a_fact() -> None:
    seen = RouterStanding(Registration.REGISTERED, "ACTIVE", "ACTIVE", date(2027, 6, 30))
    registered = replace(CARD, registration=Registration.REGISTERED)

    def told(card: Card, standing: RouterStanding) -> list[tuple[str, Tone]]:
        facts = facts_of(LIGA, Message("x"), Record(cards=(card,), at_router=standing))
        values = [(fact.value, fact.tone) for fact in facts if fact.label == Message("ESC-Router")]
        return [(EN.message(value), tone) for value, tone in values if isinstance(value, Message)]

    assert told(registered, seen) == [("everybody sees it as valid until 30 Jun 2027", Tone.PLAIN)]
    assert told(registered, replace(seen, status="INACTIVE")) == [("everybody sees it as blocked", Tone.WARN)]
    parked = replace(CARD, registration=Registration.PARKED)
    assert told(parked, RouterStanding(Registration.PARKED)) == [("needs a decision: see the queue", Tone.WARN)]
    assert told(replace(CARD, registration=Registration.NOT_NEEDED), RouterStanding(Registration.NOT_NEEDED)) == []
