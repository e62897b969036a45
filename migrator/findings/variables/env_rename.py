"""env-rename, settings-field, env-message: mentions of the variables of a move, in code, configuration and texts.

`env-file` and `env-keep` have files of their own; which of them a mention belongs to is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move, Variable
from migrator.analysis.variables.closed_reads import closing_edits
from migrator.analysis.variables.decide import typed
from migrator.analysis.variables.followed_tests import TESTS_WHAT_STAYS
from migrator.analysis.variables.requests_that_stay import ASKED_FOR_BY_TEST
from migrator.analysis.variables.settings_alias import alias, by_alias_alone, given_by_name
from migrator.analysis.variables.typed_keys import typed_line
from migrator.catalog.rules import RuleId
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact
from migrator.findings.edits import address_edits, edit, is_env_line, placeholder_edit, rename
from migrator.findings.flags import flagged
from migrator.findings.terms import Terms, changed, terms_of
from migrator.findings.variables.cluster_entries import entry_edits, object_edits
from migrator.findings.variables.env_file import env_line
from migrator.findings.variables.env_keep import kept_name, stays_here
from migrator.findings.variables.interfaces import describes_input, interface_edits, is_merged_input
from migrator.findings.variables.schema_names import schema_names
from migrator.findings.variables.second_definition import NAMING, is_foreign, is_merged_before, second_line
from migrator.findings.variables.wildcards import wildcards
from migrator.formats.tree import Alt, Arg, Call, Item, Node, Param, Seq, Str
from migrator.model import Category, Edit, Finding, Source, Span, Target
from migrator.patterns import regex
from migrator.resolve.context import NodePath
from migrator.resolve.environment import VariableRole
from migrator.text.secrets import is_secret_shaped


def variables_moved(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each mention of a variable of a move; documents and recordings take no part in a rename."""
    closing = closing_edits(analysis)
    for move in analysis.moves:
        terms = terms_of(analysis, move)
        yield from _objects_of_a_cluster(analysis, move, terms)
        for fact in move.envs:
            variable = next((variable for variable in move.variables if variable.name == fact.name), None)
            if variable is not None and (analysis.code(fact.path) or path_kinds.is_test(fact.path)):
                yield from _mention(analysis, move, terms, variable, fact, closing.get(fact.identity, ()))


def _objects_of_a_cluster(analysis: Analysis, move: Move, terms: Terms) -> Iterator[Finding]:
    """A finding for each entry of a Secret or ConfigMap that a renamed variable took its value from, each once."""
    seen: set[tuple[str, Span]] = set()
    for variable in move.variables:
        for fact in move.envs if variable.decision == "rename" else ():
            for path, span, edits in object_edits(analysis, variable, fact) if fact.name == variable.name else ():
                if (path, span) not in seen and analysis.code(path):
                    seen.add((path, span))
                    message = f"an entry of its own for {variable.new_name}"
                    yield changed(terms, RuleId.ENV_RENAME, path, span, Category.ENV_REF, message, edits)


def schemas_moved(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each name of a checked environment that follows a variable which is renamed in the whole tree."""
    for move in analysis.moves:
        terms = terms_of(analysis, move)
        for variable in move.variables if terms.applied else ():
            new = variable.new_name
            if variable.decision != "rename" or new is None or variable.folder:
                continue
            for mark in schema_names(analysis, variable, new):
                change = edit(mark.path, analysis.repository.files[mark.path].source, mark.span, new)
                category = Category.TEST if path_kinds.is_test(mark.path) else Category.API_KEY_ENV
                message = f"{mark.text} of the checked environment becomes {new}"
                because = "messages of the check name the variable that is read"
                yield changed(
                    terms, RuleId.ENV_RENAME, mark.path, mark.span, category, message, (change,), because=because
                )  # fmt: skip


def patterns_moved(analysis: Analysis) -> Iterator[Finding]:
    """A finding for each pattern that lets the old name of a variable through and not the new one."""
    for wildcard in wildcards(analysis):
        if wildcard.edits:
            terms = terms_of(analysis, wildcard.move)
            yield changed(
                terms,
                RuleId.ENV_RENAME,
                wildcard.path,
                wildcard.span,
                Category.ENV_REF,
                wildcard.message,
                wildcard.edits,
                because=wildcard.because,
            )
        else:
            yield flagged(RuleId.ENV_RENAME, wildcard.path, wildcard.span, Category.ENV_REF, wildcard.message, wildcard.because)


def _mention(
    analysis: Analysis, move: Move, terms: Terms, variable: Variable, fact: EnvFact, closing: tuple[Edit, ...]
) -> Iterator[Finding]:
    """One mention of a variable. `closing`: what else its read needs."""
    if variable.decision == "keep":
        yield from kept_name(analysis, move, variable, fact, terms.applied)
        return
    if variable.decision == "manual" or variable.new_name is None:
        return
    defines = fact.role in NAMING
    if variable.decision == "additive" and is_merged_input(analysis, variable, fact):
        if terms.applied:
            yield from stays_here(analysis, move, fact, f"{variable.new_name} takes its place too: remove this line")
        return
    if variable.decision == "additive" and (edits := interface_edits(analysis, variable, fact)):
        message = f"{variable.new_name} beside {fact.name}"
        yield changed(terms, RuleId.ENV_RENAME, fact.path, fact.span, Category.ENV_REF, message, edits)
        return
    if fact.identity in move.staying:
        if terms.applied:
            yield from stays_here(analysis, move, fact)
        if not defines or move.staying[fact.identity] in (TESTS_WHAT_STAYS, ASKED_FOR_BY_TEST):
            return
    if variable.decision == "additive" and describes_input(analysis, fact):
        if terms.applied:
            yield from stays_here(analysis, move, fact, "it describes an input that goes on taking the old value")
    elif is_merged_before(analysis, variable, fact):
        if terms.applied:
            yield from stays_here(analysis, move, fact, f"{variable.new_name} takes its place too: remove this line")
    elif fact.identity in move.staying and is_env_line(fact):
        pass  # a sealed or excluded line, or one that takes its value from where the old key is kept
    elif is_env_line(fact):
        yield from env_line(analysis, terms, variable, fact)
    elif variable.decision == "additive" and (defines or fact.identity in move.staying or _checked_for_both(move, fact)):
        yield from _second_definition(analysis, move, terms, variable, fact)
    else:
        yield _renamed(analysis, move, terms, variable, fact, closing)
        if fact.role is VariableRole.FIELD or fact.how == "settings-alias":
            yield from _given_by_alias(analysis, terms, variable.new_name, fact)


def _checked_for_both(move: Move, fact: EnvFact) -> bool:
    """Is it the key of a schema that checks the environment, and is what the schema gives also read by something that stays?"""
    return fact.how == "schema-key" and any(
        other.name == fact.name
        and other.identity in move.staying
        and other.role is VariableRole.READ
        and not other.how.startswith(_FROM_THE_PROCESS)
        for other in move.envs
    )


_FROM_THE_PROCESS = ("process.env", "import.meta.env", "Deno.env", "Bun.env")
"""Reads that pass a schema by."""


def _given_by_alias(analysis: Analysis, terms: Terms, new: str, fact: EnvFact) -> Iterator[Finding]:
    """Where the class is made with the field's name as a keyword, the alias takes its place."""
    for path, span in given_by_name(fact, analysis.repository):
        change = edit(path, analysis.repository.files[path].source, span, new)
        category = Category.TEST if path_kinds.is_test(path) else Category.API_KEY_ENV
        message = f"a field with an alias is given by the alias: {new}"
        yield changed(terms, RuleId.SETTINGS_FIELD, path, span, category, message, (change,))


def _renamed(analysis: Analysis, move: Move, terms: Terms, variable: Variable, fact: EnvFact, closing: tuple[Edit, ...]) -> Finding:
    new = variable.new_name
    assert new is not None
    source = analysis.repository.files[fact.path].source
    if fact.role is VariableRole.FIELD:
        aliased = alias(fact, analysis.repository, new)
        message = f"the field reads {new} from now on"
        return changed(terms, RuleId.SETTINGS_FIELD, fact.path, fact.span, Category.API_KEY_ENV, message, aliased.edits)
    if fact.role is VariableRole.MESSAGE:
        message, because = f"a message names {fact.name}", "it names the variable that is renamed"
        edits = _named_twice(move, variable, fact, source) or rename(fact, source, new)
        edits = (*edits, *_sample(fact, source, analysis.target))
        return changed(
            terms, RuleId.ENV_MESSAGE, fact.path, fact.span, Category.DOCS, message, edits, required=False, because=because
        )
    category = Category.TEST if path_kinds.is_test(fact.path) else Category.API_KEY_ENV
    category = category if analysis.language(fact.path) in PROGRAMS else Category.ENV_REF
    shape = (
        placeholder_edit(fact, source, analysis.target) if category is Category.ENV_REF and fact.role is VariableRole.DEFINE else ()
    )
    edits = (
        _switched_off(variable, fact, source)
        or _without_repetition(move, variable, fact, source)
        or (*rename(fact, source, new), *shape, *entry_edits(analysis, variable, fact), *closing)
    )
    if fact.how == "settings-alias":
        edits = (*edits, *by_alias_alone(fact, analysis.repository).edits)
    if variable.is_address and fact.value is not None and analysis.language(fact.path) not in PROGRAMS:
        edits = (*edits, *address_edits(fact.path, source, fact.value.span, analysis.target))
    return changed(terms, RuleId.ENV_RENAME, fact.path, fact.span, category, f"{fact.name} becomes {new}", edits)


_SAMPLE = regex(r"""\s*[=:]\s*[\\"'`<]*(?P<key>sk-or-[\w.*…-]*)""")
"""What a message may show behind the name: `OPENROUTER_API_KEY=sk-or-v1-...`."""


def _sample(fact: EnvFact, source: Source, target: Target) -> tuple[Edit, ...]:
    """The sample of a key behind a renamed variable's name gets the shape of the new key."""
    shown = _SAMPLE.match(source.text, fact.span.end)
    if shown is None or is_secret_shaped(shown["key"]):
        return ()
    return (edit(fact.path, source, Span(*shown.span("key")), target.key_example),)


_OR = regex(r"\s*(?:,|/|\||\b(?:or|and)\b)\s*")


def _named_twice(move: Move, variable: Variable, fact: EnvFact, source: Source) -> tuple[Edit, ...]:
    """`Set LLM_API_KEY or OPENROUTER_API_KEY`: a message that names two variables which become one names it once."""
    merged = {other.name for other in move.variables if other.new_name == variable.new_name}
    ends = [
        other.span.end
        for other in move.envs
        if other.path == fact.path and other.name in merged and other.name != fact.name and other.role is fact.role
    ]
    before = max((end for end in ends if end <= fact.span.start), default=None)
    if before is None or not _OR.fullmatch(source.text, before, fact.span.start):
        return ()
    return (edit(fact.path, source, Span(before, fact.span.end), ""),)


def _switched_off(variable: Variable, fact: EnvFact, source: Source) -> tuple[Edit, ...]:
    """A line with a real key becomes a comment, and one below it takes the new variable."""
    value = fact.value
    if variable.is_address or is_env_line(fact) or not isinstance(value, Str) or not typed(value.value):
        return ()
    line = typed_line(fact, source.text)
    if line is None or variable.new_name is None:
        return ()
    ending = "\r\n" if "\r\n" in source.text else "\n"
    return (
        Edit(path=fact.path, span=Span(line.start, line.start), old="", new="# "),
        Edit(path=fact.path, span=Span(line.end, line.end), old="", new=f"{ending}{line.new_line(variable.new_name)}"),
    )


def _without_repetition(move: Move, variable: Variable, fact: EnvFact, source: Source) -> tuple[Edit, ...]:
    """Two old variables that become one are read once: the second alternative goes, with what joins it to the first."""
    up = fact.node_path.up if fact.node_path is not None else None
    node = fact.node_path.node if fact.node_path is not None else None
    parts: tuple[Node, ...] = ()
    match up:
        case NodePath(node=Alt(parts=parts)) | NodePath(node=Seq(items=parts)):
            pass
        case NodePath(node=Arg(), up=NodePath(node=Call(args=args))) if len(args) > 1 and all(arg.name is None for arg in args):
            parts = tuple(arg.value for arg in args)
        case _:
            return ()
    merged = {other.name for other in move.variables if other.new_name == variable.new_name}
    index = next((number for number, part in enumerate(parts) if part is node), 0)
    before = parts[index - 1] if index else None
    same = before is not None and any(
        other.name in merged and other.name != fact.name and other.node_path is not None and other.node_path.node is before
        for other in move.envs
    )
    if before is None or not same or isinstance(before, (Arg, Item, Param)):
        return ()
    return (edit(fact.path, source, Span(before.span.end, parts[index].span.end), ""),)


def _second_definition(analysis: Analysis, move: Move, terms: Terms, variable: Variable, fact: EnvFact) -> Iterator[Finding]:
    """The new variable beside the old one, where a line of configuration, a list or a type names it."""
    edits = second_line(analysis, move, variable, fact)
    if edits:
        category = Category.TEST if path_kinds.is_test(fact.path) else Category.ENV_REF
        yield changed(terms, RuleId.ENV_RENAME, fact.path, fact.span, category, f"{variable.new_name} beside {fact.name}", edits)
    elif path_kinds.is_test(fact.path):
        yield _renamed(analysis, move, terms, variable, fact, ())
    elif terms.applied and not is_foreign(analysis, move, fact):
        yield from stays_here(analysis, move, fact, f"{variable.new_name} has to be given beside it, by hand")
