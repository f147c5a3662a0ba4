"""``station layout sign``, ``approve``, ``retire``, ``list`` and ``save``: from a draft to cards, and out of use."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.layout_new import layout_value
from station.cli.output import Output
from station.domain.errors import N_, InputError
from station.domain.layout_state import KeptLayout, LayoutState
from station.domain.message import Message
from station.services.desk import Desk

if TYPE_CHECKING:
    from station.domain.layout import Layout


def sign(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Sign a layout's contents and write the approval into its file."""
    from station.render.layout_file import load_layout, save_layout
    from station.render.layout_signing import fingerprint, signer

    target = args.out if args.out is not None else args.file
    # A draft whose old approval no longer fits is signed anew: that is what signing is for.
    draft = load_layout(args.file, desk.layouts.find, altered_is_draft=True)
    # On purpose only: once it is signed, every station that believes the signer makes cards to it.
    if not args.despite_errors:
        _need_no_errors(draft, args.file, desk)
    signed = save_layout(desk.layouts.sign(draft, desk.devices.secrets, args.key), target)
    value = layout_value(signed, target)
    approval = signed.approval
    certificate = approval.certificate if approval is not None else b""
    whose, print_ = signer(certificate), fingerprint(certificate)
    out.value({**value, "signer": whose, "fingerprint": print_})
    out.say(N_("{file}: {layout} is signed by {signer}."), file=target, layout=signed.reference, signer=whose)
    out.say(N_("Stations believe it that name this fingerprint as one of their signers: {print}"), print=print_)
    return 0


def _need_no_errors(layout: Layout, file: Path, desk: Desk) -> None:
    """Refuse to sign what the rules call wrong on this desk's printer."""
    from station.domain.lint import Level
    from station.render.linting.lint import full_lint

    found = full_lint(layout, desk.devices.printer.profile, today=desk.clock.now().date())
    errors = [finding for finding in found if finding.level is Level.ERROR]
    if errors:
        raise InputError(
            N_("{layout} has errors ({count}), so it was not signed. The first: {first}"),
            N_("See them all with: station layout lint {file}. To sign it nevertheless, add --despite-errors."),
            layout=layout.reference,
            count=len(errors),
            first=errors[0].message,
            file=file,
        )


def approve(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Keep a signed layout in the store as one that cards are made to."""
    from station.render.layout_file import load_layout

    kept = desk.layouts.approve(load_layout(args.file, desk.layouts.find))
    out.value(_value(kept))
    out.say(
        N_("The layout {layout} is approved: cards are made to it wherever the profile names it."),
        layout=kept.reference,
    )
    return 0


def retire(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Take a version out of use."""
    kept = desk.layouts.retire(args.layout)
    out.value(_value(kept))
    out.say(
        N_("The layout {layout} is retired: no new cards are made to it. Its old cards stay valid."),
        layout=kept.reference,
    )
    return 0


def show_list(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Print the layouts that are kept here."""
    found = [kept for kept in desk.layouts.all() if args.drafts or kept.state is not LayoutState.DRAFT]
    out.value([_value(kept) for kept in found])
    heads = [Message(head) for head in (N_("Layout"), N_("State"), N_("since"), N_("by"), N_("Title"))]
    rows = [(k.reference, Message(_STATES[k.state]), k.changed_at, k.operator or "-", k.title) for k in found]
    out.table(rows, heads)
    if not found:
        out.say(N_("No layout was approved here yet."))
    return 0


def save(args: argparse.Namespace, out: Output, desk: Desk) -> int:
    """Write a layout that is kept here to a file, as cards were made to it."""
    from station.render.layout_file import save_layout

    found = [k for k in desk.layouts.all() if k.reference == args.layout and k.digest.startswith(args.digest.lower())]
    approved = [kept for kept in found if kept.state is not LayoutState.DRAFT]
    if not found:
        raise InputError(
            N_("No layout {layout} is kept here."),
            N_("See which there are with: station layout list"),
            layout=args.layout,
        )
    # The approved one goes first: of drafts under one name there may be several, and none of them is the layout.
    kept = (approved or found)[-1]
    saved = save_layout(desk.layouts.of_card(kept.reference, kept.digest), args.out)
    out.value(layout_value(saved, args.out))
    out.say(N_("{file}: the layout {layout}."), file=args.out, layout=saved.reference)
    return 0


def _value(kept: KeptLayout) -> dict[str, object]:
    return {
        "layout": kept.reference,
        "name": kept.name,
        "version": kept.version,
        "title": kept.title,
        "digest": kept.digest,
        "state": kept.state,
        "changed_at": kept.changed_at,
        "operator": kept.operator,
        "station": kept.station,
    }


_STATES = {
    LayoutState.DRAFT: N_("draft"),
    LayoutState.APPROVED: N_("approved"),
    LayoutState.RETIRED: N_("retired"),
}
