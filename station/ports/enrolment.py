"""The ledger of enrolled stations, in the store that they share, or in the admin's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from station.domain.enrolment import EnrolledStation, Invitation


class EnrolmentStore(Protocol):
    """Who may work with this store. Each call is one transaction.

    ``at`` is this computer's time. A database server goes by its own: a desk whose clock is wrong makes no code last
    longer, and none shorter.
    """

    def begun(self) -> bool:
        """Tell whether any station was ever enrolled here: from then on only enrolled ones may work."""

    def stations(self) -> tuple[EnrolledStation, ...]:
        """Return every station that was ever enrolled, the oldest first, withdrawn ones too."""

    def by_token(self, token: str) -> EnrolledStation | None:
        """Return the station that this token's digest proves, withdrawn or not."""

    def add(self, station: EnrolledStation, at: datetime) -> EnrolledStation:
        """Enrol a station without a code, with the ranges that it has already; return it as it is kept.

        The first one so becomes the admin's; a station that was enrolled by a file is added to its own store.

        Raises:
            EnrolmentError: somebody is enrolled here already, and this is no station of a file; this name or token is
                enrolled; a range is another station's.
        """

    def add_with_new_ranges(self, station: EnrolledStation, pics: Sequence[str], at: datetime) -> EnrolledStation:
        """Enrol a station for which a file is written, with a new range of each institution.

        Raises:
            EnrolmentError: this name is enrolled here, or no range is left.
        """

    def invite(self, invitation: Invitation) -> Invitation:
        """Keep that a code was given out; return it with the times that count."""

    def invitations(self) -> tuple[Invitation, ...]:
        """Return every code that was given out, the newest first."""

    def enrol(self, code: str, station: EnrolledStation, pics: Sequence[str], at: datetime) -> EnrolledStation:
        """Use a code (its digest) up and enrol ``station`` under the name and rights that the code has.

        It gets a range of numbers of each institution that nobody ever had. All of it or nothing.

        Raises:
            EnrolmentError: the code is unknown, used, too old, or from the future; the name is enrolled; no range is
                left.
        """

    def ranges(self, station_id: str, pics: Sequence[str], at: datetime) -> EnrolledStation:
        """Return a station with a range of each of these institutions; a new one where it has none.

        Raises:
            EnrolmentError: no range is left, or the station was enrolled by a file that gave it none.
        """

    def seen(self, station_id: str, at: datetime) -> None:
        """Note that a station was started."""

    def withdraw(self, station_id: str, at: datetime, operator: str, reason: str) -> EnrolledStation:
        """Withdraw a station; its ranges stay its own for ever. One that was withdrawn before stays so."""
