"""How often checks of portraits were gone over: counts per check, so that a check that errs is found; nobody's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from station.domain.portrait import PortraitFinding
from station.photo.checks import LABELS, CheckName, Verdict
from station.ports.store import PortraitStore


@dataclass(frozen=True, slots=True)
class CheckCount:
    """What became of one check: portraits it looked at, those it advised against, and those where it was gone over.

    Reasons are left out: where few were given, one would tell of whom.
    """

    check: str
    label: str
    judged: int
    flagged: int
    overridden: int

    @property
    def share(self) -> float:
        """Return how often it was gone over, of the times that it advised against something."""
        return self.overridden / self.flagged if self.flagged else 0.0


def override_report(portraits: PortraitStore) -> tuple[CheckCount, ...]:
    """Return the counts of every check, in the order of what matters; ``label`` is a message id.

    A check that an older version of the station knew comes last, by its own name.
    """
    judged: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    overridden: Counter[str] = Counter()
    for findings in _each_still_once(portraits.all_findings()):
        for finding in findings:
            judged[finding.check] += 1
            flagged[finding.check] += finding.verdict != Verdict.OK
            overridden[finding.check] += bool(finding.override_reason) and finding.verdict != Verdict.OK
    known = [check.value for check in CheckName]
    checks = [*known, *sorted(set(judged) - set(known))]
    labels = {check.value: label for check, label in LABELS.items()}
    return tuple(
        CheckCount(check, labels.get(check, check), judged[check], flagged[check], overridden[check])
        for check in checks
    )


def _each_still_once(every: Iterable[tuple[PortraitFinding, ...]]) -> Iterator[tuple[PortraitFinding, ...]]:
    """Leave out a still that was kept again without its plain background: all its measures are the same.

    One without a face has only that to tell, which is the same of everybody.
    """
    known: set[int] = set()
    for findings in every:
        # A hash, so that of a thousand portraits no measures stay in memory.
        mark = hash(findings)
        if len(findings) < _MANY or mark not in known:
            known.add(mark)
            yield findings


_MANY = 5
"""So many measures, each to the last digit, are those of one still."""
