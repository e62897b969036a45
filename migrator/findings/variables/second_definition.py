"""The new variable beside one that stays: where a second definition can be written, and where it is left to a person."""

from __future__ import annotations

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move, Variable
from migrator.analysis.variables.decide import FROM_A_COMMAND, TYPED, cluster_entry
from migrator.analysis.variables.typed_keys import typed_line
from migrator.catalog import is_key_variable, openrouter
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.findings.edits import beside, is_env_line
from migrator.findings.variables.address_outside import new_value
from migrator.findings.variables.cluster_entries import new_entry
from migrator.model import Edit, Span
from migrator.patterns import regex
from migrator.resolve.environment import VariableRole

NAMING = (VariableRole.DEFINE, VariableRole.FORWARD, VariableRole.TYPE, VariableRole.LIST)
"""Roles of mentions that give or declare a variable: beside them the new one can be named too."""


def is_foreign(analysis: Analysis, move: Move, fact: EnvFact) -> bool:
    """Does a mention stay for somebody else's program?"""
    configured = any(image in fact.owner for image in openrouter()["images"]["configured"])
    if configured and any(analysis.language(addition.path) == "yaml" for addition in move.additions):
        return False  # the image reads what its configuration in this tree names
    return fact.identity in move.staying and not (
        move.staying[fact.identity] == TYPED and analysis.language(fact.path) not in PROGRAMS
    )


def second_line(analysis: Analysis, move: Move, variable: Variable, fact: EnvFact) -> tuple[Edit, ...]:
    """The edits that give the new variable beside the old one; none where they cannot be written or are not ours to write."""
    assert variable.new_name is not None
    if move.staying.get(fact.identity, "").startswith(FROM_A_COMMAND):
        return _from_outside(analysis, variable.new_name, fact)
    if variable.is_address and fact.how == "hcl-env" and (written := _written_address(analysis, variable, fact)):
        return written
    if is_foreign(analysis, move, fact) or (fact.how == "interface-own" and not _is_read_anew(move, fact)):
        return ()
    renamed = {other.name: other.new_name for other in analysis.variables if other.moves and other.new_name is not None}
    if (entry := cluster_entry(fact)) is not None:
        renamed[entry.name] = new_entry(entry.name, variable.new_name)
    return beside(fact, analysis.repository.files[fact.path].source, analysis.target, variable.new_name, renamed=renamed)


_ENTRY = regex(r"([ \t]*)\"?[\w.-]+\"?([ \t]*[=:][ \t]*)(?:var|local|module|data)\.[\w.-]+,?[ \t]*")


def _written_address(analysis: Analysis, variable: Variable, fact: EnvFact) -> tuple[Edit, ...]:
    """The target's address written below an entry of Terraform that takes OpenRouter's from a variable: what fills that one is not seen."""
    text = analysis.repository.files[fact.path].source.text
    begin, end = text.rfind("\n", 0, fact.span.start) + 1, text.find("\n", fact.span.end)
    end = len(text) if end < 0 else end
    line = text[begin:end].removesuffix("\r")
    match = _ENTRY.fullmatch(line)
    if match is None:
        return ()
    new = (
        f'{match[1]}{variable.new_name}{match[2]}"{new_value(analysis, variable.name)}"{"," if line.rstrip().endswith(",") else ""}'
    )
    ending = "\r\n" if text[begin:end].endswith("\r") else "\n"
    at = begin + len(line)
    return (Edit(path=fact.path, span=Span(at, at), old="", new=f"{ending}{new}"),)


def _is_read_anew(move: Move, member: EnvFact) -> bool:
    """Does something that moves read bindings of this name, so that their type has to have the new one?"""
    return any(
        fact.name == member.name and fact.how == "worker" and fact.identity not in move.staying and fact.role is VariableRole.READ
        for fact in move.envs
    )


def _from_outside(analysis: Analysis, new: str, fact: EnvFact) -> tuple[Edit, ...]:
    """A line that takes the new variable from the process around, empty where that has none: the command gives the old key.

    An empty variable is no missing one, for which some libraries read the key of another vendor.
    """
    source = analysis.repository.files[fact.path].source
    line = typed_line(fact, source.text)
    if line is None:
        return ()
    ending = "\r\n" if "\r\n" in source.text else "\n"
    return (Edit(path=fact.path, span=Span(line.end, line.end), old="", new=f"{ending}{line.new_line(new)}"),)


def lacks_second_line(analysis: Analysis, move: Move, variable: Variable, fact: EnvFact) -> bool:
    """Is this a definition of an additive variable beside which the new one has to be given by hand?"""
    return (
        fact.role in NAMING
        and fact.identity not in move.staying
        and not path_kinds.is_test(fact.path)
        and not is_env_line(fact)
        and not is_merged_before(analysis, variable, fact)
        and not second_line(analysis, move, variable, fact)
    )


def is_merged_before(analysis: Analysis, variable: Variable, fact: EnvFact) -> bool:
    """Does another line of the file become a definition of the same new variable, so that this one would be a second?"""
    if fact.role not in (VariableRole.DEFINE, VariableRole.FORWARD):
        return False
    merged = {
        other.name
        for other in analysis.variables
        if other.new_name == variable.new_name and other.name != variable.name and other.moves
    }
    alike = [other for other in analysis.facts[fact.path].envs if other.role is fact.role and not other.commented]
    names = {other.name for other in alike if other.name in merged}
    # one that gives an empty text where nothing is set keeps a library from a key of its own: it goes before one that hands the name on
    filled = {other.name for other in alike if other.value is not None}
    preferred = min([variable.name, *names], key=lambda name: (name not in filled, not is_key_variable(name), name))
    return bool(names) and preferred != variable.name
