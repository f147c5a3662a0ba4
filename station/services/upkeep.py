"""A card that was made before: found by what its chip tells, checked, or brought up to its profile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from station.domain.aftercare import AftercareStopped, EraseBegun, Erased, RenewBegun, Renewed
from station.domain.card import Card, CardState, Registration
from station.domain.errors import N_, ChipMismatchError, ChipUnsuitableError, InputError, StationError
from station.domain.key_versions import written_key_versions
from station.domain.outbox import OutboxEntry
from station.domain.workflow import Act, Issuance, State
from station.ports.chip import ChipConnection
from station.ports.tasks import Cancel, Progress
from station.services.card_words import card_state
from station.services.chip_data import chip_data
from station.services.desk import Desk
from station.services.journal import Journal
from station.services.registration import update_for

if TYPE_CHECKING:
    from station.chip.content import ChipData
    from station.chip.encoder import ChipContents, EncodeReport
    from station.chip.glance import Glance
    from station.chip.profiles import ChipProfile


def owner_of(desk: Desk, seen: Glance) -> Issuance | None:
    """Return the issuance that a card belongs to, a spoiled or erased one too; ``None``: it was not made here."""
    issuances = desk.store.issuances
    # A UID that is drawn anew each time may by chance be another card's real one.
    uid = "" if seen.random_uid else seen.uid
    found = issuances.by_uid(uid) if uid else None
    if found is None and seen.escn:
        found = issuances.by_escn(seen.escn)
    if found is None and uid:
        # A blank that was given up before its number was on it: only the stock knows which number its keys are for.
        blank = next((each for each in desk.store.cards.blanks() if each.uid == uid and each.issuance_id), None)
        found = issuances.get(blank.issuance_id or "") if blank else None
    if found is None and uid:
        # Erased, and nobody's: something that another chip profile wrote may still be on it.
        last = desk.store.cards.by_uid(uid)
        found = issuances.get(last.issuance_id) if last else None
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
        raise ChipMismatchError(NOT_OURS, _ASK_OTHERS, uid=seen.uid or "-")
    if issuance.state is State.ERASED:
        raise ChipMismatchError(_ERASED, _ERASED_TODO, escn=issuance.escn)
    proved = verify(connection, profile, data_of(desk, issuance), desk.devices.secrets)
    # Its number and keys can be right and the chip still another: only who has the keys could have made it.
    if issuance.uid and proved.uid != issuance.uid:
        raise ChipMismatchError(_COPY, _COPY_TODO, escn=issuance.escn)
    return issuance, proved


class Attempt:
    """One act on the chip of a finished card, journaled on both sides: begun, and ended or stopped."""

    def __init__(self, journal: Journal, issuance_id: str) -> None:
        self._journal, self._id = journal, issuance_id
        self._begun = False

    def begin(self, event: RenewBegun | EraseBegun) -> None:
        """Journal that the first command that writes comes next."""
        self._journal.step(self._journal.issuance(self._id), event)
        self._begun = True

    def end(self, event: Renewed | Erased, outbox: tuple[OutboxEntry, ...] = ()) -> Issuance:
        """Journal what was done and proved; the card's record is changed in the same step."""
        return self._journal.step(self._journal.issuance(self._id), event, outbox=outbox)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Journal that the act was stopped, when it is; what is on the chip then is told by the chip alone."""
        try:
            yield
        except StationError as error:
            # Before the first command that writes nothing happened, and the record of the card stays without a line.
            if self._begun:
                stopped = AftercareStopped(written=error.written, cause=error.code)
                self._journal.step(self._journal.issuance(self._id), stopped)
            raise


def renew(  # noqa: PLR0913 - which card, to what; then two ways to take part, by name
    desk: Desk, connection: ChipConnection, card: Card, profile: ChipProfile, *, cancel: Cancel, progress: Progress
) -> EncodeReport:
    """Bring a handed-over card up to a profile, with the number it has: new keys, or what is missing.

    The profile is the one that the card was made to, or one that has all of it and more. The journal has it before the
    first command that writes; the record of the card, when it was read back. Pulled in between, the same call finishes
    it. Where ESC-Router knows the card as another kind of card, it is told.

    Raises:
        InputError: the card is not in use, or has what the profile doesn't. Nothing was written.
        ChipUnsuitableError: another card lies on the reader. Nothing was written.
    """
    from station.chip.encoder import encode

    issuance = desk.journal.issuance(card.issuance_id)
    # Begun before it was blocked: half of its keys are new, and finishing is the only way to know all of them again.
    if card.state is not CardState.ACTIVE and issuance.pending is not Act.RENEW:
        raise InputError(_NOT_IN_USE, _NOT_IN_USE_TODO, escn=card.escn, state=card_state(card.state))
    if card.chip_profile != profile.name:
        _need_grown(desk.making.chip_profile_named(card.chip_profile), profile)
    attempt = Attempt(desk.journal, issuance.id)

    def begin(uid: str) -> None:
        if uid != issuance.uid:
            raise ChipUnsuitableError(OTHER_CARD, OTHER_CARD_TODO, uid=uid, escn=card.escn)
        attempt.begin(RenewBegun(uid, profile.name))

    with attempt.watched():
        report = encode(
            connection,
            profile,
            data_of(desk, issuance),
            desk.devices.secrets,
            before_write=begin,
            cancel=cancel,
            progress=progress,
        )
    if report.uid:  # a profile without a chip has nothing to renew
        carried = written_key_versions(report.keys)
        renewed = Renewed(report.uid, profile.name, report.card_type, report.apdus, carried)
        attempt.end(renewed, _told_anew(desk, card, renewed))
    return report


def _told_anew(desk: Desk, card: Card, renewed: Renewed) -> tuple[OutboxEntry, ...]:
    """Return what ESC-Router has to be told of a card that is of another kind now."""
    holder = desk.store.holders.get(card.holder_id)
    if holder is None or renewed.card_type is card.card_type or card.registration is Registration.NOT_NEEDED:
        return ()
    changed = replace(card, card_type=renewed.card_type, chip_profile=renewed.chip_profile)
    # Each change is told by an entry of its own: the step's place in the journal tells them apart.
    number = len(desk.store.issuances.journal(card.issuance_id)) + 1
    return update_for(changed, holder, desk.issuances.policy(card.institution), desk.clock.now(), number)


def _need_grown(before: ChipProfile, after: ChipProfile) -> None:
    """Refuse a profile that lacks something of what a card was made to: the record would be silent about the rest."""
    kept = before.chip == "any" or (before.chip == after.chip == "desfire" and _has_all(before, after))
    if not kept or not after.needs_reader:
        raise InputError(_LACKS, _LACKS_TODO, recorded=before.name, profile=after.name)


def _has_all(before: ChipProfile, after: ChipProfile) -> bool:
    files = {app.aid: {file.number for file in app.files} for app in after.applications}
    kept = all({file.number for file in app.files} <= files[app.aid] for app in before.applications if app.aid in files)
    return kept and has_applications(before, after) and (before.card_key is None or after.card_key is not None)


def has_applications(before: ChipProfile, after: ChipProfile) -> bool:
    """Say whether ``after`` has every application that ``before`` has."""
    return {app.aid for app in before.applications} <= {app.aid for app in after.applications}


def last_begun(desk: Desk, issuance: Issuance) -> RenewBegun | EraseBegun | None:
    """Return what was begun last on a finished card's chip, as the journal says."""
    journal = desk.store.issuances.journal(issuance.id)
    events = (entry.event for entry in reversed(journal))
    return next((event for event in events if isinstance(event, RenewBegun | EraseBegun)), None)


def need_profile(recorded: str, profile: ChipProfile) -> None:
    """Refuse to write a card to another chip profile than the one it was begun with; raises InputError."""
    if recorded != profile.name:
        raise InputError(_OTHER_PROFILE, _OTHER_PROFILE_TODO, recorded=recorded, profile=profile.name)


def begin_with(desk: Desk, holder_id: str, profile: ChipProfile) -> Issuance:
    """Begin a card for a holder to ``profile``, or go on with the open one; raises InputError when it has another."""
    holder = desk.store.holders.get(holder_id)
    if holder is None:
        raise InputError(_NO_HOLDER, value=holder_id)
    plan = replace(desk.plan_for(holder), chip_profile=profile.name)
    issuance = desk.issuances.begin(holder, plan)
    need_profile(issuance.chip_profile, profile)
    if issuance.state not in (State.DRAFT, State.CAPTURED):
        raise InputError(_ENCODED_ALREADY, _ENCODED_TODO, escn=issuance.escn, number=holder.student_number)
    return issuance


NOT_OURS = N_("This card was not made here: its UID {uid} is not known.")
_ASK_OTHERS = N_("If it should be, ask the desk that made it.")
_ERASED = N_("This card was given back and erased: the number {escn} is on no card any more.")
_ERASED_TODO = N_("Another card can be made on it.")
_COPY = N_("The card carries the number {escn}, but on another chip: it may be a copy.")
_COPY_TODO = N_("Keep it, don't hand it out, and tell whoever is responsible for cards.")
_NOT_IN_USE = N_("The card {escn} is not in use: its record says {state}.")
_NOT_IN_USE_TODO = N_("Only a card in use gets new keys. Nothing was written.")
OTHER_CARD = N_("This is another card (UID {uid}) than the one with the number {escn}.")
OTHER_CARD_TODO = N_("Put the right card on the reader. Nothing was changed on this one.")
_OTHER_PROFILE = N_("This card was begun with the chip profile {recorded}, not with {profile}.")
_OTHER_PROFILE_TODO = N_("Name that profile with --chip-profile, or begin another card. Nothing was written.")
_LACKS = N_("This card was made to the chip profile {recorded}, and {profile} doesn't have all of that.")
_LACKS_TODO = N_("Name a profile that has it and more, or erase the card first. Nothing was written.")
_ENCODED_ALREADY = N_("The chip of the card {escn} is written already; the card is not finished.")
_ENCODED_TODO = N_("Go on in the window, or with: station issue --holder {number}")
_NO_HOLDER = N_("The student of this card is no longer in the register.")
