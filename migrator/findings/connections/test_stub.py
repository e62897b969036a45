"""test-stub: tests that stub or expect the address of code that moves.

They follow the code that they stub, or the suite fails. A test that sends a key which stands in it, or which it takes from elsewhere, goes on with
OpenRouter, whose key that is. A stub that knows OpenRouter by its host alone
(`nock("https://openrouter.ai").post("/api/v1/…")`, `url.includes("openrouter.ai")`) follows too, unless its path is an endpoint that only
OpenRouter has.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move
from migrator.analysis.sources.key_sources import own_key_of_test
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import UrlKind, endpoint_kind
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import UrlFact
from migrator.findings.edits import url_edit
from migrator.findings.terms import changed, terms_of
from migrator.formats.tree import Arg, Attr, Call, Item, Obj, Str
from migrator.model import Category, Edit, Finding, Target
from migrator.patterns import regex
from migrator.resolve.context import Identity, LiteralRole, NodePath, last_name

_STUBBED = (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.ASSERTION, LiteralRole.LIST, LiteralRole.COMPARE)
_STUBBING = ("nock", "get", "scope", "pool", "fetchMock")
_API = regex(r"^/?api/v1(?=/|$)")


def test_stubs(analysis: Analysis) -> Iterator[Finding]:
    """The stubs and expectations of all moves."""
    keyed, asked = with_own_key(analysis), asked_by_tests(analysis)
    for move in analysis.moves:
        yield from _stubs(analysis, move, keyed, asked)


def stubs_that_follow(analysis: Analysis, move: Move, keyed: Set[Identity], asked: Set[Identity]) -> Iterator[tuple[UrlFact, Edit]]:
    """The addresses in tests that go where a move goes, each with its change; not those `keyed`, which tests send a key of their own to.

    `asked`: those that tests send requests to.
    """
    moved_files = analysis.files_of(move)
    spellings = {_spelling(analysis, site) for site in move.urls} | ({"https://openrouter.ai/api/v1"} if move.additions else set())
    named = {fact.path for fact in move.envs if fact.identity not in move.staying}
    for path, facts in analysis.facts.items():
        if not path_kinds.is_test(path) or path in moved_files:
            continue
        program = analysis.language(path) in PROGRAMS
        for fact in facts.urls:
            if (
                fact.identity not in keyed
                and (fact.place in _STUBBED if program else fact.identity in asked or (path in named and fact.url.kind.movable))
                and (_spelling(analysis, fact) in spellings or _follows(fact, analysis.target))
            ):
                change = url_edit(fact, analysis.repository.files[path].source, analysis.target, host=fact.url.kind is UrlKind.HOST)
                if change is not None:
                    yield fact, change


def asked_by_tests(analysis: Analysis) -> set[Identity]:
    """The addresses that tests send requests to which move, such as `test_api.sh` with curl."""
    return {
        site.identity
        for connection in analysis.connections
        if path_kinds.is_test(connection.fact.path) and analysis.applies(connection)
        for site in connection.sites
    }


def _stubs(analysis: Analysis, move: Move, keyed: Set[Identity], asked: Set[Identity]) -> Iterator[Finding]:
    terms = terms_of(analysis, move)
    for fact, change in stubs_that_follow(analysis, move, keyed, asked):
        message = "a test stubs or expects the address that moves"
        yield changed(terms, RuleId.TEST_STUB, fact.path, fact.span, Category.TEST, message, (change,))


def with_own_key(analysis: Analysis) -> set[Identity]:
    """The addresses that tests send a key of their own to."""
    return {
        site.identity
        for connection in analysis.connections
        if path_kinds.is_test(connection.fact.path) and own_key_of_test(analysis.sources_of(connection)) is not None
        for site in connection.sites
    }


def _spelling(analysis: Analysis, fact: UrlFact) -> str:
    """The part of an address that is swapped, as written: a test of another spelling tests something else."""
    return analysis.repository.files[fact.path].source.text[fact.base + fact.url.start : fact.base + fact.url.swap_end]


def _follows(fact: UrlFact, target: Target) -> bool:
    """Does a bare host in a test follow the address that moves?"""
    if fact.url.kind is not UrlKind.HOST:
        return False
    paths = list(_paths(fact.node_path))
    if paths:
        served = [(prefix := _API.match(path)) is not None and endpoint_kind(path[prefix.end() :]).movable for path in paths]
        return all(served) and target.openai_base.endswith("/api/v1")
    return fact.place is LiteralRole.COMPARE


def _paths(node_path: NodePath) -> Iterator[str]:
    """Paths that the calls chained to a stub's host name, and those of the options beside it."""
    child: object = node_path.node
    for step in node_path.ancestors():
        match step.node:
            case Arg() | Attr():
                pass
            case Call(func=func, args=args):
                name = last_name(func)
                if any(arg is child for arg in args) and name not in _STUBBING:
                    return
                if not any(arg is child for arg in args):
                    yield from _written(args)
            case _:
                return
        child = step.node


def _written(args: tuple[Arg, ...]) -> Iterator[str]:
    for arg in args:
        match arg.value:
            case Str(value=value) if value.startswith("/"):
                yield value
            case Obj(items=items):
                for item in items:
                    match item:
                        case Item(key=Str(value="path" | "pathname"), value=Str(value=value)):
                            yield value
                        case _:
                            pass
            case _:
                pass
