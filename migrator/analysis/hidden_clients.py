"""Hidden clients made explicit: the edits that give them the target's address and key, or the reason why that is not exact.

`createOpenRouter({ apiKey })` gets a `baseURL`; the ready-made `openrouter` becomes one that is made in the file. Address and key come in
one change, so that the new key is never sent to the old host.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.catalog import is_key_variable, renamed
from migrator.facts.model import ClientFact, Fact, FactKind
from migrator.formats.tree import Call, Import, Obj, Str
from migrator.integrations import lookup
from migrator.integrations.schema import Client, Give
from migrator.model import Edit, Span
from migrator.resolve.origins import From, origins
from migrator.resolve.scopes import ScopeKind, dotted

if TYPE_CHECKING:
    from migrator.analysis.settle import Settlement
    from migrator.resolve.repository import ParsedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Explicit:
    """How a client with OpenRouter built in is told where to go."""

    client: Client
    give: Give
    url: str
    key: str
    key_env: str


def _rule(mark: Fact) -> Explicit | None:
    """What a client of that name is given; None where that is not known to be exact."""
    client = lookup.shipped().named(mark.text)
    if client is None or client.give is None:
        return None
    url, key = (argument.names["ecma"][0] for argument in (client.url, client.key))
    return Explicit(client=client, give=client.give, url=url, key=key, key_env=client.key.env or "OPENROUTER_API_KEY")


@dataclass(slots=True, eq=False, kw_only=True)
class Addition:
    """Edits that give a hidden client its own address and key."""

    path: str
    span: Span
    message: str
    edits: tuple[Edit, ...]
    names: frozenset[str]
    """Key variables that it reads, by the names they have now."""
    marks: tuple[Fact, ...]
    """The places that it speaks for."""
    unsure: str = ""
    """Why only `--unsafe` may do it."""


@dataclass(slots=True, eq=False, kw_only=True)
class Explicits:
    """What became of all hidden clients of the tree."""

    additions: list[Addition] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    """By the `id` of the mark."""

    def covers(self, mark: Fact) -> bool:
        """Does an addition speak for this place?"""
        return any(mark is one for addition in self.additions for one in addition.marks)


def settled(s: Settlement, mark: Fact) -> bool:
    """Is this mention of a library with OpenRouter built in answered by clients that have, or get, their own address?"""
    rule = _rule(mark)
    if rule is None:
        return False
    moving = {
        id(one)
        for unit in s.units
        if not unit.held and (s.options.unsafe or not unit.unsafe)
        for addition in unit.additions
        for one in addition.marks
    }
    if id(mark) in moving:
        return True
    if mark.kind is FactKind.HIDDEN_CLIENT:
        return s.explicit(mark)
    if not isinstance(mark.node, Import) or not (mark.node.type_only or mark.node.name in (rule.give.name, rule.give.instance)):
        return False
    here = [one for one in s.facts[mark.path].marked(FactKind.HIDDEN_CLIENT) if one.text == mark.text]
    if mark.node.name == rule.give.instance and not here:
        return False
    return all(id(one) in moving or s.explicit(one) for one in here)


def explicits(s: Settlement) -> Explicits:
    """The additions that are exact, and the reasons why others are not."""
    found = Explicits()
    for path, one in sorted(s.facts.items()):
        if not s.code(path) or s.language(path) != "ecma":
            continue
        instances: dict[str, list[Fact]] = {}
        for mark in one.marked(FactKind.HIDDEN_CLIENT):
            rule = _rule(mark)
            if rule is None or not isinstance(mark.node, Call):
                continue
            if s.explicit(mark):
                if why := _own_options(mark.node, rule) or _dialect(s, rule):
                    found.refused[id(mark)] = why
                continue
            client = next((client for client in one.clients if client.call is mark.node), None)
            if client is None:
                instances.setdefault(mark.text, []).append(mark)
                continue
            _add(found, (mark,), _construction(s, rule, mark, mark.node, client))
        for marks in instances.values():
            if (rule := _rule(marks[0])) is not None:
                _add(found, tuple(marks), _instance(s, rule, marks))
        for mark in one.marked(FactKind.SDK_IMPORT):
            rule = _rule(mark)
            node = mark.node
            if (
                rule
                and mark.text not in instances
                and isinstance(node, Import)
                and node.name is not None
                and node.name == rule.give.instance
            ):
                # imported and handed on without a call here
                _add(found, (mark,), _instance(s, rule, [mark]))
    return found


def _add(found: Explicits, marks: tuple[Fact, ...], outcome: Addition | str) -> None:
    if isinstance(outcome, str):
        found.refused |= {id(mark): outcome for mark in marks}
    else:
        found.additions.append(outcome)


def _dialect(s: Settlement, rule: Explicit) -> str:
    """Where OpenRouter's own options are used with such a client; "" where they are not."""
    for path, one in sorted(s.facts.items()):
        for mark in one.marked(FactKind.DIALECT):
            if s.code(path) and mark.note in ("", rule.client.name):
                line = s.repository.files[path].lines.line(mark.span.start)
                return (
                    f"{mark.text} ({path}:{line}) goes into the request as OpenRouter's own fields, which the target does not keep"
                )
    return ""


def _own_options(call: Call, rule: Explicit) -> str:
    """The first option that must not go to another gateway; "" where there is none."""
    objects = [arg.value for arg in call.args if isinstance(arg.value, Obj)]
    keys = {item.key.value for obj in objects for item in obj.items if isinstance(item.key, Str)}
    wrong = sorted(keys & set(rule.give.refuse))
    return f"`{wrong[0]}` is an option that only OpenRouter understands, or that hands keys on" if wrong else ""


def _construction(s: Settlement, rule: Explicit, mark: Fact, call: Call, client: ClientFact) -> Addition | str:
    file = s.repository.files[mark.path]
    if said := _dialect(s, rule):
        return said
    if dotted(call.func, client.node_path.scope) != rule.give.maker:
        return f"it is not made by {rule.give.name}"
    obj: Obj | None = None
    if len(call.args) == 1 and isinstance(call.args[0].value, Obj) and not call.args[0].star:
        obj = call.args[0].value
    elif call.args:
        return f"the options of {rule.give.name} are not written where it is called"
    keys = {item.key.value for item in obj.items if isinstance(item.key, Str)} if obj else set()
    if why := _own_options(call, rule):
        return why
    if obj is not None and any(not isinstance(item.key, Str) for item in obj.items):
        return f"the options of {rule.give.name} come in part from elsewhere"
    sites = client.url is not None and any(connection.fact is client and connection.sites for connection in s.connections)
    if client.url is not None and not sites:
        return f"the address that {rule.give.name} is given cannot be followed"
    names: set[str] = set()
    unsure = ""
    if client.key is not None:
        for origin in origins(s.repository, client.key, client.node_path.scope):
            if origin.kind is From.ENV and is_key_variable(origin.name):
                names.add(origin.name)
            elif origin.kind is From.ENV:
                return f"the key comes from {origin.name}, whose name does not say whose it is"
            elif origin.kind is not From.LITERAL:
                unsure = "the key is given at run time: whoever supplies it must supply the new gateway's key from now on"
            elif isinstance(origin.node, Str) and origin.node.value.strip():
                return "a key stands in the code: revoke it and read the new one from the environment"
    pairs: list[tuple[str, str]] = []
    text = file.source.text
    quote = _quote(text)
    if client.url is None:
        pairs.append((rule.url, f"{quote}{s.target.openai_base}{quote}"))
    if client.key is None:
        names.add(rule.key_env)
        at_load = all(step is not ScopeKind.FUNCTION for step in _kinds(client))
        read = _reader(s, file, rule, at_load=at_load)
        if isinstance(read, tuple):
            return read[0]
        if read:
            pairs.append((rule.key, read))
    pairs += [(name, value.replace('"', quote)) for name, value in rule.give.extra.items() if name not in keys]
    edit = _into(mark.path, text, obj, pairs) if obj is not None else _whole(mark.path, text, call, pairs)
    return Addition(
        path=mark.path,
        span=Span(*call.span),
        message=f"{rule.give.name} gets {' and '.join(name for name, _ in pairs[:2])} of its own",
        edits=(edit,),
        names=frozenset(names),
        marks=(mark,),
        unsure=unsure,
    )


def _kinds(client: ClientFact) -> Iterator[ScopeKind]:
    scope = client.node_path.scope
    while scope is not None:
        yield scope.kind
        if scope.parent is None:
            return
        scope = scope.parent


def _instance(s: Settlement, rule: Explicit, marks: list[Fact]) -> Addition | str:
    """`import { openrouter }` becomes `import { createOpenRouter }` and a client of that name made below the imports."""
    path = marks[0].path
    file = s.repository.files[path]
    if said := _dialect(s, rule):
        return said
    imports = [node for node in file.module.body if isinstance(node, Import)]
    own = [node for node in imports if node.module == rule.give.module and node.name == rule.give.instance]
    if len(own) != 1 or own[0].name_span is None or own[0].type_only or own[0].reexport:
        return f"the ready-made `{rule.give.instance}` is not imported by name in this file"
    text = file.source.text
    node = own[0]
    assert node.name_span is not None
    if not text.startswith("import", node.span.start) or path.endswith((".vue", ".svelte", ".astro", ".html", ".htm")):
        return f"the ready-made `{rule.give.instance}` is not imported by a plain import statement"
    read = _reader(s, file, rule, at_load=True)
    if isinstance(read, tuple):
        return read[0]
    makers = [other for other in imports if other.module == rule.give.module and other.name == rule.give.name]
    if not makers and file.scopes.root.names.get(rule.give.name):
        return f"the name {rule.give.name} is taken in this file"
    specifier = Span(node.name_span.start, node.local_span.end if node.local_span is not None else node.name_span.end)
    if makers:
        maker, specifier = makers[0].local, _with_comma(text, specifier)
        first = Edit(path=path, span=specifier, old=text[specifier.start : specifier.end], new="")
    else:
        maker = rule.give.name
        first = Edit(path=path, span=specifier, old=text[specifier.start : specifier.end], new=maker)
    quote = _quote(text)
    pairs = [(rule.url, f"{quote}{s.target.openai_base}{quote}"), *([(rule.key, read)] if read else [])]
    pairs += [(name, value.replace('"', quote)) for name, value in rule.give.extra.items()]
    at = max(node.span.end for node in imports if text.startswith("import", node.span.start) and not _dynamic(text, node))
    if text[at : at + 1] == ";":
        at += 1
    stop = ";" if text[at - 1 : at] == ";" else ""
    end = "\r\n" if "\r\n" in text else "\n"
    made = f"{end}{end}const {node.local} = {maker}({_object(pairs)}){stop}"
    return Addition(
        path=path,
        span=Span(*node.span),
        message=f"the ready-made `{rule.give.instance}` becomes a client with its own address and key",
        edits=(first, Edit(path=path, span=Span(at, at), old="", new=made)),
        names=frozenset({rule.key_env}),
        marks=tuple(marks),
    )


def _dynamic(text: str, node: Import) -> bool:
    return bool(re.match(r"import\s*\(", text[node.span.start : node.span.start + 20]))


def _with_comma(text: str, span: Span) -> Span:
    """A specifier with the comma and space that go with it."""
    if after := re.compile(r"\s*,\s*").match(text, span.end):
        return Span(span.start, after.end())
    before = re.search(r"\s*,\s*$", text[: span.start])
    return Span(before.start(), span.end) if before else span


def _reader(s: Settlement, file: ParsedFile, rule: Explicit, *, at_load: bool) -> str | tuple[str]:
    """How the new key is read; "" where the library goes on reading it by itself, a reason in a tuple where that is not exact."""
    if s.kept(rule.key_env):
        return ""
    name = renamed(rule.key_env, s.target.key_env)
    if name is None:
        return (f"{rule.key_env} is named by somebody else's convention",)
    manifests = [
        text for path, text in s.manifests if path.endswith("package.json") and file.path.startswith(posixpath.dirname(path))
    ]
    manifests += [far.source.text for path in _manifests(s, file.path) if (far := s.repository.file(path)) is not None]
    loads = any(isinstance(node, Import) and node.module == "dotenv/config" for node in file.module.body)
    if at_load and not loads and any(re.search(r'"dotenv(-\w+)?"\s*:', text) for text in manifests):
        return ("the library reads the key when it is used, and dotenv may fill the environment only after this module is loaded",)
    typed = file.path.endswith((".ts", ".tsx", ".mts", ".cts"))
    known = any(re.search(r'"(@types/node|next|@types/bun|bun-types|@nestjs/core)"\s*:', text) for text in manifests)
    if typed and not known and not any("process.env" in other.source.text for other in s.repository.files.values()):
        return ("nothing here says that `process.env` is known to the type checker",)
    return f"process.env.{name}"


def _manifests(s: Settlement, path: str) -> Iterable[str]:
    folder = posixpath.dirname(path)
    while True:
        if (candidate := posixpath.join(folder, "package.json")) in s.repository.paths:
            yield candidate
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _quote(text: str) -> str:
    return "'" if text.count("'") > text.count('"') else '"'


def _object(pairs: list[tuple[str, str]]) -> str:
    return "{ " + ", ".join(f"{name}: {value}" for name, value in pairs) + " }"


def _whole(path: str, text: str, call: Call, pairs: list[tuple[str, str]]) -> Edit:
    before = text[call.span.start : call.close]
    at = call.close - (len(before) - len(before.rstrip()))
    return Edit(path=path, span=Span(at, call.close), old=text[at : call.close], new=_object(pairs))


def _into(path: str, text: str, obj: Obj, pairs: list[tuple[str, str]]) -> Edit:
    """The options in front of those that are there, laid out as they are."""
    start = obj.span.start + 1
    inside = text[start : obj.span.end - 1]
    written = [f"{name}: {value}" for name, value in pairs]
    if not inside.strip():
        return Edit(path=path, span=Span(start, obj.span.end - 1), old=inside, new=f" {', '.join(written)} ")
    gap = inside[: len(inside) - len(inside.lstrip())]
    if "\n" in gap:
        new = "".join(f"{gap}{one}," for one in written)
    elif gap:
        new = f"{gap}{', '.join(written)},"
    else:
        new = f"{', '.join(written)}, "
    return Edit(path=path, span=Span(start, start), old="", new=new)
