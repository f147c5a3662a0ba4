"""Which card knows which command: tables by instruction byte, one a generation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from station.chip.virtual_card import (
    authentication,
    config_commands,
    data_commands,
    file_commands,
    key_commands,
    picc_commands,
    transactions,
)
from station.chip.virtual_card.body import Command
from station.chip.virtual_card.models import EV1, EV2, EV3, LIGHT

_EVERY: Final = {
    **authentication.EVERY,
    **picc_commands.EVERY,
    **key_commands.EVERY,
    **config_commands.EVERY,
    **file_commands.EVERY,
    **data_commands.EVERY,
    **transactions.EVERY,
}
_EV1: Final = {
    **_EVERY,
    **authentication.LEGACY,
    **picc_commands.APPLICATIONS,
    **file_commands.CREATION,
    **file_commands.DELETION,
    **data_commands.CHUNKED,
}
_EV2: Final = {
    **_EV1,
    **authentication.SECOND,
    **key_commands.SECOND,
    **file_commands.WITNESS,
    **transactions.WITNESS,
    **data_commands.SECOND,
    **data_commands.WHOLE,
    **config_commands.PROXIMITY,
}
_LIGHT: Final = {
    **_EVERY,
    **authentication.SECOND,
    **file_commands.WITNESS,
    **transactions.WITNESS,
    **file_commands.DELETION,
    **data_commands.WHOLE,
}
COMMANDS: Final[Mapping[str, Mapping[int, Command]]] = {EV1: _EV1, EV2: _EV2, EV3: _EV2, LIGHT: _LIGHT}
