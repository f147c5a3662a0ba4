"""Every published vector that we know of, by its kind: those kept here, and those of the shared reference beside us."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from station.chip.ciphers import aes, cipher_for, tdes
from station.chip.desfire import crypto, originality
from station.chip.desfire.applications import get_key_settings
from station.chip.desfire.auth import authenticate
from station.chip.desfire.keys import Key, change_key
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.native import Native, Protection
from station.chip.desfire.session import Ev1Session, Scheme
from station.chip.desfire.session_ev2 import Ev2Session
from station.chip.kdf import cmac_subkeys, diversify
from station.ports.secrets import KeyKind
from tests.helpers.chip import Replay, unhex

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / "tests" / "fixtures" / "desfire-vectors.json"
SHARED = ROOT / ".." / "shared" / "reference" / "desfire-vectors.json"

Case = dict[str, Any]
KEPT_CASES: dict[str, Case] = json.loads(KEPT.read_text("utf-8"))["vectors"]


def shared_cases() -> dict[str, Case]:
    if not SHARED.exists():
        return {}
    return {case["id"]: case for case in json.loads(SHARED.read_text("utf-8"))["vectors"]}


def check_kdf(name: str, case: Case) -> None:
    master, data = unhex(case["master"]), unhex(case["div_input"])
    kind = {"aes128": KeyKind.AES128, "2k3des": KeyKind.TDES2K, "3k3des": KeyKind.TDES3K}[name.split("-")[1]]
    made = diversify(kind, master, data)
    assert made == unhex(case.get("derived") or case["derived_raw"])
    if kind is KeyKind.AES128:
        assert cmac_subkeys(master) == (unhex(case["cmac_k1"]), unhex(case["cmac_k2"]))
    else:
        marked = case.get("derived_with_key_version_55_in_parity") or case["derived_with_key_version"]
        assert Key(kind, made, 0x55).sent == unhex(marked)


def check_kdf_cases(_: str, case: Case) -> None:
    for each in case["cases"]:
        assert diversify(KeyKind.AES128, unhex(each["master"]), unhex(each["div_input"])) == unhex(each["derived"])


def check_cmac(name: str, case: Case) -> None:
    cipher = (aes if "-aes-" in name else tdes)(unhex(case["key"]))
    mac = cipher.cmac(unhex(case["message"]))
    assert mac == unhex(case["cmac"])
    if "desfire_ev1_transmits" in case:
        assert mac[:8] == unhex(case["desfire_ev1_transmits"])
        assert crypto.odd_bytes(mac) == unhex(case["desfire_ev2_transmits"])


def check_crc(name: str, case: Case) -> None:
    checksum = crypto.crc16 if "16" in name else crypto.crc32
    assert checksum(unhex(case["data"])) == unhex(case["crc"])


def check_auth_ev1(_: str, case: Case) -> None:
    key, ours, theirs = unhex(case["key"]), unhex(case["rndA"]), unhex(case["rndB"])
    replay = Replay(case["exchange"])
    authenticate(DesfireLink(replay.transmit), 0, Key.aes(key), random=lambda _: ours)
    assert replay.done == len(case["exchange"])
    assert crypto.session_key(KeyKind.AES128, key, ours, theirs) == unhex(case["session_key"])


def check_full_ev1(_: str, case: Case) -> None:
    session = Ev1Session(0, aes(unhex(case["session_key"])))
    write, read = case["steps"]
    writing = Native(unhex(write["ins"])[0], unhex(write["header"]), unhex(write["plain"]), Protection.FULL)
    assert session.command(writing) == unhex(write["wire_payload"])
    assert session.answer(writing, 0, unhex(write["response"])) == b""
    plain = unhex(read["response_plain"])
    reading = Native(unhex(read["ins"])[0], unhex(read["header"]), mode=Protection.FULL, length=len(plain))
    assert session.command(reading) == unhex(read["header"])
    assert session.answer(reading, 0, unhex(read["response_cipher"])) == plain


def check_plain_ev1(_: str, case: Case) -> None:
    link = DesfireLink(Replay([("9045000000", case["response"] + "9100")]).transmit)
    link.open_session(Ev1Session(0, aes(unhex(case["session_key"]))))
    assert get_key_settings(link).settings == unhex(case["response"])[0]


def check_change_key_ev1(_: str, case: Case) -> None:
    wire = case["wire_payload"]
    replay = Replay([(f"90c40000{len(wire) // 2:02x}{wire}00", "9100")])
    link = DesfireLink(replay.transmit)
    link.selected = b"any"  # within an application, where the number of a key is just that
    link.open_session(Ev1Session(case["auth_keyno"], aes(unhex(case["session_key"]))))
    change_key(link, case["keyno"], Key.aes(unhex(case["new_key"]), case["version"]))
    assert replay.done == 1
    assert link.authenticated is None


def check_auth_ev2(_: str, case: Case) -> None:
    key, ours, theirs = unhex(case["key"]), unhex(case["rndA"]), unhex(case["rndB"])
    assert crypto.ev2_session_keys(key, ours, theirs) == (unhex(case["ses_auth_enc"]), unhex(case["ses_auth_mac"]))
    if "exchange" in case:
        link = DesfireLink(Replay(case["exchange"]).transmit)
        authenticate(link, 0, Key.aes(key), scheme=Scheme.EV2, random=lambda _: ours)
        assert isinstance(link.session, Ev2Session)
        assert (link.session.identifier, link.session.counter) == (unhex(case["ti"]), 0)


def ev2_session(case: Case) -> Ev2Session:
    keys = unhex(case.get("ses_auth_enc", "00" * 16)), unhex(case.get("ses_auth_mac", "00" * 16))
    return Ev2Session(0, keys, unhex(case["ti"]), counter=case.get("cmd_ctr", 0))


def check_iv_ev2(_: str, case: Case) -> None:
    # A first block that is the initial vector itself is enciphered as zeros are without one.
    iv = unhex(case["command_iv"])
    sent = ev2_session(case).command(Native(0x3D, b"", iv, Protection.FULL))
    key = cipher_for(KeyKind.AES128, unhex(case["ses_auth_enc"]))
    assert sent[:16] == key.encrypt(bytes(16), bytes(16))


def check_mac_ev2(_: str, case: Case) -> None:
    if "cases" not in case:
        apdu, answer = unhex(case["mac_apdu"]), unhex(case["response"])
        session, command = ev2_session(case), Native(apdu[1], unhex(case["plain_apdu"])[5:-1])
        assert session.command(command) == apdu[5:-1]
        assert session.answer(command, 0, answer[:-2]) == answer[:-10]
        return
    for each in case["cases"]:
        session = ev2_session({**case, "cmd_ctr": each["cmd_ctr"]})
        code, data, mac = unhex(each["code"])[0], unhex(each["data"]), unhex(each["mac"])
        if code:
            assert session.command(Native(code, data, mode=Protection.MACED)) == data + mac
        else:
            session.counter -= 1  # the answer counts before it is checked
            assert session.answer(Native(0, mode=Protection.MACED), 0, data + mac) == data


def check_full_ev2(_: str, case: Case) -> None:
    session, plain, apdu = ev2_session(case), unhex(case["plain_apdu"])[5:-1], unhex(case["apdu"])
    command = Native(apdu[1], plain[:7], plain[7:], Protection.FULL)
    assert session.command(command) == apdu[5:-1]
    assert session.answer(command, 0, unhex(case["response"])[:-2]) == b""


def check_originality(_: str, case: Case) -> None:
    if "keys" in case:
        assert {unhex(key) for key in case["keys"].values()} == {unhex(k) for k in originality.PUBLIC_KEYS.values()}
        return
    key, uid, signature = unhex(case["public_key"]), unhex(case["uid"]), unhex(case["signature"])
    assert originality.is_signed_by(key, uid, signature) is case["valid"]
    assert originality.made_by_nxp(uid, signature) is not None
    wrong = unhex(case["invalid_signature"]) if "invalid_signature" in case else signature[::-1]
    assert not originality.is_signed_by(key, uid, wrong)
    assert originality.made_by_nxp(uid[::-1], signature) is None


CHECKS: dict[str, Callable[[str, Case], None]] = {
    "kdf": check_kdf,
    "kdf-cases": check_kdf_cases,
    "cmac": check_cmac,
    "crc": check_crc,
    "auth-ev1": check_auth_ev1,
    "sm-ev1-full": check_full_ev1,
    "sm-ev1-plain": check_plain_ev1,
    "changekey-ev1": check_change_key_ev1,
    "auth-ev2": check_auth_ev2,
    "sm-ev2-iv": check_iv_ev2,
    "sm-ev2-mac": check_mac_ev2,
    "sm-ev2-full": check_full_ev2,
    "originality": check_originality,
}


@pytest.mark.parametrize("name", KEPT_CASES)
def test_a_published_vector(name: str) -> None:
    CHECKS[KEPT_CASES[name]["kind"]](name, KEPT_CASES[name])


@pytest.mark.parametrize("name", shared_cases() or [None])
def test_a_vector_of_the_shared_reference(name: str | None) -> None:
    if name is None:
        pytest.skip("the shared reference is not beside this checkout")
    case = shared_cases()[name]
    CHECKS[case["kind"]](name, case)


def test_nothing_of_the_shared_reference_is_missing_here() -> None:
    if not SHARED.exists():
        pytest.skip("the shared reference is not beside this checkout")
    assert set(shared_cases()) <= set(KEPT_CASES)
