"""The QR on the card before the camera: it settles a doubt about the print, and takes part in the check."""

from __future__ import annotations

from station.domain.workflow import Act, Doubted, PrintBegun, State
from station.ports.camera import Frame
from station.ports.printer import Bitmap
from station.services.capture import CameraReport, CameraState
from station.ui.viewmodels.qr import QrWatch
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from tests.helpers.window import Bench


def as_frame(side: Bitmap) -> Frame:
    """Return a rendered side as a camera would see it: blue first."""
    pixels = bytearray(side.data)
    pixels[0::3], pixels[2::3] = side.data[2::3], side.data[0::3]
    return Frame(bytes(pixels), side.width_px, side.height_px)


def test_a_code_is_seen_once(bench: Bench) -> None:
    checked = bench.hands.desk.render(bench.hands.portrayed())
    camera = bench.models.camera
    watch, seen = QrWatch(camera, bench.tasks), list[str]()
    watch.seen.connect(seen.append)
    camera.report = CameraReport(CameraState.LIVE, "test")
    camera._newest = as_frame(checked.card.front.composite)

    def another_frame() -> bool:
        camera.frame_came.emit()
        return bool(seen)

    assert not watch.watching
    camera.frame_came.emit()
    watch.start()
    bench.until(another_frame)
    assert seen == [checked.qr]
    watch.stop()


def test_the_camera_runs_for_the_qr_when_it_is_asked_for(bench: Bench) -> None:
    session = in_the_printer(bench)
    assert Todo.SHOW_QR in [offer.todo for offer in session.offers]
    session.do(Todo.SHOW_QR)
    bench.until(lambda: bench.models.camera.live)
    session.do(Todo.SHOW_QR)
    bench.until(lambda: bench.models.camera.newest is None)


def test_the_card_itself_settles_whether_it_was_printed(bench: Bench) -> None:
    session = in_the_printer(bench)
    assert session.issuance is not None
    qr = bench.hands.desk.render(session.issuance).qr
    session.qr_seen(qr)
    assert session.stage is Stage.ASK, "nobody asked for the camera"
    session.do(Todo.SHOW_QR)
    session.qr_seen(qr)
    bench.until(lambda: session.stage is Stage.HAND_OVER)
    assert session.issuance.state is State.VERIFIED


def test_another_cards_qr_settles_nothing(bench: Bench) -> None:
    session = in_the_printer(bench)
    other = bench.hands.desk.render(bench.hands.portrayed(bench.hands.martins)).qr
    session.do(Todo.SHOW_QR)
    session.qr_seen(other)
    bench.until(lambda: session.trouble is not None)
    assert session.stage is Stage.ASK


def test_what_the_camera_read_takes_part_in_the_check(bench: Bench) -> None:
    other = bench.hands.desk.render(bench.hands.portrayed(bench.hands.martins)).qr
    session = bench.reach(Stage.PRINT)
    session.attend(False)
    session.do(Todo.RETRY)
    bench.until(lambda: session.stage is Stage.VERIFY and not session.busy)
    session.do(Todo.SHOW_QR)
    if session.shows_qr:
        session.qr_seen(other)
    bench.until(lambda: session.trouble is not None)
    assert "QR" in str(session.trouble.title.params.get("detail"))


def in_the_printer(bench: Bench) -> Session:
    """Serve somebody whose card was in the printer when the station stopped."""
    encoded = bench.hands.encoded()
    journal = bench.hands.desk.journal
    printing = journal.step(encoded, PrintBegun("job-1", "printer"))
    journal.step(printing, Doubted(Act.PRINT))
    session = bench.models.desk.serve(bench.hands.liga)
    bench.until(lambda: session.stage is Stage.ASK)
    return session
