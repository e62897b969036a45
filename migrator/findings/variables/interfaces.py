"""A new input beside the old one, where an action or a workflow of this tree is given its key or address by its callers.

The old input stays for whoever passes it, and nothing that moves reads it: https://docs.github.com/en/actions/reference/workflows-and-actions
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Variable
from migrator.analysis.variables.interfaces import handed_to_interface, interface_reference
from migrator.catalog import is_key_variable
from migrator.catalog.variables import target_stem
from migrator.facts.model import EnvFact
from migrator.findings.edits import with_target
from migrator.findings.variables.address_outside import new_value
from migrator.formats.tree import EnvDef, EnvRef
from migrator.model import Edit, Span
from migrator.resolve.environment import VariableRole

_DECLARED = "actions-input"


def interface_edits(analysis: Analysis, variable: Variable, fact: EnvFact) -> tuple[Edit, ...]:
    """The new input, what is defined from it and what is passed to it; empty for a place that has no part in an interface.

    Where both variables are needed, an action that only this tree calls needs both inputs too.
    """
    assert variable.new_name is not None
    if fact.how == _DECLARED:
        return _declared(analysis, variable, fact.path, fact.entry, variable.new_name)
    if (taken := interface_reference(analysis, fact, of_any=True)) is not None and fact.entry is not None:
        name = new_input(analysis, variable, taken.name)
        line = _line_beside(analysis, fact.path, fact.entry, {fact.name: variable.new_name, taken.name: name})
        first = taken.name != fact.name and fact is next(_defined_from(analysis, fact.path, taken), None)
        declaration = _declaration(analysis, fact.path, taken.name) if first else None
        if first and declaration is None:
            return ()
        made = _declared(analysis, variable, fact.path, declaration, name) if declaration is not None else ()
        return (*line, *made) if line and bool(made) == first else ()
    if handed_to_interface(analysis, fact, of_any=True):
        entry = next(step.node for step in fact.node_path.ancestors() if isinstance(step.node, EnvDef)) if fact.node_path else None
        if entry is not None:
            names = {entry.name: new_input(analysis, variable, entry.name), fact.name: variable.new_name}
            return _line_beside(analysis, fact.path, entry.span, names)
    return ()


def is_merged_input(analysis: Analysis, variable: Variable, fact: EnvFact) -> bool:
    """Does the new input stand beside another old one already, whose variable becomes the same?"""
    others = {
        other.name
        for other in analysis.variables
        if other.new_name == variable.new_name
        and other.moves
        and (not is_key_variable(other.name), other.name) < (not is_key_variable(variable.name), variable.name)
    }
    return any(
        other.name in others and bool(interface_edits(analysis, variable, other)) for other in analysis.facts[fact.path].envs
    ) and bool(interface_edits(analysis, variable, fact))


def describes_input(analysis: Analysis, fact: EnvFact) -> bool:
    """Is it a word in the description of an action's input, beside which a new one is declared?"""
    if fact.role is not VariableRole.MESSAGE:
        return False
    nodes = analysis.repository.files[fact.path].module.body
    inputs = (node.span for node in nodes if isinstance(node, EnvDef) and node.how == _DECLARED)
    return any(span.start <= fact.span.start < span.end for span in inputs)


def new_input(analysis: Analysis, variable: Variable, old: str) -> str:
    """The name of the input that takes the place of `old`, in the manner of writing of the old one."""
    if old == variable.name:
        return str(variable.new_name)
    alike = {other.new_name for other in analysis.variables if other.moves and other.is_address == variable.is_address}
    name = f"{target_stem(analysis.target.key_env)}_BASE_URL" if variable.is_address else analysis.target.key_env
    name = name if len(alike) <= 1 else str(variable.new_name)  # one input for two of them would hold one value
    name = name if old == old.upper() else name.lower()
    return name.replace("_", "-") if "-" in old else name


def _defined_from(analysis: Analysis, path: str, taken: EnvRef) -> Iterator[EnvFact]:
    for other in analysis.facts[path].envs:
        ref = interface_reference(analysis, other, of_any=True)
        if ref is not None and ref.name == taken.name:
            yield other


def _declaration(analysis: Analysis, path: str, name: str) -> Span | None:
    nodes = analysis.repository.files[path].module.body
    return next((node.span for node in nodes if isinstance(node, EnvDef) and node.how == _DECLARED and node.name == name), None)


def _declared(analysis: Analysis, variable: Variable, path: str, span: Span | None, name: str) -> tuple[Edit, ...]:
    """An optional input below the old one. Empty where the old one does not begin a line, or the new one is there already."""
    text = analysis.repository.files[path].source.text
    if span is None or _declaration(analysis, path, name) is not None:
        return ()
    begin = _begin(text, span.start)
    indent = text[begin : span.start]
    if indent.strip() or not indent:
        return ()
    below = re.search(r"\n([ ]+)\S", text[span.start : span.end])
    deeper = below[1] if below is not None else f"{indent}  "
    ending = "\r\n" if "\r\n" in text else "\n"
    what = f"The address of {analysis.target.title}" if variable.is_address else f"A key of {analysis.target.title}"
    lines = [f"{indent}{name}:", f"{deeper}description: {what}", f"{deeper}required: false"]
    if "workflow_call" in text and re.search(r"\btype:", text[span.start : span.end]):
        lines.append(f"{deeper}type: string")
    if variable.is_address:
        lines.append(f"{deeper}default: {new_value(analysis, variable.name)}")
    end = span.start + len(text[span.start : span.end].rstrip())
    end = _end(text, end)
    return (Edit(path=path, span=Span(end, end), old="", new="".join(f"{ending}{line}" for line in lines)),)


def _line_beside(analysis: Analysis, path: str, span: Span, names: dict[str, str]) -> tuple[Edit, ...]:
    """The line of an entry once more with other names; empty for an entry that does not have its lines for itself."""
    text = analysis.repository.files[path].source.text
    begin, end = _begin(text, span.start), _end(text, span.end)
    line = text[begin:end]
    if text[begin : span.start].strip() or text[span.end : end].strip().startswith((",", "}")) or "\n" in line.strip():
        return ()
    for old, new in names.items():
        line = re.sub(rf"(?<![A-Za-z0-9_]){re.escape(old)}(?![A-Za-z0-9_])", new, line)
    line = with_target(line, analysis.target)
    return (Edit(path=path, span=Span(end, end), old="", new=("\r\n" if "\r\n" in text else "\n") + line.rstrip()),)


def _begin(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _end(text: str, at: int) -> int:
    stop = text.find("\n", at)
    stop = len(text) if stop < 0 else stop
    return stop - 1 if stop > at and text[stop - 1] == "\r" else stop
