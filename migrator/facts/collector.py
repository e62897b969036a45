"""The state of a walk over one file: what is read, and the facts that were found so far. Each reader takes it with a node."""

from __future__ import annotations

from functools import cached_property

from migrator.catalog import is_key_variable
from migrator.catalog.variables import is_address_variable
from migrator.discover import config, path_kinds
from migrator.facts.model import ClientFact, EnvFact, Fact, FactKind, Facts, UrlFact
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Node
from migrator.integrations import lookup
from migrator.model import Span
from migrator.records import dataclass, field
from migrator.resolve.context import NodePath
from migrator.resolve.environment import VariableRole
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.scopes import Scope, ScopeKind
from migrator.text.covering import Covering

FOLLOWED = ("python", "notebook", "ecma")
"""Languages of programs whose calls are followed to what they are given, whoever made the function."""
PROGRAMS = (*FOLLOWED, *LANGUAGES)
"""Languages of programs; any other file is configuration or text."""


@dataclass(slots=True)
class Collected:
    """The facts of one file while it is walked."""

    path: str
    envs: list[EnvFact] = field(default_factory=list)
    urls: list[UrlFact] = field(default_factory=list)
    marks: list[Fact] = field(default_factory=list)
    clients: list[ClientFact] = field(default_factory=list)
    named: list[tuple[str, Span]] = field(default_factory=list)
    objects: list[NodePath] = field(default_factory=list)
    calls: list[NodePath] = field(default_factory=list)
    stores: list[NodePath] = field(default_factory=list)
    handed: dict[str, list[NodePath]] = field(default_factory=dict)

    def facts(self) -> Facts:
        """All of them, in text order."""
        return Facts(
            path=self.path,
            envs=tuple(sorted(self.envs, key=lambda fact: fact.span)),
            urls=tuple(sorted(self.urls, key=lambda fact: fact.span)),
            marks=tuple(sorted(self.marks, key=lambda mark: mark.span)),
            clients=tuple(self.clients),
            named=tuple(self.named),
            objects=tuple(self.objects),
            calls=tuple(self.calls),
            stores=tuple(self.stores),
            handed=self.handed,
        )


class Walk:
    """One file, the repository around it, and its facts."""

    def __init__(self, file: ParsedFile, repository: Repository, names: frozenset[str] = frozenset()) -> None:
        self.file, self.repository = file, repository
        self.text = file.source.text
        self.names = names
        """Variables that are of interest although their names do not say so."""
        self.path = file.path
        self.program = file.module.language in PROGRAMS
        self.root = file.scopes.root if self.program else Scope(ScopeKind.MODULE, None, None, file.path)
        self.ecma = file.module.language == "ecma"
        self.language = lookup.language(file.module.language)
        """As integrations call it."""
        self.facts = Collected(self.path)
        self.seen_names: set[tuple[int, int]] = set()
        """Spans of variable names that a fact already speaks of."""
        self.owned: list[tuple[Span, str]] = []
        """Spans of literals with the variables that configuration gives them to."""
        self.settings = config.own_span(self.path, self.text)
        """Where this tool's own configuration stands, which names variables without reading them."""
        self.test = path_kinds.is_test(self.path)

    @cached_property
    def owner(self) -> Covering[str]:
        """The variables by the literals that configuration gives to them; asked once all definitions are read."""
        return Covering(dict(self.owned).items())

    def is_key(self, name: str) -> bool:
        """Is a variable of this name a key of interest, or an address?"""
        return is_key_variable(name) or name in self.names or is_address_variable(name)

    def mark(
        self,
        kind: FactKind,
        span: Span,
        text: str = "",
        note: str = "",
        node_path: NodePath | None = None,
        node: Node | None = None,
    ) -> None:
        """A place of interest is found."""
        self.facts.marks.append(Fact(kind=kind, path=self.path, span=span, text=text, note=note, node_path=node_path, node=node))

    def env(
        self,
        name: str,
        span: Span,
        role: VariableRole,
        how: str,
        node_path: NodePath | None,
        *,
        owner: str = "",
        value: Node | None = None,
        entry: Span | None = None,
        commented: bool = False,
    ) -> None:
        """A variable is named at `span`. The first to say so is right: whoever comes later knows less of the place."""
        if (span.start, span.end) in self.seen_names or span.start in self.settings:
            return
        self.seen_names.add((span.start, span.end))
        self.facts.envs.append(
            EnvFact(
                path=self.path,
                name=name,
                span=span,
                role=role,
                how=how,
                node_path=node_path,
                owner=owner,
                value=value,
                entry=entry,
                commented=commented,
            )
        )
