"""Decisions over the whole repository: what moves together, what is held back and why, what a person must look at.

Facts go up into this module, findings come down. The order is fixed: connections, evidence, units, reasons to hold, findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from migrator import outside, paths
from migrator.access import Role
from migrator.allow_lists import allows
from migrator.connect import Connection, connections
from migrator.contract import hands_over, inside, refuses_two, space_of, spaces
from migrator.edits import form_of
from migrator.evidence import Evidence, is_catalogue, weigh
from migrator.explicit import Explicits, explicits
from migrator.facts import EnvFact, Facts, Mark, MarkKind, UrlFact
from migrator.knowledge import is_key_variable, openrouter, renamed
from migrator.model import (
    ConnectionRow,
    EnvRow,
    Finding,
    ModelRow,
    Place,
    RoutingRow,
    Span,
    Todo,
)
from migrator.options import EnvStrategy, Options
from migrator.own_names import loose, sort_out
from migrator.place import Place as Where
from migrator.place import last_name
from migrator.purpose import product
from migrator.secrets import is_placeholder
from migrator.settings_class import alias
from migrator.split_hosts import movable_hosts
from migrator.tree import Arg, Assign, Call, EnvDef, Item, Obj, Str
from migrator.units import Groups, Hold, Unit
from migrator.urls import UrlKind
from migrator.world import From, World

PROGRAMS = ("python", "notebook", "ecma")
_URL_KEY = re.compile(r"(url|uri|base|endpoint|host|api|server|address|gateway|proxy|target|site)", re.IGNORECASE)
_FETCHERS = frozenset({"curl", "wget", "http", "https", "xh", "httpie", "aria2c", "hurl"})
_MOVING = (Role.READ, Role.DEFINE, Role.FORWARD, Role.ASK, Role.LIST, Role.TYPE)


@dataclass(slots=True, kw_only=True)
class Settled:
    """Everything a plan needs but its changes."""

    findings: list[Finding] = field(default_factory=list)
    env: list[EnvRow] = field(default_factory=list)
    connections: list[ConnectionRow] = field(default_factory=list)
    routing: list[RoutingRow] = field(default_factory=list)
    models: list[ModelRow] = field(default_factory=list)
    todo: list[Todo] = field(default_factory=list)


class Settlement:
    """One run's decisions; the state the functions below share."""

    def __init__(
        self,
        world: World,
        facts: Sequence[Facts],
        options: Options,
        manifests: Sequence[tuple[str, str]],
        scope: frozenset[str] | None = None,
        silent: Callable[[str, str, Span], str | None] = lambda _rule, _path, _span: None,
    ) -> None:
        self.silent = silent
        """Why the user wants a rule to leave a place alone."""
        self.world, self.options = world, options
        self.scope = scope
        """Paths that may be edited; None: all."""
        self.target = options.target
        self.facts = {one.path: one for one in facts}
        sort_out(self.facts)
        self.defined = self._defined_addresses()
        self.connections = connections(world, facts, self.defined)
        self.hosts = movable_hosts((fact for one in facts for fact in one.urls), self.connections, self.target)
        self.manifests = manifests
        self.product = product(manifests)
        """Manifest and name of the package, where the project is made for OpenRouter."""
        self.evidence: Evidence = weigh(facts, world.paths, manifests)
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
                owner = _env_owner(fact)
                if owner is not None and fact.url.kind.movable:
                    found.setdefault(owner, []).append(fact)
        return found

    def code(self, path: str) -> bool:
        """Is this a file that runs, not a test, document or recording?"""
        return not (
            paths.is_test(path)
            or (paths.is_document(path) and not self.scripted(path))
            or paths.is_recorded(path)
            or paths.is_locale(path)
            or paths.is_migration(path)
        )

    def scripted(self, path: str) -> bool:
        """Is this a page with scripts of its own? What runs in it is code, whatever stands around it."""
        file = self.world.files.get(path) if path.endswith((".html", ".htm")) else None
        return file is not None and bool(file.module.body)

    def language(self, path: str) -> str:
        """The format a file was lowered as."""
        return self.world.files[path].module.language

    def is_site(self, fact: UrlFact) -> bool:
        """Is this address used for requests, as far as it can be seen from where it stands?"""
        if not self.code(fact.path):
            return False
        if fact.url.kind is UrlKind.HOST:
            return id(fact) in self.hosts
        if not fact.url.kind.movable or fact.place not in (Where.VALUE, Where.ARGUMENT, Where.LIST):
            return False
        if allows(fact) or key_of_users(fact):
            return False
        return (
            self.language(fact.path) in PROGRAMS
            or bool(_URL_KEY.search(fact.key))
            or _fetched(fact)
            or self.language(fact.path) == "http"
        )

    def decide(self) -> Settled:
        """Form the units and collect the reasons to hold them; `verdicts` then says what that means for each place."""
        self.form_units()
        for unit in self.units:
            self.hold(unit)
        return self.out

    # -- units -------------------------------------------------------------------------------------------------------------------

    def form_units(self) -> None:
        """Addresses and key variables that meet stand or fall together."""
        groups = Groups()
        envs = [fact for one in self.facts.values() for fact in one.envs if is_key_variable(fact.name)]
        live = [fact for fact in envs if self.code(fact.path)]
        self.spaces = spaces(self.world.paths, (fact for fact in envs if self.code(fact.path) or paths.is_test(fact.path)))
        sites = [fact for one in self.facts.values() for fact in one.urls if self.is_site(fact)]
        # a name that is only talked about, or only set by tests, is not how this program gets its key
        names = {fact.name for fact in live if fact.role is not Role.MESSAGE}
        for fact in live:
            groups.join([self.key(fact.name, fact.path), ("file", fact.path)])
        for site in sites:
            groups.join([("url", id(site)), ("file", site.path)])
            owner = _env_owner(site)
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
        keys = sorted({self.key(fact.name, fact.path) for fact in envs if fact.name in names})
        bound = {groups.find(key) for key in keys}
        for site in sites:
            near = [key for key in keys if key[2] in ("", space_of(site.path, self.spaces.get(key[1], ())))]
            if near and groups.find(("url", id(site))) not in bound:
                uses = {key: sum(self.key(fact.name, fact.path) == key for fact in live) for key in near}
                groups.join([min(near, key=lambda key: (-uses[key], key)), ("url", id(site))])
                bound = {groups.find(key) for key in keys}
        by_root: dict[object, Unit] = {}
        for key in keys:
            by_root.setdefault(groups.find(key), Unit()).names.add(key[1])
        for fact in envs:
            if fact.name in names:
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
        self.units = sorted(by_root.values(), key=lambda unit: (unit.first, sorted(unit.names)))
        for unit in self.units:
            self.unit_of.update({id(fact): unit for fact in unit.facts})

    def key(self, name: str, path: str) -> tuple[str, str, str]:
        """A variable as the part of the tree around `path` means it."""
        return "env", name, space_of(path, self.spaces.get(name, ()))

    def kept(self, name: str) -> bool:
        """Did the user say that this variable stays?"""
        return self.options.env_strategy is EnvStrategy.KEEP or name in self.options.keep_variables

    def near(self, unit: Unit, path: str) -> bool:
        """Can a file have to do with a unit? Not if it belongs to another sub-project."""
        others = {folder for folders in self.spaces.values() for folder in folders}
        return not unit.scope or inside(path, unit.scope) or not any(inside(path, folder) for folder in others)

    # -- reasons to hold ---------------------------------------------------------------------------------------------------------

    def hold(self, unit: Unit) -> None:
        """Collect the reasons why a unit does not move."""
        self.hold_silenced(unit)
        idle = outside.unread(self, unit)
        unit.idle = idle if idle != unit.names else set()
        self.hold_registry(unit)
        self.hold_names(unit)
        self.hold_readers(unit)
        self.hold_addresses(unit)
        self.hold_keys(unit)
        self.hold_mixed(unit)
        self.hold_hidden(unit)
        self.hold_scope(unit)
        unit.holds += outside.holds(self, unit)
        self.choose_names(unit)

    def hold_silenced(self, unit: Unit) -> None:
        """Places where the user wants nothing done hold everything that belongs to them."""
        why: dict[int, str] = {}
        for fact in unit.facts:
            rule = "base-url" if isinstance(fact, UrlFact) else "env-file" if fact.how == "dotenv" else "env-rename"
            told = self.silent(rule, fact.path, fact.span) if self.code(fact.path) and not _said(fact) else None
            if told is not None:
                why[id(fact)] = told
        if not why:
            return
        alone = unit.apart = {path for path in self.files_of(unit) if self.stands_alone(unit, path, why)}
        for fact in unit.facts:
            if id(fact) not in why:
                continue
            apart = isinstance(fact, EnvFact) and fact.path in alone
            reason = f"{fact.path} stays: {why[id(fact)]}"
            if fact.path not in alone or apart:
                unit.holds.append(
                    Hold(
                        reason=reason,
                        path=fact.path,
                        offset=fact.span.start,
                        pin=fact if isinstance(fact, EnvFact) and apart else None,
                    )
                )
        unit.urls = [fact for fact in unit.urls if fact.path not in alone]

    def stands_alone(self, unit: Unit, path: str, why: Mapping[int, str]) -> bool:
        """Is a program's file left alone as a whole, with both ends of each of its connections and no end of another?"""
        facts = [fact for fact in unit.facts if fact.path == path and not _said(fact)]
        if self.language(path) not in PROGRAMS or not all(id(fact) in why for fact in facts):
            return False
        if not any(connection.fact.path == path for connection in self.connections) or {fact.path for fact in unit.urls} == {path}:
            return False
        for connection in self.connections:
            ends = {site.path for site in connection.sites} | {origin.path for origin in connection.keys}
            if (connection.fact.path == path and ends - {path}) or (connection.fact.path != path and path in ends):
                return False
        return True

    def choose_names(self, unit: Unit) -> None:
        """Rename, keep, or define the new name beside the old: what the reasons so far leave open and the user wants."""
        unit.kept = {name for name in unit.names if self.kept(name)}
        unit.holds = [hold for hold in unit.holds if hold.naming not in unit.kept]
        hard = [hold for hold in unit.holds if not hold.unsafe]
        if hard and all(hold.naming for hold in hard) and self.options.env_strategy is EnvStrategy.AUTO:
            for hold in hard:
                hold.reason += " (--env-strategy keep would leave the name and move the address)"
        pins = [hold.pin for hold in unit.holds if hold.pin is not None]
        if not pins:
            return
        refused = "the new name is to replace it (--env-strategy rename)" if self.options.env_strategy is EnvStrategy.RENAME else ""
        if unit.kept:
            refused = "the variable is to keep its name and would give that program the new key"
        pinned = {id(hold.pin): hold.reason for hold in unit.holds if hold.pin is not None}
        refused = refused or refuses_two(unit.envs, set(pinned), unit.urls)
        if refused:
            for hold in unit.holds:
                hold.reason += f"; {refused}" if hold.pin is not None else ""
        else:
            unit.holds = [hold for hold in unit.holds if hold.pin is None]
            unit.pinned = pinned

    def hold_scope(self, unit: Unit) -> None:
        """A variable is renamed for all its readers or for none: also when only some files were given."""
        if self.scope is None:
            return
        for fact in unit.facts:
            if fact.path not in self.scope and (self.code(fact.path) or paths.is_test(fact.path)):
                unit.holds.append(
                    Hold(
                        reason=f"{fact.path} belongs to it and is not among the given files: run on the whole repository",
                        path=fact.path,
                    )
                )
                return

    def files_of(self, unit: Unit) -> set[str]:
        """Files that run and take part in a unit."""
        found = {fact.path for fact in unit.facts if self.code(fact.path)} | {addition.path for addition in unit.additions}
        return found - unit.apart

    def hold_registry(self, unit: Unit) -> None:
        if self.product is not None:
            path, name = self.product
            unit.holds.append(Hold(reason=f"{name} is made for OpenRouter: there is nothing to move", path=path))
            return
        evidence = self.evidence_for(unit)
        if evidence.several:
            where = evidence.files or tuple(evidence.siblings)
            unit.holds.append(
                Hold(
                    reason=f"OpenRouter is one of several providers here ({', '.join(where[:3])}): adding the new gateway is a design decision",
                    path=where[0],
                    registry=True,
                )
            )

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
            [path for path in self.world.paths if self.near(unit, path)],
            [(path, text) for path, text in self.manifests if self.near(unit, path)],
        )

    def hold_names(self, unit: Unit) -> None:
        news: dict[str, str] = {}
        for name in sorted(unit.names - unit.idle):
            new = renamed(name, self.target.key_env)
            if new is None or name.startswith(tuple(openrouter()["keys"]["foreign_prefixes"])):
                reason = f"{name} is named by somebody else's convention"
                unit.holds.append(Hold(reason=reason, path=_first(unit, name), naming=name))
            elif new in news:
                reason = f"{name} and {news[new]} would become one variable, {new}"
                unit.holds.append(Hold(reason=reason, path=_first(unit, name), naming=name))
            else:
                news[new] = name
        for one in self.facts.values():
            for mark in one.marked(MarkKind.DYNAMIC_NAME):
                if self.code(mark.path) and self.near(unit, mark.path) and any(_may_build(mark.text, name) for name in unit.names):
                    unit.holds.append(
                        Hold(
                            reason="a variable's name is built at run time here, and the key variable fits it",
                            path=mark.path,
                            offset=mark.span.start,
                        )
                    )

    def hold_readers(self, unit: Unit) -> None:
        unit.holds += loose((one for one in self.facts.values() if self.near(unit, one.path)), unit.names)
        for fact in unit.envs:
            if not self.code(fact.path):
                continue
            match fact.role:
                case Role.FIELD:
                    refused = alias(fact, self.world, renamed(fact.name, self.target.key_env) or "").refused
                    if refused:
                        unit.holds.append(
                            Hold(
                                reason=f"a settings class reads {fact.name} by the name of its field, and {refused}",
                                path=fact.path,
                                offset=fact.span.start,
                                naming=fact.name,
                            )
                        )
                case Role.SCHEMA:
                    unit.holds.append(
                        Hold(
                            reason=f"{fact.name} is the key of an object that others may read by that name",
                            path=fact.path,
                            offset=fact.span.start,
                            naming=fact.name,
                        )
                    )
                case Role.UNKNOWN:
                    what = "in a file that cannot be read as code" if fact.how == "unread" else "where it cannot be said what for"
                    named = "" if "openrouter.ai" in self.world.files[fact.path].source.text.lower() else fact.name
                    reason = f"{fact.name} is named {what}"
                    unit.holds.append(Hold(reason=reason, path=fact.path, offset=fact.span.start, naming=named))
                case Role.FORWARD if self.language(fact.path) in PROGRAMS:
                    unit.holds.append(
                        Hold(reason=f"{fact.name} is handed to another program", path=fact.path, offset=fact.span.start)
                    )
                case _ if owner := hands_over(fact, unit.urls):
                    reason = f"{fact.name} belongs to {_owner_words(owner)}"
                    unit.holds.append(Hold(reason=reason, path=fact.path, offset=fact.span.start, pin=fact))
                case _ if fact.owner and not fact.owner.startswith("store:"):
                    unit.holds.append(
                        Hold(reason=f"{fact.name} belongs to {_owner_words(fact.owner)}", path=fact.path, offset=fact.span.start)
                    )
                case _:
                    pass

    def hold_addresses(self, unit: Unit) -> None:
        if not any(site.url.kind.movable or id(site) in self.hosts for site in unit.urls) and not unit.additions:
            unit.holds.append(
                Hold(
                    reason="no address of OpenRouter's API stands in this tree that would move with the key",
                    path=_first(unit, None),
                )
            )
        for site in unit.urls:
            if site.url.kind is UrlKind.ANTHROPIC_BASE and self.target.anthropic_base is None:
                unit.holds.append(
                    Hold(
                        reason=f"{self.target.title} has no address for Anthropic's clients, and the key would be theirs too",
                        path=site.path,
                        offset=site.span.start,
                    )
                )
        for connection in self.connections:
            path = connection.fact.path
            if not self.code(path) or not self.near(unit, path) or path in unit.apart or not self.touches(connection, unit):
                continue
            offset = connection.fact.call.span.start
            if not connection.sites and connection.variables:
                name = connection.variables[0]
                unit.holds.append(
                    Hold(reason=f"the address comes from {name}, which no file here defines", path=path, offset=offset)
                )
            for origin in connection.urls:
                if origin.kind is not From.LITERAL or not isinstance(origin.node, Str):
                    continue
                fact = self.url_fact(origin.path, origin.node)
                if fact is None or fact.url.kind in (UrlKind.REGIONAL, UrlKind.RELAY):
                    reason = (
                        "a regional host keeps requests in one region; no other gateway makes that promise"
                        if fact
                        else "unknown address"
                    )
                    if fact is not None:
                        unit.holds.append(Hold(reason=reason, path=path, offset=offset))
                elif fact.url.kind is UrlKind.OWN and connection.keyed:
                    unit.holds.append(
                        Hold(
                            reason=f"the key also goes to an endpoint that only OpenRouter has (/{fact.url.path.strip('/')})",
                            path=path,
                            offset=offset,
                        )
                    )
        for connection in self.connections:
            own = [site for site in connection.sites if site.url.kind is UrlKind.OWN]
            if (
                own
                and paths.is_test(connection.fact.path)
                and self.near(unit, connection.fact.path)
                and any(name in unit.names for name in connection.key_variables)
            ):
                unit.holds.append(
                    Hold(
                        reason=f"a test sends the key to an endpoint that only OpenRouter has (/{own[0].url.path.strip('/')})",
                        path=own[0].path,
                        offset=own[0].span.start,
                    )
                )
        for path in sorted(self.files_of(unit)):
            for fact in self.facts[path].urls if path in self.facts else ():
                if fact.url.kind is UrlKind.OWN and fact.place in (Where.VALUE, Where.ARGUMENT) and not self.unkeyed(fact):
                    unit.holds.append(
                        Hold(
                            reason=f"the key also goes to an endpoint that only OpenRouter has (/{fact.url.path.strip('/')})",
                            path=path,
                            offset=fact.span.start,
                        )
                    )
                elif fact.url.kind is UrlKind.REGIONAL and fact.place in (Where.VALUE, Where.ARGUMENT):
                    unit.holds.append(
                        Hold(
                            reason="a regional host keeps requests in one region; no other gateway makes that promise",
                            path=path,
                            offset=fact.span.start,
                        )
                    )

    def unkeyed(self, fact: UrlFact) -> bool:
        """Is the address only called without a key?"""
        users = [connection for connection in self.connections if any(site is fact for site in connection.sites)]
        return bool(users) and all(not user.keyed for user in users)

    def url_fact(self, path: str, node: Str) -> UrlFact | None:
        """The address in a literal."""
        one = self.facts.get(path)
        return next((fact for fact in one.urls if fact.literal is node or fact.literal.span == node.span), None) if one else None

    def touches(self, connection: Connection, unit: Unit) -> bool:
        """Does a connection use something of this unit?"""
        return (
            any(site in unit.urls for site in connection.sites)
            or any(name in unit.names for name in connection.key_variables)
            or connection.fact.path in self.files_of(unit)
        )

    def hold_keys(self, unit: Unit) -> None:
        for path in sorted(self.files_of(unit)):
            for mark in self.facts[path].marked(MarkKind.KEY_LITERAL) if path in self.facts else ():
                if not is_placeholder(mark.text) and mark.note != "message" and not self.defines_env(mark):
                    unit.holds.append(
                        Hold(
                            reason="a key stands in the code: revoke it and read the new one from the environment",
                            path=path,
                            offset=mark.span.start,
                        )
                    )
        if unit.names:
            return
        for site in unit.urls:
            verdict = self.key_beside(site)
            if verdict is not None:
                unit.holds.append(Hold(reason=verdict[0], path=site.path, offset=site.span.start, unsafe=verdict[1]))

    def hold_mixed(self, unit: Unit) -> None:
        """One client, several vendors: which address or key it gets is decided when the program runs, and an edit cannot keep them together."""
        vendors = openrouter()["vendors"]
        for connection in self.connections:
            path = connection.fact.path
            if not self.code(path) or not any(site in unit.urls for site in connection.sites):
                continue
            where = {"path": path, "offset": connection.fact.call.span.start}
            literals = [
                origin.node.value.lower() for origin in connection.urls if isinstance(origin.node, Str) and not origin.default_of
            ]
            if other := next((host for host in vendors["hosts"] for value in literals if host in value), None):
                reason = f"the program chooses between OpenRouter and {other} for this client: the new gateway is one more choice"
                unit.holds.append(Hold(reason=reason, **where))  # type: ignore[arg-type]
            if any(is_key_variable(name) for name in connection.key_variables):
                for name in connection.key_variables:
                    if not is_key_variable(name) and name != self.target.key_env:
                        foreign = name in vendors["key_variables"]
                        reason = f"the key may also come from {name}: what that holds would be sent to the new host"
                        unit.holds.append(Hold(reason=reason, unsafe=not foreign, **where))  # type: ignore[arg-type]

    def defines_env(self, mark: Mark) -> bool:
        """Is the key the value of a line that can be switched off? Elsewhere a rename would bring the old key under the new name."""
        trail = mark.trail
        text = self.world.files[mark.path].source.text
        return trail is not None and any(
            isinstance(step.node, EnvDef) and form_of(mark.path, step.node, text) in ("dotenv", "envrc")
            for step in trail.ancestors()
        )

    def key_beside(self, site: UrlFact) -> tuple[str, bool] | None:
        """Why an address without a known key variable stays: the reason and whether `--unsafe` may move it; None: it may move."""
        users = [connection for connection in self.connections if any(one is site for one in connection.sites)]
        keys = [origin for user in users for origin in user.keys]
        mapping = _mapping(site)
        if mapping is not None:
            for item in mapping.items:
                if isinstance(item.key, Str) and re.fullmatch(
                    r"(\w*_)?(api[_-]?key|apikey|token|key|secret)", item.key.value, re.IGNORECASE
                ):
                    if isinstance(item.value, Str):
                        if item.value.value and not is_placeholder(item.value.value):
                            return "a key stands beside this address: revoke it and read the new one from the environment", False
                        return None
        names = list(dict.fromkeys(origin.name for origin in keys if origin.kind is From.ENV))
        if names:
            return (
                f"the key comes from {names[0]}, whose name does not say whose it is: put the new gateway's key there first",
                True,
            )
        if users and all(not user.keyed for user in users):
            return None
        if self.language(site.path) not in PROGRAMS and not users:
            return "the key for this address is kept elsewhere: change both together", True
        return "the key is given at run time: whoever supplies it must supply the new gateway's key from now on", True

    def hold_hidden(self, unit: Unit) -> None:
        for addition in unit.additions:
            if addition.unsure:
                unit.holds.append(Hold(reason=addition.unsure, path=addition.path, offset=addition.span.start, unsafe=True))
        if not unit.names:
            return
        for one in self.facts.values():
            if not self.code(one.path) or not self.near(unit, one.path):
                continue
            for mark in one.marked(MarkKind.HIDDEN_CLIENT, MarkKind.SDK_IMPORT):
                why = self.explicits.refused.get(id(mark)) or mark.note
                if id(mark) in self.explicits.refused or (
                    mark.kind is MarkKind.HIDDEN_CLIENT and not self.explicit(mark) and not self.explicits.covers(mark)
                ):
                    unit.holds.append(
                        Hold(
                            reason=f"{mark.text} hides OpenRouter's host or reads the key by itself. {why}",
                            path=one.path,
                            offset=mark.span.start,
                        )
                    )
            if is_catalogue(one, program=self.language(one.path) in PROGRAMS):
                continue
            for mark in one.marked(MarkKind.MODEL_PREFIX):
                unit.holds.append(
                    Hold(
                        reason=f"the prefix in {mark.text} makes a library choose OpenRouter's host and read its key variable",
                        path=one.path,
                        offset=mark.span.start,
                    )
                )
        for path, reason in self.evidence_for(unit).presence.items():
            unit.holds.append(Hold(reason=reason, path=path))

    def explicit(self, mark: Mark) -> bool:
        """Does a client of such a library have its own address and key here?"""
        return any(
            connection.fact.call is mark.node and connection.sites and connection.fact.key is not None
            for connection in self.connections
        )


def key_of_users(fact: UrlFact) -> bool:
    """`apiKey: "user_provided"` beside the address: stored keys of people would go to the new host."""
    for step in fact.trail.ancestors():
        match step.node:
            case Obj(items=items):
                return any(isinstance(item.value, Str) and item.value.value == "user_provided" for item in items)
            case Item():
                continue
            case _:
                return False
    return False


def _fetched(fact: UrlFact) -> bool:
    """An argument of curl and its like."""
    return any(isinstance(step.node, Call) and last_name(step.node.func) in _FETCHERS for step in fact.trail.ancestors())


def _first(unit: Unit, name: str | None) -> str:
    return min((fact.path for fact in unit.facts if name is None or getattr(fact, "name", None) == name), default="")


def _said(fact: EnvFact | UrlFact) -> bool:
    """Is it only said, not used?"""
    return isinstance(fact, EnvFact) and fact.role is Role.MESSAGE


def _owner_words(owner: str) -> str:
    kind, _, name = owner.partition(":")
    words = {
        "image": "the image", "action": "the action", "mcp": "the MCP server", "workflow": "the reusable workflow", "interface": "the public interface",
        "sealed": "a sealed store",
    }  # fmt: skip
    return f"{words.get(kind, kind)} {name}".strip()


def _may_build(pattern: str, name: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\{\}", "[A-Z0-9_]+"), name))


def _env_owner(fact: UrlFact) -> str | None:
    """The variable that is given this address, where it is one."""
    for step in fact.trail.ancestors():
        match step.node:
            case EnvDef(name=name):
                return name
            case Call() | Obj() | Assign() | Arg() | Item():
                if not isinstance(step.node, (Item, Arg)):
                    return None
    return None


def _mapping(fact: UrlFact) -> Obj | None:
    """The mapping an address is an entry of."""
    up = fact.trail.up
    if up is not None and isinstance(up.node, Item) and up.up is not None and isinstance(up.up.node, Obj):
        return up.up.node
    return None


def place(settlement: Settlement, path: str, span: Span) -> Place:
    """A span as a line somebody can click on."""
    return Place(path=path, line=settlement.world.files[path].lines.line(span.start))
