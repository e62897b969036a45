"""What moves together: connections, evidence and units over the whole repository, and the questions that later stages ask of them.

Facts go up into this module, findings come down. The order is fixed: connections, evidence, units, reasons to hold (`holds`), findings
(`verdicts`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field

from migrator.analysis.allow_lists import allows
from migrator.analysis.connections import connections
from migrator.analysis.hidden_clients import Explicits, explicits
from migrator.analysis.ownership import sort_out
from migrator.analysis.product import product
from migrator.analysis.providers import Evidence, weigh
from migrator.analysis.split_hosts import movable_hosts
from migrator.analysis.units import Groups, Unit
from migrator.analysis.url_context import env_owner, fetched, key_of_users
from migrator.analysis.variable_scopes import inside, space_of, spaces
from migrator.catalog import is_key_variable
from migrator.catalog.urls import UrlKind
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, Fact, Facts, UrlFact
from migrator.facts.variables import form_of
from migrator.formats.tree import EnvDef, Import
from migrator.model import ConnectionRow, Edit, EnvRow, Finding, Location, ModelRow, RoutingRow, Span, Todo
from migrator.options import EnvStrategy, Options
from migrator.resolve.context import LiteralRole
from migrator.resolve.environment import VariableRole
from migrator.resolve.modules import local_module
from migrator.resolve.repository import Repository

Key = tuple[str, str, str]
"""`("env", name, folder)`: a variable as one part of the tree means it; "" for the whole tree."""

_URL_KEY = re.compile(r"(url|uri|base|endpoint|host|api|server|address|gateway|proxy|target|site)", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Settled:
    """Everything a plan needs but its changes."""

    findings: list[Finding] = field(default_factory=list)
    env: list[EnvRow] = field(default_factory=list)
    connections: list[ConnectionRow] = field(default_factory=list)
    routing: list[RoutingRow] = field(default_factory=list)
    routing_edits: dict[RoutingRow, set[Edit]] = field(default_factory=dict)
    """The edits without which a row is not written."""
    models: list[ModelRow] = field(default_factory=list)
    todo: list[Todo] = field(default_factory=list)


class Settlement:
    """One run's decisions; the state that the reasons to hold and the verdicts share."""

    def __init__(
        self,
        repository: Repository,
        facts: Sequence[Facts],
        options: Options,
        manifests: Sequence[tuple[str, str]],
        scope: frozenset[str] | None = None,
        silent: Callable[[str, str, Span], str | None] = lambda _rule, _path, _span: None,
    ) -> None:
        self.silent = silent
        """Why the user wants a rule to leave a place alone."""
        self.repository, self.options = repository, options
        self.scope = scope
        """Paths that may be edited; None: all."""
        self.target = options.target
        self.facts = {one.path: one for one in facts}
        sort_out(self.facts)
        self.defined = self._defined_addresses()
        self.connections = connections(repository, facts, self.defined)
        self.hosts = movable_hosts((fact for one in facts for fact in one.urls), self.connections, self.target)
        self.talking = frozenset(one.path for one in facts if one.urls) | {one.fact.path for one in self.connections}
        """Files that call OpenRouter or hold an address of it."""
        self.manifests = manifests
        self.product = product(manifests)
        """Manifest and name of the package, where the project is made for OpenRouter."""
        self.evidence: Evidence = weigh(facts, repository.paths, manifests)
        self.out = Settled()
        self.units: list[Unit] = []
        self.unit_of: dict[object, Unit] = {}
        self.explicits = Explicits()
        self.spaces: dict[str, tuple[str, ...]] = {}
        """Variables that sub-projects have each for themselves, with the folders of these."""

    # -- what there is -----------------------------------------------------------------------------------------------------------

    def _defined_addresses(self) -> dict[str, list[UrlFact]]:
        """Variables that some file gives an OpenRouter address, with the addresses."""
        found: dict[str, list[UrlFact]] = {}
        for one in self.facts.values():
            for fact in one.urls:
                owner = env_owner(fact)
                if owner is not None and fact.url.kind.movable:
                    found.setdefault(owner, []).append(fact)
        return found

    def code(self, path: str) -> bool:
        """Is this a file that runs, not a test, document or recording?"""
        return not (
            path_kinds.is_test(path)
            or (path_kinds.is_document(path) and not self.scripted(path))
            or path_kinds.is_recorded(path)
            or path_kinds.is_locale(path)
            or path_kinds.is_migration(path)
        )

    def scripted(self, path: str) -> bool:
        """Is this a page with scripts of its own? What runs in it is code, whatever stands around it."""
        file = self.repository.files.get(path) if path.endswith((".html", ".htm")) else None
        return file is not None and bool(file.module.body)

    def language(self, path: str) -> str:
        """The format a file was lowered as."""
        return self.repository.files[path].module.language

    def imported(self, path: str) -> set[str]:
        """Files of this tree that a program imports; none for other files."""
        file = self.repository.files.get(path)
        if file is None or file.module.language not in PROGRAMS:
            return set()
        modules = [node.module for node in file.module.body if isinstance(node, Import)]
        return {found for module in modules if (found := local_module(self.repository, path, module)) is not None}

    def is_site(self, fact: UrlFact) -> bool:
        """Is this address used for requests, as far as it can be seen from where it stands?"""
        if not self.code(fact.path):
            return False
        if fact.url.kind is UrlKind.HOST:
            return id(fact) in self.hosts
        if not fact.url.kind.movable or fact.place not in (LiteralRole.VALUE, LiteralRole.ARGUMENT, LiteralRole.LIST):
            return False
        if allows(fact) or key_of_users(fact):
            return False
        return (
            self.language(fact.path) in PROGRAMS
            or bool(_URL_KEY.search(fact.key))
            or fetched(fact)
            or self.language(fact.path) == "http"
        )

    # -- units -------------------------------------------------------------------------------------------------------------------

    def form_units(self) -> None:
        """Addresses and key variables that meet stand or fall together."""
        groups = Groups()
        envs = [fact for one in self.facts.values() for fact in one.envs if is_key_variable(fact.name)]
        live = [fact for fact in envs if self.code(fact.path)]
        self.spaces = spaces(
            self.repository.paths, (fact for fact in envs if self.code(fact.path) or path_kinds.is_test(fact.path))
        )
        sites = [fact for one in self.facts.values() for fact in one.urls if self.is_site(fact)]
        # a name that is only talked about, or only set by tests, is not how this program gets its key
        names = {fact.name for fact in live if fact.role is not VariableRole.MESSAGE}
        envs = [fact for fact in envs if fact.name in names]
        self._meet(groups, live, sites, names)
        keys = sorted({self.key(fact.name, fact.path) for fact in envs})
        self._adopt(groups, live, sites, keys)
        self.units = self._collect(groups, envs, sites, keys)
        for unit in self.units:
            self.unit_of.update({id(fact): unit for fact in unit.facts})

    def _meet(self, groups: Groups, live: Sequence[EnvFact], sites: Sequence[UrlFact], names: Set[str]) -> None:
        """Join what stands in one file, what one connection uses, and what a client that is made explicit will use."""
        for fact in live:
            groups.join([self.key(fact.name, fact.path), ("file", fact.path)])
        for site in sites:
            groups.join([("url", id(site)), ("file", site.path)])
            owner = env_owner(site)
            if owner is not None:
                groups.join([("url", id(site)), ("address", owner)])
        for connection in self.connections:
            if not self.code(connection.fact.path):
                continue
            marks: list[object] = [("file", connection.fact.path)]
            marks += [("url", id(site)) for site in connection.sites if self.is_site(site)]
            marks += [("address", name) for name in connection.variables]
            marks += [self.key(name, connection.fact.path) for name in connection.key_variables if name in names]
            marks += [self.key(origin.name, origin.path) for origin in connection.keys if origin.name in names]
            groups.join(marks)
        self.explicits = explicits(self)
        for addition in self.explicits.additions:
            used = [self.key(name, addition.path) for name in sorted(addition.names) if name in names]
            groups.join([("file", addition.path), *used])

    def _adopt(self, groups: Groups, live: Sequence[EnvFact], sites: Sequence[UrlFact], keys: Sequence[Key]) -> None:
        """An address that meets no key variable goes with the one that is used most around it."""
        bound = {groups.find(key) for key in keys}
        for site in sites:
            near = [key for key in keys if key[2] in ("", space_of(site.path, self.spaces.get(key[1], ())))]
            if near and groups.find(("url", id(site))) not in bound:
                uses = {key: sum(self.key(fact.name, fact.path) == key for fact in live) for key in near}
                groups.join([min(near, key=lambda key: (-uses[key], key)), ("url", id(site))])
                bound = {groups.find(key) for key in keys}

    def _collect(self, groups: Groups, envs: Sequence[EnvFact], sites: Sequence[UrlFact], keys: Sequence[Key]) -> list[Unit]:
        """The groups as units, in the order of the report."""
        by_root: dict[object, Unit] = {}
        for key in keys:
            by_root.setdefault(groups.find(key), Unit()).names.add(key[1])
        for fact in envs:
            by_root[groups.find(self.key(fact.name, fact.path))].envs.append(fact)
        for root, unit in by_root.items():
            own = {key[2] for key in keys if groups.find(key) == root}
            unit.scope = own.pop() if len(own) == 1 else ""
        for site in sites:
            by_root.setdefault(groups.find(("url", id(site))), Unit()).urls.append(site)
        for addition in self.explicits.additions:
            unit = by_root.setdefault(groups.find(("file", addition.path)), Unit())
            unit.additions.append(addition)
            unit.names |= addition.names
        return sorted(by_root.values(), key=lambda unit: (unit.first, sorted(unit.names)))

    def key(self, name: str, path: str) -> Key:
        """A variable as the part of the tree around `path` means it."""
        return "env", name, space_of(path, self.spaces.get(name, ()))

    def kept(self, name: str) -> bool:
        """Did the user say that this variable stays?"""
        return self.options.env_strategy is EnvStrategy.KEEP or name in self.options.keep_variables

    def near(self, unit: Unit, path: str) -> bool:
        """Can a file have to do with a unit? Not if it belongs to another sub-project."""
        others = {folder for folders in self.spaces.values() for folder in folders}
        return not unit.scope or inside(path, unit.scope) or not any(inside(path, folder) for folder in others)

    def files_of(self, unit: Unit) -> set[str]:
        """Files that run and take part in a unit."""
        found = {fact.path for fact in unit.facts if self.code(fact.path)} | {addition.path for addition in unit.additions}
        return found - unit.apart

    def crowded(self, path: str) -> bool:
        """Is OpenRouter one of several providers where a file stands? A sub-project with a contract of its own answers for itself."""
        own = [unit for unit in self.units if unit.scope and inside(path, unit.scope)]
        return any(hold.registry for unit in own for hold in unit.holds) if own else self.evidence.several

    def evidence_for(self, unit: Unit) -> Evidence:
        """What the part of the tree says that a unit can have to do with."""
        if not unit.scope:
            return self.evidence
        return weigh(
            [one for one in self.facts.values() if self.near(unit, one.path)],
            [path for path in self.repository.paths if self.near(unit, path)],
            [(path, text) for path, text in self.manifests if self.near(unit, path)],
        )

    def defines_env(self, mark: Fact) -> bool:
        """Is the key the value of a line that can be switched off? Elsewhere a rename would bring the old key under the new name."""
        node_path = mark.node_path
        text = self.repository.files[mark.path].source.text
        return node_path is not None and any(
            isinstance(step.node, EnvDef) and form_of(mark.path, step.node, text) in ("dotenv", "envrc")
            for step in node_path.ancestors()
        )

    def explicit(self, mark: Fact) -> bool:
        """Does a client of such a library have its own address and key here?"""
        return any(
            connection.fact.call is mark.node and connection.sites and connection.fact.key is not None
            for connection in self.connections
        )


def place(settlement: Settlement, path: str, span: Span) -> Location:
    """A span as a line somebody can click on."""
    return Location(path=path, line=settlement.repository.files[path].lines.line(span.start))
