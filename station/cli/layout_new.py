"""``station layout new``: a layout of one's own, begun from one that is ready; and which layout a word means."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from station.cli.output import Output
from station.domain.errors import N_, InputError

if TYPE_CHECKING:
    from station.domain.layout import Layout


def run(args: argparse.Namespace, out: Output) -> int:
    """Write a new layout, version 1, a draft."""
    from station.domain.layout import edited
    from station.render.layout_file import save_layout
    from station.render.layout_schema import NAME_PATTERN

    if re.fullmatch(NAME_PATTERN, args.name) is None:
        raise InputError(
            N_("A layout can't be called {name}; nothing was written."),
            N_("Use small letters, digits and hyphens only, as in our-card. The title may be anything: --title."),
            name=args.name,
        )
    like = layout_named(args.like)
    target = args.out if args.out is not None else Path(f"{args.name}.zip")
    if target.exists():
        raise InputError(
            N_("{file} is there already; nothing was written."), N_("Choose another name, with --out."), file=target
        )
    title = like.title if args.title is None else args.title
    begun = edited(like, name=args.name, version=1, title=title, extends=like if args.extends else None)
    saved = save_layout(replace(begun, digest=""), target)
    out.value(layout_value(saved, target))
    out.say(N_("{file}: the layout {layout}, a draft."), file=target, layout=saved.reference)
    out.say(N_("Draw it in the window's designer, then check it with: station layout lint {file}"), file=target)
    return 0


def layout_named(word: str) -> Layout:
    """Return the layout in a file or folder, or the one of this name that ships; raises LayoutError."""
    from station.render.layout_file import bundled_layout, bundled_names, load_layout

    # The ready one first; a file of the same name is meant by ./NAME.
    return bundled_layout(word) if word in bundled_names() else load_layout(Path(word))


def layout_value(layout: Layout, file: Path | None = None) -> dict[str, object]:
    """Return a layout as plain values, for programs."""
    approval = layout.approval
    value: dict[str, object] = {
        "layout": layout.reference,
        "name": layout.name,
        "version": layout.version,
        "title": layout.title,
        "digest": layout.digest,
        "state": layout.state,
        "extends": layout.extends.reference if layout.extends else None,
        "approved": {"by": approval.by, "at": approval.at} if approval else None,
    }
    return value if file is None else {**value, "file": file}
