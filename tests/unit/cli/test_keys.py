"""``station keys``: what it prints, what it keeps, and what it refuses; a key itself is never printed."""

from __future__ import annotations

import io
import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from station.adapters.secrets.demo_keys import demo_key
from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.cli.keys import keys
from station.cli.output import Output
from station.cli.parser import build_parser
from station.domain.aftercare import RenewBegun, Renewed
from station.domain.errors import InputError, SecretError
from station.services.desk import Desk
from station.settings import SecretsPart
from tests.helpers.desks import open_test_desk
from tests.helpers.keepers import MASTERS, certificate_for, signing_key, signing_key_der
from tests.helpers.keyrings import FakeKeyring, in_use

Said = pytest.CaptureFixture[str]
MASTER = MASTERS["base/v1"]
PEM = certificate_for(signing_key()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Desk]:
    """Yield a desk with test keys."""
    with open_test_desk(tmp_path / "desk") as bench:
        yield bench.desk


@pytest.fixture
def real(demo: Desk) -> Iterator[Desk]:
    """Yield a desk that takes itself for a real one, with a keyring."""
    with in_use(FakeKeyring()):
        settings = replace(demo.settings, demo=False)
        yield replace(demo, settings=settings, devices=replace(demo.devices, secrets=KeyringSecrets()))


def words(*typed: str) -> Namespace:
    return build_parser().parse_args(["keys", *typed])


def out(*, as_json: bool = True) -> Output:
    return Output(as_json=as_json, language="en")


def typed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_the_demo_s_keys_can_be_used(demo: Desk, capsys: Said) -> None:
    assert keys(words("check"), out(), demo) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"deuinfo-application/v1", "deuinfo-base/v1"} <= {key["key"] for key in told}
    assert all(key["usable"] for key in told)


def test_the_key_that_approves_layouts_is_tried_and_not_needed(demo: Desk, real: Desk, capsys: Said) -> None:
    keys(words("check"), out(), demo)
    *_, mine = json.loads(capsys.readouterr().out)
    assert (mine["key"], mine["kind"], mine["usable"], mine["needed"]) == ("layout-signing", "signing", True, False)
    keys(words("check"), out(), real)
    *_, none = json.loads(capsys.readouterr().out)
    assert (none["key"], none["usable"], none["needed"]) == ("layout-signing", False, False)
    assert keys(words("check"), out(as_json=False), real) == 1
    assert "(only for who approves card layouts here)" in capsys.readouterr().out


def test_missing_keys_are_told_one_by_one(real: Desk, capsys: Said) -> None:
    assert keys(words("check"), out(as_json=False), real) == 1
    said = capsys.readouterr().out
    assert "The key deuinfo-base/v1 is not in this computer's keyring" in said


@pytest.mark.parametrize("given", [MASTER.hex(), MASTER.hex(" ").upper() + "\n"])
def test_a_key_is_kept_and_not_printed(real: Desk, monkeypatch: pytest.MonkeyPatch, capsys: Said, given: str) -> None:
    typed(monkeypatch, given.encode())
    assert keys(words("put", "deuinfo-base/v1"), out(as_json=False), real) == 0
    said = capsys.readouterr()
    assert "deuinfo-base/v1 is in this computer's keyring now" in said.out
    assert MASTER.hex() not in (said.out + said.err).lower()
    assert real.devices.secrets.plain_key("deuinfo-base", 1) == MASTER


def test_a_signing_key_and_its_certificate_are_kept(real: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, signing_key_der())
    keys(words("put", "deuinfo-signing", "--kind", "signing"), out(), real)
    typed(monkeypatch, PEM)
    keys(words("put", "deuinfo-signing/certificate", "--kind", "certificate"), out(), real)
    assert real.devices.secrets.certificate("deuinfo-signing") in (
        certificate_for(signing_key()).public_bytes(serialization.Encoding.DER),
    )
    typed(monkeypatch, b"1234\n")
    keys(words("put", "pkcs11-pin/desk", "--kind", "password"), out(), real)
    assert real.devices.secrets.get("pkcs11-pin/desk") == b"1234"
    typed(monkeypatch, "sešpadsmitzīmes\n".encode())
    keys(words("put", "pkcs11-pin/desk", "--kind", "password"), out(), real)
    assert real.devices.secrets.get("pkcs11-pin/desk") == "sešpadsmitzīmes".encode()


def test_a_key_s_last_byte_may_look_like_the_end_of_a_line(real: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = signing_key()
    while not (der := _der(made)).endswith((b" ", b"\n")):
        made = ec.generate_private_key(ec.SECP256R1())
    typed(monkeypatch, der)
    assert keys(words("put", "deuinfo-signing", "--kind", "signing"), out(), real) == 0
    raw = MASTER[:15] + b"\n"
    typed(monkeypatch, raw)
    keys(words("put", "base/v1"), out(), real)
    assert real.devices.secrets.get("base/v1") == raw.hex().encode()


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return it in its PKCS#8 form."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (("base/v1",), b"00" * 15),
        (("base/v1",), demo_key("base", 1).hex().encode()),
        (("base/v1",), b"00" * 16),
        (("base/v1", "--kind", "3k3des"), MASTER.hex().encode()),
        (("base/v1", "--kind", "2k3des"), (MASTER[:8] * 2).hex().encode()),
        (("signer", "--kind", "signing"), b"no key"),
        (("signer/certificate", "--kind", "certificate"), b"none"),
    ],
)
def test_what_is_no_key_is_not_kept(
    real: Desk, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], given: bytes
) -> None:
    typed(monkeypatch, given)
    with pytest.raises(SecretError) as caught:
        keys(words("put", *arguments), out(), real)
    assert given.decode() not in str(caught.value)
    with pytest.raises(SecretError):
        real.devices.secrets.get(arguments[0])


@pytest.mark.parametrize(
    "arguments",
    [
        ("base",),
        ("base/v256",),
        ("Base/v1",),
        ("base/v01",),
        ("signer", "--kind", "certificate"),
        ("", "--kind", "signing"),
    ],
)
def test_a_name_under_which_nobody_would_look_is_refused(real: Desk, arguments: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="never looked for"):
        keys(words("put", *arguments), out(), real)


def test_the_demo_and_other_keepers_keep_nothing(demo: Desk, real: Desk) -> None:
    with pytest.raises(InputError, match="test keys of its own"):
        keys(words("put", "deuinfo-base/v1"), out(), demo)
    token = SecretsPart(keeper="pkcs11", module=Path("/m.so"), token="desk")
    elsewhere = replace(real, settings=replace(real.settings, secrets=token))
    with pytest.raises(InputError, match="its keeper is pkcs11"):
        keys(words("put", "deuinfo-base/v1"), out(), elsewhere)


def test_the_report_tells_which_cards_get_new_keys(demo: Desk, capsys: Said) -> None:
    from tests.helpers.scribe import KEY_VERSIONS, Scribe

    scribes = [Scribe(demo.store, uid=f"04AA{n}", holder_id=f"h{n}") for n in range(3)]
    first, second, third = (scribe.hand_over() for scribe in scribes)
    for scribe, card, carried in (
        (scribes[1], second, "deuinfo-application/v1 deuinfo-base/v9"),
        (scribes[2], third, ""),
    ):
        scribe.tell(RenewBegun(scribe.uid, card.chip_profile))
        scribe.tell(Renewed(scribe.uid, card.chip_profile, card.card_type, key_versions=carried))
    keys(words("report", "--cards"), out(), demo)
    told = json.loads(capsys.readouterr().out)
    assert told["unknown"] == 1
    counts = {(key["name"], key["version"]): (key["cards"], key["outdated"]) for key in told["keys"]}
    assert counts == {
        ("deuinfo-application", 1): (2, False),
        ("deuinfo-base", 1): (1, False),
        ("deuinfo-base", 9): (1, True),
    }
    assert told["cards"] == [{"escn": second.escn, "uid": second.uid, "keys": ["deuinfo-base/v9"]}]
    assert first.key_versions == KEY_VERSIONS
    keys(words("report"), out(as_json=False), demo)
    assert "get v1 at their next tap" in capsys.readouterr().out
