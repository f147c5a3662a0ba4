"""The other side of the Evolis driver: the one module that loads ``evolis-sdk``, in a process that it may crash.

With a connection that failed to open the SDK ends the whole process, several of its calls say ``False`` and no more,
and printing blocks for minutes; so everything here is asked from outside (``printers.child``).
"""

from __future__ import annotations

import importlib
from multiprocessing.connection import Connection
from typing import Any

from printers.child import read, write

Answer = dict[str, object]

_FACES = ("FRONT", "BACK")
_INSIDE = ("contactless", "contact", "inside")


class _NotDoneError(Exception):
    """The SDK said no; the first argument is what to tell."""


def serve(connection: Connection, name: str) -> None:
    """Answer questions about the printer ``name`` until nobody asks any more."""
    sdk = _Sdk(name)
    while True:
        try:
            said, attachments = read(connection)
        except (EOFError, OSError, ValueError):
            return
        try:
            answer = sdk.answer(said, attachments)
        except (ImportError, OSError) as error:
            answer = {"error": "sdk", "detail": f"{type(error).__name__}: {error}"}
        except _NotDoneError as error:
            answer = {"error": error.args[0], "detail": error.args[1]}
        # A maker's library of another version: whatever it lacks or means differently ends this question only.
        except (AttributeError, TypeError, ValueError, KeyError, LookupError) as error:
            answer = {"error": "strange", "detail": f"{type(error).__name__}: {error}"}
        try:
            write(connection, answer)
        except OSError:
            return


class _Sdk:
    """One connection to one printer, opened when it is needed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._sdk: Any = None
        self._connection: Any = None
        self._session: Any = None
        self._reserved = False

    def answer(self, said: dict[str, object], attachments: list[bytes]) -> Answer:
        verb = str(said.get("verb"))
        # Imported at the first question, so that a library that is missing is told as an answer to it.
        if self._sdk is None:
            self._sdk = importlib.import_module("evolis")
        verbs = {
            "state": self._state,
            "supplies": self._supplies,
            "place": self._place,
            "print": self._print,
            "release": self._release,
        }
        if verb in verbs:
            return verbs[verb]()
        if verb == "load":
            return self._load(str(said["position"]))
        if verb == "out":
            return self._out(reject=said.get("reject") is True)
        if verb == "stripe":
            return self._stripe([str(each) for each in _listed(said["tracks"])], str(said["coercivity"]))
        if verb == "prepare":
            return self._prepare(_listed(said["panels"]), _mapped(said["settings"]), attachments)
        raise ValueError(verb)

    # --- asking -----------------------------------------------------------------------------------------------

    def _open(self) -> Any:
        if self._connection is None:
            opened = self._sdk.Connection(self._name)
            # Its last error stays OK after a failed open. Only the context tells; without it the next call crashes.
            if opened.get_context() is None:
                raise _NotDoneError("away", "the printer can't be opened")
            self._connection = opened
        return self._connection

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._session = None
        self._reserved = False

    def _state(self) -> Answer:
        state = self._open().get_state()
        if state.major.name == "OFF" and not self._reserved:
            self._forget()  # when it is on again, the old connection may not be
        return {"major": state.major.name, "minor": state.minor.name}

    def _supplies(self) -> Answer:
        connection = self._open()
        ribbon, care, info = connection.get_ribbon_info(), connection.get_cleaning_info(), connection.get_info()
        answer: Answer = {}
        if ribbon is not None:
            answer |= {"ribbon": ribbon.type.name, "capacity": ribbon.capacity, "remaining": ribbon.remaining}
        if care is not None:
            answer |= {"printed": care.totalCardCount, "to_cleaning": care.cardCountBeforeWarning}
        if info is not None:
            answer["serial"] = info.serialNumber
        return answer

    def _place(self) -> Answer:
        status = self._open().get_status()
        if status is None:
            return {"place": "unknown"}
        flags = self._sdk.Status.Flag
        places = {
            "contactless": flags.INF_CARD_CONTACTLESS,
            "contact": flags.INF_CARD_SMART,
            "inside": flags.INF_CARD_PRINT,
            "none": flags.INF_CARD_EJECT,
        }
        return {"place": next((place for place, flag in places.items() if status.is_on(flag)), "none")}

    # --- moving -----------------------------------------------------------------------------------------------

    def _reserve(self) -> Any:
        connection = self._open()
        # The printer itself forgets a session after 45 s without a word, or when it was off: then it is taken again.
        held = self._reserved and not self._is_free(connection)
        if not held and not connection.reserve():
            raise _NotDoneError("busy", connection.get_last_error().name)
        self._reserved = True
        return connection

    def _is_free(self, connection: Any) -> bool:
        status = connection.get_status()  # some models have none
        return status is not None and bool(status.is_session_free())

    def _load(self, position: str) -> Answer:
        connection, sdk = self._reserve(), self._sdk
        # Said each time: another program may have chosen otherwise before us.
        connection.set_input_tray(sdk.InputTray.FEEDER)
        connection.set_output_tray(sdk.OutputTray.STANDARD)
        connection.set_error_tray(sdk.OutputTray.ERROR)
        moved = connection.set_card_pos(sdk.CardPos[position])
        return {"done": bool(moved), "code": connection.get_last_error().name}

    def _out(self, *, reject: bool) -> Answer:
        connection = self._open()
        moved = connection.reject_card() if reject else connection.eject_card()
        # A card that is still inside keeps the printer ours.
        if moved:
            self._release()
        return {"done": bool(moved), "code": connection.get_last_error().name}

    def _release(self) -> Answer:
        self._session = None
        if self._reserved and self._connection is not None:
            self._connection.release()
        self._reserved = False
        return {}

    def _let_go(self) -> None:
        """Leave the printer to others, unless a card is in it: that may be somebody's, written and not yet printed."""
        if self._place()["place"] not in _INSIDE:
            self._release()

    def _stripe(self, tracks: list[str], coercivity: str) -> Answer:
        connection, sdk = self._reserve(), self._sdk
        session = sdk.MagSession(connection)
        session.set_coercivity(sdk.MagCoercivity[coercivity])
        formats = (sdk.MagFormat.ISO1, sdk.MagFormat.ISO2, sdk.MagFormat.ISO3)
        for number, (track, kind) in enumerate(zip(tracks, formats, strict=True)):
            if track:
                session.set_track(number, kind, track)
        return {"code": session.write().name}

    # --- printing ---------------------------------------------------------------------------------------------

    def _prepare(self, panels: list[object], settings: dict[str, object], attachments: list[bytes]) -> Answer:
        """Hand the pictures over, then the settings, and return the settings as they stand; no card moves yet."""
        connection = self._reserve()
        try:
            return self._handed_over(connection, panels, settings, attachments)
        except _NotDoneError:
            self._let_go()
            raise

    def _handed_over(
        self, connection: Any, panels: list[object], settings: dict[str, object], attachments: list[bytes]
    ) -> Answer:
        sdk = self._sdk
        session = sdk.PrintSession(connection)
        if not session.init():
            raise _NotDoneError("refused", session.get_last_error().name)
        setters = {
            "image": session.set_image_buffer,
            "black": session.set_black_buffer,
            "overlay": session.set_overlay_buffer,
            "uv": session.set_uv_buffer,
        }
        for panel, picture in zip(panels, attachments, strict=True):
            face, kind = str(panel).split(".")
            if face not in _FACES or not setters[kind](sdk.CardFace[face], bytes(picture)):
                raise _NotDoneError("refused", f"{panel}: {session.get_last_error().name}")
        for key, value in settings.items():
            if not session.set_setting(sdk.SettingKey[key], str(value)):
                raise _NotDoneError("refused", f"{key} = {value}")
        self._session = session
        return {"settings": {key: session.get_setting(sdk.SettingKey[key]) for key in settings}}

    def _print(self) -> Answer:
        session, self._session = self._session, None
        if session is None:
            raise _NotDoneError("refused", "nothing is prepared")
        code = session.print().name
        state = self._state()
        # The state was asked before, for this takes away what it tells.
        if code == "PRINT_EMECHANICAL":
            self._open().clear_mechanical_errors()
        self._let_go()
        return {"code": code, **state}


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("a list is missing")
    return value


def _mapped(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("a table is missing")
    return value
