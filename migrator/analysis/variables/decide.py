"""Variables follow the connections: renamed, defined a second time beside the old one, or kept with another value."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence

from migrator.analysis.analysis import Analysis
from migrator.analysis.coupling import moving_sites
from migrator.analysis.decisions import Decision, asks
from migrator.analysis.model import Variable
from migrator.analysis.sources.references import leaves, references
from migrator.analysis.variables.interfaces import handed_to_interface, interface_reference
from migrator.analysis.variables.requests_that_stay import ASKED_FOR_BY_TEST, is_asked_for_by_test, of_own_request
from migrator.analysis.variables.settings_alias import alias, by_alias_alone
from migrator.analysis.variables.typed_keys import typed_line
from migrator.analysis.variables.variable_scopes import hands_over
from migrator.catalog import openrouter
from migrator.catalog.rules import RuleId
from migrator.catalog.urls import find_urls
from migrator.catalog.variables import new_address_name, new_key_name, says_openrouter, target_stem
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, FactKind
from migrator.facts.name_roles import SPAWNING
from migrator.formats.detect import LANGUAGES
from migrator.formats.tree import Arg, Call, EnvDef, EnvRef, Import, Item, Join, Name, Node, Obj, Param, Str, children
from migrator.options import EnvStrategy
from migrator.patterns import regex
from migrator.records import dataclass, field
from migrator.resolve.context import Identity, LiteralRole, last_name, place_of, source_name
from migrator.resolve.environment import DEFINING, VariableRole, access
from migrator.resolve.origins import From, Origin, origins
from migrator.resolve.scopes import Scope
from migrator.text.secrets import is_placeholder

Space = tuple[str, str]
"""A variable's name and the folder whose variable it is."""

_OWNERS = {
    "image": "the image",
    "action": "the action",
    "mcp": "the MCP server",
    "workflow": "the reusable workflow",
    "interface": "the public interface",
    "sealed": "a sealed store",
}
_CLUSTER = ("k8s-secret-key", "k8s-config-key")
_FOLLOWING = (
    VariableRole.READ,
    VariableRole.ASK,
    VariableRole.LIST,
    VariableRole.MESSAGE,
    VariableRole.SCHEMA,
    VariableRole.UNKNOWN,
)


@dataclass(slots=True)
class Uses:
    """Who reads one variable."""

    is_address: bool = False
    implicit: bool = False
    """A library reads it by itself, so that its name cannot change."""
    moving: set[Identity] = field(default_factory=set)
    """Mentions (by `id`) whose value reaches a connection that moves."""
    staying: set[Identity] = field(default_factory=set)
    moving_files: set[str] = field(default_factory=set)
    staying_files: set[str] = field(default_factory=set)
    unseen: bool = False
    """Does something stay whose key comes from where it cannot be followed? Any read may be what it is given."""
    reasons: list[tuple[str, str, int | None]] = field(default_factory=list)
    """Why the old variable is still needed: reason, path, offset."""


TYPED = "a key stands here"
FROM_A_COMMAND = "its value comes from a command"


def keeps_old(analysis: Analysis, fact: EnvFact, uses: Uses, moving: Container[str]) -> str:
    """Why a mention keeps the old name; "" where it may follow. `moving`: the names of all variables that move in this round."""
    if fact.role is VariableRole.MESSAGE:
        return _of_written_file(analysis, fact)
    if fact.how == "test" and is_asked_for_by_test(analysis, fact):
        return ASKED_FOR_BY_TEST
    if others := belongs_to_others(analysis, fact) or of_own_request(analysis, fact):
        return others
    if analysis.kept(fact.name) or uses.implicit:
        return ""
    return _unclear(analysis, fact, uses, moving) or _value_of_another(analysis, fact, uses, moving)


_SCRIPTS = ("shell", "batch", "powershell", "make")
_OF_SCRIPTS = ("shell-", "batch-", "powershell-", "make-", "just-")
"""Definitions of scripts, also of those that stand in other files."""


def _value_of_another(analysis: Analysis, fact: EnvFact, uses: Uses, moving: Container[str]) -> str:
    """Is configuration's definition of another variable made from this one, `OPENAI_API_KEY: ${OPENROUTER_API_KEY}`?

    Whoever reads that one was not seen to move, and goes on being given what it has today. In a script it is a name of its own, but for
    what a container is given.
    """
    language = analysis.language(fact.path)
    if fact.identity in uses.moving or fact.node_path is None or language in PROGRAMS:
        return ""
    for step in fact.node_path.ancestors():
        if isinstance(step.node, EnvDef) and (
            step.node.how.startswith(_OF_SCRIPTS) or (language in _SCRIPTS and not step.node.how.startswith("docker-"))
        ):
            return ""
        if isinstance(step.node, EnvDef):
            made = step.node.name
            return (
                "" if made == fact.name or made in moving else f"{made} is made from it, and what reads that was not seen to move"
            )
    return ""


def _of_written_file(analysis: Analysis, fact: EnvFact) -> str:
    """A name in a text of several lines that gives an address of OpenRouter which stays: the configuration of another program."""
    node = fact.node_path.node if fact.node_path is not None else None
    if not isinstance(node, Str | Join):
        return ""
    start, end = node.span
    text = analysis.repository.files[fact.path].source.text
    if "\n" not in text[start:end].strip():
        return ""
    inside = [site for site in analysis.facts[fact.path].urls if start <= site.span.start < end and site.url.kind.movable]
    if moving_sites(analysis).issuperset(site.identity for site in inside):
        return ""
    return "a file that is written here has OpenRouter's address beside it"


def belongs_to_others(analysis: Analysis, fact: EnvFact) -> str:
    """Does somebody else's program read the variable there, or does the user want the place left alone?"""
    path = fact.path
    rule = RuleId.ENV_FILE if fact.how == "dotenv" else RuleId.ENV_RENAME
    if analysis.code(path) and (told := analysis.suppression_for(rule, path, fact.span)):
        return told
    if owner := hands_over(fact, analysis.facts[path].urls):
        return f"{fact.name} belongs to {owner_words(owner)}"
    if fact.owner and not fact.owner.startswith("store:"):
        return f"{fact.name} belongs to {owner_words(fact.owner)}"
    if convention := _value_of_convention(fact):
        return f"{fact.name} is the value of {convention}, which keeps its name and holds OpenRouter's key"
    if called := handed_to_interface(analysis, fact):
        return f"{fact.name} is handed to the input of {called}, which goes on taking the old key"
    if fact.role is VariableRole.UNKNOWN and fact.how == "unread":
        return f"{path} names {fact.name} and is not read as code"
    if fact.role is VariableRole.FORWARD and analysis.language(path) in PROGRAMS and _foreign_process(fact):
        return f"{fact.name} is handed to another program"
    return ""


def _value_of_convention(fact: EnvFact) -> str:
    """The variable of another tool that a read is the value of: `TF_VAR_openrouter_api_key="$OPENROUTER_API_KEY"`; "" for none."""
    for step in fact.node_path.ancestors() if fact.node_path is not None and fact.role is VariableRole.READ else ():
        name = step.node.name if isinstance(step.node, EnvDef) else ""
        if name.startswith(tuple(openrouter()["keys"]["foreign_prefixes"])) and says_openrouter(name.upper()):
            return name
    return ""


def _unclear(analysis: Analysis, fact: EnvFact, uses: Uses, moving: Container[str]) -> str:
    """Is it a mention that a new name would break, or a definition that would carry the old key on under the new name?"""
    node = fact.node_path.node if fact.node_path is not None else None
    if fact.how == "worker" and analysis.is_own_key(fact.name, fact.path) and not path_kinds.is_test(fact.path):
        return f"{fact.name} is read from something called env, and an object of this program has a key of that name too"
    if isinstance(node, Import) and node.module.startswith("astro:env/") and not analysis.in_schema(fact.name):
        return f"{fact.name} is imported by the name that Astro's schema has for it, and the schema is not to be found here"
    match fact.role:
        case VariableRole.UNKNOWN if fact.node_path is not None and place_of(fact.node_path) is LiteralRole.TYPE:
            return ""
        case VariableRole.UNKNOWN if fact.identity not in uses.moving and not _explained(analysis, fact, uses):
            return (
                f"{fact.name} is named here, and what for is not known: rename it by hand, or leave it to what stays on OpenRouter"
            )
        case VariableRole.FIELD:
            refused = alias(fact, analysis.repository, "NEW").refused
            return f"a settings class reads {fact.name} by the name of its field, and {refused}" if refused else ""
        case VariableRole.READ if fact.how == "settings-alias":
            refused = by_alias_alone(fact, analysis.repository).refused
            return f"a settings class reads {fact.name}, and {refused}" if refused else ""
        case _:
            pass
    if fact.role not in DEFINING or path_kinds.is_test(fact.path):
        return ""
    if source := foreign_value(analysis, fact, moving):
        return (FROM_A_COMMAND if source == "a command" else f"its value comes from {source}") + (
            "" if uses.is_address else ", which holds OpenRouter's key"
        )
    if not uses.is_address and fact.how not in ("dotenv", "envrc") and isinstance(fact.value, Str) and typed(fact.value.value):
        text = analysis.repository.files[fact.path].source.text
        return "" if typed_line(fact, text) is not None else TYPED
    return ""


def typed(value: str) -> bool:
    """Is it a key of OpenRouter, and no placeholder?"""
    return value.startswith(openrouter()["keys"]["prefix"]) and not is_placeholder(value)


def loose_readers(analysis: Analysis, name: str) -> Iterable[tuple[str, str, int | None]]:
    """Properties of something unknown that are spelled like the variable."""
    for facts in analysis.facts.values():
        if path_kinds.is_document(facts.path) or path_kinds.is_recorded(facts.path):
            continue
        for mark in facts.marked(FactKind.LOOSE):
            if mark.text == name and (
                analysis.in_schema(name) or (name not in analysis.own_keys and not path_kinds.is_test(facts.path))
            ):
                yield f"{name} is a property of something that cannot be followed here", facts.path, mark.span.start


def owner_words(owner: str) -> str:
    """Whose name it is, for people."""
    kind, _, name = owner.partition(":")
    return f"{_OWNERS.get(kind, kind)} {name}".strip()


def _explained(analysis: Analysis, fact: EnvFact, uses: Uses) -> bool:
    """Does the value beside a text say what the text means, and move: `require_key(os.getenv("X"), "X")`, `{ X: process.env.X }`?"""
    for step in fact.node_path.ancestors() if fact.node_path is not None else ():
        match step.node:
            case Call(args=args):
                return any(_reads(analysis, arg.value, fact, step.scope, uses) for arg in args)
            case Item(value=value) if _reads(analysis, value, fact, step.scope, uses):
                return True
            case Obj(items=items) if any(_reads(analysis, item.value, fact, step.scope, uses) for item in items):
                return True  # { name: "X", value: X }
            case _:
                pass
    return False


def _reads(analysis: Analysis, node: Node | Arg | Item | Param, fact: EnvFact, scope: Scope, uses: Uses) -> bool:
    if isinstance(node, Str):
        return False
    if not isinstance(node, (Arg, Item, Param)) and fact.node_path is not None:
        variable = access(node, fact.node_path.scope)
        if variable is not None:
            return variable.name == fact.name
        if getattr(node, "name", "") == fact.name or (isinstance(node, Name) and node.id == fact.name):
            return True
        if isinstance(node, Name):
            return any(
                origin.kind is From.ENV and origin.name == fact.name and not _is_read_of_staying(analysis, origin, uses)
                for origin in origins(analysis.repository, node, scope)
            )
    return any(_reads(analysis, child, fact, scope, uses) for child in children(node))


def _is_read_of_staying(analysis: Analysis, origin: Origin, uses: Uses) -> bool:
    return any(reading.identity in uses.staying for reading in analysis.readings(origin.name, origin.path, origin.node))


def _foreign_process(fact: EnvFact) -> bool:
    """Is the variable put into the environment of a program that is started here?"""
    for step in fact.node_path.ancestors() if fact.node_path is not None else ():
        if isinstance(step.node, Call) and (
            last_name(step.node.func) in SPAWNING or "sandbox" in source_name(step.node.func).lower()
        ):
            return True
    return False


def cluster_entry(fact: EnvFact) -> EnvRef | None:
    """The entry of a Secret or ConfigMap that a definition takes its value from, where it is not called as the variable itself."""
    value = fact.value
    return value if isinstance(value, EnvRef) and value.how in _CLUSTER and value.name != fact.name else None


_TEMPLATE = regex(r"(?<!\$)\{\{.+?\}\}|\$\{user_config\.\w+\}")
"""An expression of a template language, `{{ openrouter_api_key }}`, or what an extension asks its user for: it stands for OpenRouter's key today."""


def foreign_value(analysis: Analysis, fact: EnvFact, moving: Container[str]) -> str:
    """Where a definition gets its value from, if that is neither a literal nor a variable that moves too; "" else."""
    value = fact.value
    if isinstance(value, Str) and fact.how != "dotenv" and (template := _TEMPLATE.search(value.value)):
        return template[0]
    if value is None or isinstance(value, Str) or fact.how in ("test", "object-key", "env-object", "config-env"):
        return ""
    if fact.node_path is not None and fact.path.endswith((".py", ".ts", ".tsx", ".js", ".mjs", ".ipynb")):
        return ""
    text = analysis.repository.files[fact.path].source.text[value.span.start : value.span.end]
    if (taken := interface_reference(analysis, fact)) is not None:
        return f"{taken.name}, which callers outside this tree give"
    if cluster_entry(fact) is not None:
        return ""  # the new variable asks for an entry of its own
    refs = list(references(value))
    if not refs and re.search(rf"(?<![A-Za-z0-9_]){re.escape(fact.name)}(?![A-Za-z0-9_])", text):
        return ""
    if refs:
        other = next(
            (ref.name for ref in refs if not new_key_name(ref.name, "N") and ref.name != fact.name and ref.name not in moving), None
        )
        return other or ""
    if _comes_from(analysis, fact, moving):
        return ""
    made = any(not isinstance(leaf, Str) for leaf in leaves(value))
    if fact.how == "hcl-env" and made and len(text) <= 60 and "\n" not in text:
        return text.strip()
    return "" if not made else "a command" if fact.how.startswith(("shell", "make")) else "an expression of its own"


def _comes_from(analysis: Analysis, fact: EnvFact, moving: Container[str]) -> bool:
    """Does a build script take a value from nothing but variables that move too: `buildConfigField("String", "KEY", "\\"$key\\"")`?"""
    if fact.node_path is None or fact.value is None or analysis.language(fact.path) not in LANGUAGES:
        return False
    sources = origins(analysis.repository, fact.value, fact.node_path.scope)
    named = [origin.name for origin in sources if origin.kind is From.ENV]
    typed = [
        origin for origin in sources if origin.kind is not From.ENV and not (isinstance(origin.node, Str) and not origin.node.value)
    ]
    return bool(named) and not typed and all(name == fact.name or name in moving for name in named)


def decide_variable(analysis: Analysis, space: Space, uses: Uses, taken: dict[str, Space]) -> Variable:
    """Rename, additive or keep, with the new name. `taken` are the new names given so far in this run."""
    name, folder = space
    because, path, offset = next(iter(uses.reasons), ("", "", None))
    new = (new_address_name if uses.is_address else new_key_name)(name, analysis.target.key_env, any_name=True)
    if uses.is_address and new in taken and _holds_another_address(analysis, space, taken[new]):
        new = f"{target_stem(analysis.target.key_env)}_{name}"
    if analysis.kept(name) or uses.implicit or new == name or name.startswith(tuple(openrouter()["keys"]["foreign_prefixes"])):
        what = "an address" if uses.is_address else "a key"
        why = "the name was to be kept" if analysis.kept(name) else "the name stays"
        why = "a library reads it by this name" if uses.implicit else why
        reason = f"{why}; it must hold {what} of the target from now on"
        return Variable(name=name, folder=folder, new_name=None, decision="keep", because=reason, is_address=uses.is_address)
    if uses.reasons:
        return Variable(
            name=name, folder=folder, new_name=new, decision="additive", is_address=uses.is_address, path=path, offset=offset,
            because=f"{because}; what moves reads {new} beside it", reasons=tuple(dict.fromkeys(uses.reasons)),
        )  # fmt: skip
    merged = taken.get(new)
    said = f"; {merged[0]} becomes the same variable" if merged is not None and merged[0] != name else ""
    return Variable(
        name=name, folder=folder, new_name=new, decision="rename", is_address=uses.is_address,
        because=f"every reader and definer here moves{said}",
    )  # fmt: skip


_ADDRESS = regex(r"https?://[^\s'\"`}]+")
"""An address inside the text of an expression: `${{ vars.X || 'https://…' }}`."""


def _holds_another_address(analysis: Analysis, space: Space, other: Space) -> bool:
    """Does a variable hold a base address where the other one has a whole endpoint? Under one name one of them would be wrong."""
    addresses, others = (_addresses(analysis, each) for each in (space, other))
    return space[0] != other[0] and bool(addresses) and bool(others) and addresses != others


def _addresses(analysis: Analysis, space: Space) -> set[str]:
    """The addresses that definitions and defaults give a variable."""
    given = {fact.value.value for fact in analysis.mentions(*space) if isinstance(fact.value, Str)}
    given |= {match[0] for site in analysis.defined.get(space[0], ()) for match in _ADDRESS.finditer(site.literal.value)}
    given |= {
        origin.node.value
        for connection in analysis.connections
        for origin in connection.urls
        if connection.variables == (space[0],) and isinstance(origin.node, Str)
    }
    return {text.rstrip("/") for text in given if find_urls(text)}


def built_names(analysis: Analysis, name: str) -> Iterable[tuple[str, str, int | None]]:
    """Programs that put a variable's name together when they run, and may mean this one."""
    for facts in analysis.facts.values():
        for mark in facts.marked(FactKind.DYNAMIC_NAME):
            pattern = re.escape(mark.text).replace(r"\{\}", "[A-Z0-9_]+")
            if analysis.code(mark.path) and not path_kinds.is_test(mark.path) and re.fullmatch(pattern, name):
                yield "a variable's name is built at run time here, and this one fits it", mark.path, mark.span.start


def follows(fact: EnvFact, uses: Uses, order: ReadsInOrder, *, additive: bool) -> bool:
    """Does a mention that may follow really do so? Where both variables stand side by side, what is near a moving connection does."""
    if not additive or fact.identity in uses.moving:
        return True
    if fact.identity in uses.staying:
        return False
    if fact.path in uses.moving_files:
        return fact.path not in uses.staying_files or (fact.role is not VariableRole.MESSAGE and _next_moves(fact, order))
    program = fact.node_path is not None and fact.node_path.scope.module().language in PROGRAMS
    if uses.unseen and fact.role is VariableRole.READ and program and not path_kinds.is_test(fact.path):
        return False
    if fact.how == "compared":
        return False  # names are handed to it from other places, of which some go on with the old one
    return fact.path not in uses.staying_files and fact.role in _FOLLOWING


ReadsInOrder = Mapping[str, Sequence[tuple[int, bool]]]
"""By file, where the reads of a variable begin whose value reaches a connection, and whether that moves."""


def reads_in_order(uses: Uses) -> ReadsInOrder:
    """The reads of a variable that were followed to a connection."""
    files: dict[str, list[tuple[int, bool]]] = {}
    for path, span, sort in uses.moving | uses.staying:
        files.setdefault(path, []).append((span.start, (path, span, sort) in uses.moving))
    return {path: sorted(reads) for path, reads in files.items()}


def _next_moves(fact: EnvFact, order: ReadsInOrder) -> bool:
    """Does what a mention comes before move: `if (env.X) { … }` around a client, in a file with one that moves and one that stays?"""
    reads = order.get(fact.path, ())
    at = bisect_right(reads, fact.span.start, key=lambda read: read[0])
    return at == len(reads) or reads[at][1]


def may_stand_beside(analysis: Analysis, space: Space, uses: Uses) -> Decision | None:
    """What holds the readers of a variable back although each of them could move; None where nothing does."""
    name, folder = space
    because, path, offset = next(iter(uses.reasons), ("", "", None))
    kept = analysis.kept(name) or uses.implicit
    if not kept and (name.startswith(tuple(openrouter()["keys"]["foreign_prefixes"]))):
        first = next((fact for fact in analysis.mentions(name, folder)), None)
        where, at = (first.path, first.span.start) if first is not None else ("", None)
        way_out = f"put the new key into {name} first, then run with --unsafe"
        return asks(f"{name} is named by somebody else's convention", where, at, way_out, unsafe=True)
    if not uses.reasons:
        return None
    if kept:
        reason = f"{because}; {name} keeps its name and would give it the target's key"
        return asks(reason, path, offset, "let the variable be renamed, or move that reader first")
    if analysis.options.env_strategy is EnvStrategy.RENAME:
        reason = f"{because}; the new name is to replace the old one (--env-strategy rename)"
        return asks(reason, path, offset, "run without --env-strategy rename: both names then stand side by side")
    for fact in analysis.mentions(name, folder):
        if (fact.role is VariableRole.FIELD or fact.how == "settings-alias") and not _allows_extra(analysis, fact):
            reason = f"{because}; and a settings class may refuse the second line in the env file"
            return asks(
                reason, fact.path, fact.span.start, 'let the class ignore unknown entries (extra="ignore"); then this moves'
            )
    return None


def _allows_extra(analysis: Analysis, fact: EnvFact) -> bool:
    """Does a settings class read no env file, or take entries in it that it has no field for?"""
    text = analysis.repository.files[fact.path].source.text
    return "env_file" not in text or re.search(r"extra[\"']?\s*[=:]\s*[\"'](ignore|allow)|Extra\.(ignore|allow)", text) is not None
