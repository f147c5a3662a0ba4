"""Layouts at a desk: chosen, believed, kept, approved, retired; and cards drawn again as they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from printers.profile_files import load_profile
from station.adapters.secrets.demo_signer import demo_certificate
from station.adapters.secrets.virtual import VirtualSecrets
from station.domain import elements as el
from station.domain.card import CardScheme
from station.domain.errors import InputError, LayoutError, ProfileError, SecretError, StoreConflictError
from station.domain.layout import Layout, edited
from station.domain.layout_state import LayoutState
from station.render.layout_file import bundled_layout, save_layout
from station.render.layout_signing import fingerprint
from station.services.cardmaking import load_making
from station.services.desk import Desk
from station.services.layouts import SIGNING_KEY, LayoutChoice, NothingKept
from station.settings import CardTypePart, LayoutPart
from tests.helpers.desks import TestDesk, desk_settings, open_test_desk

SIGNER = fingerprint(demo_certificate(SIGNING_KEY))
KEYS = VirtualSecrets(demo=True)
BOX = el.Box(4, 4, 40, 5)


def a_layout(version: int = 1, name: str = "ours", text: str = "{full_name}") -> Layout:
    front = (el.Text(id="name", box=BOX, text=text, size_pt=8), el.Qr(id="qr", box=el.Box(60, 30, 20, 20)))
    return Layout(name, version, front, title="Ours")


@pytest.fixture
def desk(bench: TestDesk) -> Desk:
    """Return the desk alone."""
    return bench.desk


def saved(tmp_path: Path, layout: Layout | None = None) -> Path:
    path = tmp_path / "ours.zip"
    save_layout(layout or a_layout(), path)
    return path


class TestChoosing:
    def test_by_name_it_is_one_that_ships_until_one_was_approved(self, desk: Desk) -> None:
        part = LayoutPart(name="university")
        assert desk.layouts.chosen(part) == bundled_layout("university")
        own = edited(bundled_layout("university"), version=77)
        desk.layouts.approve(desk.layouts.sign(own, KEYS))
        assert desk.layouts.chosen(part).reference == "university/77"
        older = edited(own, version=76)
        desk.layouts.approve(desk.layouts.sign(older, KEYS))
        assert desk.layouts.chosen(part).reference == "university/77"
        desk.layouts.retire("university/77")
        assert desk.layouts.chosen(part).reference == "university/76"

    def test_a_file_or_folder_of_ones_own(self, desk: Desk, tmp_path: Path) -> None:
        layout = save_layout(a_layout(), tmp_path / "folder")
        assert desk.layouts.chosen(LayoutPart(folder=tmp_path / "folder")) == layout
        assert desk.layouts.chosen(LayoutPart(file=saved(tmp_path))) == layout

    def test_without_a_store_files_alone_are_known(self, tmp_path: Path) -> None:
        choice = LayoutChoice(NothingKept())
        assert choice.chosen(LayoutPart(file=saved(tmp_path))).name == "ours"
        assert choice.find("ours/1") is None
        with pytest.raises(LayoutError, match="no layout of this name"):
            choice.chosen(LayoutPart(name="none"))

    def test_a_layout_extends_what_was_approved_here(self, desk: Desk, tmp_path: Path) -> None:
        desk.layouts.approve(desk.layouts.sign(a_layout(), KEYS))
        said = '{"schema_version": 1, "name": "child", "version": 1, "extends": "ours/1"}'
        (tmp_path / "layout.json").write_text(said, "utf-8")
        assert desk.layouts.chosen(LayoutPart(folder=tmp_path)).front == a_layout().front

    def test_what_was_retired_makes_no_new_cards(self, desk: Desk) -> None:
        desk.begin(desk.store.holders.search("Līga")[0])
        desk.layouts.retire(desk.making.layout.reference)
        with pytest.raises(LayoutError, match="was retired on 20"):
            desk.layouts.chosen(LayoutPart(name="university"))
        with pytest.raises(LayoutError, match="was retired on 20"):
            desk.begin(desk.store.holders.search("Mārtiņš")[0])


class TestApprovedMeanwhile:
    def test_the_next_card_is_made_to_it_and_those_that_were_begun_are_not(self, desk: Desk) -> None:
        liga, martins = (desk.store.holders.search(name)[0] for name in ("Līga", "Mārtiņš"))
        begun = desk.begin(liga)
        newer = desk.layouts.sign(edited(bundled_layout("university"), version=2, title="New"), KEYS)
        desk.layouts.approve(newer)
        assert desk.begin(martins).layout == "university/2"
        assert desk.begin(liga).layout == "university/1"
        assert desk.making.for_issuance(begun).layout == bundled_layout("university")
        desk.layouts.retire("university/2")
        assert desk.begin(martins).layout == "university/2", "it was begun before"

    def test_a_kind_of_card_takes_its_own(self, tmp_path: Path) -> None:
        staff = CardTypePart(scheme=CardScheme.STAFF, when="true", layout="staff")
        with open_test_desk(tmp_path, card_types=(staff,)) as bench:
            desk = bench.desk
            assert desk.begin(bench.liga).layout == "staff/1"
            desk.layouts.approve(desk.layouts.sign(edited(bundled_layout("staff"), version=3), KEYS))
            assert desk.begin(bench.martins).layout == "staff/3"

    def test_a_file_stays_what_it_was(self, tmp_path: Path) -> None:
        path = saved(tmp_path)
        with open_test_desk(tmp_path / "desk", layout={"name": "ours", "file": path}) as bench:
            desk = bench.desk
            desk.layouts.approve(desk.layouts.sign(a_layout(version=9), KEYS))
            assert desk.begin(bench.liga).layout == "ours/1"


class TestBelieving:
    def choice(self, *signers: str) -> LayoutChoice:
        return LayoutChoice(NothingKept(), signers)

    def test_a_draft_is_used_only_where_no_signer_is_named(self, tmp_path: Path) -> None:
        part = LayoutPart(file=saved(tmp_path))
        assert self.choice().chosen(part).state is LayoutState.DRAFT
        with pytest.raises(
            LayoutError, match=r"ours/1 can't be used: it is not signed\..*signers.*Nothing was printed"
        ):
            self.choice(SIGNER).chosen(part)

    def test_signed_by_whom_the_profile_names(self, desk: Desk, tmp_path: Path) -> None:
        part = LayoutPart(file=saved(tmp_path, desk.layouts.sign(a_layout(), KEYS)))
        assert self.choice(SIGNER).chosen(part).state is LayoutState.APPROVED
        assert self.choice("0" * 64, SIGNER).chosen(part).state is LayoutState.APPROVED
        with pytest.raises(
            LayoutError, match=r"signed by CN=TEST layout-signing,O=.*, whom the station profile does not"
        ):
            self.choice("0" * 64).chosen(part)

    def test_what_ships_is_believed_like_the_program(self) -> None:
        assert self.choice(SIGNER).chosen(LayoutPart(name="university")) == bundled_layout("university")

    def test_a_file_of_the_name_of_what_ships_is_not(self, tmp_path: Path) -> None:
        with pytest.raises(LayoutError, match="not signed"):
            self.choice(SIGNER).chosen(LayoutPart(file=saved(tmp_path, bundled_layout("university"))))

    def test_what_was_kept_before_a_signer_was_named_is_looked_at_again(self, desk: Desk) -> None:
        desk.layouts.approve(desk.layouts.sign(a_layout(), KEYS))
        strict = LayoutChoice(desk.store.layouts, ["0" * 64])
        with pytest.raises(LayoutError, match="whom the station profile does not name"):
            strict.chosen(LayoutPart(name="ours"))


class TestApproving:
    def test_signing_is_read_back(self, desk: Desk) -> None:
        signed = desk.layouts.sign(a_layout(), KEYS)
        assert signed.state is LayoutState.APPROVED
        assert signed.approval is not None
        assert signed.approval.by == desk.settings.station.operator
        assert signed.approval.digest == signed.digest
        again = desk.layouts.sign(signed, KEYS)
        assert again.digest == signed.digest

    def test_without_its_key_nothing_is_signed(self, desk: Desk) -> None:
        class Keyless(VirtualSecrets):
            def certificate(self, name: str) -> bytes:
                raise SecretError(name=name)

        with pytest.raises(SecretError):
            desk.layouts.sign(a_layout(), Keyless(demo=True))

    def test_a_certificate_of_another_key_is_found_out_at_once(self, desk: Desk) -> None:
        class Mixed(VirtualSecrets):
            def certificate(self, name: str) -> bytes:
                return super().certificate("another")

        with pytest.raises(LayoutError, match="its approval is not its own"):
            desk.layouts.sign(a_layout(), Mixed(demo=True))

    def test_only_what_is_signed_is_approved(self, desk: Desk) -> None:
        with pytest.raises(LayoutError, match="it is not signed"):
            desk.layouts.approve(a_layout())
        kept = desk.layouts.approve(desk.layouts.sign(a_layout(), KEYS))
        assert (kept.state, kept.reference, kept.title) == (LayoutState.APPROVED, "ours/1", "Ours")
        assert (kept.operator, kept.station) == (desk.settings.station.operator, desk.settings.station.name)
        assert desk.layouts.all() == (kept,)

    def test_one_version_has_one_content(self, desk: Desk) -> None:
        desk.layouts.approve(desk.layouts.sign(a_layout(), KEYS))
        other = desk.layouts.sign(a_layout(text="{family_name}"), KEYS)
        with pytest.raises(StoreConflictError, match="next version number"):
            desk.layouts.approve(other)

    def test_retired_it_can_not_be_approved_again(self, desk: Desk) -> None:
        signed = desk.layouts.sign(a_layout(), KEYS)
        desk.layouts.approve(signed)
        assert desk.layouts.retire("ours/1").state is LayoutState.RETIRED
        with pytest.raises(LayoutError, match="retired"):
            desk.layouts.approve(signed)
        with pytest.raises(InputError, match="No layout ours/2 is kept"):
            desk.layouts.retire("ours/2")


class TestCards:
    def test_a_card_keeps_the_version_that_it_was_begun_with(self, bench: TestDesk) -> None:
        desk = bench.desk
        issuance = desk.begin(bench.liga)
        layout = desk.making.layout
        assert (issuance.layout, issuance.layout_digest) == (layout.reference, layout.digest)
        assert [(k.digest, k.state) for k in desk.layouts.all()] == [(layout.digest, LayoutState.DRAFT)]
        card = desk.issuances.hand_over(bench.verified().id)
        assert (card.layout, card.layout_digest) == (layout.reference, layout.digest)
        assert desk.store.cards.get(card.escn) == card

    def test_a_card_is_drawn_again_as_it_was(self, tmp_path: Path) -> None:
        path = saved(tmp_path, a_layout(1))
        with open_test_desk(tmp_path / "desk", layout={"file": path}) as bench:
            issuance = bench.portrayed()
            before = bench.desk.render(issuance)
        save_layout(a_layout(2, text="Something else"), path)
        with open_test_desk(tmp_path / "desk", layout={"file": path}) as bench:
            assert bench.desk.making.layout.reference == "ours/2"
            again = bench.desk.store.issuances.get(issuance.id)
            assert again is not None
            assert bench.desk.render(again).card == before.card
            other = bench.portrayed(bench.martins)
            assert other.layout == "ours/2"
            assert [k.reference for k in bench.desk.layouts.all()] == ["ours/1", "ours/2"]

    def test_a_draft_that_changed_under_its_number_is_still_told_apart(self, tmp_path: Path) -> None:
        path = saved(tmp_path, a_layout(1))
        with open_test_desk(tmp_path / "desk", layout={"file": path}) as bench:
            issuance = bench.portrayed()
            before = bench.desk.render(issuance)
        save_layout(a_layout(1, text="Something else"), path)
        with open_test_desk(tmp_path / "desk", layout={"file": path}) as bench:
            assert bench.desk.render(issuance).card == before.card
            assert bench.portrayed(bench.martins).layout_digest != issuance.layout_digest

    def test_what_is_not_kept_as_it_was_is_not_guessed(self, bench: TestDesk) -> None:
        issuance = bench.portrayed()
        with pytest.raises(LayoutError, match="is not kept here as it was then"):
            bench.desk.render(replace(issuance, layout_digest="0" * 64))
        kept = bench.desk.layouts.all()[0]
        altered = save_layout(a_layout(), bench.folder / "x.zip")
        assert altered.digest != kept.digest
        bench.desk.store.layouts.keep(replace(kept, digest="1" * 64), (bench.folder / "x.zip").read_bytes())
        with pytest.raises(LayoutError, match="is not kept here as it was then"):
            bench.desk.layouts.of_card(kept.reference, "1" * 64)


def test_what_can_not_be_computed_for_somebody_is_told_with_layout_and_place(tmp_path: Path) -> None:
    wrong = replace(a_layout(), front=(replace(a_layout().front[0], when="number(faculty) > 1"),))
    with open_test_desk(tmp_path / "desk", layout={"file": saved(tmp_path, wrong)}) as bench:
        issuance = bench.portrayed()
        with pytest.raises(
            LayoutError, match=r"ours/1 has a mistake at name/when: .*, at column 1: number needs digits"
        ):
            bench.desk.render(issuance)


class TestCardTypes:
    KINDS = (
        CardTypePart(scheme=CardScheme.STAFF, when="faculty == 'none'", layout="plain"),
        CardTypePart(scheme=CardScheme.GUEST, when="start(given_names, 1) == 'M'", layout="plain"),
    )

    def test_the_first_that_is_for_somebody_decides(self, tmp_path: Path) -> None:
        with open_test_desk(tmp_path, card_types=self.KINDS) as bench:
            making = bench.desk.making
            assert making.for_holder(bench.liga).layout.name == "university"
            guest = making.for_holder(bench.martins)
            assert (guest.layout.name, guest.scheme) == ("plain", CardScheme.GUEST)
            issuance = bench.portrayed(bench.martins)
            assert (issuance.scheme, issuance.layout) == (CardScheme.GUEST, bundled_layout("plain").reference)
            assert bench.desk.render(issuance).card.back is None
            assert bench.desk.draft(bench.martins, None).back is None
            assert bench.desk.draft(bench.liga, None).back is not None

    def test_the_scheme_is_a_field_of_the_card(self, tmp_path: Path) -> None:
        with open_test_desk(tmp_path, card_types=self.KINDS) as bench:
            making = bench.desk.making.for_holder(bench.martins)
            day = making.expiry(bench.martins, bench.desk.clock.now().date())
            assert making.fields(bench.martins, "", day).scheme == "guest"

    def test_a_condition_that_can_not_be_computed_names_the_profile(self, tmp_path: Path) -> None:
        kinds = (CardTypePart(scheme=CardScheme.STAFF, when="number(faculty) > 1"),)
        with (
            open_test_desk(tmp_path, card_types=kinds) as bench,
            pytest.raises(ProfileError, match="number needs digits"),
        ):
            bench.desk.begin(bench.liga)

    @pytest.mark.parametrize(("when", "said"), [("level = 1", "not understood"), ("pic", "no field pic")])
    def test_a_condition_is_checked_before_any_card(self, tmp_path: Path, when: str, said: str) -> None:
        kinds = (CardTypePart(scheme=CardScheme.STAFF, when=when),)
        settings = desk_settings(tmp_path, card_types=kinds)
        with pytest.raises(ProfileError, match=f"card_types: .*{said}"):
            load_making(settings, load_profile(settings.printer.profile))
