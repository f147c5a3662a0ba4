"""Make a returned card as good as new: delete what is ours, give it its factory key back, and leave the rest alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from station.chip.carrying import use_key
from station.chip.content import ChipData, values_of
from station.chip.desfire import applications
from station.chip.desfire.auth import authenticate
from station.chip.desfire.keys import change_key, default_key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.picc import format_picc
from station.chip.desfire.session import Scheme
from station.chip.esc import escn_on_chip, read_number
from station.chip.looking import desfire_on, explained_by_kind, is_random, look_at
from station.chip.processors import IsoChaining, TrafficCounter
from station.chip.profiles import ESC_AID, ApplicationSpec, ChipProfile
from station.chip.proving import real_uid
from station.chip.survey import FACTORY_KEY, NEEDS_KEY, card_keys, check_uid
from station.chip.wanted import KeyRing
from station.domain.errors import (
    N_,
    ChipKeyError,
    ChipMismatchError,
    ChipRefusedError,
    ChipUnsuitableError,
    DeviceError,
)
from station.ports.chip import ChipConnection
from station.ports.secrets import Secrets

_FACTORY_SETTINGS = 0x0F


@dataclass(frozen=True, slots=True)
class EraseReport:
    """What became of a card: which applications were deleted, which of others are still there, whether all is gone."""

    uid: str
    deleted: tuple[str, ...]
    left: tuple[str, ...]
    apdus: int
    formatted: bool = False


def erase(  # noqa: PLR0913 - which card, after what, with which keys; then two by name
    connection: ChipConnection,
    profile: ChipProfile,
    data: ChipData,
    secrets: Secrets,
    *,
    before_write: Callable[[str], None],
    whole_card: bool = False,
) -> EraseReport:
    """Delete the profile's applications from a card, and take the card's own master key back to the factory's.

    ``data`` tells the number that should be on the card: another one is refused. Applications of others stay; with
    ``whole_card`` the card is formatted, which frees its memory, and refused where anything of others is on it.
    ``before_write`` is called with the UID before the first command that deletes.

    Raises:
        ChipMismatchError: the card carries another number; nothing was deleted.
        ChipKeyError, ChipUnsuitableError: it is not ours, or something of others is on it; nothing was deleted.
        CardRemovedError, ReaderError, ChipError: ``written`` says whether anything was deleted; the same call goes on.
    """
    if profile.chip != "desfire" and (profile.chip != "any" or whole_card):
        raise ChipUnsuitableError(_NOTHING_OURS)
    counter = TrafficCounter(connection.transmit)
    transmit = IsoChaining(counter)
    if profile.chip == "any":
        # Only its UID was ever used: which card came back is all there is to find out.
        number = look_at(transmit, connection.atr).uid.hex().upper()
        before_write(number)
        return EraseReport(number, (), (), counter.apdus)
    with explained_by_kind(transmit, connection.atr):
        link, uid = desfire_on(transmit, connection.atr, profile)
        if is_random(uid):
            uid = real_uid(link, profile, KeyRing(secrets, values_of(data, b"")))
        ring = KeyRing(secrets, values_of(data, uid))
        work = _Erasing(link, profile, ring, uid, whole_card=whole_card)
        ours = work.look(data)
    before_write(uid.hex().upper())
    try:
        work.delete(ours)
        left = work.left()
    except DeviceError as error:
        error.written = work.written
        raise
    names = tuple(app.name for app in ours)
    return EraseReport(uid.hex().upper(), names, tuple(a[::-1].hex().upper() for a in left), counter.apdus, whole_card)


class _Erasing:
    """One card being erased."""

    def __init__(self, link: DesfireLink, profile: ChipProfile, ring: KeyRing, uid: bytes, *, whole_card: bool) -> None:
        self._link, self._profile, self._ring, self._uid = link, profile, ring, uid
        self._whole_card = whole_card
        self._factory = False
        self.written = False

    def look(self, data: ChipData) -> tuple[ApplicationSpec, ...]:
        """Return which of our applications are there, each proved to be ours; deletes nothing."""
        present = tuple(app for app in self._profile.applications if self._is_ours(app, data))
        if self._profile.card_key is not None or self._whole_card:
            self._authenticate_card()
            check_uid(self._link, self._uid)
        if self._whole_card:
            foreign = [aid for aid in applications.get_application_ids(self._link) if aid not in self._aids]
            if foreign:
                names = ", ".join(aid[::-1].hex().upper() for aid in foreign)
                raise ChipUnsuitableError(_FOREIGN, _FOREIGN_TODO, names=names)
        return present

    def delete(self, present: tuple[ApplicationSpec, ...]) -> None:
        """Take the card's own key back, and delete them.

        In this order, so that a card that hides its UID tells it at any time: by a key of theirs, or by the factory's.
        """
        own = self._profile.card_key is not None
        if own:
            self._give_card_back()
        elif self._whole_card:
            self._authenticate_card()
        if self._whole_card:
            self.written = True
            format_picc(self._link)
            return
        for app in present:
            if not own:
                # Its own master key may delete an application where the card's own is not in use.
                self._open(app)
            self._delete(app)

    def _delete(self, app: ApplicationSpec) -> None:
        before, self.written = self.written, True
        try:
            applications.delete_application(self._link, app.aid)
        except ChipRefusedError as error:
            if error.sw & 0xFF not in NEEDS_KEY:
                raise
            # Deleting is for the card's own master key only, and this profile has none.
            self.written = before
            raise ChipUnsuitableError(_LOCKED, _LOCKED_TODO) from error

    def left(self) -> tuple[bytes, ...]:
        """Return the applications that the card says are on it; raises ChipMismatchError when one of ours still is."""
        applications.select(self._link)
        try:
            left = applications.get_application_ids(self._link)
        except ChipRefusedError as error:
            if error.sw & 0xFF not in NEEDS_KEY:
                raise
            # The card lists them for its own master key only: so each of ours is looked for.
            left = tuple(aid for aid in self._aids if applications.select(self._link, aid))
        if any(aid in self._aids for aid in left):
            raise ChipMismatchError(_STILL_THERE)
        return left

    @property
    def _aids(self) -> frozenset[bytes]:
        return frozenset(app.aid for app in self._profile.applications)

    def _is_ours(self, app: ApplicationSpec, data: ChipData) -> bool:
        if not applications.select(self._link, app.aid):
            return False
        if app.aid == ESC_AID:
            number = escn_on_chip(read_number(self._link))
            if number is not None and number != data.escn.lower():
                raise ChipMismatchError(_OTHER_NUMBER, _OTHER_NUMBER_TODO, escn=number)
        self._open(app)
        check_uid(self._link, self._uid)
        return True

    def _open(self, app: ApplicationSpec) -> None:
        if self._link.selected != app.aid:
            applications.select(self._link, app.aid)
        # The default one last: where the making broke off before the keys were set, the application is ours all the
        # same.
        for key in (self._ring.key(app.keys[0], app), *self._ring.older(app.keys[0], app), default_key(app.key_type)):
            try:
                use_key(self._link, app, 0, key)
            except ChipKeyError:
                continue
            return
        raise ChipKeyError(key=0)

    def _authenticate_card(self) -> None:
        spec = self._profile.card_key
        applications.select(self._link)
        for key in (FACTORY_KEY,) if spec is None else card_keys(spec, self._ring):
            try:
                authenticate(self._link, 0, key, scheme=Scheme.EV1)
            except (ChipKeyError, ChipRefusedError):
                continue
            self._factory = key == FACTORY_KEY
            return
        raise ChipUnsuitableError(_LOCKED)

    def _give_card_back(self) -> None:
        self._authenticate_card()
        spec = self._profile.card_key
        if spec is not None and spec.settings is not None and spec.settings != _FACTORY_SETTINGS:
            self.written = True
            applications.change_key_settings(self._link, _FACTORY_SETTINGS)
        if not self._factory:
            self.written = True
            change_key(self._link, 0, FACTORY_KEY)
            self._authenticate_card()


_NOTHING_OURS = N_("There is nothing to erase: the chip profile writes no application.")
_FOREIGN = N_("This card can't be formatted: there is something of others on it ({names}).")
_FOREIGN_TODO = N_("Erase only what is ours: leave the option for the whole card out. Nothing was deleted.")
_LOCKED = N_("This card can't be erased: it is locked with a master key that is not ours.")
_LOCKED_TODO = N_("Ask IT to erase it with the chip profile that has the card's master key.")
_STILL_THERE = N_("The card still has what should have been deleted.")
_OTHER_NUMBER = N_("This card carries another card number: {escn}.")
_OTHER_NUMBER_TODO = N_("Put the right card on the reader. Nothing was deleted on this one.")
