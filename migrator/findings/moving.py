"""Units that move: the rewrites of their addresses, clients and variables, and of the tests that expect the old address."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.analysis.settings_alias import alias
from migrator.analysis.settle import Settlement
from migrator.analysis.units import Unit
from migrator.catalog import renamed
from migrator.catalog.urls import UrlKind
from migrator.discover import path_kinds
from migrator.facts.collector import PROGRAMS
from migrator.facts.model import EnvFact, UrlFact
from migrator.findings.edits import defined_elsewhere, holds_secret, is_env_line, placeholder_edit, redefine, rename, url_edit
from migrator.findings.flags import flag
from migrator.findings.kept_names import beside, stands
from migrator.findings.test_stubs import follows
from migrator.model import Action, Applicability, Category, Edit, Finding, Span
from migrator.resolve.context import LiteralRole
from migrator.resolve.environment import VariableRole


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What all changes of a unit have in common."""

    applicability: Applicability
    applied: bool
    """Does this run make them, or do they wait for `--unsafe`?"""
    because: str
    keys: frozenset[str]


def keys_of(unit: Unit) -> frozenset[str]:
    """What ties the changes of a unit together: they are made all or none."""
    where = f"@{unit.scope}" if unit.scope else ""
    return frozenset({*(f"env:{name}{where}" for name in unit.names), f"unit:{unit.first}"})


def moving(s: Settlement, unit: Unit) -> None:
    """A finding with its edits for each place of a unit that is not held."""
    terms = _Terms(
        applicability=Applicability.UNSAFE if unit.unsafe else Applicability.SAFE,
        applied=not unit.unsafe or s.options.unsafe,
        because=unit.because or "address and key move together",
        keys=keys_of(unit),
    )
    for site in unit.urls:
        _address(s, terms, site)
    for addition in unit.additions:
        _add(s, terms, "explicit-client", addition.path, addition.span, Category.CLIENT, addition.message, addition.edits)
    for fact in unit.envs:
        # documents and recordings take no part in a rename
        if s.code(fact.path) or path_kinds.is_test(fact.path):
            _variable(s, unit, terms, fact)
    _stubs(s, unit, terms)


def _add(
    s: Settlement,
    terms: _Terms,
    rule: str,
    path: str,
    span: Span,
    category: Category,
    message: str,
    edits: tuple[Edit, ...],
    *,
    required: bool = True,
    why: str = "",
) -> None:
    # a change that waits for a word is shown where it matters; tests and messages follow it later
    quiet = not terms.applied and (not required or path_kinds.is_test(path))
    s.out.findings.append(
        Finding(
            rule=rule, path=path, span=span, category=category, message=message, because=why or terms.because,
            action=Action.KEEP if quiet else Action.REWRITE if terms.applied else Action.FLAG,
            applicability=terms.applicability, edits=edits, keys=terms.keys, required=required,
        )
    )  # fmt: skip


def _address(s: Settlement, terms: _Terms, site: UrlFact) -> None:
    source = s.repository.files[site.path].source
    change = url_edit(site, source, s.target, host=site.url.kind is UrlKind.HOST)
    if change is None:
        return
    odd = f" ({site.url.odd})" if site.url.odd else ""
    _add(s, terms, "base-url", site.path, site.span, Category.BASE_URL, f"OpenRouter's address{odd}", (change,))
    if site.url.kind is UrlKind.REPORTS:
        message = f"/{site.url.path} exists at the target with other contents"
        because = "its catalogue and reply fields differ from OpenRouter's"
        flag(s, "endpoint-report", site.path, site.span, Category.ENDPOINT, message, because)


def _variable(s: Settlement, unit: Unit, terms: _Terms, fact: EnvFact) -> None:
    """One mention of a key variable."""
    standing = stands(s, unit, fact)
    if standing is not None:
        s.out.findings += standing if terms.applied else [one for one in standing if not one.edits]
        return
    new = renamed(fact.name, s.target.key_env)
    assert new is not None
    source = s.repository.files[fact.path].source
    if is_env_line(fact):
        _env_line(s, unit, terms, fact, new)
    elif fact.role is VariableRole.FIELD:
        aliased = alias(fact, s.repository, new)
        message = f"the field reads {new} from now on{f'; {aliased.note}' if aliased.note else ''}"
        _add(s, terms, "settings-field", fact.path, fact.span, Category.API_KEY_ENV, message, aliased.edits)
    elif fact.role is VariableRole.MESSAGE:
        message, why = f"a message names {fact.name}", "it names the variable that is renamed"
        edits = rename(fact, source, new)
        _add(s, terms, "env-message", fact.path, fact.span, Category.DOCS, message, edits, required=False, why=why)
    else:
        category = Category.TEST if path_kinds.is_test(fact.path) else Category.API_KEY_ENV
        category = category if s.language(fact.path) in PROGRAMS else Category.ENV_REF
        shape = (
            placeholder_edit(fact, source, s.target) if category is Category.ENV_REF and fact.role is VariableRole.DEFINE else ()
        )
        edits = (*rename(fact, source, new), *shape)
        _add(s, terms, "env-rename", fact.path, fact.span, category, f"{fact.name} becomes {new}", edits)


def _env_line(s: Settlement, unit: Unit, terms: _Terms, fact: EnvFact, new: str) -> None:
    """A line of an env file: renamed without its value, or followed by one for the new name."""
    file = s.repository.files[fact.path]
    example = path_kinds.is_example_env(fact.path)
    already = defined_elsewhere(fact, s.facts[fact.path].envs, file.module, new, example=example)
    if unit.pinned:
        edits = beside(fact, file.source, s.target, already=already)
        _add(s, terms, "env-file", fact.path, fact.span, Category.ENV_ASSIGN, f"{new} beside {fact.name}", edits)
        return
    edits = redefine(fact, file.source, new, s.target, example=example, already=already)
    if edits:
        span = fact.entry if fact.entry and not holds_secret(fact, example=example) else fact.span
        _add(s, terms, "env-file", fact.path, span, Category.ENV_ASSIGN, f"{fact.name} becomes {new}", edits)
        return
    s.out.findings.append(
        Finding(
            rule="env-file", path=fact.path, span=fact.span, category=Category.ENV_ASSIGN, action=Action.KEEP,
            message="a switched-off line holds an old key", because="its value must not come under the new name",
        )
    )  # fmt: skip


def _stubs(s: Settlement, unit: Unit, terms: _Terms) -> None:
    """Tests that stub or expect the address of code that moves."""
    moved_files = s.files_of(unit)
    spellings = {_spelling(s, site) for site in unit.urls} | ({"https://openrouter.ai/api/v1"} if unit.additions else set())
    for path, facts in s.facts.items():
        if not path_kinds.is_test(path) or s.language(path) not in PROGRAMS or path in moved_files:
            continue
        for fact in facts.urls:
            if fact.place in (
                LiteralRole.VALUE,
                LiteralRole.ARGUMENT,
                LiteralRole.ASSERTION,
                LiteralRole.LIST,
                LiteralRole.COMPARE,
            ) and (_spelling(s, fact) in spellings or follows(fact, s.target)):
                change = url_edit(fact, s.repository.files[path].source, s.target, host=fact.url.kind is UrlKind.HOST)
                if change is not None:
                    message = "a test stubs or expects the address that moves"
                    _add(s, terms, "test-stub", path, fact.span, Category.TEST, message, (change,))


def _spelling(s: Settlement, fact: UrlFact) -> str:
    """The part of an address that is swapped, as written: a test of another spelling tests something else."""
    return s.repository.files[fact.path].source.text[fact.base + fact.url.start : fact.base + fact.url.swap_end]
