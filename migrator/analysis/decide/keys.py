"""The answer that the sources of a key give: every one of them has to move with the address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from migrator.analysis.analysis import Analysis
from migrator.analysis.decisions import Decision, asks, moves
from migrator.analysis.sources.key_sources import KeySource, SourceKind
from migrator.analysis.variables.typed_reads import typed_read
from migrator.catalog import openrouter
from migrator.catalog.variables import says_openrouter
from migrator.facts.model import EnvFact
from migrator.formats.tree import Attr, EnvDef, EnvRef, Index, Node, Obj, Str
from migrator.records import dataclass
from migrator.resolve.context import last_name, source_name
from migrator.resolve.environment import VariableRole
from migrator.resolve.origins import From, origins


@dataclass(frozen=True, slots=True)
class _Question:
    """The sources of one key, and the place that they are asked for. `paired`: its address comes from the environment too."""

    analysis: Analysis
    sources: Sequence[KeySource]
    path: str
    offset: int
    paired: bool

    def of(self, *kinds: SourceKind) -> list[KeySource]:
        """The sources of some kinds, in the order of the kinds."""
        return [source for kind in kinds for source in self.sources if source.kind is kind]

    def at(self, source: KeySource) -> int:
        """Where a source stands; the place of the question for one without a node."""
        return source.node.span.start if source.node is not None else self.offset

    @property
    def new(self) -> str:
        """The target's key variable."""
        return self.analysis.target.key_env


def by_keys(analysis: Analysis, sources: Sequence[KeySource], path: str, offset: int, *, keyed: bool, paired: bool) -> Decision:
    """Every source of the key has to move with the address, or the old key would reach the new host through it.

    `paired`: the address comes from the environment too, so that a variable which a library reads by itself changes together with it.
    """
    if not keyed:
        return moves("it sends no key")
    question = _Question(analysis, sources, path, offset, paired)
    return next((answer for rule in _RULES if (answer := rule(question)) is not None), None) or _unknown(question)


def _typed(question: _Question) -> Decision | None:
    for source in question.of(SourceKind.TYPED):
        if typed_read(question.analysis, source) is None:
            way_out = f"revoke it and read the new one from {question.new}; then this moves"
            return asks("a key stands in the code", source.path, question.at(source), way_out)
    return None


def _stored(question: _Question) -> Decision | None:
    """A store or, without a variable beside it, an entry on a device keeps the old key until somebody puts the new one there."""
    variables = question.of(SourceKind.VARIABLE)
    stores = sorted(question.of(SourceKind.STORE), key=lambda source: not says_openrouter(source.name.upper()))
    for source in (*stores, *(() if variables else question.of(SourceKind.ENTRY))):
        also = "may also come" if variables else "comes"
        return asks(
            f"the key {also} from {source.name}, which holds OpenRouter's key today", source.path, question.at(source),
            f"put the new key there first, then run again with --unsafe; or read {question.new} alone", unsafe=True,
        )  # fmt: skip
    return None


def _build_field(question: _Question) -> Decision | None:
    for source in question.of(SourceKind.VARIABLE):
        if (script := _unread_definer(question.analysis, source)) is not None:
            return asks(
                f"BuildConfig.{source.name} is written by {script}, which is not read as code", source.path, question.at(source),
                f"give {question.new} there first; then read it here",
            )  # fmt: skip
        if (field := _typed_field(question.analysis, source)) is not None:
            return asks(
                "a key stands in the build script", field.path, field.span.start,
                f"revoke it and give the field the new one from outside of the repository, as {question.new}; then this moves",
            )  # fmt: skip
    return None


@lru_cache(64)
def _puts_prefixes(text: str) -> bool:
    return ".prefixed(" in text


def _prefixed(question: _Question) -> Decision | None:
    for source in question.of(SourceKind.VARIABLE):
        if not says_openrouter(source.name) and _puts_prefixes(question.analysis.repository.files[source.path].source.text):
            reason, way_out = (
                f"a prefix is put before {source.name} where it is read",
                f"read {question.new} without it; then this moves",
            )
            return asks(reason, source.path, question.at(source), way_out)
    return None


def _of_a_library(question: _Question) -> Decision | None:
    """A variable that a library reads holds OpenRouter's key today, and nobody sees it change."""
    for source in question.of(SourceKind.VARIABLE):
        passed = not says_openrouter(source.name) and (
            (isinstance(source.node, EnvRef) and _passed_through(question.analysis, source)) or _by_name(source.node)
        )
        if question.paired and passed:
            return asks(
                f"the key is set outside this repository under {source.name}, and holds OpenRouter's key today",
                source.path, question.offset,
                "change both values together, or let this entry take the key from a new secret; then run with --unsafe", unsafe=True,
            )  # fmt: skip
    for source in question.of(SourceKind.VARIABLE):
        if source.implicit and not question.paired:
            return asks(
                f"the library reads {source.name} by itself, and that holds OpenRouter's key today", question.path, question.offset,
                f"give the client its key: read {question.new} where it is made; then this moves", unsafe=True,
            )  # fmt: skip
    return None


def _out_of_sight(question: _Question) -> Decision | None:
    if not question.of(SourceKind.VARIABLE, SourceKind.CREDENTIAL):
        return None
    names = {source.name for source in question.of(SourceKind.VARIABLE)}
    for source in question.of(SourceKind.OUT_OF_SIGHT):
        if source.node is not None and not _entry_of(question.analysis, source.node, names):
            return asks(
                f"the key may also come from {source.name or 'something'}, which cannot be followed", source.path,
                source.node.span.start,
                f"read {question.new} alone, or see to it that the new key comes from there; then run with --unsafe", unsafe=True,
            )  # fmt: skip
    return None


def _movable(question: _Question) -> Decision | None:
    if question.of(SourceKind.VARIABLE, SourceKind.CREDENTIAL, SourceKind.TYPED):
        return moves()
    unseen = question.of(SourceKind.OUT_OF_SIGHT, SourceKind.PARAMETER)  # a placeholder beside them may be a test's
    return moves() if question.of(SourceKind.PLACEHOLDER) and not unseen else None


def _parameter(question: _Question) -> Decision | None:
    for source in question.of(SourceKind.PARAMETER):
        return asks(
            f"the key comes in as a parameter ({source.name}), and where callers take it from cannot be seen",
            question.path, question.offset,
            "what they give, and what users have stored, must be the new gateway's key from then on: see to it, then run with --unsafe",
            unsafe=True,
        )  # fmt: skip
    return None


def _unknown(question: _Question) -> Decision:
    return asks(
        "where its key comes from cannot be seen here", question.path, question.offset,
        "make sure that it will be the new gateway's, then run with --unsafe", unsafe=True,
    )  # fmt: skip


_RULES = (_typed, _stored, _build_field, _prefixed, _of_a_library, _out_of_sight, _movable, _parameter)
"""The first that answers decides."""


def _unread_definer(analysis: Analysis, source: KeySource) -> str | None:
    """The build script that writes a field of `BuildConfig`, where it cannot be changed together with the reads."""
    if not _is_build_field(source.node):
        return None
    scripts = {
        path for path, file in analysis.repository.files.items() if path.endswith(".gradle") and source.name in file.source.text
    }
    return min(scripts, default=None)


def _is_build_field(node: Node | None) -> bool:
    return isinstance(node, Attr) and source_name(node.base).rpartition(".")[2] == "BuildConfig"


def _typed_field(analysis: Analysis, source: KeySource) -> EnvFact | None:
    """The field of `BuildConfig` that a build script writes a key into: without a second field the program would not compile."""
    if not _is_build_field(source.node):
        return None
    prefix = openrouter()["keys"]["prefix"]
    return next(
        (
            fact
            for fact in analysis.naming(source.name)
            if fact.role is VariableRole.DEFINE
            and fact.how != "dotenv"
            and isinstance(fact.value, Str)
            and prefix in fact.value.value
        ),
        None,
    )


def _passed_through(analysis: Analysis, source: KeySource) -> bool:
    """`OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}`: a library's own name on both sides."""
    facts = analysis.facts[source.path].envs if source.path in analysis.facts else []
    assert source.node is not None
    start = source.node.span.start
    return any(
        fact.name == source.name and fact.entry is not None and fact.entry.start <= start < fact.entry.end and fact.how != "dotenv"
        for fact in facts
    )


def _by_name(node: Node | None) -> bool:
    """`export OPENAI_API_KEY` of a Makefile, `- OPENAI_API_KEY` of a service: the variable of the process around, by its name alone."""
    return isinstance(node, EnvDef) and node.value is None and node.how != "dotenv"


def _entry_of(analysis: Analysis, node: Node, names: set[str]) -> bool:
    """`Constants.expoConfig.extra.key` where the tree has objects with an entry of that name, each of which is one of the variables."""
    if not isinstance(node, (Attr, Index)):
        return False
    values = [
        (item.value, node_path.scope)
        for path, facts in analysis.facts.items()
        for node_path in (facts.objects if analysis.code(path) else ())
        if isinstance(node_path.node, Obj)
        for item in node_path.node.items
        if isinstance(item.key, Str) and item.key.value == last_name(node)
    ]
    ends = [origins(analysis.repository, value, scope) for value, scope in values]
    return bool(ends) and all(
        origins_of_end and all(end.kind is From.ENV and end.name in names for end in origins_of_end) for origins_of_end in ends
    )
