"""The style sheet of the stock widgets, made from the tokens; what is special is painted by hand."""

from __future__ import annotations

from station.resources import asset
from station.ui.theme.tokens import RADIUS_BUTTON, RADIUS_CONTROL, Tokens

# Menus scroll: on a small screen Qt would lay a second column of theirs beyond its edge.
_SHEET = """
QWidget {{ color: {text}; }}
QMainWindow, #page {{ background: {background}; }}
#surface {{ background: {surface}; }}
#header {{ background: {surface}; border-bottom: 1px solid {line}; }}
#statusBar {{ background: {surface}; border-top: 1px solid {line}; }}
#listColumn {{ background: {surface}; border-right: 1px solid {line}; }}
#cardColumn {{ background: {surface}; border-left: 1px solid {line}; }}
#popup {{ background: {surface}; border: 1px solid {line}; border-radius: {r_button}px; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: 0; }}
QListView, QTreeView, QTableView {{ background: transparent; border: 0; outline: 0; }}
QTableView {{ selection-background-color: transparent; }}
QTreeView::item {{ padding: 2px 4px; }}
QTreeView::item:selected {{ background: {accent_weak}; color: {text}; }}
QLineEdit {{
  background: {background}; border: 1px solid {line}; border-radius: {r_button}px; padding: 0 12px;
  selection-background-color: {accent}; selection-color: {on_accent}; placeholder-text-color: {muted};
}}
QLineEdit:focus {{ border: 2px solid {accent}; padding: 0 11px; background: {surface}; }}
QDateEdit {{
  background: {background}; border: 1px solid {line}; border-radius: {r_button}px; padding: 0 0 0 12px;
  selection-background-color: {accent}; selection-color: {on_accent};
}}
QDateEdit:focus {{ border: 2px solid {accent}; padding: 0 0 0 11px; background: {surface}; }}
QDateEdit::up-button, QDateEdit::down-button {{ border: 0; width: 0; }}
QTextBrowser {{ background: {surface}; border: 0; selection-background-color: {accent}; selection-color: {on_accent}; }}
QComboBox {{
  background: {surface}; border: 1px solid {line}; border-radius: {r}px; padding: 0 10px; min-height: 34px;
}}
QComboBox:focus {{ border: 2px solid {accent}; padding: 0 9px; }}
QComboBox::drop-down {{ border: 0; width: 28px; }}
QComboBox::down-arrow {{ image: url({chevron}); width: 16px; height: 16px; }}
QComboBox QAbstractItemView {{
  background: {surface}; border: 1px solid {line}; selection-background-color: {accent_weak}; selection-color: {text};
}}
QMenu {{ background: {surface}; border: 1px solid {line}; padding: 6px; menu-scrollable: 1; }}
QMenu::item {{ padding: 7px 32px 7px 28px; border-radius: {r}px; }}
QMenu::item:selected {{ background: {accent_weak}; color: {text}; }}
QMenu::item:disabled {{ color: {muted}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 6px 8px; }}
QMenu::indicator {{ left: 8px; width: 14px; height: 14px; }}
QToolTip {{ background: {text}; color: {surface}; border: 0; padding: 4px 8px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: 4px; min-height: 32px; margin: 1px; }}
QScrollBar::handle:vertical:hover {{ background: {muted}; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; }}
QScrollBar::handle:horizontal {{ background: {line}; border-radius: 4px; min-width: 32px; margin: 1px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def stylesheet(tokens: Tokens) -> str:
    """Return the style sheet for one scheme."""
    return _SHEET.format(
        background=tokens.background,
        surface=tokens.surface,
        sunken=tokens.sunken,
        line=tokens.line,
        text=tokens.text,
        muted=tokens.muted,
        accent=tokens.accent,
        accent_weak=tokens.accent_weak,
        on_accent=tokens.on_accent,
        chevron=asset("icons", "chevron.svg").as_posix(),
        r=RADIUS_CONTROL,
        r_button=RADIUS_BUTTON,
    )
