"""No key is ever seen: not in a log, a message, a traceback with every variable, a dump of threads, or the store."""

from __future__ import annotations

import faulthandler
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from station.adapters.secrets.keyring_secrets import KeyringSecrets
from station.adapters.secrets.pkcs11 import Pkcs11Secrets
from station.adapters.secrets.sam import SamPlace, SamSecrets
from station.adapters.secrets.virtual import VirtualSecrets, demo_key
from station.chip.profiles import ChipProfile, shipped_profile
from station.chip.sam.virtual import VirtualSam, VirtualSamKey
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.errors import StationError
from station.domain.hidden import Hidden
from station.ports.chip import ChipConnection
from station.ports.secrets import KeyKind, Secrets
from station.services.key_report import needed_keys
from tests.helpers.chip import UID, Altered, Direct, Pulled, run_encode
from tests.helpers.desks import open_test_desk
from tests.helpers.keepers import MASTERS, certificate_for, filled_keyring, sam_in, signing_key, signing_key_der
from tests.helpers.keyrings import FakeKeyring, in_use
from tests.helpers.leaking import everything_logged, files_below, leaks, traceback_with_variables
from tests.helpers.softhsm import PIN, new_token

CERTIFICATE = certificate_for(signing_key()).public_bytes(serialization.Encoding.DER)
SECRET_NUMBER = signing_key().private_numbers().private_value.to_bytes(32, "big")


class Noting:
    """A keeper that notes every key that it gives out, so that the test knows what to look for."""

    def __init__(self, keeper: Secrets) -> None:
        self._keeper = keeper
        self.given: set[bytes] = set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._keeper, name)

    def diversified(self, name: str, version: int, data: bytes, kind: KeyKind = KeyKind.AES128) -> bytes:
        key = self._keeper.diversified(name, version, data, kind)
        self.given.add(Hidden(key))
        return key

    def plain_key(self, name: str, version: int, kind: KeyKind = KeyKind.AES128) -> bytes:
        key = self._keeper.plain_key(name, version, kind)
        self.given.add(Hidden(key))
        return key


def the_profile() -> ChipProfile:
    """Return the data zone's profile, believing the test's own signing key."""
    return shipped_profile("deuinfo").trusting(CERTIFICATE)


def masters() -> dict[str, bytes]:
    """Return a master key for each that the profile names."""
    names = sorted({key.entry for key in needed_keys(the_profile())})
    return dict(zip(names, MASTERS.values(), strict=False))


@pytest.fixture(params=["keyring", "pkcs11", "sam"])
def keeper(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Noting]:
    """Give each real keeper with the profile's keys."""
    with in_use(FakeKeyring()):
        keyring = KeyringSecrets()
        keyring.set("deuinfo-signing", signing_key_der())
        keyring.set("deuinfo-signing/certificate", CERTIFICATE)
        if request.param == "keyring":
            for name, key in masters().items():
                keyring.set(name, key)
            yield Noting(keyring)
        elif request.param == "sam":
            numbers = {name.split("/")[0]: number for number, name in enumerate(masters())}
            sam = VirtualSam({n: VirtualSamKey("aes128", {1: key}) for n, key in enumerate(masters().values())})
            readers = sam_in("SAM", sam)
            yield Noting(SamSecrets(SamPlace("SAM", numbers), lambda: readers, keyring))
        else:
            token = new_token(tmp_path_factory.getbasetemp())
            for name, key in masters().items():
                token.put(name, key)
            token.put_signing_key("deuinfo-signing", signing_key())
            keyring.set(token.place.pin_name, PIN.encode())
            made = Pkcs11Secrets(token.place, keyring)
            yield Noting(made)
            made.close()


def hidden_keys(keeper: Noting) -> list[bytes]:
    """Return everything that may be seen nowhere."""
    return [*masters().values(), *keeper.given, SECRET_NUMBER]


def a_blank() -> VirtualDesfire:
    """Return a blank card."""
    return VirtualDesfire.new(uid=UID)


def how_long(keeper: Noting) -> int:
    """Encode one card well; return how many commands it took."""
    return run_encode(Direct(a_blank()), profile=the_profile(), secrets=keeper).apdus


def test_a_card_that_goes_well_tells_nothing(keeper: Noting, tmp_path: Path) -> None:
    with everything_logged() as log, (tmp_path / "threads").open("w+") as dump:
        connection = Direct(a_blank())
        report = run_encode(connection, profile=the_profile(), secrets=keeper)
        faulthandler.dump_traceback(dump)
        dump.seek(0)
        shown = [log.getvalue(), dump.read(), repr(report), repr(connection), repr(keeper._keeper), repr(the_profile())]
    assert "->" in shown[0]  # the conversation with the card was logged
    assert len(keeper.given) >= 3
    assert leaks(hidden_keys(keeper), *shown) == []


def flipped(at: int) -> Callable[[int, bytes], bytes]:
    """Return what spoils one answer of a card by one bit."""
    return lambda index, answer: bytes([answer[0] ^ 1, *answer[1:]]) if index == at else answer


def refused(at: int, status: int) -> Callable[[int, bytes], bytes]:
    """Return what has the card refuse one command."""
    return lambda index, answer: bytes([0x91, status]) if index == at else answer


TROUBLES: dict[str, Callable[[int], ChipConnection]] = {
    "pulled": lambda at: Pulled(a_blank(), at),
    "flipped": lambda at: Altered(a_blank(), flipped(at)),
    "authentication error": lambda at: Altered(a_blank(), refused(at, 0xAE)),
    "integrity error": lambda at: Altered(a_blank(), refused(at, 0x1E)),
    "no room": lambda at: Altered(a_blank(), refused(at, 0x0E)),
}


# A pulled card takes each keeper's own way; what else a card may do is told by the same code for all of them.
@pytest.mark.parametrize(
    ("keeper", "trouble"),
    [*(("keyring", trouble) for trouble in TROUBLES), ("pkcs11", "pulled"), ("sam", "pulled")],
    indirect=["keeper"],
)
def test_whatever_goes_wrong_at_any_command_tells_nothing(keeper: Noting, trouble: str) -> None:
    ended = 0
    for at in range(how_long(keeper)):
        with everything_logged() as log:
            try:
                run_encode(TROUBLES[trouble](at), profile=the_profile(), secrets=keeper)
            except StationError as error:
                ended += 1
                told = [str(error), repr(error), repr(error.params), traceback_with_variables(error)]
            else:
                told = []
        assert leaks(hidden_keys(keeper), log.getvalue(), *told) == [], f"{trouble} at command {at}"
    assert ended > 5


@pytest.mark.parametrize("spoil", ["00" * 15, "zz" * 16, "half"])
def test_a_key_that_is_none_is_not_shown_either(spoil: str) -> None:
    kept = (MASTERS["base/v1"].hex()[:31] if spoil == "half" else spoil).encode()
    with in_use(FakeKeyring()):
        keyring = filled_keyring(KeyringSecrets())
        keyring.set("base/v1", kept)
        keyring.set("signer", kept)
        for use in (lambda: keyring.diversified("base", 1, b"x"), lambda: keyring.sign("signer", b"x")):
            with pytest.raises(StationError) as caught:
                use()
            text = traceback_with_variables(caught.value)
            assert kept.decode() not in text


def test_a_desk_s_files_and_logs_hold_no_key(tmp_path: Path) -> None:
    logging.getLogger("station").debug("the desk is opened")
    keeper = VirtualSecrets(demo=True)
    with everything_logged() as log, open_test_desk(tmp_path / "desk") as bench:
        holder = bench.desk.store.holders.search("051REB123")[0]
        from station.services.headless import HeadlessRun

        report = HeadlessRun(bench.desk, tmp_path / "cards", came_out=lambda _: True, offline=True).issue(holder)
        profile = bench.desk.chip_profile
        assert report.issuance is not None
        assert report.issuance.key_versions
        parts = [report.issuance.escn, report.issuance.uid]
    keys = [demo_key(key.name, key.version) for key in needed_keys(profile)]
    number, uid = (bytes.fromhex(part.replace("-", "")) for part in parts)
    keys += [keeper.diversified("deuinfo-base", 1, number), keeper.diversified("deuinfo-base", 1, uid)]
    # The demo's own cards lie in a folder of their own, with their keys in them as in any card.
    kept = [data for place, data in files_below(tmp_path) if "cards-in-hand" not in place.parts]
    assert len(kept) > 3
    assert leaks(keys, log.getvalue(), repr(report), *kept) == []
