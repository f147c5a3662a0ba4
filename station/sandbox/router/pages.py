"""The page at /: what the sandbox holds, for whoever opens it in a browser."""

from __future__ import annotations

from html import escape

from station.ports.faults import Fault
from station.sandbox.router.database import Database

_STYLE = """
:root{color-scheme:light dark} body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
.badge{background:#b3261e;color:#fff;padding:.15em .6em;border-radius:.4em;font-weight:600}
table{border-collapse:collapse;width:100%} th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8886}
code{font-size:.9em}
"""


def status_page(database: Database, fault: Fault | None) -> str:
    """Return the page as HTML."""
    persons = database.count("SELECT count(*) FROM persons")
    cards = database.count("SELECT count(*) FROM cards")
    newest = database.all(
        "SELECT cards.escn, cards.status, cards.expires_at, persons.full_name FROM cards"
        " JOIN persons ON persons.id = cards.person_id ORDER BY cards.rowid DESC LIMIT 20"
    )
    rows = "".join(
        f"<tr><td>{escape(row['full_name'])}</td><td><code>{escape(row['escn'])}</code></td>"
        f"<td>{escape(row['status'])}</td><td>{escape(row['expires_at'])}</td></tr>"
        for row in newest
    )
    broken = f"<p>Fault set: <b>{escape(fault.kind)}</b> {fault.value:g}</p>" if fault else ""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>ESC-Router sandbox</title><style>{_STYLE}</style>"
        f"<h1>ESC-Router sandbox <span class=badge>DEMO</span></h1>"
        f"<p>Nothing here is real, and nothing leaves this computer. {persons} persons, {cards} cards.</p>{broken}"
        f"<table><tr><th>Holder</th><th>Card number</th><th>Status</th><th>Valid to</th></tr>{rows}</table></html>"
    )
