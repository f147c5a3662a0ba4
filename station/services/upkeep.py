"""A card that was made before: found by what its chip tells, brought up to its profile, checked, or erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.domain.card import Card, CardState
from station.domain.errors import N_, ChipMismatchError, ChipUnsuitableError, InputError
from station.domain.key_versions import written_key_versions
from station.domain.workflow import Issuance, State
from station.ports.chip import ChipConnection
from station.ports.tasks import Cancel, Progress
from station.services.card_words import card_state
from station.services.chip_data import chip_data
from station.services.desk import Desk

if TYPE_CHECKING:
    from station.chip.content import ChipData
    from station.chip.encoder import ChipContents, EncodeReport
    from station.chip.erasing import EraseReport
    from station.chip.glance import Glance
    from station.chip.profiles import ChipProfile

# So recorded, a card is with its holder, or may come back from wherever it is.
WITH_SOMEBODY = frozenset((CardState.ACTIVE, CardState.BLOCKED, CardState.LOST, CardState.STOLEN))


def owner_of(desk: Desk, seen: Glance) -> Issuance | None:
    """Return the issuance that a card belongs to, a spoiled one too; ``None`` for a card that was not made here."""
    issuances = desk.store.issuances
    uid = "" if seen.random_uid else seen.uid
    found = issuances.by_uid(uid) if uid else None
    if found is None and seen.escn:
        found = issuances.by_escn(seen.escn)
    if found is None and uid:
        # A blank that was given up before its number was on it: only the stock knows which number its keys are for.
        blank = next((each for each in desk.store.cards.blanks() if each.uid == uid and each.issuance_id), None)
        found = issuances.get(blank.issuance_id or "") if blank else None
    return found


def data_of(desk: Desk, issuance: Issuance) -> ChipData:
    """Return what is, or should be, on the chip of an issuance's card."""
    return chip_data(desk.journal, issuance, desk.settings.card.qr_address)


def verify_known(desk: Desk, connection: ChipConnection, profile: ChipProfile) -> tuple[Issuance, ChipContents]:
    """Compare the card on the reader with its record; return both.

    Raises:
        ChipMismatchError: it was not made here, or does not agree with its record.
    """
    from station.chip.encoder import verify
    from station.chip.glance import glance

    seen = glance(connection)
    issuance = owner_of(desk, seen)
    if issuance is None:
        raise ChipMismatchError(_NOT_OURS, _ASK_OTHERS, uid=seen.uid or "-")
    proved = verify(connection, profile, data_of(desk, issuance), desk.devices.secrets)
    if issuance.uid and proved.uid != issuance.uid:
        raise ChipMismatchError(_COPY, _COPY_TODO, escn=issuance.escn)
    return issuance, proved


def renew(  # noqa: PLR0913 - which card, to what; then two ways to take part, by name
    desk: Desk, connection: ChipConnection, card: Card, profile: ChipProfile, *, cancel: Cancel, progress: Progress
) -> EncodeReport:
    """Bring a handed-over card up to its profile, with the number it has: new keys, or what is missing.

    What it carries then is recorded. Pulled in between, the same call finishes it.

    Raises:
        InputError: the card is not in use, or was made to another chip profile. Nothing was written.
        ChipUnsuitableError: another card lies on the reader. Nothing was written.
    """
    from station.chip.encoder import encode

    if card.state is not CardState.ACTIVE:
        raise InputError(_NOT_IN_USE, _NOT_IN_USE_TODO, escn=card.escn, state=card_state(card.state))
    need_profile(card.chip_profile, profile)

    def right_card(uid: str) -> None:
        if card.uid and uid != card.uid:
            raise ChipUnsuitableError(_OTHER_CARD, _OTHER_CARD_TODO, uid=uid, escn=card.escn)

    issuance = desk.journal.issuance(card.issuance_id)
    report = encode(
        connection,
        profile,
        data_of(desk, issuance),
        desk.devices.secrets,
        before_write=right_card,
        cancel=cancel,
        progress=progress,
    )
    carried = written_key_versions(report.keys)
    if carried != card.key_versions:
        desk.store.cards.set_key_versions(card.escn, carried)
    return report


def need_profile(recorded: str, profile: ChipProfile) -> None:
    """Refuse to write a card to another chip profile than the one it was begun with; raises InputError."""
    if recorded != profile.name:
        raise InputError(_OTHER_PROFILE, _OTHER_PROFILE_TODO, recorded=recorded, profile=profile.name)


@dataclass(frozen=True, slots=True)
class ErasePlan:
    """What erasing would do to the card on the reader.

    ``ours`` and ``others`` are ids of applications as people write them, as far as the card lists them; ``resets_key``
    says that the card's own master key goes back to the factory's.
    """

    uid: str
    kind: str
    issuance: Issuance
    holder: str
    card: Card | None
    ours: tuple[str, ...]
    others: tuple[str, ...]
    resets_key: bool


def plan_erase(desk: Desk, connection: ChipConnection, profile: ChipProfile) -> ErasePlan:
    """Return what ``erase`` would delete; deletes nothing.

    Raises:
        ChipUnsuitableError: the card was not made here, so nobody here can answer for it, or know its keys.
    """
    from station.chip.glance import glance

    seen = glance(connection)
    issuance = owner_of(desk, seen)
    if issuance is None:
        raise ChipUnsuitableError(_NOT_OURS, _NOTHING_ERASED, uid=seen.uid or "-")
    holder = desk.store.holders.get(issuance.holder_id)
    ours = {app.aid for app in profile.applications}
    there = seen.applications or ()
    return ErasePlan(
        uid=issuance.uid or seen.uid,
        kind=seen.kind,
        issuance=issuance,
        holder=holder.full_name if holder else "?",
        card=desk.store.cards.get(issuance.escn),
        ours=tuple(aid[::-1].hex().upper() for aid in there if aid in ours),
        others=tuple(aid[::-1].hex().upper() for aid in there if aid not in ours),
        resets_key=profile.card_key is not None,
    )


def need_erasable(plan: ErasePlan, *, in_use: bool) -> None:
    """Refuse a card that is being made, and one that somebody has unless ``in_use`` says that this is known.

    Raises:
        InputError: with what to do instead; nothing was erased.
    """
    if plan.issuance.open:
        raise InputError(_BEING_MADE, _BEING_MADE_TODO, name=plan.holder)
    if plan.card is not None and plan.card.state in WITH_SOMEBODY and not in_use:
        raise InputError(_SOMEBODY_HAS_IT, _SOMEBODY_TODO, name=plan.holder, state=card_state(plan.card.state))


def erase_card(  # noqa: PLR0913 - which card, after what; then two by name
    desk: Desk,
    connection: ChipConnection,
    plan: ErasePlan,
    profile: ChipProfile,
    *,
    whole_card: bool = False,
    begin: Callable[[], None] = lambda: None,
) -> EraseReport:
    """Delete what is ours from the card that was planned for; ``begin`` is called right before the first deletion.

    Raises:
        ChipUnsuitableError: another card lies there now. And what ``station.chip.erasing.erase`` raises.
    """
    from station.chip.erasing import erase

    def right_card(uid: str) -> None:
        if plan.issuance.uid and uid != plan.issuance.uid:
            raise ChipUnsuitableError(_OTHER_CARD, _OTHER_CARD_TODO, uid=uid, escn=plan.issuance.escn)
        begin()

    data = data_of(desk, plan.issuance)
    secrets = desk.devices.secrets
    return erase(connection, profile, data, secrets, before_write=right_card, whole_card=whole_card)


def begin_with(desk: Desk, holder_id: str, profile: ChipProfile) -> Issuance:
    """Begin a card for a holder to ``profile``, or go on with the open one; raises InputError when it has another."""
    holder = desk.store.holders.get(holder_id)
    if holder is None:
        raise InputError(_NO_HOLDER, value=holder_id)
    plan = replace(desk.issuances.plan(desk.making.layout_version), chip_profile=profile.name)
    issuance = desk.issuances.begin(holder, plan)
    need_profile(issuance.chip_profile, profile)
    if issuance.state not in (State.DRAFT, State.CAPTURED):
        raise InputError(_ENCODED_ALREADY, _ENCODED_TODO, escn=issuance.escn, number=holder.student_number)
    return issuance


_NOT_OURS = N_("This card was not made here: its UID {uid} is not known.")
_ASK_OTHERS = N_("If it should be, ask the desk that made it.")
_NOTHING_ERASED = N_("Nothing was erased. Ask the desk that made it.")
_COPY = N_("The card carries the number {escn}, but on another chip: it may be a copy.")
_COPY_TODO = N_("Keep it, don't hand it out, and tell whoever is responsible for cards.")
_NOT_IN_USE = N_("The card {escn} is not in use: its record says {state}.")
_NOT_IN_USE_TODO = N_("Only a card in use gets new keys. Nothing was written.")
_OTHER_CARD = N_("This is another card (UID {uid}) than the one with the number {escn}.")
_OTHER_CARD_TODO = N_("Put the right card on the reader. Nothing was changed on this one.")
_OTHER_PROFILE = N_("This card was begun with the chip profile {recorded}, not with {profile}.")
_OTHER_PROFILE_TODO = N_("Name that profile with --chip-profile, or begin another card. Nothing was written.")
_BEING_MADE = N_("This card is being made for {name}: it can't be erased in the middle.")
_BEING_MADE_TODO = N_("Finish it, or mark it as spoiled at the desk. Nothing was erased.")
_SOMEBODY_HAS_IT = N_("This card belongs to {name}: its record says {state}.")
_SOMEBODY_TODO = N_("If it was really given back, say so with --in-use. Nothing was erased.")
_ENCODED_ALREADY = N_("The chip of the card {escn} is written already; the card is not finished.")
_ENCODED_TODO = N_("Go on in the window, or with: station issue --holder {number}")
_NO_HOLDER = N_("The student of this card is no longer in the register.")
