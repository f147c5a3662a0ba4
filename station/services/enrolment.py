"""Enrolment: an admin gives out a code, a station uses it once, and may be withdrawn.

    admin ──begin──▶ (from now on only enrolled stations work with this store)
      │── invite ──▶ code ──enrol──▶ station: its name, its rights, its own range of card numbers
      └── withdraw ─▶ it begins nothing any more; its range stays its own, its queue goes out

A station proves that it is the one by a token in its keyring; the store has a digest of it.
"""

from __future__ import annotations

import hashlib
import json
import secrets as randomness
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from station.domain.enrolment import (
    CODE_BYTES,
    CODE_LIFETIME,
    EVERYTHING,
    EnrolledStation,
    Invitation,
    Right,
    code_digest,
    make_code,
    name_key,
    read_code,
    token_digest,
)
from station.domain.errors import N_, InputError, SecretError, StoreError
from station.domain.station_errors import EnrolmentError, NotEnrolledError
from station.ports.clock import Clock
from station.ports.enrolment import EnrolmentStore
from station.ports.secrets import Secrets
from station.services.rights import AllRights, Rights, RightsUntilBegun, StationRights, out_of_use
from station.settings import Settings

Chance = Callable[[int], bytes]
LONGEST_NAME = 64
_LONGEST_CODE = timedelta(days=30)
_MEMORY = ":station"
# Kept, and not an empty keyring: that would be a station that was never told anything, and works alone with all rights.
_NOBODY = b"not enrolled"


@dataclass(frozen=True, slots=True)
class Place:
    """Where this station stands: what its profile calls it, who works there, its number ranges by PIC."""

    name: str
    operator: str
    token_name: str
    prefixes: tuple[tuple[str, int], ...]

    @property
    def pics(self) -> tuple[str, ...]:
        """Return the institutions that it issues for."""
        return tuple(pic for pic, _prefix in self.prefixes)


def place_of(settings: Settings) -> Place:
    """Return where the station of a profile stands, as the profile itself says."""
    return Place(
        settings.station.name,
        settings.station.operator,
        token_name(settings),
        tuple((each.pic, each.escn_prefix) for each in settings.institutions),
    )


def token_name(settings: Settings) -> str:
    """Return under which name a station's token is kept: by database and name, for several may be on one computer."""
    url = urlsplit(settings.store.url or "")
    where = f"{url.hostname}:{url.port}{url.path}" if settings.store.url else "file"
    return f"station-token:{hashlib.sha256(where.encode()).hexdigest()[:16]}:{settings.station.name}"


class Enrolment:
    """Enrol stations, and be enrolled. Safe from any thread."""

    def __init__(
        self,
        store: EnrolmentStore,
        clock: Clock,
        keys: Secrets,
        place: Place,
        *,
        chance: Chance = randomness.token_bytes,
    ) -> None:
        self._store, self._clock, self._keys, self._place, self._chance = store, clock, keys, place, chance

    # --- this station

    def here(self) -> EnrolledStation | None:
        """Return this station as it is enrolled, withdrawn or not; ``None`` where it never was."""
        token = self._token()
        # Only the digest leaves this computer: who reads the database, or its backup, can't pretend to be the station.
        return self._store.by_token(token_digest(token)) if token else None

    def admitted(self, *, withdrawn_too: bool = False) -> tuple[EnrolledStation | None, Rights]:
        """Return this station and what it may do; without a station where nobody was ever enrolled.

        Raises:
            NotEnrolledError: others are enrolled here and this station is not, or not any more; with ``withdrawn_too``
                only when it never was.
            EnrolmentError: there is no range of card numbers for one of its institutions.
        """
        try:
            station = self._asked()
        except StoreError:
            # The database is away: this desk goes on alone, as what it was when it was told last.
            station = self._remembered()
        if station is None:
            return None, RightsUntilBegun(self._rights_now)
        trouble = out_of_use(station, self._clock)
        if trouble is not None and not withdrawn_too:
            raise trouble
        return station, self._rights_of(station)

    def _rights_of(self, station: EnrolledStation) -> StationRights:
        def told(new: EnrolledStation) -> None:
            with suppress(SecretError):
                self._remember(new)

        return StationRights(self._store, self._clock, station, told)

    def _rights_now(self) -> Rights:
        """Return what this station may do that was started when nobody was enrolled. Raises NotEnrolledError."""
        try:
            begun = self._store.begun()
            station = self.here() if begun else None
        except StoreError:
            return AllRights()
        if station is None:
            if begun:
                self._forget()
                raise NotEnrolledError
            return AllRights()
        if (station.name, dict(station.prefixes)) != (self._place.name, dict(self._place.prefixes)):
            # Its numbers come from the range that it has now, from the next start on.
            raise NotEnrolledError(_START_AGAIN, _START_AGAIN_TODO, name=station.name)
        return self._rights_of(station)

    def _asked(self) -> EnrolledStation | None:
        """Return this station as the store has it, with all its ranges; ``None`` where nobody was ever enrolled."""
        if not self._store.begun():
            return None
        station = self.here()
        if station is None:
            self._forget()
            raise NotEnrolledError
        # A withdrawn station begins no card any more, so it needs no range; those it had stay its own.
        if out_of_use(station, self._clock) is None:
            station = self._store.ranges(station.id, self._place.pics, self._clock.now())
            self._store.seen(station.id, self._clock.now())
        self._remember(station)
        return station

    def enrol(self, code: str) -> EnrolledStation:
        """Use a code up: from now on this computer is that station.

        Raises:
            EnrolmentError: see ``EnrolmentStore.enrol``; the code is mistyped. SecretError: the keyring is not there.
        """
        digest = code_digest(code)
        return self._store.enrol(digest, self._coming(), self._place.pics, self._clock.now())

    def enrol_from_file(self, data: bytes, code: str) -> EnrolledStation:
        """Enrol a station that has a store of its own, by the file that was written for it and its code.

        Raises:
            EnrolmentError: the file is no such file, was altered, is too old or for other institutions; the code is
                another file's.
        """
        from station.services.enrolment_file import open_file

        now = self._clock.now()
        said = open_file(data, read_code(code), now)
        missing = set(self._place.pics).difference(pic for pic, _prefix in said.prefixes)
        if missing:
            raise EnrolmentError(_OTHER_INSTITUTION, _OTHER_INSTITUTION_TODO, pic=sorted(missing)[0])
        # Used twice, two stations of this store would give out numbers from one range.
        if any(each.id == said.id for each in self._store.stations()):
            raise EnrolmentError(_FILE_USED)
        here = replace(
            self._coming(),
            id=said.id,
            name=said.name,
            rights=said.rights,
            operator=said.operator,
            from_file=True,
            ends_at=said.ends_at,
            prefixes=said.prefixes,
        )
        return self._store.add(here, now)

    # --- the admin's

    def begin(self) -> EnrolledStation:
        """Make this station the first that is enrolled, with every right: from now on nobody else works here unasked.

        Raises:
            EnrolmentError: that was done before.
        """
        now, place = self._clock.now(), self._place
        first = EnrolledStation(
            uuid.uuid4().hex, place.name, EVERYTHING, now, place.operator, self._new_token(), prefixes=place.prefixes
        )
        return self._store.add(first, now)

    def invite(
        self, name: str, rights: frozenset[Right], lifetime: timedelta = CODE_LIFETIME
    ) -> tuple[str, Invitation]:
        """Return a new code for one station, and what is kept of it.

        Raises:
            NotAllowedError: this station may not. InputError: name, rights or lifetime can't be.
        """
        self._need_admin(name, rights)
        if not timedelta(0) < lifetime <= _LONGEST_CODE:
            raise InputError(_LIFETIME, _LIFETIME_TODO)
        code, now, place = self._new_code(), self._clock.now(), self._place
        kept = Invitation(code_digest(code), name.strip(), rights, now, now + lifetime, place.operator, place.name)
        return code, self._store.invite(kept)

    def write_file(
        self, name: str, rights: frozenset[Right], lasts: timedelta, key: str
    ) -> tuple[str, bytes, EnrolledStation]:
        """Return a code and the file that goes with it, for a station with a store of its own; it is enrolled now.

        ``lasts`` is how long it may work, for nobody can reach it to withdraw it. ``key`` signs the file.

        Raises:
            NotAllowedError, InputError: as ``invite``. SecretError: the key for signing is not there.
        """
        from station.services.enrolment_file import Enrolled, sealed_file

        self._need_admin(name, rights)
        now, code = self._clock.now(), self._new_code()
        away = EnrolledStation(
            uuid.uuid4().hex, name.strip(), rights, now, self._place.operator, from_file=True, ends_at=now + lasts
        )
        certificate = self._keys.certificate(key)  # before a range is given away for nothing
        station = self._store.add_with_new_ranges(away, self._place.pics, now)
        said = Enrolled.of(station, now, now + CODE_LIFETIME)
        return (
            code,
            sealed_file(said, code, self._chance, certificate, lambda data: self._keys.sign(key, data)),
            station,
        )

    def withdraw(self, name: str, reason: str = "") -> EnrolledStation:
        """Withdraw the station of this name: it begins nothing any more.

        Raises:
            NotAllowedError: this station may not. InputError: no station of this name is enrolled; it is this one.
        """
        self._need_right(Right.ADMIN)
        found = [each for each in self._store.stations() if name_key(each.name) == name_key(name)]
        if not found:
            raise InputError(_NO_STATION, _SEE_STATIONS, name=name)
        here = self.here()
        # A name may be given again after a withdrawal, so several stations had it; the one at work is meant.
        active = next((each for each in found if each.withdrawn_at is None), found[-1])
        if here is not None and active.id == here.id:
            raise InputError(_ITSELF, _ITSELF_TODO)
        return self._store.withdraw(active.id, self._clock.now(), self._place.operator, reason.strip())

    def stations(self) -> tuple[EnrolledStation, ...]:
        """Return every station that was ever enrolled, the oldest first."""
        return self._store.stations()

    def open_invitations(self) -> tuple[Invitation, ...]:
        """Return the codes that may still be used, the newest first."""
        now = self._clock.now()
        return tuple(each for each in self._store.invitations() if each.used_at is None and each.expires_at > now)

    def _need_admin(self, name: str, rights: frozenset[Right]) -> None:
        self._need_right(Right.ADMIN)
        if not 0 < len(name.strip()) <= LONGEST_NAME or not name.strip().isprintable():
            raise InputError(_NAME, _NAME_TODO, length=LONGEST_NAME)
        if not rights:
            raise InputError(_NO_RIGHTS, _NO_RIGHTS_TODO)

    def _need_right(self, right: Right) -> None:
        if not self._store.begun():
            raise EnrolmentError(_NOT_BEGUN, _NOT_BEGUN_TODO)
        _station, rights = self.admitted()
        rights.need(right)

    def _new_code(self) -> str:
        return make_code(self._chance(CODE_BYTES))

    # --- the token

    def _coming(self) -> EnrolledStation:
        """Return this computer as one that is about to be enrolled; its token is in the keyring already."""
        return EnrolledStation(uuid.uuid4().hex, "", frozenset(), self._clock.now(), token=self._new_token())

    def _token(self) -> bytes | None:
        try:
            return self._keys.get(self._place.token_name)
        except SecretError:
            return None

    def _remember(self, station: EnrolledStation) -> None:
        """Keep in the keyring, where nobody gives themselves rights, what this station was told of itself."""
        name, text = self._place.token_name + _MEMORY, _as_text(station).encode()
        with suppress(SecretError):
            if self._keys.get(name) == text:
                return
        self._keys.set(name, text)

    def _forget(self) -> None:
        """Keep that this computer is no station: with the database away it is none either."""
        with suppress(SecretError):
            self._keys.set(self._place.token_name + _MEMORY, _NOBODY)

    def _remembered(self) -> EnrolledStation | None:
        """Return what this station was told of itself last. Raises NotEnrolledError when that was that it is none."""
        try:
            kept = self._keys.get(self._place.token_name + _MEMORY)
        except SecretError:
            return None
        if kept == _NOBODY:
            raise NotEnrolledError
        from pydantic import TypeAdapter, ValidationError

        try:
            return TypeAdapter(EnrolledStation).validate_json(kept)
        except ValidationError:
            return None

    def _new_token(self) -> str:
        """Return the digest of this computer's token, made now unless there is one that no station uses."""
        token = self._token()
        if token is None:
            token = self._chance(32).hex().encode("ascii")
            # Before the code is used up: a keyring that keeps nothing must not cost it.
            self._keys.set(self._place.token_name, token)
        return token_digest(token)


def _as_text(station: EnrolledStation) -> str:
    said = {
        "id": station.id,
        "name": station.name,
        "rights": sorted(station.rights),
        "enrolled_at": station.enrolled_at.isoformat(),
        "token": station.token,
        "from_file": station.from_file,
        "ends_at": station.ends_at.isoformat() if station.ends_at else None,
        "withdrawn_at": station.withdrawn_at.isoformat() if station.withdrawn_at else None,
        "reason": station.reason,
        "prefixes": station.prefixes,
    }
    return json.dumps(said, sort_keys=True)


def settings_of(settings: Settings, station: EnrolledStation | None) -> Settings:
    """Return the settings of an enrolled station: its own name and number ranges, whatever the profile says."""
    if station is None:
        return settings
    # A copied profile must not give two stations one range, so what the store gave out goes before what the file says.
    prefixes = dict(station.prefixes)
    institutions = tuple(
        replace(each, escn_prefix=prefixes.get(each.pic, each.escn_prefix)) for each in settings.institutions
    )
    named = replace(settings.station, name=station.name)
    return replace(settings, station=named, institutions=institutions)


_NOT_BEGUN = N_("No station was ever enrolled with this database: every station that reaches it may work.")
_NOT_BEGUN_TODO = N_("At the admin's station, begin with: station admin begin. Nothing was changed.")
_NO_STATION = N_("No station called {name} is enrolled here.")
_SEE_STATIONS = N_("See which there are with: station admin stations")
_ITSELF = N_("A station can't withdraw itself: nobody might be left to enrol others.")
_ITSELF_TODO = N_("Do it at another station that may enrol others. Nothing was changed.")
_NAME = N_("A station's name has 1 to {length} letters, digits and signs.")
_NAME_TODO = N_("Give it a name such as Desk 2. Nothing was changed.")
_NO_RIGHTS = N_("A station without any right could do nothing.")
_NO_RIGHTS_TODO = N_("Choose at least one. Nothing was changed.")
_LIFETIME = N_("A code is good for one minute to thirty days.")
_LIFETIME_TODO = N_("Choose another time. Nothing was changed.")
_OTHER_INSTITUTION = N_("This file has no range of card numbers for the institution with the PIC {pic}.")
_OTHER_INSTITUTION_TODO = N_("Have one written at a station that issues for it, or correct the station profile.")
_START_AGAIN = N_("This station was enrolled as {name} after it was started.")
_START_AGAIN_TODO = N_("Start it again: then it has its name and its own card numbers. Nothing was changed.")
_FILE_USED = N_("This file was used here already.")
