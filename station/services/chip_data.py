"""What goes onto a card's chip, put together from the issuance and the holder as the store knows them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from station.domain.escn import qr_text
from station.domain.workflow import Issuance
from station.services.journal import Journal

if TYPE_CHECKING:
    from station.chip.content import ChipData


def chip_data(journal: Journal, issuance: Issuance, qr_address: str) -> ChipData:
    """Return what goes onto, or should be on, the chip of an issuance's card; ``qr_address`` is before its number."""
    from station.chip.content import ChipData, HolderData  # the first card needs it, not the start

    holder = journal.store.holders.get(issuance.holder_id)
    return ChipData(
        issuance.escn,
        holder.esi if holder else None,
        url=qr_text(issuance.escn, qr_address) if qr_address else "",
        expires_on=date.fromisoformat(issuance.expires_on) if issuance.expires_on else None,
        holder=HolderData.of(holder) if holder else HolderData(),
        at=journal.clock.now(),
    )
