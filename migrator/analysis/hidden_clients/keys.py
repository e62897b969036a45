"""Where a client with OpenRouter built in takes its key from, and that a missing key stops it.

Such a client looks for OpenRouter's variable when its key is empty: `api_key=os.getenv("MG_KEY")` sends the old key to the new host as
long as only the old one is set. So the read must stop the program, or give what the library does not replace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from migrator.analysis.hidden_clients.ecma import quote as quotes_of
from migrator.analysis.hidden_clients.model import Analysed
from migrator.analysis.sources.key_sources import KeySource, SourceKind, key_sources
from migrator.analysis.sources.program_values import set_by_program
from migrator.catalog import openrouter
from migrator.formats.tree import Alt, Arg, Attr, Call, Const, Index, Item, Name, Node, Obj, Str, nodes
from migrator.model import Edit, Span
from migrator.records import dataclass
from migrator.resolve.context import last_name
from migrator.resolve.origins import origins
from migrator.resolve.scopes import dotted
from migrator.resolve.settings_classes import default_of_field

if TYPE_CHECKING:
    from migrator.facts.model import ClientFact, EnvFact
    from migrator.integrations.schema import Client
    from migrator.resolve.origins import Origin

_MAY_BE_MISSING = frozenset({"optional", "nullish", "nullable", "catch"})
"""Words of schema libraries (zod, valibot, yup, joi) for a value that may be missing."""
_NO_KEY = "missing"
"""Written where a key may be missing and the library would look for OpenRouter's: both gateways answer 401."""
_OPTIONAL = ("os.getenv", "os.environ.get", "environ.get", "getenv")
"""Reads that give nothing where the variable is not set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that is given: the variables it comes from, and what makes its absence stop the request."""

    names: frozenset[str] = frozenset()
    sources: tuple[KeySource, ...] = ()
    """Where these variables are read."""
    edits: tuple[Edit, ...] = ()
    unsure: str = ""
    refused: str = ""
    needs: tuple[str, ...] = ()
    """Imports that the edits need."""


def given_key(analysis: Analysed, client: ClientFact, row: Client, language: str) -> Key:
    """The key of a client that is given one."""
    assert client.key is not None
    ways = origins(analysis.repository, client.key, client.key_scope or client.node_path.scope)
    sources = key_sources(analysis.repository, analysis.callers, ways)
    variables = tuple(source for source in sources if source.kind is SourceKind.VARIABLE)
    names = frozenset(source.name for source in variables)
    unsure = ""
    for source in sources:
        if source.kind is SourceKind.TYPED:
            return Key(refused="a key stands in the code: revoke it and read the new one from the environment")
        if source.kind is SourceKind.VARIABLE and source.name in openrouter()["vendors"]["key_variables"]:
            return Key(refused=f"the key comes from {source.name}, which is another vendor's by its name")
        if source.kind not in (SourceKind.VARIABLE, SourceKind.PLACEHOLDER):
            unsure = "the key is given at run time: whoever supplies it must supply the new gateway's key from now on"
    closed = Key()
    if names and row.key.env is not None and not all(analysis.kept(name) for name in names):
        close = _close_python if language == "python" else _close_ecma
        closed = close(analysis, client, row, ways, variables)
    set_here = from_program(analysis, names)
    return Key(
        names=names | set_here.names,
        sources=(*variables, *set_here.sources),
        edits=closed.edits,
        unsure=unsure or closed.unsure or set_here.unsure,
        refused=closed.refused or set_here.refused,
        needs=closed.needs,
    )


def from_program(analysis: Analysed, names: Iterable[str]) -> Key:
    """What the program itself gives these variables: `os.environ["OPENROUTER_API_KEY"] = settings.key` would carry the old key on."""
    sources = tuple(set_by_program(analysis, names))
    variables = tuple(source for source in sources if source.kind is SourceKind.VARIABLE)
    vendors = openrouter()["vendors"]["key_variables"]
    foreign = next((source.name for source in variables if source.name in vendors), None)
    stored = next((source for source in sources if source.kind is not SourceKind.VARIABLE), None)
    unsure = ""
    if stored is not None:
        said = f"{stored.name} ({stored.path})" if stored.path else stored.name
        unsure = f"the program takes the key from {said}, which holds OpenRouter's key today: put the new key there first"
    return Key(
        names=frozenset(source.name for source in variables),
        sources=variables,
        unsure=unsure,
        refused=f"the program takes the key from {foreign}, which is another vendor's by its name" if foreign else "",
    )


def optional_field(analysis: Analysed, name: str) -> EnvFact | None:
    """The field of a settings class, or the key of a schema, that lets the program go on without the variable; None where there is none."""
    for facts in analysis.facts.values():
        for fact in facts.envs:
            if fact.name == name and analysis.code(fact.path) and _gives_nothing(fact):
                return fact
    return None


def _gives_nothing(fact: EnvFact) -> bool:
    """Is this a declaration that stands for nothing, or an empty text, where the variable is not set?"""
    if fact.how == "settings-field":
        match default_of_field(fact.value):
            case Const(text="None") | Str(value=""):
                return True
        return False
    declared = fact.node_path.node if fact.how == "schema-key" and fact.node_path is not None else None
    return isinstance(declared, Item) and any(
        isinstance(node, Call) and last_name(node.func) in _MAY_BE_MISSING for node in nodes(declared.value)
    )


def _open_reads(variables: tuple[KeySource, ...]) -> list[KeySource]:
    """Sources whose read gives nothing where the variable is not set."""
    return [source for source in variables if source.node is not None and is_open(source.node)]


def is_open(node: Node) -> bool:
    """Does this read give nothing, instead of stopping, where the variable is not set?"""
    if not isinstance(node, Call) or last_name(node.func) not in ("getenv", "get") or not node.args:
        return False
    spare = node.args[1].value if len(node.args) > 1 else None
    return spare is None or (isinstance(spare, Str) and not spare.value)


# -- Python ------------------------------------------------------------------------------------------------------------------------


def _close_python(
    analysis: Analysed, client: ClientFact, row: Client, ways: tuple[Origin, ...], variables: tuple[KeySource, ...]
) -> Key:
    """`os.getenv("X")` becomes `os.environ["X"]`, around the name, which the rename of the variable changes by itself."""
    reads = _open_reads(variables)
    field = next((fact for source in variables if (fact := optional_field(analysis, source.name)) is not None), None)
    ways = tuple(origin for origin in ways if not (isinstance(origin.node, Str) and not origin.node.value))
    if client.key is None or not (reads or field):
        return Key()
    text = analysis.repository.files[client.path].source.text
    read = reads[0].node if reads else None
    if reads and len(ways) == 1 and reads[0].path == client.path and isinstance(read, Call) and isinstance(read.args[0].value, Str):
        if _guarded(text, client, read):
            return Key()
        mapping = _mapping(read, client, text)
        if mapping is not None and (_inside(client.key, read) or _used_once(text, client.key)):
            return Key(edits=_subscript(client.path, text, read, read.args[0], mapping))
    # an empty text is enough where the library sends it as it is; any other text is refused by the gateway
    spare = '""' if row.give is not None and row.give.empty else f'"{_NO_KEY}"'
    start, end = client.key.span
    # the last character is written again: an argument that is added after this one is inserted at the end too
    last = Span(end - 1, end)
    if isinstance(client.key, Alt) and client.key.test is not None:
        around = (Edit(path=client.path, span=Span(start, start), old="", new="("),)
        return Key(
            edits=(*around, Edit(path=client.path, span=last, old=text[slice(*last)], new=f"{text[slice(*last)]}) or {spare}"))
        )
    return Key(edits=(Edit(path=client.path, span=last, old=text[slice(*last)], new=f"{text[slice(*last)]} or {spare}"),))


def _inside(argument: Node, read: Node) -> bool:
    """Is the argument itself this read, or a call around it?"""
    return argument is read or (isinstance(argument, Call) and any(_inside(arg.value, read) for arg in argument.args))


def _used_once(text: str, argument: Node) -> bool:
    """Is the argument a name that is given its value and used here, and nowhere else in the file?"""
    return isinstance(argument, Name) and len(re.findall(rf"(?<![\w.]){argument.id}(?!\w)(?!\s*=[^=])", text)) == 1 + _assigned(
        text, argument.id
    )


def _assigned(text: str, name: str) -> int:
    """Assignments with an annotation, which the pattern for a use does not leave out."""
    return len(re.findall(rf"(?m)^\s*{name}\s*:[^=\n]+=", text))


def _guarded(text: str, client: ClientFact, read: Call) -> bool:
    """Does the program stop by itself, between the read and the call, where the value is empty?"""
    assert client.key is not None
    name = re.escape(text[slice(*client.key.span)])
    between = text[read.span.end : client.call.span.start]
    return bool(
        re.search(
            rf"if (?:not {name}|{name} is None|{name} == (?:\"\"|''))\s*:\s*(?:raise\b|sys\.exit|exit\(|return\b|quit\()", between
        )
    )


def _mapping(node: Call, client: ClientFact, text: str) -> str | None:
    """How the file spells the mapping of the environment; None where it has no name for it."""
    name = dotted(node.func, client.node_path.scope)
    if name not in _OPTIONAL:
        return None
    if isinstance(node.func, Attr):
        base = text[slice(*node.func.base.span)]
        return base if node.func.name == "get" else f"{base}.environ"
    bindings = client.node_path.scope.lookup("os")
    return "os.environ" if any(binding.imported and binding.imported.module == "os" for binding in bindings) else None


def _subscript(path: str, text: str, node: Call, arg: Arg, mapping: str) -> tuple[Edit, ...]:
    head, tail = Span(node.span.start, arg.span.start), Span(arg.span.end, node.span.end)
    return (
        Edit(path=path, span=head, old=text[slice(*head)], new=f"{mapping}["),
        Edit(path=path, span=tail, old=text[slice(*tail)], new="]"),
    )


# -- JavaScript and TypeScript -----------------------------------------------------------------------------------------------------


def _close_ecma(
    analysis: Analysed, client: ClientFact, row: Client, _ways: tuple[Origin, ...], variables: tuple[KeySource, ...]
) -> Key:
    """`process.env.X` becomes `process.env.X ?? ""`: an empty key is sent as it is, a missing one is replaced by the library's own."""
    node = client.key
    assert node is not None
    if not any(of_the_process(source.node) or optional_field(analysis, source.name) for source in variables):
        return Key()  # a checked environment cannot be without it
    if row.give is not None and row.give.closed:
        return Key()
    text = analysis.repository.files[client.path].source.text
    quote = quotes_of(text)
    item = _item(client, node)
    return Key(edits=_nullish(client.path, text, item, f" ?? {quote}{quote}")) if item is not None else Key()


def of_the_process(node: Node | None) -> bool:
    """Is this read one of the plain environment, where any variable may be missing?

    `process.env.X`, SvelteKit's and a Worker's `env.X`, the `parsed.X` of dotenv, and `get("X")`.
    """
    match node:
        case Attr(base=Attr(name="env") | Name()) | Index(base=Attr(name="env") | Name(id="env")) | Index(base=Name(), key=Str()):
            return True
        case Call(args=args):
            return is_open(node) and len(args) < 2
        case _:
            return False


def _item(client: ClientFact, value: Node) -> Item | None:
    """The entry of the options that gives this value; None where it stands elsewhere."""
    objects = [arg.value for arg in client.call.args if isinstance(arg.value, Obj)]
    return next((item for obj in objects for item in obj.items if item.value is value), None)


def _nullish(path: str, text: str, item: Item, tail: str) -> tuple[Edit, ...]:
    """The entry's value with `tail`; a word that only tells the type checker that the value is there goes."""
    start, end = item.value.span
    rest = text[end : item.span.end]
    if item.shorthand:
        return (Edit(path=path, span=Span(end, end), old="", new=f": {text[start:end]}{tail}"),)
    if isinstance(item.value, Alt):
        if re.search(r"""(\|\||\?\?)\s*(""|''|``)$""", text[start:end]):
            return ()
        open_, close = Span(start, start), Span(end, end)
        return (Edit(path=path, span=open_, old="", new="("), Edit(path=path, span=close, old="", new=f"){tail}"))
    if rest in ("!", " as string"):
        return (Edit(path=path, span=Span(end, item.span.end), old=rest, new=tail),)
    return (Edit(path=path, span=Span(end, end), old="", new=tail),) if not rest else ()
