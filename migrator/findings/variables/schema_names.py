"""The program's own names of a checked environment follow the variable that fills them: `runtimeEnv: { X: process.env.X }`.

The check prints the name of the schema: a message that asks for OPENROUTER_API_KEY would send people the wrong way once MG_KEY is read.
Schema, reads, uses and mocks change together, and only where every place of the tree that has the name is understood; else they keep it.
https://env.t3.gg/docs/core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Variable
from migrator.discover import path_kinds
from migrator.facts.model import Fact, FactKind
from migrator.resolve.repository import ParsedFile


def schema_names(analysis: Analysis, variable: Variable, new: str) -> list[Fact]:
    """Every place that has such a name of a variable that is renamed; none where one of them is not understood or may not be edited."""
    marks = [mark for facts in analysis.facts.values() for mark in facts.marked(FactKind.SCHEMA_NAME) if mark.text == variable.name]
    schemas = {mark.path for mark in marks if mark.note in ("read", "shape")}
    if any(mark.note == "other" for mark in marks) or not {"read", "shape"} <= {mark.note for mark in marks}:
        return []
    marks = [mark for mark in marks if not mark.note.startswith("mock:") or mark.note.removeprefix("mock:") in schemas]
    if analysis.editable is not None and any(mark.path not in analysis.editable for mark in marks):
        return []
    known = {(mark.path, mark.span.start) for mark in marks}
    known |= {
        (path, fact.span.start) for path, facts in analysis.facts.items() for fact in facts.envs if fact.name == variable.name
    }
    for path, file in analysis.repository.files.items():
        if file.module.language == "ecma" and not all(
            (path, at) in known for at in _properties(file, variable.name, in_schema=path in schemas)
        ):
            return []
        if path in schemas and re.search(rf"(?<![\w$]){re.escape(new)}(?![\w$])", file.source.text):
            return []
    return marks


def _properties(file: ParsedFile, name: str, *, in_schema: bool) -> Iterator[int]:
    """Where code has the name as a property: behind a dot, in a pattern, or as a key where that may be one of the schema's."""
    text = file.source.text
    keyed = in_schema or path_kinds.is_test(file.path)
    for found in re.finditer(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text):
        before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip("\"'` ?")
        bare = text[found.start() - 1 : found.start()] not in ('"', "'", "`")
        if file.module.region_at(found.start()) is not None and bare:
            continue  # within a comment or a longer text
        if (
            (bare and before.endswith("."))
            or before.endswith("[")
            or (keyed and after.startswith(":"))
            or (bare and before.endswith(("{", ",")) and after[:1] in ("}", ","))
        ):
            yield found.start()
