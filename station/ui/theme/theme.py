"""The theme in force: the scheme the system or the person chose, its fonts, and the news when it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from station.domain.errors import InputError
from station.ui.theme import tokens as t
from station.ui.theme.fonts import font_for, load_fonts, system_text_scale
from station.ui.theme.stylesheet import stylesheet

MODES = ("system", "light", "dark")


class Theme(QObject):
    """Hold the tokens in force; ``changed`` tells everything that paints to paint again."""

    changed = Signal()

    def __init__(self, app: QApplication, accent: str = t.LIGHT.accent, mode: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._accent = accent
        self._mode = mode if mode in MODES else "system"
        self._scale = system_text_scale(app.font().pointSizeF())
        self.family = load_fonts()
        self._fonts: dict[t.TextStyle, QFont] = {}
        self._metrics: dict[t.TextStyle, QFontMetrics] = {}
        # The same on every system, and painted from the palette: a system's own style has colours of its own.
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self.tokens = self._chosen()
        self._apply()

    @property
    def mode(self) -> str:
        """Return what the person chose: ``system``, ``light`` or ``dark``."""
        return self._mode

    def set_mode(self, mode: str) -> None:
        """Follow the system, or don't."""
        self._mode = mode if mode in MODES else "system"
        self._renew()

    def font(self, style: t.TextStyle) -> QFont:
        """Return a step of the type scale."""
        if style not in self._fonts:
            self._fonts[style] = font_for(style, self.family, self._scale)
        return self._fonts[style]

    def metrics(self, style: t.TextStyle) -> QFontMetrics:
        """Return the metrics of a step of the type scale."""
        if style not in self._metrics:
            self._metrics[style] = QFontMetrics(self.font(style))
        return self._metrics[style]

    def scaled(self, px: int) -> int:
        """Return a length that follows the size of the text."""
        return round(px * self._scale)

    def colour(self, name: str) -> QColor:
        """Return a token's colour by the token's name."""
        return QColor(str(getattr(self.tokens, name)))

    def _chosen(self) -> t.Tokens:
        system_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        base = t.DARK if self._mode == "dark" or (self._mode == "system" and system_dark) else t.LIGHT
        if self._accent == t.LIGHT.accent:
            return base  # the sketch's own accent has hand-made shades
        try:
            return t.with_accent(base, self._accent)
        except InputError:
            return base  # the profile's check has told IT already; the desk stays readable

    def _system_changed(self) -> None:
        if self._mode == "system":
            self._renew()

    def _renew(self) -> None:
        chosen = self._chosen()
        if chosen != self.tokens:
            self.tokens = chosen
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        palette = QPalette()
        for role, name in _PALETTE.items():
            palette.setColor(role, self.colour(name))
        self._app.setPalette(palette)
        self._app.setFont(self.font(t.BODY))
        self._app.setStyleSheet(stylesheet(self.tokens))


_PALETTE = {
    QPalette.ColorRole.Window: "background",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "sunken",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.ToolTipBase: "text",
    QPalette.ColorRole.ToolTipText: "surface",
}
