"""Addresses without a known client: in options objects, constants and configuration, with the key that stands beside each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.sources.connections import Connection, LooseAddress
from migrator.analysis.sources.key_entries import Entry, keys_of_address, names_key
from migrator.analysis.sources.references import has_command, references
from migrator.catalog.urls import UrlKind
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import UrlFact
from migrator.formats.tree import Arg, Call, Class, EnvDef, Func, Import, Item, Join, Node, Obj, Seq, Str
from migrator.patterns import regex
from migrator.resolve.context import Identity, NodePath
from migrator.resolve.environment import setting_of
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.repository import ParsedFile
from migrator.text.secrets import is_placeholder

_KEY_NAME = regex(r"(_API_KEYS?|_KEYS?|_TOKEN|_SECRET|_APIKEY|__(?:Api)?(?:Key|Token))$")
_SHOWN = regex(r"(YOUR|MY|THE|INSERT|REPLACE|CHANGE|ENTER|PUT|ADD|PASTE|TODO)_")
"""How a text begins that only shows where a key goes, and names no variable."""
_VARIABLE = regex(r"[A-Z][A-Z0-9_]*_[A-Z0-9_]+\Z")


class KeyEntries:
    """The entries of mappings whose names say key: a mapping of thousands stands around each of its addresses, and is read once."""

    def __init__(self) -> None:
        self._known: dict[Identity, list[tuple[str, str, Node]]] = {}
        self._families: dict[str, dict[str, list[EnvDef]]] = {}

    def of(self, around: NodePath, beside: str = "") -> list[Entry]:
        """By the last part of their names; in a flat file, `llm.api.key`, those with the path of another one."""
        assert isinstance(around.node, Obj)
        if around.identity not in self._known:
            named = ((item.key.value.rpartition("."), item.value) for item in around.node.items if isinstance(item.key, Str))
            self._known[around.identity] = [(path, last, value) for (path, _, last), value in named if names_key(last)]
        home = beside.rpartition(".")[0]
        return [(last, value) for path, last, value in self._known[around.identity] if not path or path == home]

    def of_family(self, file: ParsedFile, name: str) -> list[EnvDef]:
        """The variables of a file that are named after the same thing as another one: `OPENAI_API_KEY` beside `OPENAI_BASE_URL`."""
        if file.path not in self._families:
            families = self._families[file.path] = {}
            for node in file.module.body:
                if isinstance(node, EnvDef) and not node.commented and _KEY_NAME.search(node.name):
                    families.setdefault(node.name.split("_")[0], []).append(node)
        return self._families[file.path].get(name.split("_")[0], [])


def loose_addresses(analysis: Analysis) -> list[LooseAddress]:
    """Every address that requests go to and that no client of the tree was followed to."""
    attached: dict[Identity, list[Connection]] = {}
    for connection in analysis.connections:
        for site in connection.sites:
            attached.setdefault(site.identity, []).append(connection)
    entries = KeyEntries()
    return [
        with_key(analysis, site, entries)
        for _, facts in sorted(analysis.facts.items())
        for site in facts.urls
        if analysis.is_site(site) and _is_used_elsewhere(analysis, site, attached.get(site.identity, []))
    ]


def _is_used_elsewhere(analysis: Analysis, site: UrlFact, users: list[Connection]) -> bool:
    """Is an address used for more than the requests that were followed to it: the name of its constant stands more often than they and its definition say?

    Only where all of them ask for what stays: what moves takes the address with it, whoever else uses it.
    """
    if not users:
        return True
    constant = site.key.rpartition(".")[2]
    if site.url.kind is not UrlKind.BASE or not constant.isupper() or any(user.endpoint is not UrlKind.OWN for user in users):
        return False
    near = [path for path in analysis.facts if path == site.path or site.path in analysis.imported(path)]
    word = re.compile(rf"(?<!\w){re.escape(constant)}(?!\w)")
    uses = sum(_uses(analysis, path, word) for path in near)
    return uses > len({(user.fact.path, user.fact.url.span) for user in users if user.fact.url is not None})


def _uses(analysis: Analysis, path: str, word: re.Pattern[str]) -> int:
    """How often a program uses a name, but where it is bound, imported or handed out."""
    file = analysis.repository.files[path]
    if file.module.language not in PROGRAMS:
        return 0
    imports = [node.span for node in file.module.body if isinstance(node, Import)]
    starts = [match.start() for match in word.finditer(file.source.text)]
    bound = re.compile(rf"(?:{word.pattern})[ \t]*(?::[^=\n]*)?=(?!=)")
    count = sum(not any(span.start <= start < span.end for span in imports) for start in starts)
    return count - sum(1 for _ in bound.finditer(file.source.text))


def with_key(analysis: Analysis, site: UrlFact, entries: KeyEntries) -> LooseAddress:
    """An address with the key that stands beside it."""
    if analysis.language(site.path) in PROGRAMS:
        keys = tuple(_in_program(analysis, site, entries))
    else:
        keys = tuple(_in_configuration(analysis, site, entries))
    return LooseAddress(site=site, keys=keys, typed=typed_key(site, entries))


def typed_key(site: UrlFact, entries: KeyEntries) -> Str | None:
    """The key that is written beside an address, alone or in a list, in the mapping that both are entries of; often a placeholder."""
    up = site.node_path.up
    around = up.up if up is not None and isinstance(up.node, Item) and up.up is not None else None
    for entry in keys_of_address(entries.of(around), site.key) if around is not None and isinstance(around.node, Obj) else ():
        values = entry.items if isinstance(entry, Seq) else (entry,)
        typed = [
            value for value in values if isinstance(value, Str) and (not _VARIABLE.match(value.value) or _SHOWN.match(value.value))
        ]
        if typed:
            return next((value for value in typed if value.value and not is_placeholder(value.value)), typed[0])
    return None


def _in_program(analysis: Analysis, site: UrlFact, entries: KeyEntries) -> Iterator[Origin]:
    """The key in the same call or object as the address."""
    for step in site.node_path.ancestors():
        match step.node:
            case Call(args=args):
                values = keys_of_address([(arg.name, arg.value) for arg in args if arg.name is not None], site.key)
            case Obj():
                values = keys_of_address(entries.of(step), site.key)
            case Func() | Class():
                return
            case _:
                continue
        keys = [origin for value in values for origin in origins(analysis.repository, value, step.scope)]
        if keys:
            yield from keys
            return


def _in_configuration(analysis: Analysis, site: UrlFact, entries: KeyEntries) -> Iterator[Origin]:
    """The variables that an entry, a command or a block of variables sends to the address."""
    for step in site.node_path.ancestors():
        match step.node:
            case Call(args=args):
                yield from (_variable(site, ref.name, ref) for arg in _sent_as_key(args) for ref in references(arg))
                return
            case EnvDef(name=name):
                for node in entries.of_family(analysis.repository.files[site.path], name):
                    refs = list(references(node.value)) if node.value is not None else []
                    yield from (
                        (_variable(site, ref.name, ref) for ref in refs)
                        if refs
                        else (_variable(site, setting_of(node.name), node),)
                    )
                return
            case Obj():
                keys = keys_of_address(entries.of(step, site.key), site.key.rpartition(".")[2])
                for key in keys:
                    yield from _entry(site, key)
                    if has_command(key):
                        scope = analysis.repository.files[site.path].scopes.root
                        yield Origin(kind=From.UNKNOWN, path=site.path, node=key, name="an expression", scope=scope)
                if keys:
                    return
            case _:
                pass


_SAYS_KEY = regex(r"key|token|auth|secret|bearer|-H$|--header$|-u$|--user$", re.IGNORECASE)
_TAKES_DATA = regex(r"-d$|--data|--json$|-o$|--output$|-w$|--write-out$|-F$|--form$|--model|--prompt", re.IGNORECASE)


def _sent_as_key(args: tuple[Arg, ...]) -> list[Arg]:
    """The words of a command that hold its key: what says so, else everything that is no data of the request."""
    befores = ["", *(arg.value.value if isinstance(arg.value, Str) else "" for arg in args)]
    pairs = list(zip(befores, args, strict=False))
    telling = [
        arg for before, arg in pairs if before.startswith("-") and _SAYS_KEY.search(before) and not _TAKES_DATA.match(before)
    ]
    telling += [arg for before, arg in pairs if arg not in telling and not _TAKES_DATA.match(before) and _names_key(arg)]
    referring = [arg for arg in telling if any(references(arg))]
    return referring or [arg for before, arg in pairs if not _TAKES_DATA.match(before)]


def _names_key(arg: Arg) -> bool:
    """`"Authorization: Bearer $KEY"`, `--api-key=$KEY`, `OPENAI_API_KEY=$KEY`: does the text before the reference say what it is?"""
    head = arg.value.parts[0] if isinstance(arg.value, Join) and arg.value.parts else None
    return isinstance(head, Str) and _SAYS_KEY.search(head.value) is not None


def _entry(site: UrlFact, value: Node) -> Iterator[Origin]:
    refs = list(references(value))
    if refs:
        yield from (_variable(site, ref.name, ref) for ref in refs)
    elif isinstance(value, Str) and _VARIABLE.match(value.value) and not _SHOWN.match(value.value):
        yield _variable(site, value.value, value)


def _variable(site: UrlFact, name: str, node: Node) -> Origin:
    return Origin(kind=From.ENV, path=site.path, node=node, name=name)
