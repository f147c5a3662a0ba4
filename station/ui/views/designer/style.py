"""The style sheet of the designer's form: fields that look alike, whatever is written in them."""

from __future__ import annotations

from station.resources import asset
from station.ui.theme.tokens import RADIUS_CONTROL, Tokens

_SHEET = """
#designer {{ background: {background}; }}
#designerBar, #designerFoot {{ background: {surface}; }}
#designerBar {{ border-bottom: 1px solid {line}; }}
#designerFoot {{ border-top: 1px solid {line}; }}
#designerLeft {{ background: {surface}; border-right: 1px solid {line}; }}
#designerRight {{ background: {surface}; border-left: 1px solid {line}; }}
#canvas {{ background: {surface}; border: 0; }}
QAbstractSpinBox, QPlainTextEdit, #form QLineEdit {{
  background: {surface}; border: 1px solid {line}; border-radius: {r}px; padding: 0 8px;
  selection-background-color: {accent}; selection-color: {on_accent};
}}
QAbstractSpinBox, #form QLineEdit, #form QComboBox {{ min-height: {height}px; }}
#form QComboBox {{ padding: 0 8px; }}
QPlainTextEdit {{ padding: 4px 4px; }}
QAbstractSpinBox:focus, QPlainTextEdit:focus, #form QLineEdit:focus {{ border: 2px solid {accent}; }}
QAbstractSpinBox:focus, #form QLineEdit:focus {{ padding: 0 7px; }}
QPlainTextEdit:focus {{ padding: 3px 3px; }}
QAbstractSpinBox:disabled, QPlainTextEdit:disabled, #form QLineEdit:disabled, #form QComboBox:disabled {{
  color: {muted}; background: {background};
}}
#form QLineEdit#qt_spinbox_lineedit {{ border: 0; padding: 0; min-height: 0; background: transparent; }}
QCheckBox {{ spacing: 8px; }}
QCheckBox::indicator {{
  width: 16px; height: 16px; border: 1px solid {muted}; border-radius: 4px; background: {surface};
}}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url({tick}); }}
QCheckBox::indicator:focus {{ border: 2px solid {accent}; }}
QCheckBox:focus {{ color: {accent}; }}
"""


def designer_sheet(tokens: Tokens, height_px: int) -> str:
    """Return the style sheet for one scheme; ``height_px`` is how high a field is inside its frame."""
    tick = asset("icons", "tick-dark.svg" if tokens.dark else "tick-light.svg")
    return _SHEET.format(
        background=tokens.background,
        surface=tokens.surface,
        line=tokens.line,
        muted=tokens.muted,
        accent=tokens.accent,
        on_accent=tokens.on_accent,
        tick=tick.as_posix(),
        height=height_px,
        r=RADIUS_CONTROL,
    )
