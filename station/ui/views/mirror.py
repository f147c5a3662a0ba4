"""The student's mirror: a window of its own, in large type, that speaks the student's language."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.i18n import MIRROR_LANGUAGES
from station.services.notice import PROMISE, PROMISE_TITLE, QUESTION, RIGHTS, NameAnswer, notice_text
from station.ui.context import Ui
from station.ui.theme.tokens import TextStyle
from station.ui.tone import Tone
from station.ui.viewmodels.mirror import MirrorModel, MirrorPage
from station.ui.widgets.base import View, arrange
from station.ui.widgets.labels import Text
from station.ui.widgets.mirror import MirrorButton, MirrorPicture
from station.ui.widgets.panel import Panel

_BASE = (1024, 600)
_LARGEST, _SMALLEST, _STEP = 2.0, 0.5, 0.94
_NAME, _QUESTION, _LINE, _SMALL = (44, 700), (26, 600), (19, 400), (16, 400)
_SAID_ON_PICTURE = (22, 600)
_NOTHING_GIVEN = N_("If a letter or an accent is missing, press “No”.")
_SAID = {
    NameAnswer.RIGHT: N_("Thank you."),
    NameAnswer.WRONG: N_("Thank you. Please tell the person at the desk what is wrong."),
}


class MirrorWindow(View):
    """Shows a ``MirrorModel``. ``touched`` says that a button was pressed, ``key_passed`` hands on other keys."""

    touched = Signal()
    key_passed = Signal(object)

    def __init__(self, ui: Ui, mirror: MirrorModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.mirror = mirror
        self.setWindowFlag(Qt.WindowType.Window)
        # Opened or moved to another screen, it must not take the keyboard out of the operator's hands.
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("page")
        self.setMinimumSize(480, 360)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fitted: tuple[object, ...] = ()
        self._institution = Text(ui, parent=self)
        self.languages = {code: self._language_button(code) for code in MIRROR_LANGUAGES}
        self.picture = MirrorPicture(ui, self)
        self.name = Text(ui, parent=self)
        self.name.setObjectName("mirrorName")
        self.question = Text(ui, parent=self)
        self.question.setObjectName("mirrorQuestion")
        self.yes = self._answer_button("mirrorYes", Tone.OK, NameAnswer.RIGHT)
        self.no = self._answer_button("mirrorNo", Tone.WARN, NameAnswer.WRONG)
        self.said = Text(ui, parent=self)
        self.said.setObjectName("mirrorSaid")
        self._panel = Panel(ui, parent=self)
        self._notice_title = Text(ui, parent=self._panel)
        self.notice = Text(ui, parent=self._panel)
        self.notice.setObjectName("mirrorNotice")
        self._arrange()
        mirror.changed.connect(self.refresh)
        mirror.desk.camera.frame_came.connect(self._frame_came)
        self.refresh()

    def refresh(self) -> None:
        mirror, text = self.mirror, self.ui.text
        somebody = mirror.page is not MirrorPage.WELCOME
        self.setWindowTitle(text(N_("The student’s mirror")))
        self._institution.setText(mirror.institution)
        for code, button in self.languages.items():
            button.setChecked(code == mirror.tr_.language)
        self.picture.setVisible(somebody)
        self._show_picture()
        nobody = PROMISE_TITLE if mirror.promises else N_("Welcome!")
        self.name.setText(mirror.name if somebody else text(nobody))
        self.picture.setAccessibleName(self._about_picture())
        nobody = PROMISE if mirror.promises else N_("Here you will see your photo and your name.")
        self.question.setText(text(QUESTION if somebody else nobody))
        given = mirror.given
        for button, answer in ((self.yes, NameAnswer.RIGHT), (self.no, NameAnswer.WRONG)):
            button.setVisible(somebody)
            button.setChecked(given is not None and given.answer is answer)
        self.said.setVisible(somebody)
        self.said.setText(text(_SAID[given.answer] if given else _NOTHING_GIVEN))
        self._notice_title.setText(text(N_("What happens with your data")))
        notice = (
            text(notice_text(with_picture=mirror.sends_picture)),
            text(RIGHTS),
            text(N_("Responsible: {institution}."), institution=mirror.institution),
        )
        self.notice.setText(" ".join(notice))
        self._fit()
        self._look_soon()

    def notice_in_sight(self) -> bool:
        """Say whether somebody before the window can read the whole notice now."""
        # Qt calls a window visible also where the system shows it nowhere; exposed is what somebody can see.
        if not self.isVisible() or self.isMinimized() or not self.windowHandle().isExposed():
            return False
        label = self.notice
        whole = label.visibleRegion().boundingRect() == label.rect()
        return whole and label.height() >= label.heightForWidth(label.width())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Hand on what no button of the mirror wanted: it was meant for the desk."""
        self.key_passed.emit(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()
        self._look_soon()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # no button has the keyboard unless somebody went to it by Tab
        self._look_soon()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self._look_soon()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        super().closeEvent(event)
        self.mirror.desk.camera.set_second_view(QSize())
        # Closed by hand, it stays closed the next day; with the main window the model was told before, and keeps the
        # wish.
        if self.mirror.open:
            self.mirror.turn(False)

    # --- inside --------------------------------------------------------------------------------------------------

    def _language_button(self, code: str) -> MirrorButton:
        button = MirrorButton(self.ui, f"mirrorLanguage-{code}", parent=self)
        button.clicked.connect(lambda: self._pressed(lambda: self.mirror.choose_language(code)))
        return button

    def _answer_button(self, name: str, tone: Tone, answer: NameAnswer) -> MirrorButton:
        button = MirrorButton(self.ui, name, tone, self)
        button.clicked.connect(lambda: self._pressed(lambda: self.mirror.answer(answer)))
        return button

    def _pressed(self, act: Callable[[], None]) -> None:
        self._look()  # what is answered now was read as it is shown now
        act()
        self.touched.emit()

    def _arrange(self) -> None:
        top = arrange(QHBoxLayout(), gap=8)
        top.addWidget(self._institution, 1)
        for button in self.languages.values():
            top.addWidget(button)
        answers = arrange(QHBoxLayout(), gap=16)
        for button in (self.yes, self.no):
            answers.addWidget(button, 1)
        words = arrange(QVBoxLayout(), gap=10)
        for label in (self.name, self.question, self.said):
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        words.addStretch(1)
        words.addWidget(self.name)
        words.addWidget(self.question)
        words.addLayout(answers)
        words.addWidget(self.said)
        words.addStretch(1)
        self._body = arrange(QBoxLayout(QBoxLayout.Direction.LeftToRight), gap=28)
        self._body.addWidget(self.picture, 1)
        self._body.addLayout(words, 1)
        told = arrange(QVBoxLayout(self._panel), (20, 12, 20, 14), gap=4)
        told.addWidget(self._notice_title)
        told.addWidget(self.notice)
        column = arrange(QVBoxLayout(self), (24, 16, 24, 20), gap=14)
        column.addLayout(top)
        column.addLayout(self._body, 1)
        column.addWidget(self._panel)

    def _about_picture(self) -> str:
        saying = self.mirror.saying
        if self.mirror.page is MirrorPage.LIVE:
            return self.ui.tr_.message(saying.message) if saying else self.ui.text(N_("Look into the camera."))
        return self.ui.text(N_("This photo will be on your card."))

    def _show_picture(self) -> None:
        mirror, camera = self.mirror, self.mirror.desk.camera
        if mirror.page is MirrorPage.LIVE:
            camera.set_second_view(self.picture.picture_px())
            self.picture.show_live(camera.second_image if mirror.live else None)
            saying = mirror.saying
            words = self.ui.tr_.message(saying.message) if saying else ""
            self.picture.say(words, saying.tone if saying else Tone.PLAIN)
        else:
            self.picture.say("")
            camera.set_second_view(QSize())
            self.picture.show_portrait(mirror.portrait)

    def _frame_came(self) -> None:
        if self.mirror.live and self.isVisible():
            self.picture.show_live(self.mirror.desk.camera.second_image)

    def _fit(self) -> None:
        """Choose the largest type with which everything is in sight, down to half of the usual."""
        texts = (self.name.text(), self.question.text(), self.said.text())
        key = (self.size(), self.mirror.page, self.ui.tr_.language, *texts)
        if key == self._fitted:
            return
        self._fitted = key
        tall = self.height() > self.width()
        way = QBoxLayout.Direction
        self._body.setDirection(way.TopToBottom if tall else way.LeftToRight)
        base = (_BASE[1], _BASE[0]) if tall else _BASE
        scale = min(_LARGEST, self.width() / base[0], self.height() / base[1])
        self._style(scale)
        while scale > _SMALLEST and not self._fits():
            scale *= _STEP
            self._style(scale)
        if self.mirror.page is MirrorPage.LIVE:
            self.mirror.desk.camera.set_second_view(self.picture.picture_px())

    def _fits(self) -> bool:
        layout = self.layout()
        if layout is None:
            return True
        # Else Qt answers with what it measured for the larger type.
        layout.invalidate()
        layout.activate()
        high = (
            layout.minimumHeightForWidth(self.width()) if layout.hasHeightForWidth() else layout.minimumSize().height()
        )
        return layout.minimumSize().width() <= self.width() and high <= self.height() and self._longest_fits()

    def _longest_fits(self) -> bool:
        """Say whether the longest word of the name fits its line: a name is never cut, nor broken within a word."""
        metrics = self.name.fontMetrics()
        return max((metrics.horizontalAdvance(w) for w in self.name.text().split()), default=0) <= self.name.width()

    def _style(self, scale: float) -> None:
        self.name.set_style(_sized(_NAME, scale))
        self.question.set_style(_sized(_QUESTION, scale))
        self.picture.set_style(_sized(_SAID_ON_PICTURE, scale))
        self.said.set_style(_sized(_LINE, scale))
        self._institution.set_style(_sized((19, 600), scale))
        self._notice_title.set_style(_sized((17, 600), scale))
        self.notice.set_style(_sized(_LINE if self.mirror.page is MirrorPage.WELCOME else _SMALL, scale))
        for code, button in self.languages.items():
            button.set_label(MIRROR_LANGUAGES[code], _sized((15, 600), scale))
        for button, label in ((self.yes, N_("Yes")), (self.no, N_("No"))):
            button.set_label(self.ui.text(label), _sized((26, 600), scale))

    def _look_soon(self) -> None:
        QTimer.singleShot(0, self, self._look)

    def _look(self) -> None:
        if self.notice_in_sight():
            self.mirror.was_in_sight()


def _sized(usual: tuple[int, int], scale: float) -> TextStyle:
    size, weight = usual
    return TextStyle(round(size * scale), round(size * scale * 1.3), weight)
