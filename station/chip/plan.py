"""The plan for one card: the difference between what is wanted and what was found, as steps in a safe order."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.desfire import applications, files, keys
from station.chip.desfire.applications import NewApplication
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.files import NewStdFile
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink
from station.chip.profiles import ApplicationSpec, FileSpec, KeySpec
from station.chip.survey import Found, Master, Wanted, check_uid
from station.domain.errors import N_, ChipMismatchError


@dataclass(frozen=True, slots=True)
class CreateApplication:
    """Create the application; its keys are zero from now until they are set."""

    app: ApplicationSpec


@dataclass(frozen=True, slots=True)
class Open:
    """Select the application and authenticate the master key that it has."""

    app: ApplicationSpec
    master: Master


@dataclass(frozen=True, slots=True)
class CreateFile:
    """Create a file, with its final rights at once: it is never more open than the profile says."""

    file: FileSpec


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Write a file."""

    file: FileSpec


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Read a file and compare."""

    file: FileSpec


@dataclass(frozen=True, slots=True)
class SetKey:
    """Change a key from zero to the card's own."""

    key: KeySpec


Step = CreateApplication | Open | CreateFile | WriteFile | ReadBack | SetKey

WRITING = (CreateApplication, CreateFile, WriteFile, SetKey)
"""The steps that change the card."""

STEP_NAMES: dict[type[Step], str] = {
    CreateApplication: N_("Preparing the chip"),
    Open: N_("Preparing the chip"),
    CreateFile: N_("Preparing the chip"),
    WriteFile: N_("Writing the card number"),
    ReadBack: N_("Reading back"),
    SetKey: N_("Locking the chip"),
}


def make_plan(wanted: Wanted, found: Found) -> tuple[Step, ...]:
    """Return the steps that are missing; none when the card is finished.

    Data comes first and is read back, then the keys, the master key last: a card pulled in between still opens with
    a key we know, and is finished by the plan made of what is then found on it.
    """
    app = wanted.app
    steps: list[Step] = []
    for file in app.files:
        if file.number not in found.contents:
            steps.append(CreateFile(file))
        if found.contents.get(file.number) != wanted.contents[file.number]:
            steps += [WriteFile(file), ReadBack(file)]
    steps += [SetKey(key) for key in reversed(app.keys) if found.versions.get(key.number) != key.version]
    if not found.present:
        return CreateApplication(app), Open(app, Master.DEFAULT), *steps
    return (Open(app, found.master), *steps) if steps else ()


def carry_out(link: DesfireLink, step: Step, wanted: Wanted) -> None:
    """Do one step.

    Raises:
        ChipMismatchError: what was read back is not what was written.
        ChipRefusedError, ChipError: the card refused, or gave a senseless answer.
    """
    match step:
        case CreateApplication(app):
            new = NewApplication(app.aid, app.key_settings, len(app.keys), app.iso_fid, app.df_name)
            applications.create_application(link, new)
        case Open(app, master):
            applications.select(link, app.aid)
            authenticate_aes(link, 0, wanted.keys[0] if master is Master.OURS else keys.ZERO_KEY)
            check_uid(link, wanted)
        case CreateFile(file):
            files.create_file(link, NewStdFile(file.number, file.size, file.mode, file.rights, file.iso_fid))
        case WriteFile(file):
            files.write_data(link, file.number, wanted.contents[file.number], file.mode)
        case ReadBack(file):
            read_back(link, file, wanted)
        case SetKey(key):
            keys.change_key(link, key.number, Key.aes(wanted.keys[key.number], key.version))


def read_back(link: DesfireLink, file: FileSpec, wanted: Wanted) -> None:
    """Read a file and raise ChipMismatchError unless it holds what is wanted."""
    if files.read_data(link, file.number, file.size) != wanted.contents[file.number]:
        raise ChipMismatchError(_NOT_KEPT, _NOT_KEPT_TODO)


_NOT_KEPT = N_("The chip does not hold what was written on it.")
_NOT_KEPT_TODO = N_("Put the card back and try once more. If it happens again, put this card aside as spoiled.")
