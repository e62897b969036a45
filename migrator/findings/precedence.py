"""Nothing is told twice: where findings speak of one place, `rank` and `place` of their rules in `catalog/rules.toml` say which is told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from migrator.catalog.rules import Place, Rule, by_id
from migrator.model import Action, Finding

LineOf = Callable[[str, int], int]
"""The 1-based line of an offset in the file at a path."""


def told_once(findings: Iterable[Finding], line_of: LineOf) -> list[Finding]:
    """The findings in their order, without those that repeat what another one says of the same place.

    They are taken by the rank of their rules, and within a rank in the order in which they come. Only flags make others unnecessary:
    a change is never left out.
    """
    rules, told = by_id(), _Told(line_of)
    ranked = sorted(enumerate(dict.fromkeys(findings)), key=lambda pair: rules[pair[1].rule].rank)
    kept = {}
    for number, finding in ranked:
        if not told.covers(finding, rules[finding.rule]):
            told.add(finding, rules[finding.rule])
            kept[number] = finding
    return [kept[number] for number in sorted(kept)]


class _Spans:
    """Half-open ranges of one file; a file may have tens of thousands of them."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._reach: list[int] = []
        """For each start the furthest end of the ranges up to it."""

    def add(self, start: int, end: int) -> None:
        """One range more; they mostly come in the order of the file."""
        at = bisect_right(self._starts, start)
        self._starts.insert(at, start)
        self._reach.insert(at, max(end, self._reach[at - 1] if at else 0))
        for later in range(at + 1, len(self._reach)):
            if self._reach[later] >= end:
                break
            self._reach[later] = end

    def hold(self, offset: int) -> bool:
        """Is an offset in one of the ranges?"""
        at = bisect_right(self._starts, offset)
        return at > 0 and offset < self._reach[at - 1]


class _Told:
    """What has been said of files, lines and spans."""

    def __init__(self, line_of: LineOf) -> None:
        self._line_of = line_of
        self._closed: set[str] = set()
        self._files: set[str] = set()
        self._lines: set[tuple[str, int]] = set()
        self._spans: dict[tuple[str, str], _Spans] = {}
        self._messages: set[tuple[str, str, int, str]] = set()

    def covers(self, finding: Finding, rule: Rule) -> bool:
        """Does what has been said make a finding unnecessary?"""
        if finding.path in self._closed:
            return True
        if finding.action is not Action.FLAG:
            return False
        line = self._line(finding)
        if (finding.rule, finding.path, line, finding.message) in self._messages:
            return True
        match rule.place:
            case Place.FILE:
                return finding.path in self._files
            case Place.LINE:
                return (finding.path, line) in self._lines
            case Place.SPAN if finding.span is not None:
                spans = self._spans.get((finding.rule, finding.path))
                return spans is not None and spans.hold(finding.span.start)
            case _:
                return False

    def add(self, finding: Finding, rule: Rule) -> None:
        """Remember what a finding says."""
        if rule.alone:
            self._closed.add(finding.path)
        if finding.action is not Action.FLAG:
            return
        self._messages.add((finding.rule, finding.path, self._line(finding), finding.message))
        if finding.span is None:
            self._files.add(finding.path)
            return
        self._spans.setdefault((finding.rule, finding.path), _Spans()).add(*finding.span)
        (start, end), path = finding.span, finding.path
        lines = range(self._line_of(path, start), self._line_of(path, max(start, end - 1)) + 1)
        self._lines |= {(path, line) for line in lines}

    def _line(self, finding: Finding) -> int:
        return self._line_of(finding.path, finding.span.start) if finding.span is not None else 0
