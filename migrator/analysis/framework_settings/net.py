"""Settings of .NET that move by name: `OpenRouter:BaseUrl` becomes `OpenRouter:MgBaseUrl` in files of settings and wherever it is asked for.

.NET takes `OpenRouter__BaseUrl` from the environment before any file, so a value from before would send the new key to OpenRouter.
https://learn.microsoft.com/en-us/dotnet/core/extensions/configuration-providers#environment-variable-configuration-provider
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.analysis.framework_settings.spring import RenamedSetting
from migrator.catalog.variables import says_openrouter, target_stem
from migrator.discover import path_kinds
from migrator.formats.tree import Arg, Assign, Attr, Call, Class, Index, Name, Node, Obj, Str, descendants
from migrator.model import Span
from migrator.resolve.environment import is_net_configuration
from migrator.resolve.net_options import TYPE, registrations, text_of
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.settings_files import NET_FILES

ATTRIBUTE = '[Microsoft.Extensions.Configuration.ConfigurationKeyName("{}")] '
"""https://learn.microsoft.com/en-us/dotnet/api/microsoft.extensions.configuration.configurationkeynameattribute"""


def renamed_net_setting(repository: Repository, name: str, key_env: str) -> RenamedSetting | None:
    """The setting under another last name; None where something may take it from its section without saying so."""
    above, _, last = name.rpartition(":")
    if not above or not says_openrouter(name.upper()):
        return None
    new = f"{above}:{new_word(last, key_env)}"
    whole = re.compile(rf"(?<![\w:]){re.escape(above).replace(':', '(?::|__)')}(?::|__)({re.escape(last)})(?![\w:])", re.IGNORECASE)
    places: list[tuple[str, Span]] = []
    fields: list[tuple[str, int]] = []
    for path, file in sorted(repository.files.items()):
        if path_kinds.is_document(path):
            continue
        if NET_FILES.fullmatch(posixpath.basename(path)):
            places += [(path, span) for span in _entries(file, name)]
        places += [(path, Span(*match.span(1))) for match in whole.finditer(file.source.text)]
        if file.module.language == "csharp":
            taken = _from_section(repository, file, above, last)
            if taken is None:
                return None
            places += [(path, span) for span in taken[0]]
            fields += taken[1]
    return RenamedSetting(name, new, tuple(dict.fromkeys(places)), tuple(dict.fromkeys(fields)), ATTRIBUTE)


def new_word(last: str, key_env: str) -> str:
    """`MgBaseUrl` for `BaseUrl`."""
    return "".join(word.capitalize() for word in target_stem(key_env).split("_")) + last[:1].upper() + last[1:]


def property_setting(repository: Repository, owner: str, name: str) -> str:
    """The setting that fills a property of a class, `OpenRouter:BaseUrl`; "" where no section is bound to the class."""
    for registration in registrations(repository):
        if registration.type_name == owner:
            return f"{registration.section}:{name}"
    return ""


def _entries(file: ParsedFile, name: str) -> Iterator[Span]:
    """The last word of the entry's own name, in a file of settings."""
    stack = [(node, "") for node in file.module.body]
    while stack:
        node, before = stack.pop()
        for item in node.items if isinstance(node, Obj) else ():
            if isinstance(item.key, Str):
                full = f"{before}{item.key.value}".replace("__", ":")
                if full.lower() == name.lower():
                    end = item.key.inner.end
                    yield Span(end - len(name.rpartition(":")[2]), end)
                stack.append((item.value, f"{full}:"))


def _from_section(
    repository: Repository, file: ParsedFile, above: str, last: str
) -> tuple[list[Span], list[tuple[str, int]]] | None:
    """Where a program takes the setting from its section: the words that name it, and the properties of classes that are filled with it.

    None where something takes the whole section, or one around it, in a way that does not show the name.
    """
    words: list[Span] = []
    fields: list[tuple[str, int]] = []
    bound = {id(each.call): each for each in registrations(repository)}
    every = list(descendants(file.module))
    sections = {id(node) for node in every if isinstance(node, Call) and _path(repository, node).lower() == above.lower()}
    assigned = [node for node in every if isinstance(node, Assign) and id(node.value) in sections]
    names = {target.id for node in assigned for target in node.targets if isinstance(target, Name)}
    seen = {id(node.value) for node in assigned}
    for node in every:
        match node:
            case Index(base=base, key=Str() as key) if _is(base, sections, names):
                words += [key.inner] if key.value.lower() == last.lower() else []
                seen.add(id(base))
            case Call(func=Attr(base=base, name="GetValue" | "GetSection"), args=(Arg(value=Str() as key), *_)) if _is(
                base, sections, names
            ):
                words += [key.inner] if key.value.lower() == last.lower() else []
                seen.add(id(base))
            case Call(func=Attr(base=base, name="Get"), args=args) if _is(base, sections, names) and (kind := _kind(args)):
                fields += _properties(repository, kind, last)
                seen.add(id(base))
            case Call() if id(node) in bound and bound[id(node)].section.lower() == above.lower():
                fields += _properties(repository, bound[id(node)].type_name, last)
                seen |= {id(arg.value) for arg in node.args}
            case Call() if id(node) in bound and f"{above}:".lower().startswith(f"{bound[id(node)].section}:".lower()):
                return None
            case Call(func=Attr(base=base, name="Exists")) if id(base) in sections:
                seen.add(id(base))
            case Call(func=Attr(base=base, name="Get" | "Bind" | "GetChildren" | "AsEnumerable")) if (
                is_net_configuration(base) and id(base) not in sections and id(node) not in bound
            ):
                return None
            case Call() if id(node) not in sections and f"{above}:".lower().startswith(
                f"{_path(repository, node) or '-'}:".lower()
            ):
                return None
            case _:
                pass
    return (words, fields) if sections <= seen else None


def _kind(args: tuple[Arg, ...]) -> str:
    return next((arg.value.id for arg in args if arg.name == TYPE and isinstance(arg.value, Name)), "")


def _is(base: Node, sections: set[int], names: set[str]) -> bool:
    return id(base) in sections or (isinstance(base, Name) and base.id in names)


def _path(repository: Repository, node: Call) -> str:
    """The path of a section that is asked for."""
    match node:
        case Call(func=Attr(name="GetSection" | "GetRequiredSection"), args=(Arg(value=path), *_)):
            return text_of(repository, path)
        case _:
            return ""


def _properties(repository: Repository, kind: str, last: str) -> Iterator[tuple[str, int]]:
    """Where the property of a class begins that is called like the setting."""
    for path, file in sorted(repository.files.items()):
        for node in descendants(file.module) if file.module.language == "csharp" else ():
            if isinstance(node, Class) and node.name == kind:
                for part in node.body:
                    match part:
                        case Assign(targets=(Name(id=word),), span=span) if word.lower() == last.lower():
                            yield path, span.start
                        case _:
                            pass
