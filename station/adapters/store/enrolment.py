"""Enrolled stations in the store: codes that are used once, number ranges that are given once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, update

from station.adapters.store.database import Database
from station.adapters.store.schema import ENROLLED_STATIONS, ENROLMENT_CODES, ESCN_PREFIXES, ESCN_VALUES
from station.domain.enrolment import PREFIXES, EnrolledStation, Invitation, Right, name_key
from station.domain.errors import N_
from station.domain.message import Message
from station.domain.station_errors import EnrolmentError

_S, _C, _P = ENROLLED_STATIONS.c, ENROLMENT_CODES.c, ESCN_PREFIXES.c
# Two computers' clocks are never quite the same.
_FROM_FUTURE = timedelta(minutes=10)


class SqlEnrolment:
    """Implement ``ports.enrolment.EnrolmentStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begun(self) -> bool:
        """Tell whether any station was ever enrolled here."""
        with self._db.read() as connection:
            return connection.execute(select(_S.id).limit(1)).first() is not None

    def stations(self) -> tuple[EnrolledStation, ...]:
        """Return every station that was ever enrolled, the oldest first."""
        with self._db.read() as connection:
            rows = connection.execute(select(ENROLLED_STATIONS).order_by(_S.enrolled_at, _S.id)).all()
            return tuple(_station(connection, row) for row in rows)

    def by_token(self, token: str) -> EnrolledStation | None:
        """Return the station that this token's digest proves."""
        with self._db.read() as connection:
            return _by_token(connection, token) if token else None

    def add(self, station: EnrolledStation, at: datetime) -> EnrolledStation:
        """Enrol a station without a code, with the ranges that it has already."""
        with self._changing(at) as (connection, now):
            first = connection.execute(select(_S.id).limit(1)).first() is None
            if first:
                _burn_what_was_used(connection, station, now)
            elif not station.from_file:
                raise EnrolmentError(_BEGUN, _BEGUN_TODO)
            _need_free(connection, station)
            _insert(connection, station, now)
            for pic, prefix in station.prefixes:
                if _taken(connection, pic, prefix):
                    raise EnrolmentError(detail=Message(_OTHERS_RANGE, {"prefix": f"{prefix:03}"}))
                _give(connection, station.id, pic, prefix, now)
            return _by_id(connection, station.id)

    def add_with_new_ranges(self, station: EnrolledStation, pics: Sequence[str], at: datetime) -> EnrolledStation:
        """Enrol a station for which a file is written."""
        with self._changing(at) as (connection, now):
            return _enrolled(connection, station, pics, now)

    def invite(self, invitation: Invitation) -> Invitation:
        """Keep that a code was given out."""
        with self._changing(invitation.made_at) as (connection, now):
            lasts = invitation.expires_at - invitation.made_at
            # By the server's clock from its beginning to its end: the admin's may be an hour ahead of the new
            # station's.
            kept = replace(invitation, made_at=now, expires_at=now + lasts)
            connection.execute(insert(ENROLMENT_CODES), {**asdict(kept), "rights": sorted(kept.rights)})
            return kept

    def invitations(self) -> tuple[Invitation, ...]:
        """Return every code that was given out, the newest first."""
        with self._db.read() as connection:
            rows = connection.execute(select(ENROLMENT_CODES).order_by(_C.made_at.desc()))
            return tuple(_invitation(row) for row in rows)

    def enrol(self, code: str, station: EnrolledStation, pics: Sequence[str], at: datetime) -> EnrolledStation:
        """Use a code up and enrol ``station`` under the name and rights that the code has."""
        with self._changing(at) as (connection, now):
            # Looked up, used up and the station enrolled in one transaction: a code that failed half way can be used
            # once more.
            row = connection.execute(select(ENROLMENT_CODES).where(_C.digest == code)).first()
            invitation = _usable(_invitation(row) if row else None, now)
            connection.execute(update(ENROLMENT_CODES).where(_C.digest == code).values(used_at=now))
            named = replace(
                station, name=invitation.name, rights=invitation.rights, operator=invitation.operator, enrolled_at=now
            )
            return _enrolled(connection, named, pics, now)

    def ranges(self, station_id: str, pics: Sequence[str], at: datetime) -> EnrolledStation:
        """Return a station with a range of each of these institutions."""
        with self._db.read() as connection:
            found = _by_id(connection, station_id)
        # Without the lock: nearly every start finds nothing to give, and stations that start at eight would queue for
        # it.
        missing = set(pics).difference(pic for pic, _prefix in found.prefixes)
        if not missing:
            return found
        if found.from_file:
            raise EnrolmentError(_NO_RANGE_IN_FILE, _NEW_FILE, pic=sorted(missing)[0])
        with self._changing(at) as (connection, now):
            # Read again: another program of this station may have been faster.
            return _with_ranges(connection, _by_id(connection, station_id), pics, now)

    def seen(self, station_id: str, at: datetime) -> None:
        """Note that a station was started."""
        with self._db.write() as connection:
            now = _time(connection, at)
            connection.execute(update(ENROLLED_STATIONS).where(_S.id == station_id).values(last_seen_at=now))

    def withdraw(self, station_id: str, at: datetime, operator: str, reason: str) -> EnrolledStation:
        """Withdraw a station; its ranges stay its own for ever."""
        with self._changing(at) as (connection, now):
            values = {"withdrawn_at": now, "withdrawn_by": operator, "reason": reason}
            # The first withdrawal stays: who says it again must not change when it was, and why.
            still = update(ENROLLED_STATIONS).where(_S.id == station_id, _S.withdrawn_at.is_(None))
            connection.execute(still.values(**values))
            return _by_id(connection, station_id)

    def _changing(self, at: datetime) -> _Changing:
        return _Changing(self._db, at)


class _Changing:
    """A transaction that nobody else's overlaps, and its time."""

    def __init__(self, database: Database, at: datetime) -> None:
        self._writing, self._at = database.write(), at

    def __enter__(self) -> tuple[Connection, datetime]:
        connection = self._writing.__enter__()
        if connection.dialect.name == "postgresql":
            # Two stations that enrol at once would both see the same range free.
            connection.execute(text("LOCK TABLE enrolled_stations IN SHARE ROW EXCLUSIVE MODE"))
        return connection, _time(connection, self._at)

    def __exit__(self, *error: Any) -> bool | None:
        return self._writing.__exit__(*error)


def _time(connection: Connection, at: datetime) -> datetime:
    """Return the server's time where there is a server, else ``at``."""
    if connection.dialect.name != "postgresql":
        return at
    # clock_timestamp() and not now(): that is when the transaction began, before it waited for the lock.
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)


def _usable(invitation: Invitation | None, now: datetime) -> Invitation:
    if invitation is None:
        raise EnrolmentError(_UNKNOWN_CODE, _UNKNOWN_CODE_TODO)
    if invitation.used_at is not None:
        raise EnrolmentError(_USED_CODE, used_at=invitation.used_at.date().isoformat())
    if invitation.made_at > now + _FROM_FUTURE:
        raise EnrolmentError(_WRONG_CLOCK, _WRONG_CLOCK_TODO)
    if invitation.expires_at <= now:
        raise EnrolmentError(_OLD_CODE, day=invitation.expires_at.date().isoformat())
    return invitation


def _enrolled(connection: Connection, station: EnrolledStation, pics: Sequence[str], now: datetime) -> EnrolledStation:
    _need_free(connection, station)
    _insert(connection, station, now)
    return _with_ranges(connection, _by_id(connection, station.id), pics, now)


def _need_free(connection: Connection, station: EnrolledStation) -> None:
    """Refuse a name that a station here bears, and a computer that is one already."""
    # Compared here and not by the database: what people take for one name, its collation may not.
    here = connection.execute(select(_S.name, _S.token).where(_S.withdrawn_at.is_(None))).all()
    if name_key(station.name) in {name_key(each.name) for each in here}:
        raise EnrolmentError(_NAME_TAKEN, _NAME_TAKEN_TODO, name=station.name)
    if station.token and station.token in {each.token for each in here}:
        raise EnrolmentError(_ENROLLED, _ENROLLED_TODO)


def _insert(connection: Connection, station: EnrolledStation, now: datetime) -> None:
    values = {**asdict(station), "rights": sorted(station.rights), "enrolled_at": now}
    del values["prefixes"]
    connection.execute(insert(ENROLLED_STATIONS), values)


def _with_ranges(
    connection: Connection, station: EnrolledStation, pics: Sequence[str], now: datetime
) -> EnrolledStation:
    has = {pic for pic, _prefix in station.prefixes}
    for pic in sorted(set(pics).difference(has)):
        _give(connection, station.id, pic, _free(connection, pic), now)
    return _by_id(connection, station.id)


def _free(connection: Connection, pic: str) -> int:
    """Return the lowest range that nobody ever had. 000 is what a profile has that says nothing: it comes last."""
    used: set[int] = set(connection.scalars(select(_P.prefix).where(_P.pic == pic)))
    # Also those with numbers that were never enrolled: a station from before may have made cards from them.
    used.update(connection.scalars(select(ESCN_VALUES.c.prefix).where(ESCN_VALUES.c.pic == pic)))
    free: int | None = next((prefix for prefix in (*range(1, PREFIXES), 0) if prefix not in used), None)
    if free is not None:
        return free
    raise EnrolmentError(_NO_RANGE, _NO_RANGE_TODO, pic=pic)


def _burn_what_was_used(connection: Connection, first: EnrolledStation, now: datetime) -> None:
    """Note the ranges that were used here before anybody was enrolled: they are nobody's any more but the first's."""
    for row in connection.execute(select(ESCN_VALUES.c.pic, ESCN_VALUES.c.prefix)).all():
        if (row.pic, row.prefix) not in first.prefixes:
            _give(connection, "", row.pic, row.prefix, now)


def _give(connection: Connection, station: str, pic: str, prefix: int, now: datetime) -> None:
    connection.execute(insert(ESCN_PREFIXES), {"pic": pic, "prefix": prefix, "station": station, "given_at": now})


def _taken(connection: Connection, pic: str, prefix: int) -> bool:
    return connection.execute(select(_P.prefix).where(_P.pic == pic, _P.prefix == prefix)).first() is not None


def _by_id(connection: Connection, station_id: str) -> EnrolledStation:
    row = connection.execute(select(ENROLLED_STATIONS).where(_S.id == station_id)).first()
    if row is None:
        raise EnrolmentError(detail=N_("there is no such station"))
    return _station(connection, row)


def _by_token(connection: Connection, token: str) -> EnrolledStation | None:
    # Of a computer that was withdrawn and enrolled again the newer one counts.
    wanted = select(ENROLLED_STATIONS).where(_S.token == token)
    row = connection.execute(wanted.order_by(_S.withdrawn_at.is_not(None), _S.enrolled_at.desc())).first()
    return _station(connection, row) if row else None


def _station(connection: Connection, row: Row[Any]) -> EnrolledStation:
    given = connection.execute(select(_P.pic, _P.prefix).where(_P.station == row.id).order_by(_P.pic, _P.given_at))
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for it
    return EnrolledStation(
        **{**values, "rights": _rights(row.rights)}, prefixes=tuple((each.pic, each.prefix) for each in given)
    )


def _invitation(row: Row[Any]) -> Invitation:
    values = dict(row._mapping)  # noqa: SLF001 - as above
    return Invitation(**{**values, "rights": _rights(row.rights)})


def _rights(names: list[str]) -> frozenset[Right]:
    """Return the rights; one that only a newer program knows is none here."""
    known = {right.value for right in Right}
    return frozenset(Right(name) for name in names if name in known)


_BEGUN = N_("Stations are enrolled here already.")
_BEGUN_TODO = N_("At a station that may enrol others, make a code with: station admin enrol --name NAME")
_UNKNOWN_CODE = N_("Nobody gave out this code here.")
_UNKNOWN_CODE_TODO = N_(
    "Check that the station profile names the database of whoever gave it to you. It was not used up."
)
_USED_CODE = N_("This code was used already, on {used_at}: each is good for one station.")
_OLD_CODE = N_("This code was good until {day}.")
_WRONG_CLOCK = N_("By this computer's clock the code was made in the future.")
_WRONG_CLOCK_TODO = N_("Set the clock of this computer right, then try again. The code was not used up.")
_NAME_TAKEN = N_("A station called {name} is enrolled already.")
_NAME_TAKEN_TODO = N_("Withdraw that one first, or ask for a code with another name. Nothing was changed.")
_ENROLLED = N_("This computer is enrolled already.")
_ENROLLED_TODO = N_("There is nothing to do. The code was not used up.")
_NO_RANGE = N_("All 1,000 ranges of card numbers of the institution with the PIC {pic} were given out.")
_NO_RANGE_TODO = N_("Ask the makers of the station. Nothing was changed.")
_OTHERS_RANGE = N_("the range {prefix} of card numbers is another station's")
_NO_RANGE_IN_FILE = N_("The enrolment of this station has no range of card numbers for the PIC {pic}.")
_NEW_FILE = N_("Have a new enrolment file made for an institution with this PIC. Nothing was changed.")
