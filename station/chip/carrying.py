"""Carry out the steps of a plan, one command or a few each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from station.chip.desfire import applications, files
from station.chip.desfire.applications import NewApplication
from station.chip.desfire.auth import authenticate
from station.chip.desfire.files import NewBackupFile, NewStdFile
from station.chip.desfire.keys import Key, change_key, default_key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import PICC, FileKind
from station.chip.desfire.picc import CardOption, set_card_options
from station.chip.desfire.session import Scheme
from station.chip.plan import (
    CheckUid,
    CreateApplication,
    CreateFile,
    DeleteFile,
    HideUid,
    OpenApplication,
    OpenCard,
    ReadBack,
    SetCardKey,
    SetCardSettings,
    SetKey,
    Step,
    UseKey,
    WriteFile,
)
from station.chip.profiles import ApplicationSpec, FileSpec
from station.chip.survey import FACTORY_KEY, Found, FoundCard, check_uid, mode_for
from station.chip.wanted import Wanted
from station.domain.errors import N_, ChipKeyError, ChipMismatchError
from station.ports.secrets import KeyKind

_CardStep = OpenCard | SetCardKey | SetCardSettings | HideUid | CreateApplication


@dataclass(frozen=True, slots=True, repr=False)
class Work:
    """One card being written: what it shall have and what was found on it, by application id. Never shown."""

    uid: bytes
    wanted: Mapping[bytes, Wanted]
    found: Mapping[bytes, Found]
    card_key: Key | None = None
    found_card: FoundCard = field(default_factory=FoundCard)
    hidden: bool = False
    """Whether the card shows another UID each time already."""

    def key(self, app: ApplicationSpec, number: int, *, ours: bool) -> Key:
        """Return a key of an application: the card's own, or the one that it has had until now."""
        if ours:
            return self.wanted[app.aid].keys[number]
        return self.found[app.aid].keys.get(number, default_key(app.key_type))


def carry_out(link: DesfireLink, step: Step, work: Work) -> None:
    """Do one step.

    Raises:
        ChipMismatchError: what was read back is not what was written.
        ChipRefusedError, ChipError: the card refused, or gave a senseless answer.
    """
    match step:
        case OpenCard() | SetCardKey() | SetCardSettings() | HideUid() | CreateApplication():
            _on_card(link, step, work)
        case OpenApplication(app):
            applications.select(link, app.aid)
        case UseKey(app, number, ours):
            use_key(link, app, number, work.key(app, number, ours=ours))
        case CheckUid():
            check_uid(link, work.uid)
        case SetKey(app, key):
            change_key(link, key.number, work.key(app, key.number, ours=True), work.key(app, key.number, ours=False))
        case DeleteFile() | CreateFile() | WriteFile() | ReadBack():
            _on_file(link, step, work.wanted[step.app.aid])
        case _:
            assert_never(step)


def use_key(link: DesfireLink, app: ApplicationSpec, number: int, key: Key) -> None:
    """Authenticate a key of the selected application, in the messaging that the profile wants."""
    authenticate(link, number, key, scheme=app.messaging if app.key_type is KeyKind.AES128 else None)


def read_back(link: DesfireLink, file: FileSpec, wanted: bytes) -> None:
    """Read a file and raise ChipMismatchError unless it holds what is wanted."""
    if files.read_data(link, file.number, len(wanted), mode_for(link, file, writing=False)) != wanted:
        raise ChipMismatchError(_NOT_KEPT, _NOT_KEPT_TODO)


def _on_card(link: DesfireLink, step: _CardStep, work: Work) -> None:
    match step:
        case OpenCard(spec, ours):
            key = None if spec is None else work.card_key if ours else work.found_card.key
            # The survey has left the card just so, and then two or three commands are saved.
            if link.selected != PICC:
                applications.select(link)
            if key is not None and link.authenticated is None:
                # A blank card's own key is DES, and EV2 messaging knows AES alone (AN12343).
                authenticate(link, 0, key, scheme=Scheme.EV1)
        case CreateApplication(app):
            new = NewApplication(app.aid, app.key_settings, len(app.keys), app.iso_fid, app.df_name, app.key_type)
            applications.create_application(link, new)
        case SetCardKey():
            if work.card_key is None:
                raise ChipKeyError(key=0)
            change_key(link, 0, work.card_key, work.found_card.key or FACTORY_KEY)
        case SetCardSettings(settings):
            applications.change_key_settings(link, settings)
        case HideUid():
            set_card_options(link, CardOption.RANDOM_UID)


def _on_file(link: DesfireLink, step: DeleteFile | CreateFile | WriteFile | ReadBack, wanted: Wanted) -> None:
    file, content = step.file, wanted.contents[step.file.number]
    match step:
        case DeleteFile():
            files.delete_file(link, file.number)
        case CreateFile():
            size = len(content) if file.size is None else file.size
            kind = NewBackupFile if file.kind is FileKind.BACKUP else NewStdFile
            files.create_file(link, kind(file.number, size, file.mode, file.rights, file.iso_fid))
        case WriteFile():
            files.write_data(link, file.number, content, mode_for(link, file, writing=True))
            if file.kind is FileKind.BACKUP:
                # At once, for a selection, an error or a lost field would take the write back.
                files.commit_transaction(link)
        case ReadBack():
            read_back(link, file, content)


_NOT_KEPT = N_("The chip does not hold what was written on it.")
_NOT_KEPT_TODO = N_("Put the card back and try once more. If it happens again, put this card aside as spoiled.")
