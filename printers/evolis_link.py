"""Questions to the Evolis process and its answers, each checked: what makes no sense is told as such, not passed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from printers.api import CardPlace, Consumables
from printers.child import Child, ChildError, ChildGarbageError
from printers.evolis_sdk import serve
from printers.evolis_words import SdkState

# Past these the process is taken for hung, and ended.
_ASK_S = 15.0
_PREPARE_S = 60.0
_MOVE_S = 60.0


class SdkMissingError(ChildError):
    """The maker's library can't be loaded."""


class SdkAwayError(ChildError):
    """There is no such printer, or it is off."""


class SdkBusyError(ChildError):
    """Another program has the printer for itself."""


class SdkRefusedError(ChildError):
    """The SDK doesn't take a picture or a setting."""


_ERRORS: dict[object, type[ChildError]] = {
    "sdk": SdkMissingError,
    "away": SdkAwayError,
    "busy": SdkBusyError,
    "refused": SdkRefusedError,
}


class EvolisLink:
    """One printer's process. Every call raises ChildError; all but ``print_now`` may be asked again after one."""

    def __init__(self, queue: str, *, print_timeout_s: float) -> None:
        self._child = Child(serve, queue)
        self._print_timeout_s = print_timeout_s

    def state(self, *, wait_s: float = -1) -> SdkState:
        """Return how the printer stands; raises ChildBusyError when the process is busy for longer than ``wait_s``."""
        return _state(self._ask("state", _ASK_S, wait_s=wait_s))

    def supplies(self, *, wait_s: float = -1) -> Consumables:
        """Return ribbon and counters as far as they make sense."""
        answer = self._ask("supplies", _ASK_S, wait_s=wait_s)
        capacity, left = _count(answer.get("capacity")), _count(answer.get("remaining"))
        percent = min(100, round(100 * left / capacity)) if capacity and left is not None else None
        to_cleaning = _count(answer.get("to_cleaning"))
        return Consumables(
            ribbon=_text(answer.get("ribbon")),
            ribbon_percent=percent,
            ribbon_cards=left,
            cleaning_due=to_cleaning == 0 if to_cleaning is not None else None,
            cards_to_cleaning=to_cleaning,
            cards_printed=_count(answer.get("printed")),
            serial=_text(answer.get("serial")),
        )

    def place(self, *, wait_s: float = -1) -> CardPlace:
        """Return where the card inside is."""
        try:
            return CardPlace(str(self._ask("place", _ASK_S, wait_s=wait_s).get("place")))
        except ValueError as error:
            raise ChildGarbageError(str(error)) from error

    def load(self, position: str) -> bool:
        """Move a card to a position by the SDK's name, and take the printer for us; say whether it got there."""
        return self._ask("load", _MOVE_S, position=position).get("done") is True

    def out(self, *, reject: bool) -> bool:
        """Put the card out, and let the printer go; say whether it went."""
        return self._ask("out", _MOVE_S, reject=reject).get("done") is True

    def stripe(self, tracks: Sequence[str], coercivity: str) -> str:
        """Write the magnetic stripe; return the SDK's code."""
        return _text(self._ask("stripe", _MOVE_S, tracks=list(tracks), coercivity=coercivity).get("code"))

    def prepare(
        self, panels: Sequence[str], pictures: Sequence[bytes], settings: Mapping[str, str]
    ) -> Mapping[str, object]:
        """Hand over pictures, then settings; return the settings as the SDK has them now."""
        answer = self._ask("prepare", _PREPARE_S, attachments=pictures, panels=list(panels), settings=dict(settings))
        found = answer.get("settings")
        if not isinstance(found, dict):
            raise ChildGarbageError("no settings")
        return found

    def print_now(self) -> tuple[str, SdkState]:
        """Print what is prepared; return the SDK's code and the state after it. Blocks until the card is out."""
        answer = self._ask("print", self._print_timeout_s)
        return _text(answer.get("code")), _state(answer)

    def release(self) -> None:
        """Let the printer go."""
        self._ask("release", _ASK_S)

    def close(self) -> None:
        """End the process; a later question begins another."""
        self._child.close()

    def _ask(
        self, verb: str, timeout_s: float, *, attachments: Sequence[bytes] = (), wait_s: float = -1, **said: object
    ) -> Mapping[str, object]:
        answer = self._child.ask(verb, timeout_s, attachments=attachments, wait_s=wait_s, **said)
        if "error" in answer:
            raise _ERRORS.get(answer["error"], ChildGarbageError)(_text(answer.get("detail")))
        return answer


def _state(answer: Mapping[str, object]) -> SdkState:
    major, minor = answer.get("major"), answer.get("minor")
    if not isinstance(major, str) or not isinstance(minor, str):
        raise ChildGarbageError("no state")
    return SdkState(major, minor)


def _count(value: object) -> int | None:
    # A count that makes no sense is told as none at all; and True is a number to Python.
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
