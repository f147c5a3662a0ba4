"""``station card encode``, ``erase`` and ``dump`` on a simulated desk: what they print, write and refuse."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.cli import card_writing, cards, finding
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.card import Card
from station.domain.enrolment import Right
from station.domain.errors import CardRemovedError, ChipUnsuitableError, InputError, ProfileError
from station.domain.station_errors import NotAllowedError
from station.domain.workflow import State
from station.resources import asset
from station.services.rights import AllRights
from tests.helpers.chip_profiles import shipped_text
from tests.helpers.desks import TestDesk, open_test_desk

Said = pytest.CaptureFixture[str]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


def words(*typed: str | Path) -> Namespace:
    return build_parser().parse_args(["card", *(str(word) for word in typed)])


def programs() -> Output:
    return Output(as_json=True, language="en")


def people() -> Output:
    return Output(as_json=False, language="en")


def value(said: Said) -> dict[str, object]:
    found: dict[str, object] = json.loads(said.readouterr().out)
    return found


def encode(bench: TestDesk, *typed: str | Path, out: Output | None = None) -> None:
    assert card_writing.encode_card(words("encode", *typed), out or programs(), bench.desk) == 0


def handed_over(bench: TestDesk) -> Card:
    return bench.desk.issuances.hand_over(bench.verified().id)


# --- encode -------------------------------------------------------------------------------------------------------


def test_the_encoding_step_of_a_new_card(bench: TestDesk, capsys: Said) -> None:
    encode(bench, "--holder", "051reb123")
    told = value(capsys)
    assert set(told) == {"uid", "escn", "state", "chip", "keys", "holder"}
    assert told["chip"] == {"profile": "deuinfo", "apdus": 40, "verified": True}
    issuance = bench.desk.store.issuances.by_escn(str(told["escn"]))
    assert issuance is not None
    assert (issuance.state, issuance.uid, issuance.holder_id) == (State.ENCODED, told["uid"], bench.liga.id)
    assert issuance.portrait_id, "the camera took it"
    assert cards.verify_card(words("verify"), programs(), bench.desk) == 0
    checked = value(capsys)
    assert (checked["uid"], checked["escn"]) == (told["uid"], told["escn"])
    assert checked["chip"] == {"profile": "deuinfo", "apdus": pytest.approx(35, abs=10), "verified": True}
    with pytest.raises(InputError, match="written already"):
        encode(bench, "--holder", "051REB123")


def test_the_portrait_is_the_last_one_or_a_file(bench: TestDesk, capsys: Said) -> None:
    before = bench.portrayed(bench.martins)
    encode(bench, "--holder", "041REB390", out=people())
    assert "station issue --holder 041REB390" in capsys.readouterr().out
    after = bench.desk.journal.issuance(before.id)
    assert (after.state, after.portrait_id) == (State.ENCODED, before.portrait_id)
    picture = sorted(asset("demo", "portraits").glob("*.jpg"))[0]
    encode(bench, "--holder", "051REB123", "--photo", picture)
    portrait = bench.desk.store.portraits.last_of(bench.liga.id)
    assert portrait is not None


def test_without_a_holder_the_demo_takes_the_next(bench: TestDesk, capsys: Said) -> None:
    for _ in range(2):
        encode(bench)
        value(capsys)
    holders = {each.holder_id for each in bench.desk.store.issuances.open_issuances()}
    assert holders == {bench.liga.id, bench.martins.id}
    with pytest.raises(InputError, match="Everybody"):
        encode(bench)


def test_at_a_real_desk_the_holder_must_be_named(bench: TestDesk) -> None:
    real = replace(bench.desk.settings, demo=False)
    object.__setattr__(bench.desk, "settings", real)
    with pytest.raises(InputError, match="must be said"):
        encode(bench)


def test_a_card_that_was_pulled_is_finished_by_the_same_command(bench: TestDesk, capsys: Said) -> None:
    bench.tray.readers.pull_after(20)
    with pytest.raises(CardRemovedError):
        encode(bench, "--holder", "051REB123")
    (begun,) = bench.desk.store.issuances.open_issuances()
    encode(bench, "--holder", "051REB123")
    told = value(capsys)
    assert (told["escn"], told["uid"]) == (begun.escn, begun.uid)


def test_another_chip_profile_is_named_for_a_new_card_only(bench: TestDesk, capsys: Said) -> None:
    encode(bench, "--holder", "051REB123", "--chip-profile", "access-control")
    told = value(capsys)
    assert isinstance(told["chip"], dict)
    assert told["chip"]["profile"] == "access-control"
    assert cards.verify_card(words("verify", "--chip-profile", "access-control"), programs(), bench.desk) == 0
    bench.portrayed(bench.martins)
    with pytest.raises(InputError, match="begun with the chip profile deuinfo"):
        encode(bench, "--holder", "041REB390", "--chip-profile", "access-control")
    with pytest.raises(ProfileError):
        encode(bench, "--holder", "041REB390", "--chip-profile", "none-such")


def test_a_card_in_use_keeps_its_number(bench: TestDesk, capsys: Said) -> None:
    card = handed_over(bench)
    with pytest.raises(InputError, match="doesn't have all"):
        encode(bench, "--holder", "051REB123", "--chip-profile", "deuinfo-unsigned")
    encode(bench, "--holder", "051REB123")
    told = value(capsys)
    assert (told["escn"], told["uid"], told["state"]) == (card.escn, card.uid, "handed_over")
    assert told["keys"] == ["deuinfo-application/v1", "deuinfo-base/v1"]
    blank = bench.tray.put_blank()
    with pytest.raises(ChipUnsuitableError, match="another card"):
        encode(bench, "--holder", "051REB123", "--uid", blank)


def test_the_record_says_which_keys_a_card_carries_after_a_change(tmp_path: Path, capsys: Said) -> None:
    with open_test_desk(tmp_path / "desk", chip={"profile": "deuinfo-unsigned"}) as bench:
        card = handed_over(bench)
        assert card.key_versions.endswith("v1")
    folder = tmp_path / "profiles"
    folder.mkdir()
    newer = shipped_text("deuinfo-unsigned").replace("version = 1", "version = 2")
    (folder / "deuinfo-unsigned.toml").write_text(newer, "utf-8")
    with open_test_desk(tmp_path / "desk", chip={"profile": "deuinfo-unsigned", "folder": folder}) as bench:
        encode(bench, "--holder", "051REB123")
        told = value(capsys)
        assert told["keys"] == ["deuinfo-application/v2", "deuinfo-base/v2"]
        after = bench.desk.store.cards.get(card.escn)
        assert after is not None
        assert after.key_versions == "deuinfo-application/v2 deuinfo-base/v2"
        assert cards.verify_card(words("verify"), programs(), bench.desk) == 0


# --- erase --------------------------------------------------------------------------------------------------------


def test_erasing_says_first_what_it_would_do(bench: TestDesk, capsys: Said) -> None:
    card = handed_over(bench)
    typed = ("erase", "--uid", card.uid or "")
    with pytest.raises(InputError, match="belongs to Līga Bērziņa-Šķēle: its record says in use"):
        card_writing.erase_card(words(*typed), programs(), bench.desk)
    assert card_writing.erase_card(words(*typed, "--in-use"), programs(), bench.desk) == 0
    planned = value(capsys)
    assert (planned["erased"], planned["ours"], planned["others"]) == (False, ["F58840"], [])
    card_writing.erase_card(words(*typed, "--in-use"), people(), bench.desk)
    said = capsys.readouterr().out
    assert "European Student Card (data zone) (F58840)" in said
    assert "--yes" in said
    assert card_writing.erase_card(words(*typed, "--in-use", "--yes"), programs(), bench.desk) == 0
    done = value(capsys)
    assert (done["erased"], done["deleted"], done["left"], done["formatted"]) == (True, ["F58840"], [], False)
    cards.read_card(words("read"), programs(), bench.desk)
    read = value(capsys)
    assert (read["standing"], read["card_state"], read["applications"]) == ("returned", "returned", [])
    assert (planned["card_state"], done["card_state"]) == ("active", "returned")
    made = bench.desk.store.cards.get(card.escn)
    assert made is not None
    assert made.reason == "returned"
    bench.tray.put_blank()
    encode(bench, "--holder", "041REB390", "--uid", card.uid or "")
    again = value(capsys)
    assert again["uid"] == card.uid
    assert again["escn"] != card.escn


class NoRight(AllRights):
    """A station that may change no card."""

    def need(self, right: Right) -> None:
        """Refuse it."""
        raise NotAllowedError(right=right.value)


def test_a_card_that_somebody_has_is_erased_where_cards_may_be_ended(bench: TestDesk, capsys: Said) -> None:
    card = handed_over(bench)
    typed = ("erase", "--uid", card.uid or "", "--in-use")
    bench.desk.journal.rights = NoRight()
    assert card_writing.erase_card(words(*typed), programs(), bench.desk) == 0, "looking is everybody's"
    with pytest.raises(NotAllowedError):
        card_writing.erase_card(words(*typed, "--yes"), programs(), bench.desk)
    assert bench.desk.store.cards.get(card.escn) == card


def test_why_a_card_was_erased_is_recorded(bench: TestDesk, capsys: Said) -> None:
    card = handed_over(bench)
    typed = ("erase", "--uid", card.uid or "", "--in-use", "--yes", "--reason", "left the university")
    assert card_writing.erase_card(words(*typed), people(), bench.desk) == 0
    assert f"Its number {card.escn} is used no more" in capsys.readouterr().out
    made = bench.desk.store.cards.get(card.escn)
    assert made is not None
    assert made.reason == "left the university"


def test_the_whole_card_is_formatted_when_told(bench: TestDesk, capsys: Said) -> None:
    card = handed_over(bench)
    typed = ("erase", "--uid", card.uid or "", "--in-use", "--yes", "--whole-card")
    card_writing.erase_card(words(*typed), people(), bench.desk)
    assert "formatted" in capsys.readouterr().out
    cards.read_card(words("read"), programs(), bench.desk)
    assert value(capsys)["free_memory"] == 7936


def test_a_card_in_work_and_a_strange_one_are_not_erased(bench: TestDesk) -> None:
    bench.printed()
    with pytest.raises(InputError, match="being made"):
        card_writing.erase_card(words("erase", "--yes", "--in-use"), programs(), bench.desk)
    with pytest.raises(ChipUnsuitableError, match="not made here"):
        card_writing.erase_card(words("erase", "--yes", "--uid", "blank"), programs(), bench.desk)


# --- dump and read ------------------------------------------------------------------------------------------------


def test_a_dump_is_a_tree_in_both_forms_and_has_no_key(bench: TestDesk, capsys: Said) -> None:
    issuance = bench.encoded()
    assert cards.dump_card(words("dump"), programs(), bench.desk) == 0
    told = value(capsys)
    assert isinstance(told["card"], dict)
    assert told["card"]["children"][0]["value"] == issuance.uid
    cards.dump_card(words("dump", "--with-keys"), people(), bench.desk)
    text = capsys.readouterr().out
    assert f"card number {issuance.escn}" in text
    assert text.splitlines()[1].startswith("  UID")
    keys = bench.desk.devices.secrets
    parts = bytes.fromhex(issuance.uid) + bytes.fromhex("F58840")
    secret = keys.diversified("deuinfo-application", 1, parts)
    assert secret.hex() not in text.replace(" ", "").lower()


def test_what_only_a_key_opens_needs_to_be_asked_for(bench: TestDesk, capsys: Said) -> None:
    encode(bench, "--holder", "051REB123", "--chip-profile", "access-control")
    value(capsys)
    cards.dump_card(words("dump"), people(), bench.desk)
    closed = capsys.readouterr().out
    cards.dump_card(words("dump", "--with-keys", "--chip-profile", "access-control"), people(), bench.desk)
    opened = capsys.readouterr().out
    assert "Content: closed" in closed
    assert "Content: closed" not in opened


def test_reading_names_strange_cards_and_says_what_to_do(bench: TestDesk, capsys: Said) -> None:
    cards.read_card(words("read", "--uid", "blank"), people(), bench.desk)
    assert "Blank card" in capsys.readouterr().out
    bench.encoded()
    cards.read_card(words("read"), people(), bench.desk)
    assert "chip written, not printed yet" in capsys.readouterr().out


def test_the_people_and_files_that_words_name(bench: TestDesk, tmp_path: Path) -> None:
    assert finding.find_holder(bench.desk, "051reb123") == bench.liga
    assert [h.id for h in finding.demo_holders(bench.desk)][:1] == [bench.liga.id]
    with pytest.raises(InputError, match=r"none\.jpg"):
        finding.read_file(tmp_path / "none.jpg")
    assert finding.desk_folder(bench.desk) == bench.folder
