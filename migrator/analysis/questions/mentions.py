"""Mentions of variables: who reads, defines or lists them, and in which part of the tree."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence

from migrator.analysis.questions.files import Files
from migrator.analysis.sources.references import references
from migrator.analysis.variables.variable_scopes import space_of
from migrator.catalog import is_key_variable
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, Fact, FactKind
from migrator.facts.variables import form_of
from migrator.formats.tree import Assign, EnvDef, Import, Node, descendants
from migrator.model import Span
from migrator.records import dataclass, field
from migrator.resolve.environment import READING, VariableRole
from migrator.resolve.modules import local_module


@dataclass(frozen=True, kw_only=True, eq=False)
class Mentions(Files):
    """All mentions of variables."""

    own_keys: frozenset[str]
    """Keys of the program's own objects that are spelled like variables."""
    spaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Variables that sub-projects have each for themselves, with the folders of these."""
    _key_reads: dict[tuple[str, bool], list[EnvFact]] = field(default_factory=dict, repr=False)
    _in_order: dict[tuple[str, str], tuple[Sequence[EnvFact], list[int], list[int]]] = field(default_factory=dict, repr=False)

    def mentions(self, name: str, folder: str) -> list[EnvFact]:
        """Every mention of a variable in the part of the tree that shares it, in code and in tests."""
        return [
            fact
            for fact in sorted(self.naming(name), key=lambda fact: fact.path)
            if self.folder_of(name, fact.path) == folder and (self.code(fact.path) or path_kinds.is_test(fact.path))
        ]

    def folder_of(self, name: str, path: str) -> str:
        """The sub-project whose variable a name is at a path; "" for the tree's."""
        return space_of(path, self.spaces.get(name, ()))

    def readings(self, name: str, path: str, node: object) -> list[EnvFact]:
        """The mentions of a variable that a value was read through."""
        facts = self.facts.get(path)
        if facts is None:
            return []
        named = self.naming_in(path, name)
        span = getattr(node, "span", None)
        if span is None:
            by_name = [fact for fact in named if fact.role in (*READING, VariableRole.SCHEMA)]
            return by_name or [fact for fact in named if fact.role is VariableRole.LIST]  # read in a loop over a list of names
        return (
            self.mentioned_within(path, name, span)
            or [fact for fact in named if fact.role in READING]
            or self._named_by_constant(name)
            or list(self.naming_in_code(name, *READING, VariableRole.SCHEMA, VariableRole.LIST, program=True))
        )

    def mentioned_within(self, path: str, name: str, span: Span) -> list[EnvFact]:
        """The mentions of a variable inside a stretch of a file that may have thousands of them."""
        named = self.naming_in(path, name)
        held = self._in_order.get((path, name))
        if held is None or held[0] is not named:
            order = sorted(range(len(named)), key=lambda at: named[at].span.start)
            held = self._in_order[path, name] = (named, [named[at].span.start for at in order], order)
        _, starts, order = held
        near = sorted(order[bisect_left(starts, span.start) : bisect_right(starts, span.end)])
        return [named[at] for at in near if named[at].span.end <= span.end]

    def _named_by_constant(self, name: str) -> list[EnvFact]:
        """Literals of constants that name a variable which is read through them."""
        return [fact for fact in self.naming(name) if fact.how == "named" or (fact.how == "literal" and _is_constant(fact))]

    def made_from(self, name: str, path: str, node: Node | None) -> Iterator[tuple[str, str, Node | None]]:
        """The variables that configuration makes a variable from, with where; the variable itself where it is not made from others."""
        definitions = self.definitions(name)
        refs = [
            (fact, ref)
            for fact in definitions
            for ref in references(fact.value)
            if ref.name != name and ref.how != "actions-input-ref"  # an input is no variable
        ]
        if refs and len({fact.identity for fact, _ in refs}) == len(definitions):
            yield from ((ref.name, fact.path, ref) for fact, ref in refs)
        else:
            yield name, path, node

    def definitions(self, name: str) -> list[EnvFact]:
        """Where configuration gives a variable a value, or hands it on."""
        return [
            fact
            for fact in self.naming_in_code(name, VariableRole.DEFINE, VariableRole.FORWARD, program=False)
            if not fact.commented
        ]

    def is_read(self, name: str | None) -> bool:
        """Do programs of this tree read a variable by its name?"""
        return name is not None and bool(self.naming_in_code(name, *READING, program=True))

    def in_schema(self, name: str) -> bool:
        """Is a name the key of an environment schema of this tree?"""
        return any(fact.how in ("schema-key", "schema-use") for fact in self.naming(name))

    def is_own_key(self, name: str, path: str) -> bool:
        """Has an object that a file may be given a key of the program's own, spelled like the variable?"""
        near = {path, *self.imported(path), *(other for other in self.facts if path in self.imported(other))}
        folder = path.rpartition("/")[0]
        return any(
            mark.text == name
            for other, facts in self.facts.items()
            if not path_kinds.is_test(other) and (other in near or other.rpartition("/")[0] == folder)
            for mark in facts.marked(FactKind.OWN_KEY)
        )

    def keys_in_sight(self, path: str, *, far: bool = True) -> dict[str, list[EnvFact]]:
        """Reads of key variables that a value which cannot be followed may come from: those of the file, else of what it imports, at
        its top or later, else, where it may come from `far`, of all programs."""
        reads = self.key_reads(path)
        if not reads:
            file = self.repository.files[path]
            modules = {node.module for node in descendants(file.module) if isinstance(node, Import)}
            near = {local_module(self.repository, path, module) for module in modules}
            reads = [fact for other in sorted(filter(None, near)) for fact in self.key_reads(other)]
        if not reads and far:
            reads = [fact for other in sorted(self.facts) if self.language(other) in PROGRAMS for fact in self.key_reads(other)]
        names: dict[str, list[EnvFact]] = {}
        for fact in reads:
            names.setdefault(fact.name, []).append(fact)
        return names

    def key_reads(self, path: str, *, definitions: bool = False) -> list[EnvFact]:
        """Reads of key variables in a file that runs; where asked, also where they are given a value."""
        if (path, definitions) not in self._key_reads:
            facts = self.facts.get(path)
            envs = facts.envs if facts is not None and self.code(path) else ()
            roles = (*READING, VariableRole.DEFINE, VariableRole.FORWARD) if definitions else READING
            self._key_reads[path, definitions] = [fact for fact in envs if is_key_variable(fact.name) and fact.role in roles]
        return self._key_reads[path, definitions]

    def defines_env(self, mark: Fact) -> bool:
        """Is the key the value of a line that can be switched off? Elsewhere a rename would bring the old key under the new name."""
        node_path = mark.node_path
        text = self.repository.files[mark.path].source.text
        return node_path is not None and any(
            isinstance(step.node, EnvDef) and form_of(mark.path, step.node, text) in ("dotenv", "envrc")
            for step in node_path.ancestors()
        )


def _is_constant(fact: EnvFact) -> bool:
    return fact.node_path is not None and fact.node_path.up is not None and isinstance(fact.node_path.up.node, Assign)
