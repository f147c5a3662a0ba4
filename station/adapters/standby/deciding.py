"""What a person decides of what could not be merged, and carrying it to another desk."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from station.adapters.standby.calls import KINDS, Call, Kind
from station.adapters.standby.log import MergeLog, Standing, Waiting
from station.adapters.standby.packing import packed, unpacked
from station.adapters.standby.sealing import seal, unseal
from station.domain.errors import N_, InputError
from station.domain.message import Message
from station.ports.standby import MergeDoubt
from station.ports.store import CardUpdate, Change

_FORMAT = "station merge log 1"


class Deciding:
    """Show doubts, have them merged again or set aside, write out what waits and take it in."""

    def __init__(self, log: MergeLog, station: str, *, on_change: Callable[[], None]) -> None:
        self._log, self._station, self._changed = log, station, on_change

    def count(self) -> int:
        """Return how many doubts there are."""
        return len(self._groups())

    def doubts(self) -> tuple[MergeDoubt, ...]:
        """Return each doubt, all that is in doubt of one card as one, oldest first."""
        return tuple(_doubt(rows) for rows in self._groups().values())

    def try_again(self, number: int) -> None:
        """Have a doubt merged once more."""
        self._move(number, Standing.WAITING)

    def set_aside(self, number: int) -> None:
        """Let a doubt not count."""
        self._move(number, Standing.ASIDE)

    def written_out(self) -> tuple[str, bytes]:
        """Return what waits and the doubts as a sealed file, and the phrase that opens it."""
        lines = [json.dumps({"format": _FORMAT, "station": self._station}).encode()]
        for row in self._log.all(Standing.WAITING, Standing.DOUBT):
            args = base64.b64encode(packed(row.call.args)).decode("ascii")
            said = {"part": row.call.part, "name": row.call.name, "at": row.at.isoformat(), "args": args}
            lines.append(json.dumps(said).encode())
        return seal(b"\n".join(lines))

    def take_in(self, phrase: str, file: bytes) -> int:
        """Note what another desk wrote out as waiting here; what was merged already is noticed then.

        Raises:
            InputError: the phrase or the file is not right, or a newer station wrote it; nothing was noted.
        """
        lines = unseal(phrase, file).split(b"\n")
        try:
            # All are read before the first is noted: of a file that is damaged in the middle nothing is merged.
            calls = list(_calls(lines))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(_NOT_READ, _NOT_READ_TODO) from error
        for call, at in calls:
            self._log.add(call, Standing.WAITING, at)
        self._changed()
        return len(calls)

    def _groups(self) -> dict[str, list[Waiting]]:
        groups: dict[str, list[Waiting]] = {}
        for row in self._log.all(Standing.DOUBT):
            # A person decides about a card, not about a step: half of its steps in the store and half aside would be no
            # card at all.
            groups.setdefault(row.call.subject or str(row.id), []).append(row)
        return groups

    def _move(self, number: int, standing: Standing) -> None:
        rows = next((rows for rows in self._groups().values() if rows[0].id == number), None)
        if rows is None:
            raise InputError(_NO_DOUBT, _NO_DOUBT_TODO, value=number)
        for row in rows:
            self._log.move(row.id, standing, row.reason if standing is Standing.ASIDE else None)
        self._changed()


class Decided:
    """Implement of ``ports.standby.Standby`` what a person asks and decides."""

    def __init__(self, deciding: Deciding) -> None:
        self._deciding = deciding

    def doubts(self) -> tuple[MergeDoubt, ...]:
        """Return what a person has to decide, oldest first."""
        return self._deciding.doubts()

    def try_again(self, number: int) -> None:
        """Merge a doubt once more, because its cause was put right."""
        self._deciding.try_again(number)

    def set_aside(self, number: int) -> None:
        """Let a doubt not count: what the others recorded stays."""
        self._deciding.set_aside(number)

    def written_out(self) -> tuple[str, bytes]:
        """Return what waits to be merged, and the doubts, as a sealed file, and the phrase that opens it."""
        return self._deciding.written_out()

    def take_in(self, phrase: str, file: bytes) -> int:
        """Merge what another desk wrote out; return how many steps that were."""
        return self._deciding.take_in(phrase, file)


def _calls(lines: Sequence[bytes]) -> Iterator[tuple[Call, datetime]]:
    if json.loads(lines[0])["format"] != _FORMAT:
        raise ValueError("another format")
    for line in lines[1:]:
        said = json.loads(line)
        call = Call(said["part"], said["name"], unpacked(base64.b64decode(said["args"], validate=True)))
        # The file comes from a stick: what it asks to be called is looked up in the table, and only what writes is
        # taken.
        if KINDS[call.part][call.name] is not Kind.WRITE or not isinstance(call.args, tuple):
            raise ValueError("not a call that writes")
        yield call, datetime.fromisoformat(said["at"])


def _doubt(rows: list[Waiting]) -> MergeDoubt:
    first, reason = rows[0], rows[0].reason or Message("")
    steps: list[str] = []
    escn = holder_id = ""
    handed_over = False
    for row in rows:
        match row.call.args:
            case (Change() as change, *_):
                steps.append(type(change.entry.event).__name__)
                escn, holder_id = change.issuance.escn, change.issuance.holder_id
                handed_over = handed_over or change.card is not None
            case (CardUpdate() as update, *_):
                steps.append(update.after.state.value)
                escn, holder_id, handed_over = update.after.escn, update.after.holder_id, True
            case _:
                steps.append(f"{row.call.part}.{row.call.name}")
    return MergeDoubt(first.id, first.at, reason, tuple(steps), escn, holder_id, handed_over)


_NO_DOUBT = N_("There is no doubt with the number {value}.")
_NO_DOUBT_TODO = N_("List them with: station merge list")
_NOT_READ = N_("This file was written by a newer version of the station.")
_NOT_READ_TODO = N_("Install that version here, too. Nothing was merged.")
