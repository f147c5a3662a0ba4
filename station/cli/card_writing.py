"""``station card encode`` and ``erase``: what writes to the card on the reader, with its record kept in step."""

from __future__ import annotations

import argparse
import threading

from station.chip.profiles import ChipProfile
from station.cli.cards import BLANK, on_reader, pattern_of, profile_of
from station.cli.finding import demo_holders, desk_folder, find_holder, read_file
from station.cli.output import Output
from station.domain.card import Card, CardState
from station.domain.errors import N_, InputError
from station.domain.holder import Holder, missing_for_card
from station.domain.key_versions import written_key_versions
from station.domain.message import Message
from station.domain.workflow import Issuance, State
from station.services.desk import Desk
from station.services.encoding import EncodingService
from station.services.erasure import WITH_SOMEBODY, ErasePlan, need_erasable, plan_erase
from station.services.erasure import erase_card as erase_planned
from station.services.headless import HeadlessRun, IssueReport, nothing_more
from station.services.reader_signals import told_by_lamp
from station.services.upkeep import begin_with, renew


def encode_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Write the chip of a holder's card: the one that is being made, or the one in use, which keeps its number."""
    profile = profile_of(args, desk)
    holder = _holder(args, desk)
    card = _card_in_use(desk, holder)
    value = _encoded(args, out, desk, holder, profile) if card is None else _renewed(args, desk, card, profile)
    out.value({**value, "holder": holder.full_name})
    out.say(N_("The chip of the card {escn} is written and was read back."), escn=value["escn"])
    if card is None:
        out.say(N_("Go on in the window, or with: station issue --holder {number}"), number=holder.student_number)
    return 0


def erase_card(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Delete from the card what this station wrote; without ``--yes`` only say what would be deleted."""
    profile = profile_of(args, desk)
    with on_reader(args, desk) as connection:
        plan = plan_erase(desk, connection, profile)
        # Before the plan is shown: what may not be erased is told as a refusal, and not as something that could be
        # done.
        need_erasable(plan, in_use=args.in_use)
        _say_plan(out, plan, whole_card=args.whole_card)
        if not args.yes:
            out.value({**_plan_value(plan), "erased": False})
            out.say(N_("Nothing was erased. Say --yes to do it."))
            return 0
        begun = plan.issuance.pending is not None  # what was begun may always be finished
        if plan.card is not None and plan.card.state in WITH_SOMEBODY and not begun:
            desk.lifecycle.need_right()  # it ends the card, as revoking it does
        erased = erase_planned(desk, connection, plan.issuance, profile, cause=args.reason, whole_card=args.whole_card)
    chip = {"profile": profile.name, "apdus": erased.apdus, "verified": True}
    done = {"uid": erased.uid, "deleted": erased.deleted, "left": erased.left, "formatted": erased.formatted}
    card = desk.store.cards.get(plan.issuance.escn)
    state = {"card_state": card.state if card else None}
    out.value({**_plan_value(plan), **done, **state, "erased": True, "chip": chip})
    out.say(N_("The card is erased, and was read back."))
    if card is not None:
        out.say(N_("Its number {escn} is used no more; another card can be made on it."), escn=card.escn)
    return 0


def _encoded(
    args: argparse.Namespace, out: Output, desk: Desk, holder: Holder, profile: ChipProfile
) -> dict[str, object]:
    """Carry out the encoding step of an issuance, which is begun when there is none."""
    issuance = begin_with(desk, holder.id, profile)
    if issuance.state is State.DRAFT:
        issuance = _portrayed(args, desk, issuance)
    out.say(N_("Put the card for {name} on the reader."), name=holder.full_name)
    # A service of its own for this command: the reader and the wait may be named on the command line.
    service = EncodingService(
        desk.journal,
        desk.devices.readers,
        desk.devices.secrets,
        pattern=pattern_of(args, desk),
        wait_s=args.wait,
        qr_address=desk.settings.card.qr_address,
    )
    with desk.card_watch.hold():
        _lay_down(args, desk, issuance)
        done = service.encode(issuance.id, profile, cancel=threading.Event(), progress=nothing_more)
    return {
        "uid": done.uid,
        "escn": done.escn,
        "state": done.state,
        "chip": {"profile": profile.name, "apdus": done.apdus, "verified": True},
        "keys": done.key_versions.split(),
    }


def _lay_down(args: argparse.Namespace, desk: Desk, issuance: Issuance) -> None:
    """On the demo bench: lay down the issuance's own card, the one that was asked for, or a new blank."""
    uid = args.uid if args.uid not in ("", BLANK) else issuance.uid
    # Its own card first, whatever was asked for: a number that is on a chip is finished on that chip.
    desk.hands(Issuance(issuance.id, uid=issuance.uid or uid))


def _renewed(args: argparse.Namespace, desk: Desk, card: Card, profile: ChipProfile) -> dict[str, object]:
    """Bring a card that is in use up to the profile; its number stays."""
    with on_reader(args, desk, uid=card.uid or "") as connection, told_by_lamp(connection):
        report = renew(desk, connection, card, profile, cancel=threading.Event(), progress=nothing_more)
    return {
        "uid": report.uid,
        "escn": card.escn,
        "state": State.HANDED_OVER,
        "chip": {"profile": profile.name, "apdus": report.apdus, "verified": report.verified},
        "keys": written_key_versions(report.keys).split(),
    }


def _portrayed(args: argparse.Namespace, desk: Desk, issuance: Issuance) -> Issuance:
    """Give an issuance its portrait: a file, the last one that is kept, or what the camera shows."""
    last = desk.store.portraits.last_of(issuance.holder_id)
    # The last one is as good as new here: this writes the chip, and who makes the card sees the portrait before it is
    # printed.
    if args.photo is None and last is not None:
        return desk.accept_portrait(issuance, last)
    picture = read_file(args.photo) if args.photo is not None else None
    desk.seat(desk.issuances.holder(issuance))
    run = HeadlessRun(desk, desk_folder(desk) / "cards", came_out=lambda _: False)
    name = args.photo.name if args.photo is not None else ""
    return run.captured(IssueReport(desk.issuances.holder(issuance)), issuance, picture, name)


def _holder(args: argparse.Namespace, desk: Desk) -> Holder:
    if args.holder is not None:
        return find_holder(desk, args.holder)
    # Only in the demo is somebody chosen: at a real desk a command that was cut short would write anybody's card.
    if not desk.settings.demo:
        raise InputError(
            N_("Whose card it is must be said."), N_("Name the student: station card encode --holder NUMBER")
        )
    return _default_holder(desk)


def _default_holder(desk: Desk) -> Holder:
    """Return the first of the demo's register who can have a card, and for whom none was written yet."""
    written = {each.holder_id for each in desk.store.issuances.open_issuances() if each.state is not State.CAPTURED}
    for holder in demo_holders(desk):
        if not missing_for_card(holder) and holder.id not in written and not desk.store.cards.of_holder(holder.id):
            return holder
    raise InputError(
        N_("Everybody in the demo register has a card."), N_("Name somebody: station card encode --holder NUMBER")
    )


def _card_in_use(desk: Desk, holder: Holder) -> Card | None:
    """Return the card that the holder has, unless a new one is being made for them."""
    # Somebody who gets a new card keeps the old one until then: it is the new one that has to be written.
    if any(each.holder_id == holder.id for each in desk.store.issuances.open_issuances()):
        return None
    cards = desk.store.cards.of_holder(holder.id)
    return next((each for each in cards if each.state is CardState.ACTIVE), None)


def _plan_value(plan: ErasePlan) -> dict[str, object]:
    return {
        "uid": plan.uid,
        "kind": plan.kind,
        "escn": plan.issuance.escn,
        "holder": plan.holder,
        "card_state": plan.card.state if plan.card else None,
        "ours": plan.ours,
        "others": plan.others,
        "resets_card_key": plan.resets_key,
    }


def _say_plan(out: Output, plan: ErasePlan, *, whole_card: bool) -> None:
    nothing = Message(N_("nothing"))
    rows: list[tuple[object, object]] = [
        (Message(N_("Chip")), f"{plan.kind}, {plan.uid}"),
        (Message(N_("Card of")), f"{plan.holder}, {plan.issuance.escn}"),
        (Message(N_("To be deleted")), _named(out, plan.ours) or nothing),
        (Message(N_("Stays on it")), _named(out, plan.others) or nothing),
    ]
    if plan.gives_up:
        rows.append((Message(N_("Being made")), Message(N_("is given up; its number is never used again"))))
    if plan.resets_key:
        rows.append((Message(N_("Card's master key")), Message(N_("back to the factory's"))))
    if whole_card:
        rows.append((Message(N_("Whole card")), Message(N_("is formatted, if nothing of others is on it"))))
    out.table(rows)


def _named(out: Output, ids: tuple[str, ...]) -> str:
    from station.chip.explore.names import application_name

    return ", ".join(f"{out.text(application_name(bytes.fromhex(aid)[::-1]))} ({aid})" for aid in ids)
