"""A stricter question than `--check`, for a code base that has moved: does any file name OpenRouter at all?

Nothing is parsed and nothing decided: a line that names the service, its host, its packages or its keys is told unless it is excused, by a
comment (`migrate-openrouter: ignore`, on the line or above it; `ignore-file`) or because the repository's configuration excludes the file.
The name of this tool, of its configuration and of its hooks is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from migrator.discover import config
from migrator.discover.files import discover
from migrator.discover.generated import is_own_document
from migrator.discover.needles import names_openrouter
from migrator.model import Problem
from migrator.patterns import regex
from migrator.plan.suppressions import MARKER
from migrator.records import dataclass
from migrator.text.regular import read_regular
from migrator.text.source import Undecodable, decode

_NAMED = regex(r"(?<!migrate[-_])open[_-]?router|sk-or-", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A line that names OpenRouter."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What was seen, and what could not be read."""

    sights: tuple[Sight, ...]
    problems: tuple[Problem, ...]


def look(root: Path, paths: Sequence[Path]) -> Guarded:
    """Lines of the files under `paths` that name OpenRouter and are not excused. Raises `MigratorError` for a bad configuration."""
    narrowed = config.read(root)
    discovery = discover(root, paths, exclude=[word.value for word in narrowed.exclude])
    sights: list[Sight] = []
    problems = list(discovery.problems)
    for path in discovery.files:
        try:
            data = read_regular(root / path)
            if b"\0" in data[:1024] or not names_openrouter(data) or is_own_document(path, data):
                continue
            sights += _sights(path, decode(path, data, lenient=True).text)
        except (OSError, Undecodable) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            problems.append(Problem(path=path, line=0, message=f"cannot be read ({reason})", remedy="check its permissions"))
    return Guarded(sights=tuple(sights), problems=tuple(problems))


def _sights(path: str, text: str) -> list[Sight]:
    lines = text.splitlines()
    own_settings = config.own_span(path, text)
    excused = (
        set(range(text.count("\n", 0, own_settings.start) + 1, text.count("\n", 0, own_settings.stop) + 2))
        if own_settings
        else set[int]()
    )
    for number, line in enumerate(lines, start=1):
        if (marker := MARKER.search(line)) is None:
            continue
        if marker["what"].lower() == "ignore-file":
            return []
        # a comment on a line of its own speaks for the next one
        excused |= {number, number + 1} if not line[: marker.start()].strip() else {number}
    return [
        Sight(path=path, line=number, text=line.strip())
        for number, line in enumerate(lines, start=1)
        if number not in excused and _NAMED.search(line)
    ]
