"""A change of a finished card's chip that began and never ended: the card is asked, and finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.domain.aftercare import EraseBegun
from station.domain.errors import N_, WorkflowError
from station.domain.workflow import AFTERCARE, Issuance
from station.ports.chip import ChipConnection
from station.ports.tasks import Cancel, Progress
from station.services.desk import Desk
from station.services.erasure import erase_card
from station.services.reader_signals import told_by_lamp
from station.services.upkeep import last_begun, renew

if TYPE_CHECKING:
    from station.chip.profiles import ChipProfile


def settle(desk: Desk, issuance: Issuance, *, cancel: Cancel, progress: Progress) -> Issuance:
    """Settle a doubt about a chip by the card itself, whatever was begun on it; its number stays what it was.

    New keys are set, and erasing is finished, as far as the card says that it is not done; both are proved again.

    Raises:
        ChipUnsuitableError: another card lies on the reader. ReaderError, ChipError: the doubt stays.
    """
    if issuance.pending not in AFTERCARE:
        return desk.settle_chip(issuance, cancel=cancel, progress=progress)
    # By the journal and not by what somebody chooses now: the chip may be half way to just that profile.
    begun = last_begun(desk, issuance)
    if begun is None:
        raise WorkflowError(detail=N_("nothing was begun on this card"))
    profile = desk.making.chip_profile_named(begun.chip_profile)
    readers, place = desk.devices.readers, desk.settings.reader
    with desk.card_watch.hold():
        desk.hands(issuance)
        reader = readers.wait_card(place.pattern, cancel=cancel, timeout_s=place.wait_s)
        with readers.open_card(reader, cancel=cancel) as connection, told_by_lamp(connection):
            if isinstance(begun, EraseBegun):
                erase_card(desk, connection, issuance, profile, cause=begun.cause, whole_card=begun.whole_card)
            else:
                _renew(desk, connection, issuance, profile, cancel=cancel, progress=progress)
    return desk.journal.issuance(issuance.id)


def _renew(  # noqa: PLR0913 - which card, to what; then two ways to take part, by name
    desk: Desk, connection: ChipConnection, issuance: Issuance, profile: ChipProfile, *, cancel: Cancel,
    progress: Progress,
) -> None:  # fmt: skip
    card = desk.store.cards.get(issuance.escn)
    if card is None:
        raise WorkflowError(detail=N_("nobody has this card"))
    renew(desk, connection, card, profile, cancel=cancel, progress=progress)
