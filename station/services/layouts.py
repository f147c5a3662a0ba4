"""Which layout cards are made to: chosen by the profile, believed if it is signed, kept for ever once it was used.

    draft ──approve (signed)──▶ approved ──retire──▶ retired        the store says how a version stands
      └────── its contents are kept as soon as a card is begun ──────▶ so that the card can be drawn again

A profile that names signers takes nothing but what one of them signed, and what ships with the station. Where it names
none, a draft can be used, too; but a layout that was altered after it was signed is refused everywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import replace

from station.domain.enrolment import Right
from station.domain.errors import N_, InputError, LayoutError
from station.domain.layout import Approval, Layout
from station.domain.layout_state import KeptLayout, LayoutState
from station.domain.message import Message
from station.ports.clock import Clock
from station.ports.secrets import Secrets
from station.ports.store import LayoutStore
from station.services.journal import Who
from station.services.rights import AllRights, Rights
from station.settings import LayoutPart

SIGNING_KEY = "layout-signing"
"""Under which name the key that approves layouts is looked for, unless another one is named."""


class NothingKept:
    """A store without layouts, for what works on files alone."""

    def keep(self, layout: KeptLayout, package: bytes | None = None) -> None:
        """Forget it."""

    def package(self, digest: str) -> None:
        """Return nothing."""
        del digest

    def all(self) -> tuple[KeptLayout, ...]:
        """Return nothing."""
        return ()


class LayoutChoice:
    """Which layouts a profile names, and those that cards were begun with. Any thread may call it."""

    def __init__(self, store: LayoutStore, signers: Collection[str] = ()) -> None:
        self._store, self._signers = store, frozenset(signers)
        self._used: dict[str, Layout] = {}
        self._lock = threading.Lock()

    def chosen(self, part: LayoutPart) -> Layout:
        """Return the layout that a profile names: its file, else the newest that was approved, else one that ships.

        Raises:
            LayoutError: it is not there, has a mistake, was altered, was retired, or nobody who is believed signed it.
        """
        from station.render.layout_file import bundled_layout, load_layout

        path = part.file or part.folder
        if path is not None:
            layout = load_layout(path, self.find)
            self._need_believed(layout, str(path))
        else:
            layout = self._newest(part.name) or bundled_layout(part.name)
        self._need_not_retired(layout)
        return layout

    def renewed(self, part: LayoutPart, layout: Layout) -> Layout:
        """Return the newest that was approved since ``layout`` was chosen by its name, else that one again.

        Raises:
            LayoutError: nobody who is believed signed the newest.
        """
        if part.file is not None or part.folder is not None:
            return layout
        newest = self._newest(part.name)
        return layout if newest is None or newest.digest == layout.digest else newest

    def of_card(self, reference: str, digest: str) -> Layout:
        """Return the layout that a card was begun with, whatever became of it since.

        Raises:
            LayoutError: it is not kept here, or what is kept was altered.
        """
        with self._lock:
            # Read and checked once: a layout's package has all its pictures and fonts, and every card asks for it.
            if digest not in self._used:
                self._used[digest] = self._kept(reference, digest)
            return self._used[digest]

    def find(self, reference: str) -> Layout | None:
        """Return the approved layout of this name and version, or ``None``."""
        for kept in self._store.all():
            if kept.reference == reference and kept.state is not LayoutState.DRAFT:
                return self.of_card(reference, kept.digest)
        return None

    def _kept(self, reference: str, digest: str) -> Layout:
        from station.render.layout_file import layout_from_bytes

        package = self._store.package(digest)
        if package is None:
            raise LayoutError(_NOT_KEPT, _ASK_FOR_IT, layout=reference)
        layout = layout_from_bytes(package, reference)
        # The store is not believed about this: whoever can write to the database could else change what cards look
        # like.
        if layout.digest != digest or layout.reference != reference:
            raise LayoutError(_NOT_KEPT, _ASK_FOR_IT, layout=reference)
        return layout

    def _newest(self, name: str) -> Layout | None:
        approved = [k for k in self._store.all() if k.name == name and k.state is LayoutState.APPROVED]
        if not approved:
            return None
        newest = max(approved, key=lambda kept: kept.version)
        layout = self.of_card(newest.reference, newest.digest)
        self._need_believed(layout, newest.reference)
        return layout

    def _need_believed(self, layout: Layout, shown: str) -> None:
        if not self._signers:
            return
        from station.render.layout_signing import fingerprint, signer

        if layout.approval is None:
            raise _not_believed(layout, shown, _NOT_SIGNED)
        if fingerprint(layout.approval.certificate) not in self._signers:
            whose = signer(layout.approval.certificate)
            raise _not_believed(layout, shown, Message(_OTHER_SIGNER, {"signer": whose}))

    def _need_not_retired(self, layout: Layout) -> None:
        for kept in self._store.all():
            # By contents: the same layout as a file, under another name, is retired as well.
            if kept.digest == layout.digest and kept.state is LayoutState.RETIRED:
                since = kept.changed_at.date().isoformat()
                raise LayoutError(_RETIRED, _TAKE_NEWER, layout=layout.reference, date=since)


class LayoutService(LayoutChoice):
    """The layouts of a desk: kept when they are used, signed, approved, retired. Any thread may call it."""

    def __init__(
        self,
        store: LayoutStore,
        clock: Clock,
        who: Who,
        signers: Collection[str] = (),
        *,
        rights: Rights | None = None,
    ) -> None:
        super().__init__(store, signers)
        self._clock, self._who, self._rights = clock, who, rights or AllRights()

    def use(self, layout: Layout) -> None:
        """Keep a layout before a card is begun with it.

        Raises:
            LayoutError: it was retired since it was chosen, here or at another desk of the same store.
        """
        self._need_not_retired(layout)
        with self._lock:
            if layout.digest not in {kept.digest for kept in self._store.all()}:
                self._write(layout, LayoutState.DRAFT)
            self._used[layout.digest] = layout

    def all(self) -> tuple[KeptLayout, ...]:
        """Return the layouts that are kept, by name and version."""
        return self._store.all()

    def sign(self, layout: Layout, keys: Secrets, key: str = SIGNING_KEY) -> Layout:
        """Return a layout with an approval of its contents as they are now, signed by a key of this station.

        Raises:
            SecretError: the key, or the certificate that goes with it, is not there.
            LayoutError: the layout has a mistake, or the certificate is not of a kind that can be believed.
        """
        from station.render.layout_file import layout_from_bytes, package_bytes
        from station.render.layout_signing import statement

        # Packed and read again before it is signed: the digest is that of what others will read, not of what is in
        # memory.
        draft = layout_from_bytes(package_bytes(replace(layout, approval=None)), layout.name)
        at, by = self._clock.now(), self._who.operator
        signed = keys.sign(key, statement(draft, draft.digest, at, by))
        approval = Approval(draft.digest, at, by, keys.certificate(key), signed)
        # Read back as any other station will read it: a signature that doesn't fit must not leave this desk.
        return layout_from_bytes(package_bytes(replace(draft, approval=approval)), layout.name)

    def approve(self, layout: Layout) -> KeptLayout:
        """Keep a signed layout as one that cards are made to.

        Raises:
            LayoutError: it is not signed, or not by anybody whom the profile names.
            NotAllowedError: this station may not approve layouts.
            StoreConflictError: this version was approved with other contents.
        """
        self._rights.need(Right.LAYOUTS)
        if layout.approval is None:
            raise _not_believed(layout, layout.name, _NOT_SIGNED)
        self._need_believed(layout, layout.name)
        self._need_not_retired(layout)
        return self._write(layout, LayoutState.APPROVED)

    def retire(self, reference: str) -> KeptLayout:
        """Take a version out of use: no new cards are made to it, but those that were can still be drawn again.

        Raises:
            InputError: no such version is kept here. NotAllowedError: this station may not retire layouts.
        """
        self._rights.need(Right.LAYOUTS)
        found = [kept for kept in self._store.all() if kept.reference == reference]
        if not found:
            raise InputError(_UNKNOWN, _SEE_LIST, layout=reference)
        approved = [kept for kept in found if kept.state is not LayoutState.DRAFT]
        at, who = self._clock.now(), self._who
        retired = replace(
            (approved or found)[-1],
            state=LayoutState.RETIRED,
            changed_at=at,
            operator=who.operator,
            station=who.station,
        )
        self._store.keep(retired)
        return retired

    def _write(self, layout: Layout, state: LayoutState) -> KeptLayout:
        from station.render.layout_file import package_bytes

        at, who = self._clock.now(), self._who
        kept = KeptLayout(
            layout.name, layout.version, layout.digest, state, layout.title, at, at, who.operator, who.station
        )
        self._store.keep(kept, package_bytes(layout))
        return kept


def _not_believed(layout: Layout, shown: str, detail: object) -> LayoutError:
    return LayoutError(_NOT_BELIEVED, _HAVE_IT_SIGNED, file=shown, layout=layout.reference, detail=detail)


_NOT_SIGNED = N_("it is not signed")
_OTHER_SIGNER = N_("it is signed by {signer}, whom the station profile does not name")
_NOT_BELIEVED = N_("The card layout {layout} can't be used: {detail}")
_HAVE_IT_SIGNED = N_("Have it approved by whom the station profile names as signers, or ask IT. Nothing was printed.")
_RETIRED = N_("The card layout {layout} was retired on {date}: no new cards are made to it.")
_TAKE_NEWER = N_("Ask IT to name a newer layout in the station profile. Cards that were made to it stay valid.")
_NOT_KEPT = N_("The card layout {layout}, with which this card was begun, is not kept here as it was then.")
_ASK_FOR_IT = N_("End this card and begin it again, or ask IT to restore the database.")
_UNKNOWN = N_("No layout {layout} is kept here.")
_SEE_LIST = N_("See which there are with: station layout list")
