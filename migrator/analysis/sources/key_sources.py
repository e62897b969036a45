"""Where the key of a connection comes from, to the end: variables, typed keys, parameters and what callers give them, stores, people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from migrator.analysis.sources.callers import Callers, Given, entries_of, entry_of, picked_by
from migrator.analysis.sources.key_lists import members_of_list
from migrator.analysis.sources.stored_entries import stored_entry
from migrator.catalog import openrouter
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Attr, Call, Index, Name, Node, Obj, Other, Param, Seq, Str
from migrator.model import Span
from migrator.patterns import regex
from migrator.records import dataclass
from migrator.resolve.context import Identity, identity_of, last_name, source_name
from migrator.resolve.credentials import store_of
from migrator.resolve.definitions import class_of
from migrator.resolve.follow import ask, follow, kept_argument
from migrator.resolve.follow.classes import annotated
from migrator.resolve.follow.values import Kind
from migrator.resolve.objects import objects
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope
from migrator.resolve.settings_files import setting, spring_setting
from migrator.text.secrets import is_placeholder

DEEPEST = 5
"""Callers of callers that are asked."""
_HEADER = regex(r"(?:proxy-)?authorization:\s*|(?:x-)?api-key:\s*", re.IGNORECASE)
"""The name of a header that a command is given in one text with its value."""
_POSITIONAL = regex(r"\$\{?[1-9*@]")
"""What a script or a function of a shell is given."""
_SCHEMES = ("bearer", "basic", "token", "key")


class SourceKind(StrEnum):
    """What kind of end a key has."""

    VARIABLE = "variable"
    TYPED = "typed"
    """A key stands in the file."""
    PLACEHOLDER = "placeholder"
    PARAMETER = "parameter"
    """Given by callers that are not in this tree, or that cannot be followed."""
    CREDENTIAL = "credential"
    """An entry of Rails' credentials: what reads it can read another one."""
    ENTRY = "entry"
    """An entry that the application keeps on the device under a name, and that can be given another one."""
    STORE = "store"
    """An entry of something that is not the environment: a configuration, a database, a key ring, a person's input."""
    OUT_OF_SIGHT = "out-of-sight"
    """Headers or a session that are put together where they were not followed to."""


@dataclass(frozen=True, slots=True)
class KeySource:
    """One end of a key."""

    kind: SourceKind
    name: str
    """Variable, parameter, or the expression in words."""
    path: str
    node: Node | None = None
    default_of: str = ""
    """The variable it stands in for."""
    implicit: bool = False
    """A variable that the library reads by itself."""
    scope: Scope | None = None
    """Where a stored entry is read."""

    @property
    def identity(self) -> Identity:
        """What tells the place it is read at from all others."""
        return identity_of(self.path, self.node) if self.node is not None else (self.path, Span(0, 0), "")


_KEPT = (SourceKind.TYPED, SourceKind.STORE, SourceKind.OUT_OF_SIGHT)


def own_key_of_test(sources: Iterable[KeySource]) -> KeySource | None:
    """The key that a test sends by itself, one that stands in it or comes from somewhere else: it is OpenRouter's, so the address stays too."""
    return next((source for source in sources if source.kind in _KEPT and source.node is not None), None)


def key_sources(
    repository: Repository,
    callers: Callers,
    keys: Iterable[Origin],
    *,
    implicit: str | None = None,
    foreign: frozenset[int] = frozenset(),
) -> tuple[KeySource, ...]:
    """Every end of a key, each once."""
    seen: dict[tuple[object, ...], KeySource] = {}
    for source in _ends(repository, callers, keys, foreign, 0):
        if source.kind is SourceKind.VARIABLE and source.name == implicit and source.node is None:
            source = KeySource(SourceKind.VARIABLE, source.name, source.path, implicit=True)
        seen.setdefault((source.kind, source.name, source.identity), source)
    return tuple(seen.values())


def _ends(
    repository: Repository, callers: Callers, keys: Iterable[Origin], busy: frozenset[int], depth: int
) -> Iterator[KeySource]:
    for origin in keys:
        match origin.kind:
            case From.ENV:
                yield KeySource(SourceKind.VARIABLE, origin.name, origin.path, origin.node, origin.default_of)
            case From.LITERAL:
                yield from _literal(origin)
            case From.PARAM:
                yield from _parameter(repository, callers, origin, busy, depth)
            case From.UNKNOWN:
                yield from _unknown(repository, callers, origin, busy, depth)


def _literal(origin: Origin) -> Iterator[KeySource]:
    text = _HEADER.sub("", origin.node.value.strip()) if isinstance(origin.node, Str) else ""
    scheme, _, rest = text.partition(" ")
    if rest and scheme.lower() in _SCHEMES:
        text = rest.strip()
    if not text:
        return
    if _POSITIONAL.match(text):
        yield KeySource(SourceKind.PARAMETER, text, origin.path, origin.node, origin.default_of)
        return
    kind = SourceKind.PLACEHOLDER if is_placeholder(text) or not _may_be_key(text) else SourceKind.TYPED
    yield KeySource(kind, "a text", origin.path, origin.node, origin.default_of)


def _may_be_key(text: str) -> bool:
    """Could a text be a key? Keys are long and hold digits; `EMPTY`, `none` and `missing-key` are neither."""
    return text.startswith(openrouter()["keys"]["prefix"]) or (len(text) >= 20 and any(letter.isdigit() for letter in text))


def _parameter(repository: Repository, callers: Callers, origin: Origin, busy: frozenset[int], depth: int) -> Iterator[KeySource]:
    param = origin.param
    # by `id`, as in `Callers`: the very parameter is met again
    if param is None or id(param) in busy or depth >= DEEPEST:
        yield KeySource(SourceKind.PARAMETER, origin.name, origin.path)
        return
    named = list(_from_option(callers, param))
    yield from named
    given = callers.given(param)
    if not given.calls and named:
        return
    if not given.calls:
        yield KeySource(SourceKind.PARAMETER, origin.name, origin.path)
        return
    for (value, scope), call in zip(given.values, given.at, strict=True):
        for part, where in (entries_of(repository, value, scope, picked_by(param, origin.name)) or ()) if call not in busy else ():
            yield from _ends(repository, callers, origins(repository, part, where), busy | {id(param)}, depth + 1)


def _from_option(callers: Callers, param: Param) -> Iterator[KeySource]:
    """The variables that click or typer read for a parameter: `@click.option("--key", envvar="X")`, `key=typer.Option(envvar="X")`."""
    owner = callers.owner(param)
    calls = [param.default] if isinstance(param.default, Call) else []
    calls += [
        decorator
        for decorator in (owner.func.decorators if owner is not None else ())
        if isinstance(decorator, Call)
        and any(
            isinstance(arg.value, Str) and arg.value.value.lstrip("-").replace("-", "_") == param.name for arg in decorator.args
        )
    ]
    for call in calls:
        for arg in call.args:
            if arg.name in ("envvar", "envVar"):
                values = arg.value.items if isinstance(arg.value, Seq) else (arg.value,)
                for value in values:
                    if isinstance(value, Str):
                        yield KeySource(SourceKind.VARIABLE, value.value, owner.path if owner else "", value)


def _unknown(repository: Repository, callers: Callers, origin: Origin, busy: frozenset[int], depth: int) -> Iterator[KeySource]:
    node, scope = origin.node, origin.scope
    if node is None or scope is None:
        yield KeySource(SourceKind.OUT_OF_SIGHT, origin.name, origin.path)
        return
    if (made := _made_with(callers, node, scope)) is not None and depth < DEEPEST:
        for (value, where), call in zip(made.values, made.at, strict=True):
            if call not in busy:
                yield from _ends(repository, callers, origins(repository, value, where), busy | {call}, depth + 1)
        return
    if scope.module().language == "ruby" and store_of(node) is not None:
        yield KeySource(SourceKind.CREDENTIAL, _words(node) or source_name(node), origin.path, node, origin.default_of)
        return
    if stored_entry(repository, node, scope) is not None:
        yield KeySource(SourceKind.ENTRY, source_name(node), origin.path, node, origin.default_of, scope=scope)
        return
    if setting(repository, node, scope) is not None:
        name = spring_setting(node) or source_name(node) or "a setting"
        yield KeySource(SourceKind.STORE, name, origin.path, node, origin.default_of)
        return
    taken = list(of_parameter(repository, node, scope))
    if taken:
        answered = False
        unseen: list[tuple[Node, Scope]] = []
        for param, key in taken:
            given = callers.given(param) if id(param) not in busy and depth < DEEPEST else None
            for (value, where), call in zip(given.values, given.at, strict=True) if given else ():
                if call in busy:
                    continue
                ends = _under(repository, callers, value, where, key)
                if ends is None:
                    unseen.append((value, where))
                for end in ends or ():
                    answered = True
                    yield from _ends(repository, callers, (end,), busy | {id(param)}, depth + 1)
        for end in () if answered else _of_makers(repository, callers, taken, scope):
            if depth < DEEPEST:
                answered = True
                yield from _ends(repository, callers, (end,), busy | {id(param) for param, _ in taken}, depth + 1)
        if not answered:
            yield KeySource(SourceKind.PARAMETER, origin.name, origin.path, node)
        for value, where in unseen if answered else ():
            yield KeySource(SourceKind.OUT_OF_SIGHT, source_name(value), where.path, value)
        return
    if (members := members_of_list(repository, node, scope)) is not None:
        yield from _ends(repository, callers, members, busy, depth + 1)
        return
    if _is_command_line(node, scope):
        yield KeySource(SourceKind.PARAMETER, source_name(node) or origin.name, origin.path, node)
        return
    kind = SourceKind.STORE if _is_store(node) or _is_loaded(node, scope) else SourceKind.OUT_OF_SIGHT
    yield KeySource(kind, source_name(node) or _words(node) or origin.name, origin.path, node, origin.default_of)


def made_values(repository: Repository, callers: Callers, origin: Origin) -> list[tuple[Node, Scope]]:
    """What makers of a class give the field that an origin ends at: `baseURL` of `Client{BaseURL: x}`; nothing where it is no such field."""
    node, scope = origin.node, origin.scope
    if node is None or scope is None:
        return []
    if (made := _made_with(callers, node, scope)) is not None:
        return list(made.values)
    if scope.module().language not in LANGUAGES:
        return []
    return list(_given_to_fields(repository, callers, list(of_parameter(repository, node, scope)), scope))


def _made_with(callers: Callers, node: Node, scope: Scope) -> Given | None:
    """What makers of a class give the field that `node` stands for; None where it is no such field, or nobody in this tree makes one."""
    holder = scope.enclosing_class()
    if not isinstance(node, Other) or node.kind != "field" or holder is None or not holder.name:
        return None
    name = next((name for name, bindings in holder.names.items() if any(binding.value is node for binding in bindings)), None)
    given = callers.makers(holder, name) if name is not None else None
    return given if given is not None and given.values else None


def _of_makers(repository: Repository, callers: Callers, taken: list[tuple[Param, str]], scope: Scope) -> Iterator[Origin]:
    """The same for a field of what a parameter is declared to be: `func (c *Client) Ask()` reads `c.APIKey`."""
    for value, where in _given_to_fields(repository, callers, taken, scope):
        yield from origins(repository, value, where)


def _given_to_fields(
    repository: Repository, callers: Callers, taken: list[tuple[Param, str]], scope: Scope
) -> Iterator[tuple[Node, Scope]]:
    for param, key in taken:
        for holder in annotated(ask(repository), param.annotation, scope.module()):
            if all(isinstance(binding.value, Other | None) for binding in holder.names.get(key, ())):
                made = callers.makers(holder, key)
                yield from made.values if made is not None else ()


_STORE_CALLS = regex(
    r"(get|getItem|get_item|read|readFile|readFileSync|read_text|open|load|loads|json|parse|input|getpass|prompt|ask|text_input|question|fetch|fetchone|first"
    r"|find\w*|get_?secret\w*|get_password|get_parameter|secret|value|pop|execute|query|select|decrypt\w*|getenv|check_output|run|dig)$"
)
_STORE_ROOTS = regex(
    r"(local|session)Storage|req|request|session|session_state|redis|cache|db|database|user|account|row|record|keyring|cookies?|form|body|params"
    r"|payload|stdin|vault|ctx|context|event",
    re.IGNORECASE,
)


_OPTION_PARSERS = (
    "parse_args",
    "parse_known_args",
    "parse_intermixed_args",
    "opts",
    "optsWithGlobals",
    "minimist",
    "yargs",
    "parseArgs",
)
"""Calls that give the options of the command line as one object: argparse, commander, minimist, yargs, Node's `util.parseArgs`."""


def _is_command_line(node: Node, scope: Scope) -> bool:
    """Is an expression an option of the command line? Whoever calls the program gives it, as a caller gives a parameter."""
    root: Node = node
    while isinstance(root, (Attr, Index)):
        root = root.base
    if isinstance(root, Call):
        return last_name(root.func) in _OPTION_PARSERS
    bindings = scope.lookup(root.id) if isinstance(root, Name) and root is not node else ()
    return any(isinstance(made.value, Call) and last_name(made.value.func) in _OPTION_PARSERS for made in bindings)


def _is_store(node: Node) -> bool:
    """Is an expression that cannot be followed an entry of something that holds keys of its own: a store, a file, a request, a person?"""
    root: Node = node
    while isinstance(root, (Attr, Index, Call)):
        if isinstance(root, Call):
            if _STORE_CALLS.match(last_name(root.func)):
                return True
            root = root.func
        else:
            if isinstance(root, Attr) and _STORE_ROOTS.fullmatch(root.name):
                return True
            root = root.base
    return isinstance(root, Name) and (_STORE_ROOTS.fullmatch(root.id) is not None or isinstance(node, Index))


_LOADERS = regex(r"(?i)(?:json5?|ya?ml|toml|tomllib|ini)\.(?:parse|loads?|safe_?load)$")


def _is_loaded(node: Node, scope: Scope) -> bool:
    """`config.openrouter_api_key` of `const config = JSON.parse(readFileSync("config.json"))`: an entry of a file that is loaded."""
    root: Node = node
    while isinstance(root, (Attr, Index)):
        root = root.base
    bindings = scope.lookup(root.id) if isinstance(root, Name) and root is not node else ()
    values = [binding.value for binding in bindings if binding.param is None]
    return bool(values) and all(isinstance(value, Call) and _LOADERS.match(source_name(value.func)) for value in values)


def _entries(
    repository: Repository, callers: Callers, value: Node, scope: Scope, key: str, depth: int = 0
) -> Iterator[tuple[Node, Scope]]:
    """What an argument has under a key: the entry of an object, or what a client of a library was made with."""
    for obj, inner in _objects(repository, value, scope):
        entry = entry_of(obj, key)
        if entry is not None:
            yield entry, inner
    for made in follow(repository, value, scope):
        yield from kept_argument(made, key)
        if made.kind is Kind.PARAMETER and made.param is not None and depth < DEEPEST:
            for given, where in callers.given(made.param).values:
                yield from _entries(repository, callers, given, where, key, depth + 1)


def _objects(repository: Repository, value: Node, scope: Scope) -> Iterator[tuple[Obj, Scope]]:
    if isinstance(value, Obj):
        yield value, scope
    else:
        yield from objects(repository, value, scope)


def _under(repository: Repository, callers: Callers, value: Node, scope: Scope, key: str) -> list[Origin] | None:
    """What something that a caller gives has under a key, nothing where it is an options object without it; None where it cannot be seen."""
    entries = list(_entries(repository, callers, value, scope, key))
    if entries or scope.module().language not in LANGUAGES or any(_objects(repository, value, scope)):
        return [origin for entry, inner in entries for origin in origins(repository, entry, inner)]
    if class_of(repository, value, scope) is None:
        return None
    taken = ask(repository).made(value, lambda: Attr(value.span, value, key, value.span), key)
    return list(origins(repository, taken, scope))  # of an instance of a class or struct of this tree


def of_parameter(repository: Repository, node: Node, scope: Scope) -> Iterator[tuple[Param, str]]:
    """`settings.apiKey`, `this.options["api_key"]` of something that callers give: the parameters and the entry."""
    match node:
        case Attr(base=Name(id="self" | "this" | "cls")):
            return
        case Attr(base=base, name=key) | Index(base=base, key=Str(value=key)):
            pass
        case _:
            return
    if isinstance(base, Name):
        for binding in scope.lookup(base.id):
            if binding.param is not None:
                yield binding.param, key
    for origin in origins(repository, base, scope) if isinstance(base, Attr) else ():
        if origin.kind is From.PARAM and origin.param is not None:
            yield origin.param, key


def _words(node: Node) -> str:
    return f"{last_name(node.func)}()" if isinstance(node, Call) else ""
