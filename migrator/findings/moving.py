"""What moves: the rewrites of addresses, clients and variables, and of the tests that expect the old address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move, Variable
from migrator.analysis.sources.connections import Connection
from migrator.analysis.sources.url_context import env_owner
from migrator.analysis.variables.decide import TYPED
from migrator.analysis.variables.settings_alias import alias
from migrator.catalog import is_key_variable
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, UrlFact
from migrator.findings.edits import (
    address_edits,
    beside,
    defined_elsewhere,
    edit,
    holds_secret,
    is_env_line,
    placeholder_edit,
    redefine,
    rename,
    url_edit,
)
from migrator.findings.flags import flagged
from migrator.findings.kept_names import kept_name, stays_here
from migrator.findings.test_stubs import follows
from migrator.formats.tree import Alt, Arg, Call, Item, Node, Param, Seq
from migrator.model import Action, Applicability, Category, Edit, Finding, Source, Span
from migrator.resolve.context import LiteralRole, NodePath
from migrator.resolve.environment import VariableRole

_STUBBED = (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.ASSERTION, LiteralRole.LIST, LiteralRole.COMPARE)
_DEFINING = (VariableRole.DEFINE, VariableRole.FORWARD, VariableRole.TYPE, VariableRole.LIST)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What all changes of a move have in common."""

    applicability: Applicability
    applied: bool
    """Does this run make them, or do they wait for `--unsafe`?"""
    because: str
    keys: frozenset[str]


def keys_of(move: Move) -> frozenset[str]:
    """What ties the changes of a move together: they are made all or none."""
    names = (f"env:{variable.name}{f'@{variable.folder}' if variable.folder else ''}" for variable in move.variables)
    path, offset = move.start
    return frozenset({*names, f"move:{path}:{offset}"})


def move_of_connection(s: Analysis, connection: Connection) -> Move | None:
    """The move that takes a connection along; None where it stays."""
    return next((move for move in s.moves if any(party is connection for party in move.connections)), None)


def moving(s: Analysis) -> Iterator[Finding]:
    """The findings of all moves."""
    for move in s.moves:
        yield from _move(s, move)


def _move(s: Analysis, move: Move) -> Iterator[Finding]:
    """A finding with its edits for each place of a move."""
    terms = _Terms(
        applicability=Applicability.UNSAFE if move.unsafe else Applicability.SAFE,
        applied=not move.unsafe or s.options.unsafe,
        because=move.because or "address and key move together",
        keys=keys_of(move),
    )
    beside_old = {variable.name for variable in move.variables if variable.decision == "additive" and variable.is_address}
    for site in move.urls:
        if env_owner(site) not in beside_old:
            yield from _address(s, terms, site)
    for addition in move.additions:
        yield _finding(
            terms, RuleId.EXPLICIT_CLIENT, addition.path, addition.span, Category.CLIENT, addition.message, addition.edits
        )
    for own in move.detached:
        because = "what it calls exists only at OpenRouter"
        yield _finding(terms, RuleId.OWN_ADDRESS, own.path, own.span, Category.ENDPOINT, own.message, own.edits, why=because)
    for fact in move.envs:
        variable = next((one for one in move.variables if one.name == fact.name), None)
        # documents and recordings take no part in a rename
        if variable is not None and (s.code(fact.path) or path_kinds.is_test(fact.path)):
            yield from _variable(s, move, terms, variable, fact)
    yield from _stubs(s, move, terms)


def _finding(
    terms: _Terms,
    rule: RuleId,
    path: str,
    span: Span,
    category: Category,
    message: str,
    edits: tuple[Edit, ...],
    *,
    required: bool = True,
    why: str = "",
) -> Finding:
    # a change that waits for a word is shown where it matters; tests and messages follow it later
    quiet = not terms.applied and (not required or path_kinds.is_test(path))
    return Finding(
        rule=rule, path=path, span=span, category=category, message=message, because=why or terms.because,
        action=Action.KEEP if quiet else Action.REWRITE if terms.applied else Action.FLAG,
        applicability=terms.applicability, edits=edits, keys=terms.keys, required=required,
    )  # fmt: skip


def _address(s: Analysis, terms: _Terms, site: UrlFact) -> Iterator[Finding]:
    source = s.repository.files[site.path].source
    change = url_edit(site, source, s.target, host=site.url.kind is UrlKind.HOST)
    if change is None:
        return
    odd = f" ({site.url.odd})" if site.url.odd else ""
    yield _finding(terms, RuleId.BASE_URL, site.path, site.span, Category.BASE_URL, f"OpenRouter's address{odd}", (change,))
    if site.url.kind is UrlKind.REPORTS:
        message = f"/{site.url.path} exists at the target with other contents"
        because = "its catalogue and reply fields differ from OpenRouter's"
        yield flagged(RuleId.ENDPOINT_REPORT, site.path, site.span, Category.ENDPOINT, message, because)


def _variable(s: Analysis, move: Move, terms: _Terms, variable: Variable, fact: EnvFact) -> Iterator[Finding]:
    """One mention of a variable."""
    if variable.decision == "keep":
        yield from kept_name(s, move, variable, fact, terms.applied)
        return
    if variable.decision == "manual" or variable.new_name is None:
        return
    defines = fact.role in _DEFINING
    if id(fact) in move.staying:
        if terms.applied:
            yield from stays_here(s, move, fact)
        if not defines:
            return
    if _merged_before(s, variable, fact):
        if terms.applied:
            yield from stays_here(s, move, fact, f"{variable.new_name} takes its place too: remove this line")
    elif id(fact) in move.staying and is_env_line(fact):
        pass  # a sealed or excluded line, or one that takes its value from where the old key is kept
    elif is_env_line(fact):
        yield from _env_line(s, terms, variable, fact)
    elif variable.decision == "additive" and (defines or id(fact) in move.staying):
        yield from _second_definition(s, move, terms, variable, fact)
    else:
        yield _renamed(s, move, terms, variable, fact)


def _renamed(s: Analysis, move: Move, terms: _Terms, variable: Variable, fact: EnvFact) -> Finding:
    new = variable.new_name
    assert new is not None
    source = s.repository.files[fact.path].source
    if fact.role is VariableRole.FIELD:
        aliased = alias(fact, s.repository, new)
        message = f"the field reads {new} from now on{f'; {aliased.note}' if aliased.note else ''}"
        return _finding(terms, RuleId.SETTINGS_FIELD, fact.path, fact.span, Category.API_KEY_ENV, message, aliased.edits)
    if fact.role is VariableRole.MESSAGE:
        message, why = f"a message names {fact.name}", "it names the variable that is renamed"
        edits = rename(fact, source, new)
        return _finding(terms, RuleId.ENV_MESSAGE, fact.path, fact.span, Category.DOCS, message, edits, required=False, why=why)
    category = Category.TEST if path_kinds.is_test(fact.path) else Category.API_KEY_ENV
    category = category if s.language(fact.path) in PROGRAMS else Category.ENV_REF
    shape = placeholder_edit(fact, source, s.target) if category is Category.ENV_REF and fact.role is VariableRole.DEFINE else ()
    edits = _without_repetition(move, variable, fact, source) or (*rename(fact, source, new), *shape)
    if variable.is_address and fact.value is not None and s.language(fact.path) not in PROGRAMS:
        edits = (*edits, *address_edits(fact.path, source, fact.value.span, s.target))
    return _finding(terms, RuleId.ENV_RENAME, fact.path, fact.span, category, f"{fact.name} becomes {new}", edits)


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
    merged = {one.name for one in move.variables if one.new_name == variable.new_name}
    index = next((number for number, part in enumerate(parts) if part is node), 0)
    before = parts[index - 1] if index else None
    same = before is not None and any(
        other.name in merged and other.name != fact.name and other.node_path is not None and other.node_path.node is before
        for other in move.envs
    )
    if before is None or not same or isinstance(before, (Arg, Item, Param)):
        return ()
    return (edit(fact.path, source, Span(before.span.end, parts[index].span.end), ""),)


def _second_definition(s: Analysis, move: Move, terms: _Terms, variable: Variable, fact: EnvFact) -> Iterator[Finding]:
    """The new variable beside the old one, where a line of configuration, a list or a type names it."""
    edits = _second_line(s, move, variable, fact)
    if edits:
        category = Category.TEST if path_kinds.is_test(fact.path) else Category.ENV_REF
        yield _finding(terms, RuleId.ENV_RENAME, fact.path, fact.span, category, f"{variable.new_name} beside {fact.name}", edits)
    elif path_kinds.is_test(fact.path):
        yield _renamed(s, move, terms, variable, fact)
    elif terms.applied and not _is_foreign(s, move, fact):
        yield from stays_here(s, move, fact, f"{variable.new_name} has to be given beside it, by hand")


def _is_foreign(s: Analysis, move: Move, fact: EnvFact) -> bool:
    """Does a mention stay for somebody else's program?"""
    return id(fact) in move.staying and not (move.staying[id(fact)] == TYPED and s.language(fact.path) not in PROGRAMS)


def _second_line(s: Analysis, move: Move, variable: Variable, fact: EnvFact) -> tuple[Edit, ...]:
    assert variable.new_name is not None
    if _is_foreign(s, move, fact):
        return ()
    return beside(fact, s.repository.files[fact.path].source, s.target, variable.new_name)


def lacks_second_line(s: Analysis, move: Move, variable: Variable, fact: EnvFact) -> bool:
    """Is this a definition of an additive variable beside which the new one has to be given by hand?"""
    return (
        fact.role in _DEFINING
        and id(fact) not in move.staying
        and not path_kinds.is_test(fact.path)
        and not is_env_line(fact)
        and not _merged_before(s, variable, fact)
        and not _second_line(s, move, variable, fact)
    )


def _merged_before(s: Analysis, variable: Variable, fact: EnvFact) -> bool:
    """Does another line of the file become a definition of the same new variable, so that this one would be a second?"""
    if fact.role not in (VariableRole.DEFINE, VariableRole.FORWARD):
        return False
    others = {one.name for one in s.variables if one.new_name == variable.new_name and one.name != variable.name and one.moves}
    here = [other for other in s.facts[fact.path].envs if other.name in others and other.role is fact.role and not other.commented]
    preferred = min([variable.name, *(other.name for other in here)], key=lambda name: (not is_key_variable(name), name))
    return bool(here) and preferred != variable.name


def _env_line(s: Analysis, terms: _Terms, variable: Variable, fact: EnvFact) -> Iterator[Finding]:
    """A line of an env file: renamed without its value, or followed by one for the new name."""
    new = variable.new_name
    assert new is not None
    file = s.repository.files[fact.path]
    example = path_kinds.is_example_env(fact.path)
    secret = not variable.is_address and holds_secret(fact, example=example)
    already = defined_elsewhere(fact, s.facts[fact.path].envs, file.module, new, example=example)
    if variable.decision == "additive":
        edits = () if already else beside(fact, file.source, s.target, new, empty=not variable.is_address and not example)
        if edits:
            yield _finding(terms, RuleId.ENV_FILE, fact.path, fact.span, Category.ENV_ASSIGN, f"{new} beside {fact.name}", edits)
        return
    if variable.is_address:
        edits = rename(fact, file.source, new)
    else:
        edits = redefine(fact, file.source, new, s.target, example=example, already=already)
    if edits:
        span = fact.entry if fact.entry and not secret else fact.span
        yield _finding(terms, RuleId.ENV_FILE, fact.path, span, Category.ENV_ASSIGN, f"{fact.name} becomes {new}", edits)
        return
    yield Finding(
        rule=RuleId.ENV_FILE, path=fact.path, span=fact.span, category=Category.ENV_ASSIGN, action=Action.KEEP,
        message="a switched-off line holds an old key", because="its value must not come under the new name",
    )  # fmt: skip


def _stubs(s: Analysis, move: Move, terms: _Terms) -> Iterator[Finding]:
    """Tests that stub or expect the address of code that moves."""
    moved_files = s.files_of(move)
    spellings = {_spelling(s, site) for site in move.urls} | ({"https://openrouter.ai/api/v1"} if move.additions else set())
    for path, facts in s.facts.items():
        if not path_kinds.is_test(path) or s.language(path) not in PROGRAMS or path in moved_files:
            continue
        for fact in facts.urls:
            if fact.place in _STUBBED and (_spelling(s, fact) in spellings or follows(fact, s.target)):
                change = url_edit(fact, s.repository.files[path].source, s.target, host=fact.url.kind is UrlKind.HOST)
                if change is not None:
                    message = "a test stubs or expects the address that moves"
                    yield _finding(terms, RuleId.TEST_STUB, path, fact.span, Category.TEST, message, (change,))


def _spelling(s: Analysis, fact: UrlFact) -> str:
    """The part of an address that is swapped, as written: a test of another spelling tests something else."""
    return s.repository.files[fact.path].source.text[fact.base + fact.url.start : fact.base + fact.url.swap_end]
