"""The plan for one card: the difference between what is wanted and what was found, as steps in a safe order.

The order, and why. First the card itself: applications are created, and its own master key is changed as the last
command of that same session, so that nobody without it can format the card or put anything on it from then on. Then
each application: first its keys, its master key last of them, while there is no file yet; only then the files. An
application's keys are all zeros until they are set, and everybody knows zeros: a file created before would be open to
the world, whatever its access rights say. Every master key that was changed is proved at once, by authenticating it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from station.chip.profiles import ApplicationSpec, CardKeySpec, FileSpec, KeySpec
from station.chip.survey import Found, FoundCard
from station.chip.wanted import Wanted
from station.domain.errors import N_


@dataclass(frozen=True, slots=True)
class OpenCard:
    """Select the card itself, and authenticate the master key that it has where the profile knows of one."""

    key: CardKeySpec | None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class CreateApplication:
    """Create the application; its keys are zero from now until they are set."""

    app: ApplicationSpec


@dataclass(frozen=True, slots=True)
class SetCardKey:
    """Change the card's own master key; its session ends."""

    key: CardKeySpec


@dataclass(frozen=True, slots=True)
class SetCardSettings:
    """Set what may be done on the card without its master key."""

    settings: int


@dataclass(frozen=True, slots=True)
class HideUid:
    """Have the card show another UID each time from the next power-up on; that can't be taken back."""


@dataclass(frozen=True, slots=True)
class OpenApplication:
    """Select the application."""

    app: ApplicationSpec


@dataclass(frozen=True, slots=True)
class UseKey:
    """Authenticate a key: the card's own as it shall be, or the one that it still has."""

    app: ApplicationSpec
    number: int
    ours: bool


@dataclass(frozen=True, slots=True)
class CheckUid:
    """Have the chip itself say its UID: until now only the reader did, and keys are about to be made from it."""


@dataclass(frozen=True, slots=True)
class SetKey:
    """Change a key from the one that it is (zeros, or one of an older version) to the card's own."""

    app: ApplicationSpec
    key: KeySpec


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Delete a file of ours whose content has another length now."""

    app: ApplicationSpec
    file: FileSpec


@dataclass(frozen=True, slots=True)
class CreateFile:
    """Create a file, with its final rights at once: it is never more open than the profile says."""

    app: ApplicationSpec
    file: FileSpec


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Write a file; what is written to a backup file counts at once, too."""

    app: ApplicationSpec
    file: FileSpec


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Read a file and compare."""

    app: ApplicationSpec
    file: FileSpec


Step = (
    OpenCard | CreateApplication | SetCardKey | SetCardSettings | HideUid | OpenApplication | UseKey | CheckUid
    | SetKey | DeleteFile | CreateFile | WriteFile | ReadBack
)  # fmt: skip

WRITING = (CreateApplication, SetCardKey, SetCardSettings, HideUid, SetKey, DeleteFile, CreateFile, WriteFile)
"""The steps that change the card."""

_PREPARING, _LOCKING = N_("Preparing the chip"), N_("Locking the chip")
STEP_NAMES: dict[type[Step], str] = {
    OpenCard: _PREPARING,
    CreateApplication: _PREPARING,
    SetCardKey: _LOCKING,
    SetCardSettings: _LOCKING,
    HideUid: _LOCKING,
    OpenApplication: _PREPARING,
    UseKey: _PREPARING,
    CheckUid: N_("Checking the chip"),
    SetKey: _LOCKING,
    DeleteFile: _PREPARING,
    CreateFile: _PREPARING,
    WriteFile: N_("Writing the card number"),
    ReadBack: N_("Reading back"),
}


def plan_card(
    spec: CardKeySpec | None, found: FoundCard, missing: tuple[ApplicationSpec, ...], *, key_is_ours: bool
) -> tuple[Step, ...]:
    """Return what is missing on the card itself: applications, its master key, its settings."""
    steps: list[Step] = [CreateApplication(app) for app in missing]
    if spec is not None and not key_is_ours:
        steps += [SetCardKey(spec), OpenCard(spec, ours=True)]
    if spec is not None and spec.settings is not None and found.settings != spec.settings:
        steps.append(SetCardSettings(spec.settings))
    return (OpenCard(spec, ours=key_is_ours), *steps) if steps else ()


def plan_hiding(spec: CardKeySpec | None, *, hidden: bool) -> tuple[Step, ...]:
    """Return the steps that hide the UID; they come last of all, when the keys are set that will tell it again."""
    if spec is None or not spec.random_uid or hidden:
        return ()
    return OpenCard(spec, ours=True), HideUid()


def plan_application(wanted: Wanted, found: Found, *, uid_checked: bool = False) -> tuple[Step, ...]:
    """Return what is missing of an application; nothing when it is finished.

    Every file that is written is read back; a master key that is changed is authenticated before anything goes on.
    Unless ``uid_checked``, the chip of a new application says its UID before a key made from it is set.
    """
    app = wanted.app
    steering = _Steering(
        app, {spec.number: found.keys.get(spec.number) == wanted.keys[spec.number] for spec in app.keys}
    )
    steps: list[Step] = []
    for key in reversed(app.keys):
        if not steering.ours[key.number]:
            steps += steering.change(key)
    for file in app.files:
        steps += _file_steps(file, wanted, found, steering)
    if not steps:
        return ()
    if not (found.present or uid_checked):
        # After the first authentication, for a chip tells its UID only inside a session.
        steps.insert(1, CheckUid())
    return (OpenApplication(app), *steps)


def _file_steps(file: FileSpec, wanted: Wanted, found: Found, steering: _Steering) -> Iterator[Step]:
    app, there = wanted.app, found.contents.get(file.number)
    if wanted.is_right(file, there):
        return
    if wanted.needs_new(file, there):
        yield from steering.use(0)
        if there is not None:
            # A file can't change its size, only go and come again under the same number.
            yield DeleteFile(app, file)
        yield CreateFile(app, file)
    if file.write_key is not None:
        yield from steering.use(file.write_key)
    yield WriteFile(app, file)
    # Where the key that wrote may read as well, two commands are saved.
    if not file.free_read and file.read_key is not None and steering.key not in file.readers:
        yield from steering.use(file.read_key)
    yield ReadBack(app, file)


class _Steering:
    """Which key is authenticated as the plan goes on, and which of the keys are the card's own by then."""

    def __init__(self, app: ApplicationSpec, ours: Mapping[int, bool]) -> None:
        self._app = app
        self.ours = dict(ours)
        self.key: int | None = None

    def use(self, number: int) -> Iterator[Step]:
        """Authenticate a key, unless it is."""
        if self.key != number:
            self.key = number
            yield UseKey(self._app, number, self.ours[number])

    def change(self, key: KeySpec) -> Iterator[Step]:
        """Set a key, by the master key; its own change ends the session, and is proved by the next one."""
        yield from self.use(0)
        yield SetKey(self._app, key)
        self.ours[key.number] = True
        if key.number == 0:
            self.key = None
            yield from self.use(0)
