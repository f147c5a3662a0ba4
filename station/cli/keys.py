"""``station keys``: which keys there are, whether they work, which card carries which; and putting one there."""

from __future__ import annotations

import argparse
import getpass
import re
import sys

from station.cli.output import Output
from station.domain.errors import N_, InputError
from station.domain.hidden import Hidden
from station.domain.message import Message
from station.ports.secrets import KeyKind
from station.services.desk import Desk
from station.services.key_report import check_keys, key_report, needed_keys, outdated_cards
from station.services.layouts import SIGNING_KEY

KINDS = (*(kind.value for kind in KeyKind), "signing", "certificate", "password")


def keys(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Check the keys, report which card carries which, or put one into the keyring."""
    return {"check": _check, "report": _report, "put": _put}[args.action](args, out, desk)


def _check(_args: argparse.Namespace, out: Output, desk: Desk) -> int:
    states = list(check_keys(desk.chip_profile, desk.devices.secrets, (SIGNING_KEY,)))
    out.value(
        [
            {
                "key": state.entry,
                "kind": state.kind,
                "versions": state.versions,
                "usable": state.trouble is None,
                "needed": state.needed,
                "what": "" if state.trouble is None else str(state.trouble),
            }
            for state in states
        ]
    )
    rows: list[tuple[object, ...]] = []
    for state in states:
        versions = ", ".join(f"v{version}" for version in state.versions) or "-"
        said = N_("can be used") if state.trouble is None else state.trouble.what
        params = {} if state.trouble is None else state.trouble.params
        only = "" if state.needed else Message(N_("(only for who approves card layouts here)"))
        rows.append((state.entry, state.kind, versions, Message(said, params), only))
    out.table(rows)
    if not any(state.needed for state in states):
        out.say(N_("The chip profile {profile} needs no keys."), profile=desk.chip_profile.name)
    return 0 if all(state.trouble is None for state in states if state.needed) else 1


def _report(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    report = key_report(desk.store.cards.each(), desk.chip_profile)
    value: dict[str, object] = {
        "profile": desk.chip_profile.name,
        "keys": [
            {"name": u.name, "version": u.version, "cards": u.cards, "wanted": u.wanted, "outdated": u.outdated}
            for u in report.uses
        ],
        "unknown": report.unknown,
    }
    late = list(outdated_cards(desk.store.cards.each(), desk.chip_profile)) if args.cards else []
    if args.cards:
        value["cards"] = [
            {"escn": card.escn, "uid": card.uid, "keys": [f"{name}/v{version}" for name, version in old]}
            for card, old in late
        ]
    out.value(value)
    rows: list[tuple[object, ...]] = []
    for use in report.uses:
        count = Message(N_("cards: {count}"), {"count": use.cards})
        wanted = Message(N_("get v{version} at their next tap"), {"version": use.wanted}) if use.outdated else ""
        rows.append((f"{use.name}/v{use.version}", count, wanted))
    out.table(rows)
    out.table([(card.escn, card.uid or "-", " ".join(f"{n}/v{v}" for n, v in old)) for card, old in late])
    out.say(N_("Cards in use without a key on record: {count}"), count=report.unknown)
    return 0


def _put(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    if desk.settings.demo:
        raise InputError(
            N_("The demo has test keys of its own; nothing was kept."),
            N_("Name a station profile: station --profile FILE keys put NAME"),
        )
    # The name first: nobody is asked for a key that would be refused for its place.
    _need_place(args, desk)
    desk.devices.secrets.set(args.name, _checked(args.kind, args.name, _read(out, args)))
    out.value({"kept": args.name, "kind": args.kind})
    out.say(N_("{name} is in this computer's keyring now."), name=args.name)
    return 0


def _need_place(args: argparse.Namespace, desk: Desk) -> None:
    """Refuse a name under which no such key would be looked for."""
    master = args.kind in {kind.value for kind in KeyKind}
    # A version is one byte on a DESFire (0 to 255); under any other name the key would lie there and never be found.
    shape = r"[a-z0-9-]{1,64}/v([1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])" if master else r".{1,255}"
    if args.kind == "certificate":
        shape = r".{1,240}/certificate"
    if re.fullmatch(shape, args.name) is None:
        raise InputError(
            N_("A {kind} key is never looked for under the name {name}."),
            N_("Name a master key NAME/vVERSION, as deuinfo-base/v1, and a certificate NAME/certificate."),
            kind=args.kind,
            name=args.name,
        )
    # Beside a token or a SAM a copy in the keyring would make both worthless.
    inside = {key.entry for key in needed_keys(desk.chip_profile) if key.diversified}
    if desk.settings.secrets.keeper != "keyring" and args.name in inside:
        raise InputError(
            N_("The profile says that the key {name} is not in the keyring: its keeper is {keeper}."),
            N_("Put it there with the software of its maker. Nothing was kept."),
            name=args.name,
            keeper=desk.settings.secrets.keeper,
        )


def _checked(kind: str, name: str, text: Hidden) -> Hidden:
    """Return what is to be kept; raises SecretError for what is no such key, or one that everybody knows."""
    from station.adapters.secrets.checks import certificate_der, master_key, signing_key

    if kind == "password":
        return text
    if kind == "certificate":
        return Hidden(certificate_der(text, name.removesuffix("/certificate")))
    if kind == "signing":
        signing_key(text, name)
        return text
    # As digits, as IT would have typed it into the keyring's own program.
    return Hidden(master_key(text, KeyKind(kind), name).hex().encode("ascii"))


def _read(out: Output, args: argparse.Namespace) -> Hidden:
    """Read a key from standard input: not shown while it is typed, and never on the command line."""
    if sys.stdin.isatty():
        return Hidden(getpass.getpass(out.tr.text(N_("{name} (it is not shown): "), name=args.name)).strip().encode())
    # As bytes: a key is no text, and decoding would change it.
    given = sys.stdin.buffer.read() if hasattr(sys.stdin, "buffer") else sys.stdin.read().encode()
    return Hidden(given if _is_binary(given, args.kind) else given.strip())


def _is_binary(given: bytes, kind: str) -> bool:
    """Say whether a key's own bytes were given: the last of them may look like the end of a line, and is none."""
    if kind == "password":
        return False
    if kind in {"signing", "certificate"}:
        return not given.isascii()
    return len(given) == KeyKind(kind).length
