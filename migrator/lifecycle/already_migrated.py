"""What already talks to the target: after the rewrite no file names OpenRouter, and still its models have to be checked.

A file counts as moved when it names the target's host or key variable. Its model ids are read off the same facts that a plan
uses; of its variables only the target's own is of interest. Files that still name OpenRouter are the plan's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from migrator.discover import path_kinds
from migrator.model import EnvRow, Location, ModelRow, Plan, Problem, Source
from migrator.options import Options
from migrator.records import dataclass, replace
from migrator.text.source import Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What the moved files hold."""

    models: tuple[ModelRow, ...]
    env: tuple[EnvRow, ...]
    sources: dict[str, Source]
    problems: tuple[Problem, ...] = ()
    """Files that this tool itself failed on; those that cannot be read are the plan's."""


def look(root: Path, given: Sequence[Path], options: Options) -> Moved:
    """Model ids and the target's key variable in every file that names the target.

    A file that cannot be read is left out: the plan of the same paths says so where it matters.
    """
    from migrator.discover.files import discover
    from migrator.discover.prefilter import sift_for
    from migrator.facts.model import FactKind
    from migrator.facts.read import read
    from migrator.formats import lower
    from migrator.formats.tree import Unreadable
    from migrator.plan.boundaries import fault
    from migrator.resolve.repository import ParsedFile, Repository
    from migrator.text.source import Undecodable, decode

    target = options.target
    discovery = discover(root, given, include=options.include, exclude=options.exclude)
    hosts = {urlsplit(base).netloc for base in (target.openai_base, target.anthropic_base) if base}
    data = sift_for(root, discovery.files, frozenset(word.encode() for word in (*hosts, target.key_env)))
    whole = _whole(target.key_env)
    files: dict[str, ParsedFile] = {}
    problems: list[Problem] = []
    for path, content in data.items():
        if _aside(path):
            continue
        try:
            source = decode(path, content)
            if not any(host in source.text for host in hosts) and not whole.search(source.text):
                continue
            files[path] = ParsedFile(source, lower(source))
        except (Undecodable, Unreadable):
            continue
        except Exception as error:
            problems.append(fault(path, error))
    repository = Repository(files=files, paths=frozenset(discovery.files), fetch=lambda _path: None)
    kinds = {
        FactKind.MODEL: "unknown",
        FactKind.MODEL_VARIANT: "variant",
        FactKind.MODEL_ROUTER: "router-only",
        FactKind.MODEL_PREFIX: "prefixed",
    }
    where: dict[tuple[str, str], set[Location]] = {}
    for path, file in sorted(files.items()):
        try:
            marks = read(file, repository).marks
        except Exception as error:
            problems.append(fault(path, error))
            continue
        for mark in marks:
            if mark.kind in kinds and not mark.text.startswith(":"):
                place = Location(path=path, line=file.lines.line(mark.span.start))
                where.setdefault((mark.text, kinds[mark.kind]), set()).add(place)
    models = tuple(
        ModelRow(id=id_, locations=_sorted(places), status=status, note="") for (id_, status), places in sorted(where.items())
    )
    sources = {path: file.source for path, file in sorted(files.items())}
    return Moved(models=models, env=_variable(target.key_env, sources), sources=sources, problems=tuple(problems))


def join(plan: Plan, moved: Moved) -> Plan:
    """The plan's rows with those of the moved files: what the tree as a whole uses, wherever it stands on the way."""
    rows: dict[str, ModelRow] = {row.id: row for row in plan.models}
    for row in moved.models:
        known = rows.get(row.id)
        places = set(row.locations) | set(known.locations if known else ())
        rows[row.id] = replace(known or row, locations=_sorted(places))
    named = {row.name for row in plan.env}
    return replace(
        plan,
        models=tuple(row for _, row in sorted(rows.items())),
        env=(*plan.env, *(row for row in moved.env if row.name not in named)),
        sources={**plan.sources, **moved.sources},
        problems=tuple(dict.fromkeys((*plan.problems, *moved.problems))),
    )


def _variable(name: str, sources: dict[str, Source]) -> tuple[EnvRow, ...]:
    """Where the target's variable is read and defined, by the shape of the line: enough to say which service needs the key."""
    whole = _whole(name)
    defines = re.compile(rf"^\s*(?:-\s+|export\s+|ENV\s+|ARG\s+)?[\"']?{re.escape(name)}[\"']?\s*[:=]")
    readers: set[Location] = set()
    definers: set[Location] = set()
    for path, source in sources.items():
        lines = Lines(source.text)
        for match in whole.finditer(source.text):
            number = lines.line(match.start())
            start, end = lines.span(number)
            program = path.endswith((".py", ".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".ipynb"))
            into = definers if not program and defines.match(source.text[start:end]) else readers
            into.add(Location(path=path, line=number))
    if not readers and not definers:
        return ()
    because = "the target's own variable"
    row = EnvRow(name=name, new_name=None, decision="keep", because=because, readers=_sorted(readers), definers=_sorted(definers))
    return (row,)


def _whole(name: str) -> re.Pattern[str]:
    """The variable by its name; with a framework's prefix or a qualifier it is still the same key: `VITE_MG_KEY`, `MG_KEY_PROD`."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")


def _aside(path: str) -> bool:
    return path_kinds.is_test(path) or path_kinds.is_document(path) or path_kinds.is_recorded(path)


def _sorted(places: set[Location]) -> tuple[Location, ...]:
    return tuple(sorted(places, key=lambda place: (place.path, place.line)))
