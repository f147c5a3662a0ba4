"""Errors about which station may do what, and about files that travel between stations.

StationError
├── InputError
│   ├── EnrolmentError         the code was used already
│   └── QueueFileError         the file on the stick was cut short
└── NotAllowedError            this station may not approve layouts
    └── NotEnrolledError       nobody enrolled this computer, or it was withdrawn
"""

from __future__ import annotations

from station.domain.errors import N_, InputError, StationError


class EnrolmentError(InputError):
    """A station can't be enrolled so."""

    what = N_("This station can't be enrolled: {detail}")
    todo = N_("Ask whoever gave you the code for a new one. Nothing was changed.")


class QueueFileError(InputError):
    """A file of the queue, or an answer to one, can't be used."""

    what = N_("The file {file} is not one that this station can read: {detail}")
    todo = N_("Have it written again, and carry that one. Nothing was changed, and nothing was sent.")


class QueueFileSentError(QueueFileError):
    """A queue file was sent from here before, on ``day``; it may be sent again where its answer was lost."""

    what = N_("The queue file {file} was sent from here on {day}.")
    todo = N_("Carry its answer back. If that was lost and nothing has changed since: send it again with --again.")


class NotAllowedError(StationError):
    """This station was not given the right to do that; ``right`` says which one in words."""

    what = N_("This station may not do that. What it lacks is the right to {right}.")
    todo = N_("Do it at a station that may, or ask whoever enrols stations here. Nothing was changed.")


class NotEnrolledError(NotAllowedError):
    """Others are enrolled with this store, and this station is not, or not any more."""

    what = N_("This station is not enrolled: the database is for enrolled stations only.")
    todo = N_("Ask whoever enrols stations for a code, then run: station enrol CODE. Nothing was changed.")
