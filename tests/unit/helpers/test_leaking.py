"""The search for keys finds them in every fashion; else its silence would prove nothing."""

from __future__ import annotations

import base64

import pytest

from station.chip.kdf import diversify
from station.ports.secrets import KeyKind
from tests.helpers.leaking import leaks, traceback_with_variables

KEY = bytes.fromhex("c3b50a77afff8cbfd984db576647c648")


@pytest.mark.parametrize(
    "shown",
    [
        KEY.hex(),
        KEY.hex().upper(),
        KEY.hex(" ").upper(),
        KEY.hex(":"),
        repr(KEY),
        repr(b"before" + KEY + b"\0"),
        str(list(KEY)),
        base64.b64encode(KEY).decode(),
        KEY[:8].hex(),
        KEY[8:].hex(),
        b"raw" + KEY,
    ],
)
def test_every_fashion_is_found(shown: str | bytes) -> None:
    assert leaks([KEY], "nothing", shown)


def test_what_is_no_key_is_not_taken_for_one() -> None:
    assert leaks([KEY], "nothing", b"c3b5", KEY[:4].hex(), KEY[::-1].hex()) == []


def test_the_variables_of_the_project_s_frames_are_looked_at() -> None:
    with pytest.raises(ValueError, match="AN10922") as caught:
        diversify(KeyKind.AES128, KEY[:15], b"x")
    assert leaks([KEY[:15]], traceback_with_variables(caught.value))
    assert leaks([KEY[:15]], "".join(map(str, caught.value.args))) == []
