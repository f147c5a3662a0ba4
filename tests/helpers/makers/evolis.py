"""A stand-in for the Evolis SDK (import name ``evolis``), with its names, its manners and its traps.

One printer, ``Primacy``, in the folder that FAKE_EVOLIS names: ``printer.json`` says how it stands and what goes wrong,
``calls`` what was asked, and below ``cards/`` lies what came out. Of the traps it has these: a connection that failed
to open crashes the process when it is used, and says no error; a picture for the back resets ``GDuplexType``; with one
set of panels for both sides the front has no resin, and pure black there is left out unless told ``NOBLACKPOINT``.
"""

from __future__ import annotations

import io
import json
import os
import signal
import threading
from enum import Enum, IntEnum
from pathlib import Path
from types import SimpleNamespace

from PIL import Image, ImageChops

ROOT = Path(os.environ["FAKE_EVOLIS"])
NAME = "Primacy"
SESSION = ROOT / "session"


def told() -> dict[str, object]:
    """Return how the printer stands."""
    return {"minor": "PRINTER_READY", **json.loads((ROOT / "printer.json").read_bytes())}


def note(call: str) -> None:
    """Write down that it was called."""
    with (ROOT / "calls").open("a") as file:
        file.write(f"{call}\n")


def misbehave(where: str) -> None:
    """Do what the test asked for at this place: crash, be killed, hang, raise."""
    how = told().get(where)
    if how == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "exit":
        os._exit(3)
    if how == "hang":
        threading.Event().wait()
    if how == "once":
        (ROOT / "printer.json").write_text(json.dumps({**told(), where: ""}))
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "strange":
        raise AttributeError("another version of the library")


Major = Enum("Major", ["OFF", "READY", "WARNING", "ERROR"], start=0)
CardFace = IntEnum("CardFace", ["FRONT", "BACK"], start=0)
CardPos = IntEnum("CardPos", {"EJECT": 3, "REJECT": 4, "CONTACT": 5, "CONTACTLESS": 6, "PRINT": 9})
InputTray = IntEnum("InputTray", {"FEEDER": 1, "MANUAL": 2})
OutputTray = IntEnum("OutputTray", {"STANDARD": 1, "ERROR": 8})
MagCoercivity = Enum("MagCoercivity", {"PRINTER": "p", "AUTO": "a", "LOCO": "l", "HICO": "h"})
MagFormat = IntEnum("MagFormat", ["ISO1", "ISO2", "ISO3"])
RibbonType = IntEnum("RibbonType", {"YMCKO": 0, "KO": 1})
SettingKey = Enum(
    "SettingKey",
    ["FBlackManagement", "BBlackManagement", "FOverlayManagement", "BOverlayManagement", "Duplex", "GDuplexType"],
)
ReturnCode = IntEnum(
    "ReturnCode",
    {
        "OK": 0,
        "ETIMEOUT": -7,
        "SESSION_EBUSY": -11,
        "PRINT_EDATA": -20,
        "PRINT_NEEDACTION": -21,
        "PRINT_EMECHANICAL": -22,
        "PRINT_WSETTING": -27,
        "MAG_ERROR": -50,
    },
)


class Status:
    """The flags of where a card is."""

    Flag = IntEnum(
        "Flag",
        {"INF_CARD_CONTACTLESS": 56, "INF_CARD_SMART": 57, "INF_CARD_PRINT": 58, "INF_CARD_EJECT": 59},
    )

    def is_on(self, flag: Status.Flag) -> bool:
        places = {"CONTACTLESS": 56, "CONTACT": 57, "PRINT": 58}
        return places.get(str(told().get("place"))) == flag

    def is_session_free(self) -> bool:
        return told().get("forgets") is True or not SESSION.exists()


class Connection:
    """The printer, by its name in the system."""

    def __init__(self, name: str) -> None:
        note(f"open {name}")
        misbehave("open")
        self._open = name == NAME and told().get("away") is not True

    def get_context(self) -> object | None:
        return self if self._open else None

    def get_last_error(self) -> ReturnCode:
        return ReturnCode.OK

    def close(self) -> None:
        note("close")

    def get_state(self) -> SimpleNamespace:
        misbehave("state")
        now = told()
        if now.get("garbage"):
            return None  # type: ignore[return-value]
        minor = str(now["minor"])
        major = "READY" if minor == "PRINTER_READY" else "OFF" if minor == "PRINTER_OFFLINE" else "ERROR"
        if minor.startswith("INF_"):
            major = "WARNING"
        return SimpleNamespace(major=Major[major], minor=SimpleNamespace(name=minor))

    def get_status(self) -> Status:
        return Status()

    def get_ribbon_info(self) -> SimpleNamespace:
        return SimpleNamespace(type=RibbonType.YMCKO, capacity=300, remaining=told().get("ribbon", 120))

    def get_cleaning_info(self) -> SimpleNamespace:
        return SimpleNamespace(totalCardCount=4321, cardCountBeforeWarning=77)

    def get_info(self) -> SimpleNamespace:
        return SimpleNamespace(serialNumber="PRIM-1")

    def reserve(self) -> bool:
        note("reserve")
        if told().get("reserved") is True:
            return False
        SESSION.touch()
        return True

    def release(self) -> bool:
        note("release")
        SESSION.unlink(missing_ok=True)
        return True

    def clear_mechanical_errors(self) -> bool:
        note("clear_mechanical_errors")
        return True

    def set_input_tray(self, tray: InputTray) -> bool:
        return True

    def set_output_tray(self, tray: OutputTray) -> bool:
        return True

    def set_error_tray(self, tray: OutputTray) -> bool:
        return True

    def set_card_pos(self, position: CardPos) -> bool:
        note(f"move {position.name}")
        misbehave("move")
        if told().get("stuck"):
            keep(place="PRINT", minor="ERR_MECHANICAL")
            return False
        keep(place=position.name)
        return True

    def eject_card(self) -> bool:
        return self._leave("eject")

    def reject_card(self) -> bool:
        return self._leave("reject")

    def _leave(self, how: str) -> bool:
        note(how)
        if told().get("stuck"):
            return False
        keep(place="")
        return True


def keep(**changes: object) -> None:
    """Change how the printer stands."""
    (ROOT / "printer.json").write_text(json.dumps({**told(), **changes}))


class MagSession:
    """The stripe."""

    def __init__(self, connection: Connection) -> None:
        self._tracks: dict[int, str] = {}

    def set_coercivity(self, coercivity: MagCoercivity) -> None:
        note(f"coercivity {coercivity.name}")

    def set_track(self, number: int, kind: MagFormat, track: str) -> None:
        self._tracks[number] = f"{kind.name} {track}"

    def write(self) -> ReturnCode:
        note(f"stripe {self._tracks}")
        return ReturnCode[str(told().get("stripe", "OK"))]


class PrintSession:
    """One card."""

    def __init__(self, connection: Connection) -> None:
        if connection.get_context() is None:
            os.kill(os.getpid(), signal.SIGSEGV)
        self._settings = dict.fromkeys(SettingKey, "")
        self._pictures: dict[tuple[str, CardFace], Image.Image] = {}

    def init(self) -> bool:
        misbehave("prepare")
        self._settings[SettingKey.FBlackManagement] = self._settings[SettingKey.BBlackManagement] = "ALLBLACKPOINT"
        return True

    def get_last_error(self) -> ReturnCode:
        return ReturnCode.PRINT_EDATA

    def set_image_buffer(self, face: CardFace, picture: bytes) -> bool:
        if face is CardFace.BACK:
            self._settings[SettingKey.GDuplexType] = "DUPLEX_CC"
            self._settings[SettingKey.Duplex] = "HORIZONTAL"
        return self._take("image", face, picture, "RGB")

    def set_black_buffer(self, face: CardFace, picture: bytes) -> bool:
        return self._take("black", face, picture, "1")

    def set_overlay_buffer(self, face: CardFace, picture: bytes) -> bool:
        return self._take("overlay", face, picture, "1")

    def set_uv_buffer(self, face: CardFace, picture: bytes) -> bool:
        return self._take("uv", face, picture, "L")

    def set_setting(self, key: SettingKey, value: str) -> bool:
        if value == "NEVER" or told().get("refuses") == key.name:
            return False
        self._settings[key] = value if told().get("stubborn") != key.name else "CHANGED"
        note(f"set {key.name} {value}")
        return True

    def get_setting(self, key: SettingKey) -> str:
        return self._settings[key]

    def print(self) -> ReturnCode:
        note("print")
        keep(printing=True)
        misbehave("print")
        threading.Event().wait(float(str(told().get("seconds", 0.2))))
        now = told()
        keep(printing=False)
        if now.get("code"):
            keep(code="", minor=now.get("minor_after", now["minor"]))
            return ReturnCode[str(now["code"])]
        self._come_out()
        keep(place="")
        return ReturnCode.OK

    def _take(self, kind: str, face: CardFace, picture: bytes, mode: str) -> bool:
        if type(picture) is not bytes:
            raise TypeError("a char pointer takes bytes alone")
        image = Image.open(io.BytesIO(picture))
        image.load()
        if image.format != "BMP" or image.mode != mode or image.size != (1016, 648):
            return False
        self._pictures[kind, face] = image
        return True

    def _come_out(self) -> None:
        number = len(list((ROOT / "cards").glob("*-FRONT.png")))
        faces = {face for kind, face in self._pictures if kind == "image"}
        for face in faces:
            self._plastic(face).save(ROOT / "cards" / f"{number}-{face.name}.png")
        for (kind, face), image in self._pictures.items():
            if kind in ("overlay", "uv"):
                image.save(ROOT / "cards" / f"{number}-{face.name}-{kind}.png")

    def _plastic(self, face: CardFace) -> Image.Image:
        """Return what the eye sees: the colours, then the resin, as the settings let the printer understand them."""
        image = self._pictures["image", face].copy()
        duplex = self._settings[SettingKey.GDuplexType]
        two_sided = any(side is CardFace.BACK for _, side in self._pictures)
        # One set of panels for both sides: its resin goes to the back.
        resin_here = not (two_sided and duplex == "DUPLEX_CM" and face is CardFace.FRONT)
        black = self._settings[SettingKey[f"{face.name[0]}BlackManagement"]]
        pure = ImageChops.lighter(ImageChops.lighter(*image.split()[:2]), image.split()[2]).point(
            lambda level: 255 if level == 0 else 0
        )
        if black != "NOBLACKPOINT" and not resin_here:
            image.paste((255, 255, 255), mask=pure)  # taken out of the colours, and no panel to print it with
        if black == "BMPBLACK" and resin_here and ("black", face) in self._pictures:
            ink = self._pictures["black", face].convert("L").point(lambda level: 255 - level)
            image.paste((0, 0, 0), mask=ink)
        return image
