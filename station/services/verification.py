"""Before a card is handed over: chip, QR and record must agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.domain.card import RouterCardType
from station.domain.errors import N_, ChipMismatchError, ChipUnsuitableError, EscnError
from station.domain.escn import escn_from_qr
from station.domain.workflow import Issuance, Verified, VerifyFailed
from station.ports.chip import Readers
from station.ports.secrets import Secrets
from station.ports.tasks import Cancel
from station.services.chip_data import chip_data
from station.services.journal import Journal
from station.services.reader_signals import told_by_lamp

if TYPE_CHECKING:
    from station.chip.profiles import ChipProfile


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen on a card: its chip, empty strings for what it does not carry."""

    uid: str = ""
    escn: str = ""


class VerificationService:
    """Check a finished card. Blocks; runs on the ``chip`` lane."""

    def __init__(  # noqa: PLR0913 - what it works with; then three settings, by name
        self, journal: Journal, readers: Readers, secrets: Secrets, *, pattern: str, wait_s: float, qr_address: str = ""
    ) -> None:
        self._journal, self._readers, self._secrets = journal, readers, secrets
        self._pattern, self._wait_s, self._qr_address = pattern, wait_s, qr_address

    def look(self, issuance: Issuance, profile: ChipProfile, *, cancel: Cancel, wait_s: float | None = None) -> Seen:
        """Wait for the card and read it; a card without a chip is not waited for."""
        # Before the import: a station that writes no chips never loads what talks to them.
        if not profile.needs_reader:
            return Seen()
        from station.chip.encoder import inspect, verify
        from station.chip.uid import is_random

        timeout_s = self._wait_s if wait_s is None else wait_s
        reader = self._readers.wait_card(self._pattern, cancel=cancel, timeout_s=timeout_s)
        with self._readers.open_card(reader, cancel=cancel) as connection, told_by_lamp(connection):
            contents = inspect(connection)
            # A chip that hides its UID tells the real one to who knows its keys.
            hidden = is_random(bytes.fromhex(contents.uid))
            if hidden or contents.uid == issuance.uid:
                # The right chip; now it also has to know the keys that only this card was given.
                data = chip_data(self._journal, issuance, self._qr_address)
                try:
                    contents = verify(connection, profile, data, self._secrets)
                except ChipUnsuitableError:
                    if not hidden:
                        raise
                    # It has none of them: another card, and its UID as it is shown says so.
        return Seen(contents.uid, contents.escn or "")

    def number_in(self, qr_text: str) -> str:
        """Return the card's number in the text of its QR, at whichever address; raises EscnError."""
        return escn_from_qr(qr_text, prefix_url=self._qr_address or None)

    def verify(
        self, issuance_id: str, profile: ChipProfile, qr_text: Callable[[], str | None], *, cancel: Cancel
    ) -> Issuance:
        """Read the card and compare; ``qr_text`` gives what the printed QR says, ``None`` where the layout has none.

        Raises:
            ChipMismatchError: they do not agree; the card must not be handed over. It was journaled.
        """
        issuance = self._journal.issuance(issuance_id)
        try:
            seen = self.look(issuance, profile, cancel=cancel)
            qr = "" if (text := qr_text()) is None else self.number_in(text)
        except (EscnError, ChipMismatchError) as error:
            # A card that was lifted too early raises something else: no word of it goes into the record of the card.
            self._journal.step(issuance, VerifyFailed(str(error)))
            raise
        differing = disagreement(issuance, seen, qr)
        if differing is not None:
            self._journal.step(issuance, VerifyFailed(differing))
            raise ChipMismatchError(detail=differing)
        return self._journal.step(issuance, Verified(seen.uid, seen.escn, qr))


def disagreement(issuance: Issuance, seen: Seen, qr: str) -> str | None:
    """Return in words what does not agree between the record, the chip and the QR; ``None`` when all does.

    ``qr`` is the number that the QR shows, empty on a card that has none.
    """
    if seen.uid != issuance.uid:
        return N_("the chip belongs to another card")
    # What is on the chip counts for every kind of card; that nothing is there is wrong for one kind only.
    if seen.escn and seen.escn != issuance.escn:
        return N_("the chip carries another card's number")
    if issuance.card_type is RouterCardType.SMART_CDZ and not seen.escn:
        return N_("the chip carries no number")
    if qr and qr != issuance.escn:
        return N_("the QR shows another card's number")
    return None
