"""What the groups of the portraits' review are called, in the window and on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from station.domain.errors import N_

GROUP_NAMES: Mapping[str, str] = {
    "unreadable": N_("Can’t be opened"),
    "nobody": N_("Nobody’s"),
    "bad": N_("Not usable"),
    "warn": N_("Look again"),
    "ok": N_("Good"),
    "sent_back": N_("Sent back"),
    "approved": N_("Approved"),
}
"""By the values of ``ReviewGroup``, in the order in which people look at them; light, for whoever only shows them."""
