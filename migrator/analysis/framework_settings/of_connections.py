"""Settings that a framework takes from the environment under names of its own making, before any file and any default is asked.

Spring reads `openrouter.base-url` from `OPENROUTER_BASE_URL`, .NET `OpenRouter:BaseUrl` from `OpenRouter__BaseUrl`. No line of the tree has to
say so, and a value that is set from before would send the new key to OpenRouter. So such a setting gets a new name together with the key;
where something may ask for it that cannot be changed with it, the variable is named as one to take away first.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.framework_settings.conventions import convention_of
from migrator.analysis.framework_settings.net import property_setting, renamed_net_setting
from migrator.analysis.framework_settings.spring import RenamedSetting, renamed_setting
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.catalog.urls import find_urls
from migrator.facts.model import UrlFact
from migrator.formats.config.env_entries import SPRING_FILE
from migrator.formats.tree import Alt, Assign, Call, Class, EnvRef, Index, Item, Name, Node, Str
from migrator.model import Span
from migrator.records import dataclass
from migrator.resolve.context import NodePath
from migrator.resolve.origins import From
from migrator.resolve.settings_files import gives_settings_of_net, setting_name, variables_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSetting:
    """A setting of a connection that the environment may give by the framework's own rule."""

    name: str
    framework: str
    variables: tuple[str, ...]
    """The names that the framework looks for, its own spelling first."""
    renamed: RenamedSetting | None = None
    """None where the setting keeps its name."""
    new_variable: str = ""
    is_address: bool = True
    path: str
    offset: int
    value: str = ""
    """The address that it has in the tree."""


def environment_settings(analysis: Analysis, party: Connection | LooseAddress) -> list[EnvironmentSetting]:
    """Each setting of a connection once, those of its address first."""
    found: dict[str, EnvironmentSetting] = {}
    for site in party.sites:
        if analysis.code(site.path):
            for setting in _of_address(analysis, site):
                found.setdefault(setting.name.lower(), setting)
    for origin in party.urls if isinstance(party, Connection) else ():
        if origin.kind is From.UNKNOWN and origin.node is not None and origin.scope is not None:
            name = setting_name(origin.node, origin.scope)
            if name:
                setting = _made(analysis, name, origin.path, origin.node.span.start)
                found.setdefault(name.lower(), setting)
        elif isinstance(origin.node, EnvRef) and _is_spring(origin.path) and (name := _entry(analysis, origin.path, origin.node)):
            found.setdefault(name.lower(), _made(analysis, name, origin.path, origin.node.span.start))
    if found:
        for source in analysis.sources_of(party):
            node = source.node
            if isinstance(node, EnvRef) and _is_spring(source.path) and (name := _entry(analysis, source.path, node)):
                found.setdefault(name.lower(), _made(analysis, name, source.path, node.span.start, is_address=False))
    return list(found.values())


def _is_spring(path: str) -> bool:
    return SPRING_FILE.fullmatch(posixpath.basename(path)) is not None


def _of_address(analysis: Analysis, site: UrlFact) -> Iterator[EnvironmentSetting]:
    name = _named(analysis, site)
    convention = convention_of(analysis.repository, site) if not name else None
    # asked for the few addresses that are settings: a text may hold thousands
    value = site.literal.value if (name or convention is not None) and find_urls(site.literal.value) else ""
    if name:
        yield _made(analysis, name, site.path, site.span.start, value=value)
    elif convention is not None:
        yield EnvironmentSetting(
            name=convention.name, framework=convention.framework, variables=convention.variables, path=site.path,
            offset=site.span.start, value=value,
        )  # fmt: skip


def _named(analysis: Analysis, site: UrlFact) -> str:
    """The setting of Spring or .NET that an address is given to, as the entry of a file or as the default where it is asked for."""
    if _is_spring(site.path):
        return _path_of(site.node_path, ".")
    if gives_settings_of_net(site.path):
        return _path_of(site.node_path, ":")
    prop = ""
    for step in site.node_path.ancestors():
        match step.node:
            case Call() | Index() as node if name := setting_name(node, step.scope):
                return name
            case Alt(parts=parts):
                for part in parts:
                    if name := setting_name(part, step.scope):
                        return name
            case Assign(targets=(Name(id=prop),)):
                pass
            case Class(name=owner) if prop and analysis.language(site.path) == "csharp":
                return property_setting(analysis.repository, owner, prop)
            case _:
                pass
    return ""


def _path_of(node_path: NodePath, sign: str) -> str:
    keys = [step.node.key.value for step in node_path.ancestors() if isinstance(step.node, Item) and isinstance(step.node.key, Str)]
    return sign.join(reversed(keys))


def _entry(analysis: Analysis, path: str, wanted: Node) -> str:
    """The entry of a file of Spring's that a reference stands in."""
    for fact in analysis.facts[path].envs if path in analysis.facts else ():
        around = fact.node_path
        if around is not None and around.node.span == wanted.span:
            return _path_of(around, ".")
    return ""


def _stays_at(analysis: Analysis, path: str, span: Span) -> bool:
    """Does a line that gives something a value give it OpenRouter's address, which this run leaves there?"""
    lines = analysis.repository.files[path].lines
    for site in analysis.facts[path].urls if path in analysis.facts else ():
        decision = analysis.decisions.get(site.identity)
        if decision is not None and site.span.start >= span.end and lines.line(site.span.start) == lines.line(span.start):
            return not decision.applies(analysis.options)
    return False


def _made(analysis: Analysis, name: str, path: str, offset: int, *, value: str = "", is_address: bool = True) -> EnvironmentSetting:
    net = ":" in name
    key_env = analysis.target.key_env
    renamed = (renamed_net_setting if net else renamed_setting)(analysis.repository, name, key_env)
    if net and renamed is not None and any(_stays_at(analysis, place, span) for place, span in renamed.places):
        renamed = None  # under the new name, an address that stays would get the new key
    spelled = (name.replace(":", "__"),) if net else variables_of(name)
    new = "" if renamed is None else renamed.new.replace(":", "__") if net else variables_of(renamed.new)[0]
    return EnvironmentSetting(
        name=name, framework=".NET" if net else "Spring", variables=tuple(dict.fromkeys(spelled)), renamed=renamed,
        new_variable=new, is_address=is_address, path=path, offset=offset, value=value,
    )  # fmt: skip
