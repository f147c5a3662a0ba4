"""One thing that a desk recorded while it was alone and that contradicts what others recorded: a person decides."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, SECONDARY, STRONG
from station.ui.viewmodels.doubts import DoubtsModel, MergeLine
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel


class MergePanel(Panel):
    """Says whose card it is, what contradicts what, and offers the two ways to settle it."""

    def __init__(self, ui: Ui, model: DoubtsModel, line: MergeLine, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent=parent)
        doubt, tr = line.doubt, ui.tr_
        self.setObjectName(f"unmerged-{doubt.number}")
        rows = arrange(QVBoxLayout(self), (18, 12, 14, 12), gap=2)
        name = line.holder.full_name if line.holder else "?"
        head = OneLine(ui, STRONG, parent=self)
        head.set_text(f"{name} · {doubt.escn}" if doubt.escn else name)
        rows.addWidget(head)
        day, time = tr.date(doubt.at.astimezone().date()), tr.time(doubt.at)
        for message, params, style, colour in (
            (_WHAT, {"day": day, "time": time}, BODY, "text"),
            ("{why}", {"why": tr.message(doubt.reason)}, BODY, "warn"),
            (_HANDED_OVER if doubt.handed_over else _NOT_HANDED_OVER, {}, BODY, "text"),
            (_HOW, {}, SECONDARY, "muted"),
        ):
            text = Text(ui, style, colour, parent=self)
            text.setText(ui.text(message, **params))
            rows.addWidget(text)
        buttons = arrange(QHBoxLayout(), gap=8)
        buttons.addStretch(1)
        for label, named, press in (
            (N_("Merge it again"), N_("Merge the card of {name} again"), model.merge_again),
            (N_("Let the others’ record count"), N_("Let the others’ record of {name} count"), model.set_aside),
        ):
            button = QuietButton(ui, self)
            button.set_label(ui.text(label))
            button.setAccessibleName(ui.text(named, name=name))
            button.clicked.connect(lambda _checked=False, press=press: press(line))
            buttons.addWidget(button)
        rows.addLayout(buttons)


_WHAT = N_("Recorded here on {day} at {time}, while the database was away. Others recorded something else meanwhile.")
_HANDED_OVER = N_("The holder has a card of this number.")
_NOT_HANDED_OVER = N_("The card was not handed over.")
_HOW = N_(
    "Put the cause right first: block the card that is not to be used, or take it back. Until then what the others"
    " recorded counts, and nothing of this is lost."
)
