"""Write the chip, read it back, and journal both sides of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.domain.card import RouterCardType
from station.domain.errors import N_, ChipMismatchError, ChipUnsuitableError, StationError, StoreConflictError
from station.domain.key_versions import written_key_versions
from station.domain.workflow import Act, Doubted, EncodeBegun, Encoded, EncodeReached, EncodeStopped, Issuance
from station.ports.chip import ChipConnection, Readers
from station.ports.secrets import Secrets
from station.ports.tasks import Cancel, Progress
from station.services.chip_data import chip_data
from station.services.journal import Journal
from station.services.reader_signals import told_by_lamp

if TYPE_CHECKING:
    from station.chip.profiles import ChipProfile

LOCKED = "locked"
"""The chip has the keys that were made for this number: from here on it can carry no other."""


class EncodingService:
    """Encode cards on one desk's reader. Blocks; runs on the ``chip`` lane."""

    def __init__(  # noqa: PLR0913 - what it works with; then three settings, by name
        self, journal: Journal, readers: Readers, secrets: Secrets, *, pattern: str, wait_s: float, qr_address: str = ""
    ) -> None:
        self._journal, self._readers, self._secrets = journal, readers, secrets
        self._pattern, self._wait_s, self._qr_address = pattern, wait_s, qr_address

    def encode(self, issuance_id: str, profile: ChipProfile, *, cancel: Cancel, progress: Progress) -> Issuance:
        """Wait for a card, write it, read it back; a card pulled in between can be put back and is finished.

        Raises:
            ReaderError, ChipError: the journal says whether the number may be on the chip.
            Cancelled: before anything was written.
        """
        from station.chip.encoder import encode

        issuance = self._journal.issuance(issuance_id)
        if issuance.pending is Act.ENCODE and not issuance.doubt:
            # An attempt whose end was never recorded: from now on only this chip can go on, whatever fails next.
            issuance = self._journal.step(issuance, Doubted(Act.ENCODE))
        # Journaled all the same, so that the states of a card without a chip are those of any other.
        if not profile.needs_reader:
            return self._journal.step(issuance, Encoded("", RouterCardType.PASSIVE))
        progress("wait_card", 0.0)
        reader = self._readers.wait_card(self._pattern, cancel=cancel, timeout_s=self._wait_s)
        with self._readers.open_card(reader, cancel=cancel) as connection, told_by_lamp(connection):
            try:
                report = encode(
                    connection,
                    profile,
                    chip_data(self._journal, issuance, self._qr_address),
                    self._secrets,
                    # The journal is on the disk before the first byte that can't be taken back goes to the chip.
                    before_write=lambda uid: self._begun(issuance, uid, connection),
                    cancel=cancel,
                    progress=progress,
                    reached=lambda step: self._reached(issuance.id, step),
                )
            except ChipMismatchError as error:
                self._stopped(issuance.id, error)
                raise self._somebody_elses(error) from error
            except StationError as error:
                self._stopped(issuance.id, error)
                raise
        encoded = Encoded(report.uid, report.card_type, report.apdus, written_key_versions(report.keys))
        # Read anew: ``_begun`` has journaled a step meanwhile, and ``issuance`` is how it stood before.
        return self._journal.step(self._journal.issuance(issuance.id), encoded)

    def _begun(self, issuance: Issuance, uid: str, connection: ChipConnection) -> None:
        self._need_free(issuance, uid)
        try:
            self._journal.step(issuance, EncodeBegun(uid, connection.reader))
        except StoreConflictError as error:
            # Looked up above, and taken since by another station on the same store: the store has the last word.
            raise self._taken(uid) from error

    def _reached(self, issuance_id: str, step: str) -> None:
        """Journal the one step in between that binds the chip for good; each entry is a commit of its own."""
        if step != LOCKED:
            return
        now = self._journal.issuance(issuance_id)
        self._journal.step(now, EncodeReached(now.uid, step))

    def _stopped(self, issuance_id: str, error: StationError) -> None:
        now = self._journal.issuance(issuance_id)
        if now.pending is Act.ENCODE and not now.doubt:
            self._journal.step(now, EncodeStopped(written=error.written, cause=error.code))

    def _need_free(self, issuance: Issuance, uid: str) -> None:
        """Refuse a chip that belongs to somebody's card already, and one that is not this issuance's own."""
        if issuance.uid and issuance.uid != uid:
            raise ChipUnsuitableError(
                N_("This is another card: the number {escn} is on the card that was on the reader before."),
                N_("Put that card back. If it is lost, mark it as spoiled: the student gets a new number."),
                escn=issuance.escn,
            )
        owner = self._journal.store.issuances.by_uid(uid)
        if owner is not None and owner.id != issuance.id:
            raise self._taken(uid)

    def _somebody_elses(self, error: ChipMismatchError) -> StationError:
        """Return the error that names whose card this is, where it was made here."""
        owner = self._journal.store.issuances.by_escn(str(error.params.get("escn", "")))
        # Once something was written, naming another owner would tell the operator to put this card aside as theirs.
        return error if owner is None or error.written else self._made_for(owner, owner.uid)

    def _taken(self, uid: str) -> ChipUnsuitableError:
        return self._made_for(self._journal.store.issuances.by_uid(uid), uid)

    def _made_for(self, owner: Issuance | None, uid: str) -> ChipUnsuitableError:
        holder = self._journal.store.holders.get(owner.holder_id) if owner else None
        name = holder.full_name if holder else "?"
        return ChipUnsuitableError(N_("This card was already made for {name}."), name=name, uid=uid)
