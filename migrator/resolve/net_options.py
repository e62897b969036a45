"""Classes of .NET that a section of the settings fills: `services.Configure<ChatOptions>(configuration.GetSection("OpenRouter"))`.

A property of such a class is an entry of the section, `OpenRouter:ApiKey`, whoever is given `IOptions<ChatOptions>`. The entry is read where
the class is registered; that is also where a new key can be read in its place.
https://learn.microsoft.com/en-us/dotnet/core/extensions/options
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.formats.tree import Arg, Assign, Attr, Call, Class, Item, Name, Node, Param, Str, children
from migrator.records import dataclass
from migrator.resolve.context import last_name
from migrator.resolve.environment import is_net_configuration, is_net_key
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope

TYPE = "<T>"
"""The name under which a call of a generic method has its type: `Configure<T>(…)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A call that fills a class with a section."""

    call: Call
    scope: Scope
    """That of its file."""
    section: str
    type_name: str


def registrations(repository: Repository) -> list[Registration]:
    """Every such call of the tree."""
    if ("net-options",) not in repository.known:
        calls = [
            (node, file.scopes.root)
            for _, file in sorted(repository.files.items())
            if file.module.language == "csharp" and "Configur" in file.source.text
            for node in _calls(file.module.body)
        ]
        made = (_registration(repository, node, scope) for node, scope in calls)
        repository.known[("net-options",)] = [registration for registration in made if registration is not None]
    return repository.known[("net-options",)]  # type: ignore[no-any-return]


def keys_read(repository: Repository, registration: Registration) -> Iterator[str]:
    """The entries for OpenRouter's key that a class has a property for which can be set later: `OpenRouter:ApiKey`."""
    for file in repository.files.values():
        for node in _classes(file.module.body) if file.module.language == "csharp" else ():
            if node.name == registration.type_name:
                for name in settable(file.source.text, node):
                    entry = f"{registration.section}:{name}"
                    if is_net_key(entry):
                        yield entry


def settable(text: str, node: Class) -> Iterator[str]:
    """The properties of a class that may be given another value after it was made."""
    for part in node.body:
        match part:
            case Assign(targets=(Name(id=name),), span=span) if "set;" in text[span.start : span.end]:
                yield name
            case _:
                pass


def _registration(repository: Repository, node: Call, scope: Scope) -> Registration | None:
    if not isinstance(node.func, Attr):
        return None
    given = [arg.value for arg in node.args if arg.name is None]
    match node.func.name:
        case "Configure" if len(given) == 1:
            kind = _type(node)
        case "Bind" | "BindConfiguration" if len(given) == 1 and isinstance(node.func.base, Call):
            kind = (
                _type(node.func.base) if last_name(node.func.base.func) in ("AddOptions", "AddOptionsWithValidateOnStart") else ""
            )
        case _:
            return None
    if node.func.name == "BindConfiguration":
        section = text_of(repository, given[0])
    else:
        section = _section(repository, given[0])
    return Registration(call=node, scope=scope, section=section, type_name=kind) if kind and section else None


def _section(repository: Repository, node: Node) -> str:
    """The path of `configuration.GetSection("A:B")`."""
    match node:
        case Call(func=Attr(base=base, name="GetSection" | "GetRequiredSection"), args=(Arg(value=path),)) if is_net_configuration(
            base
        ):
            return text_of(repository, path)
        case _:
            return ""


def text_of(repository: Repository, node: Node) -> str:
    """A text, or the constant of a class that is one: `ChatOptions.SectionName`."""
    if isinstance(node, Str):
        return node.value
    if not (isinstance(node, Attr) and isinstance(node.base, Name)):
        return ""
    for file in repository.files.values():
        for owner in _classes(file.module.body) if file.module.language == "csharp" else ():
            for part in owner.body if owner.name == node.base.id else ():
                match part:
                    case Assign(targets=(Name(id=name),), value=Str(value=text)) if name == node.name:
                        return text
                    case _:
                        pass
    return ""


def _type(node: Call) -> str:
    return next((arg.value.id for arg in node.args if arg.name == TYPE and isinstance(arg.value, Name)), "")


def _calls(body: tuple[Node, ...]) -> Iterator[Call]:
    stack: list[Node | Arg | Item | Param] = list(reversed(body))
    while stack:
        node = stack.pop()
        if isinstance(node, Call):
            yield node
        stack += reversed(children(node))


def _classes(body: tuple[Node, ...]) -> Iterator[Class]:
    for node in body:
        if isinstance(node, Class):
            yield node
            yield from _classes(node.body)
