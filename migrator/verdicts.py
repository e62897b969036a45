"""Findings: what is said about each place, once the units are decided."""

from __future__ import annotations

import re
from collections.abc import Iterable

from migrator import paths
from migrator.access import Role
from migrator.allow_lists import allows
from migrator.config_connections import rows
from migrator.connect import describe
from migrator.documents import blocks, is_history
from migrator.edits import defined_elsewhere, form_of, holds_secret, is_env_line, placeholder_edit, redefine, rename, url_edit
from migrator.evidence import is_catalogue
from migrator.explicit import settled
from migrator.exposure import responses, shipped
from migrator.facts import EnvFact, Mark, MarkKind, UrlFact
from migrator.handover import chores
from migrator.knowledge import openrouter, renamed
from migrator.model import Action, Applicability, Category, ConnectionRow, Edit, EnvRow, Finding, Place, Span, Todo
from migrator.place import Place as Where
from migrator.place import last_name
from migrator.place import last_name
from migrator.secrets import is_placeholder
from migrator.settings_class import alias
from migrator.settle import PROGRAMS, Settlement, place
from migrator.standing import beside, stands
from migrator.stubs import follows
from migrator.surroundings import look_around
from migrator.tree import Attr, Call, EnvDef, Index
from migrator.units import Unit
from migrator.urls import UrlKind, own_reason
from migrator.world import From, Origin

_FAMILY = {
    Role.FIELD: Category.API_KEY_ENV,
    Role.MESSAGE: Category.DOCS,
}


def pronounce(settlement: Settlement) -> None:
    """Write all findings and rows."""
    for unit in settlement.units:
        if unit.held:
            _held(settlement, unit)
        else:
            _moving(settlement, unit)
    _marks(settlement)
    settlement.out.findings += responses(settlement)
    _keys_in_the_open(settlement)
    _own_endpoints(settlement)
    _documents(settlement)
    look_around(settlement)
    _rows(settlement)
    settlement.out.findings = list(dict.fromkeys(settlement.out.findings))


def _applicability(unit: Unit) -> Applicability:
    return Applicability.UNSAFE if unit.unsafe else Applicability.SAFE


def _keys(unit: Unit) -> frozenset[str]:
    where = f"@{unit.scope}" if unit.scope else ""
    return frozenset({*(f"env:{name}{where}" for name in unit.names), f"unit:{unit.first}"})


# -- units that move ---------------------------------------------------------------------------------------------------------------


def _moving(s: Settlement, unit: Unit) -> None:
    applicability = _applicability(unit)
    applied = applicability is Applicability.SAFE or s.options.unsafe
    action = Action.REWRITE if applied else Action.FLAG
    because = unit.because or "address and key move together"
    keys = _keys(unit)

    def add(
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
        quiet = not applied and (not required or paths.is_test(path))
        s.out.findings.append(
            Finding(
                rule=rule, path=path, span=span, category=category, message=message, because=why or because,
                action=Action.KEEP if quiet else action,
                applicability=applicability, edits=edits, keys=keys, required=required,
            )
        )  # fmt: skip

    for site in unit.urls:
        source = s.world.files[site.path].source
        change = url_edit(site, source, s.target, host=site.url.kind is UrlKind.HOST)
        if change is None:
            continue
        odd = f" ({site.url.odd})" if site.url.odd else ""
        add("base-url", site.path, site.span, Category.BASE_URL, f"OpenRouter's address{odd}", (change,))
        if site.url.kind is UrlKind.REPORTS:
            _flag(
                s,
                "endpoint-report",
                site.path,
                site.span,
                Category.ENDPOINT,
                f"/{site.url.path} exists at the target with other contents",
                "its catalogue and reply fields differ from OpenRouter's",
            )
    for addition in unit.additions:
        add("explicit-client", addition.path, addition.span, Category.CLIENT, addition.message, addition.edits)
    for fact in unit.envs:
        if not _follows(s, fact):
            continue
        standing = stands(s, unit, fact)
        if standing is not None:
            s.out.findings += standing if applied else [one for one in standing if not one.edits]
            continue
        new = renamed(fact.name, s.target.key_env)
        assert new is not None
        source = s.world.files[fact.path].source
        if is_env_line(fact) and unit.pinned:
            example = paths.is_example_env(fact.path)
            already = defined_elsewhere(fact, s.facts[fact.path].envs, s.world.files[fact.path].module, new, example=example)
            add(
                "env-file",
                fact.path,
                fact.span,
                Category.ENV_ASSIGN,
                f"{new} beside {fact.name}",
                beside(fact, source, s.target, already=already),
            )
        elif is_env_line(fact):
            example = paths.is_example_env(fact.path)
            already = defined_elsewhere(fact, s.facts[fact.path].envs, s.world.files[fact.path].module, new, example=example)
            edits = redefine(fact, source, new, s.target, example=example, already=already)
            if not edits:
                s.out.findings.append(
                    Finding(
                        rule="env-file", path=fact.path, span=fact.span, category=Category.ENV_ASSIGN, action=Action.KEEP,
                        message="a switched-off line holds an old key", because="its value must not come under the new name",
                    )
                )  # fmt: skip
                continue
            add(
                "env-file",
                fact.path,
                fact.entry if fact.entry and not holds_secret(fact, example=example) else fact.span,
                Category.ENV_ASSIGN,
                f"{fact.name} becomes {new}",
                edits,
            )
        elif fact.role is Role.FIELD:
            aliased = alias(fact, s.world, new)
            note = f"; {aliased.note}" if aliased.note else ""
            add(
                "settings-field",
                fact.path,
                fact.span,
                Category.API_KEY_ENV,
                f"the field reads {new} from now on{note}",
                aliased.edits,
            )
        elif fact.role is Role.MESSAGE:
            add(
                "env-message",
                fact.path,
                fact.span,
                Category.DOCS,
                f"a message names {fact.name}",
                rename(fact, source, new),
                required=False,
                why="it names the variable that is renamed",
            )
        else:
            category = (
                Category.ENV_REF
                if s.language(fact.path) not in PROGRAMS
                else Category.TEST
                if paths.is_test(fact.path)
                else Category.API_KEY_ENV
            )
            shape = placeholder_edit(fact, source, s.target) if category is Category.ENV_REF and fact.role is Role.DEFINE else ()
            add("env-rename", fact.path, fact.span, category, f"{fact.name} becomes {new}", (*rename(fact, source, new), *shape))
    _stubs(s, unit, add)


def _follows(s: Settlement, fact: EnvFact) -> bool:
    """Is this mention part of a rename? Documents and recordings are not."""
    return s.code(fact.path) or paths.is_test(fact.path)


def _stubs(s: Settlement, unit: Unit, add: object) -> None:
    """Tests that stub or expect the address of code that moves."""
    moved_files = s.files_of(unit)
    spellings = {_spelling(s, site) for site in unit.urls} | ({"https://openrouter.ai/api/v1"} if unit.additions else set())
    for path, facts in s.facts.items():
        if not paths.is_test(path) or s.language(path) not in PROGRAMS or path in moved_files:
            continue
        for fact in facts.urls:
            if fact.place in (Where.VALUE, Where.ARGUMENT, Where.ASSERTION, Where.LIST, Where.COMPARE) and (
                _spelling(s, fact) in spellings or follows(fact, s.target)
            ):
                change = url_edit(fact, s.world.files[path].source, s.target, host=fact.url.kind is UrlKind.HOST)
                if change is not None:
                    add("test-stub", path, fact.span, Category.TEST, "a test stubs or expects the address that moves", (change,))  # type: ignore[operator]


def _spelling(s: Settlement, fact: UrlFact) -> str:
    """The part of an address that is swapped, as written: a test of another spelling tests something else."""
    return s.world.files[fact.path].source.text[fact.base + fact.url.start : fact.base + fact.url.swap_end]


# -- units that are held -----------------------------------------------------------------------------------------------------------


def _held(s: Settlement, unit: Unit) -> None:
    if any(hold.registry for hold in unit.holds):
        _registry(s, unit)
        return
    because = unit.because
    for site in unit.urls:
        _flag(
            s,
            "base-url-held",
            site.path,
            site.span,
            Category.BASE_URL,
            "OpenRouter's address stays for now",
            f"held back: {because}",
        )
    for fact in unit.envs:
        if not s.code(fact.path) or fact.role is Role.MESSAGE:
            continue
        category = (
            Category.ENV_ASSIGN
            if is_env_line(fact)
            else Category.API_KEY_ENV
            if s.language(fact.path) in PROGRAMS
            else Category.ENV_REF
        )
        _flag(s, "env-held", fact.path, fact.span, category, f"{fact.name} keeps its name for now", f"held back: {because}")
    for hold in unit.holds:
        if hold.offset is not None and hold.path in s.world.files and (s.scope is None or hold.path in s.scope):
            file = s.world.files[hold.path]
            line = file.lines.line(hold.offset)
            start, end = file.lines.span(line)
            end = start + len(file.source.text[start:end].rstrip("\r\n"))
            if not any(
                f.path == hold.path and f.action is Action.FLAG and f.span and f.span.start < end and f.span.end > start
                for f in s.out.findings
            ):
                _flag(
                    s, "holds-back", hold.path, Span(hold.offset, end), Category.OTHER, "this holds the migration back", hold.reason
                )


def _registry(s: Settlement, unit: Unit) -> None:
    """Several providers: one finding for the repository, and a short list of files a person would look at."""
    files = s.evidence.files or tuple(s.evidence.siblings)
    first = files[0]
    named = ", ".join(files[:5])
    already = any(finding.rule == "several-providers" for finding in s.out.findings)
    if not already:
        s.out.findings.append(
            Finding(
                rule="several-providers", path=first, span=None, category=Category.REGISTRY, action=Action.FLAG,
                message=f"OpenRouter is one of several providers ({', '.join(sorted(s.evidence.vendors)[:6]) or 'see the files'}); registry files: {named}",
                because="the new gateway is an entry to be added beside it: name, address, key variable, default and stored choices are yours to decide",
            )
        )  # fmt: skip
    touched = sorted(
        {fact.path for fact in unit.facts if s.code(fact.path) and not (isinstance(fact, EnvFact) and fact.role is Role.MESSAGE)}
        - {first},
        key=lambda path: (
            path not in files,
            not any(site.path == path for site in unit.urls),
            s.language(path) not in PROGRAMS,
            path,
        ),
    )
    for path in touched[:7]:
        if any(finding.path == path and finding.span is None and finding.action is Action.FLAG for finding in s.out.findings):
            continue
        s.out.findings.append(
            Finding(
                rule="several-providers", path=path, span=None, category=Category.REGISTRY, action=Action.FLAG,
                message="binds OpenRouter's address or key variable in a program with several providers", because=f"see {first}",
            )
        )  # fmt: skip


# -- marks -------------------------------------------------------------------------------------------------------------------------


def _flag(s: Settlement, rule: str, path: str, span: Span | None, category: Category, message: str, because: str) -> None:
    s.out.findings.append(
        Finding(rule=rule, path=path, span=span, category=category, message=message, because=because, action=Action.FLAG)
    )


def _talks(s: Settlement) -> bool:
    """Does anything in this tree talk to OpenRouter?"""
    return bool(s.units) or any(
        mark.kind in (MarkKind.HIDDEN_CLIENT, MarkKind.SDK_IMPORT, MarkKind.MODEL_PREFIX)
        for one in s.facts.values()
        for mark in one.marks
    )


def _marks(s: Settlement) -> None:
    if not _talks(s):
        return
    for path, one in sorted(s.facts.items()):
        if not s.code(path):
            continue
        collapsed = s.crowded(path)
        variants = one.marked(MarkKind.MODEL_VARIANT, MarkKind.MODEL_ROUTER, MarkKind.MODEL_PREFIX)
        if is_catalogue(one, program=s.language(path) in PROGRAMS):
            _flag(
                s,
                "model-catalogue",
                path,
                None,
                Category.MODEL_ID,
                f"a catalogue of OpenRouter's models ({len(variants)} special ids)",
                "ids, prices and limits are OpenRouter's data",
            )
            variants = []
        if collapsed and variants:
            if not any(f.path == path and f.span is None and f.action is Action.FLAG for f in s.out.findings):
                _flag(
                    s,
                    "model-catalogue",
                    path,
                    None,
                    Category.MODEL_ID,
                    f"{len(variants)} model ids that mean something only at OpenRouter",
                    "what each variant means: explain model-variant",
                )
            variants = []
        said: set[tuple[int, str]] = set()
        for mark in variants:
            here = (s.world.files[path].lines.line(mark.span.start), mark.text)
            if here not in said:
                said.add(here)
                _model(s, mark)
        for mark in one.marks:
            _mark(s, mark, collapsed=collapsed)


def _model(s: Settlement, mark: Mark) -> None:
    notes = openrouter()["models"]["variants"]
    if mark.kind is MarkKind.MODEL_VARIANT:
        suffixes = [part for part in (mark.note or mark.text).split(":") if part in notes]
        because = "; ".join(f":{suffix} {notes[suffix]}" for suffix in suffixes) or "a variant of OpenRouter's"
        _flag(
            s,
            "model-variant",
            mark.path,
            mark.span,
            Category.MODEL_ID,
            f"{mark.text} is a variant that only OpenRouter has",
            because,
        )
    elif mark.kind is MarkKind.MODEL_ROUTER:
        _flag(
            s,
            "model-router",
            mark.path,
            mark.span,
            Category.MODEL_ID,
            f"{mark.text} is chosen by OpenRouter itself",
            "name a concrete model that the target has",
        )
    else:
        _flag(
            s,
            "model-prefix",
            mark.path,
            mark.span,
            Category.MODEL_ID,
            f"the prefix of {mark.text} makes a library call OpenRouter",
            "the library picks host and key by it: change prefix, address and key together",
        )


_REAL_KEY = re.compile(r"sk-or-v1-([0-9a-f]{64})(?![0-9a-f])")


def _keys_in_the_open(s: Settlement) -> None:
    """A key of full length is flagged wherever it stands, in comments, documents, tests and recordings too; only an env file is its place."""
    for path in sorted(s.facts):
        file = s.world.files[path]
        text = file.source.text
        at_home = [
            node.span for node in file.module.body if isinstance(node, EnvDef) and form_of(path, node, text) in ("dotenv", "envrc")
        ]
        at_home += [
            finding.span for finding in s.out.findings if finding.path == path and finding.rule == "hard-coded-key" and finding.span
        ]
        for found in _REAL_KEY.finditer(text):
            drawn = len(set(found[1])) > 5
            if drawn and not any(start <= found.start() < end for start, end in at_home):
                _flag(
                    s,
                    "hard-coded-key",
                    path,
                    Span(*found.span()),
                    Category.API_KEY_LITERAL,
                    "a key stands in the file",
                    f"revoke it; read {s.target.key_env} from the environment",
                )


def _mark(s: Settlement, mark: Mark, *, collapsed: bool) -> None:
    if collapsed and mark.kind is not MarkKind.KEY_LITERAL:
        return  # the finding for the repository speaks for all of them
    match mark.kind:
        case MarkKind.KEY_CHECK:
            _flag(
                s,
                "key-check",
                mark.path,
                mark.span,
                Category.CHECK,
                "a key is recognised by OpenRouter's shape",
                f"a key of the target ({s.target.key_example}) fails this check or takes the other branch",
            )
        case MarkKind.URL_CHECK:
            _flag(
                s,
                "url-check",
                mark.path,
                mark.span,
                Category.CHECK,
                "an address is recognised by OpenRouter's host",
                "after the move the branch is no longer taken",
            )
        case MarkKind.KEY_LITERAL:
            if not is_placeholder(mark.text) and not s.defines_env(mark):
                _flag(
                    s,
                    "hard-coded-key",
                    mark.path,
                    mark.span,
                    Category.API_KEY_LITERAL,
                    "a key stands in the file",
                    f"revoke it; read {s.target.key_env} from the environment",
                )
        case MarkKind.RESPONSE_FIELD:
            if _beside(s, mark):
                _flag(
                    s,
                    "response-field",
                    mark.path,
                    mark.span,
                    Category.RESPONSE_FIELD,
                    f"{mark.text} is a reply field of OpenRouter",
                    f"after the move: {openrouter()['response_fields'].get(mark.text, 'absent')}",
                )
        case MarkKind.SDK_IMPORT | MarkKind.HIDDEN_CLIENT if settled(s, mark):
            pass
        case MarkKind.SDK_IMPORT:
            _flag(s, "sdk", mark.path, mark.span, Category.SDK, f"{mark.text}: a library with OpenRouter built in", mark.note)
        case MarkKind.HIDDEN_CLIENT:
            _flag(
                s,
                "hidden-client",
                mark.path,
                _head(s, mark),
                Category.SDK,
                f"{mark.text}: the host is hidden in the library",
                mark.note,
            )
        case _:
            pass


def _head(s: Settlement, mark: Mark) -> Span:
    """The first line of a construct."""
    text = s.world.files[mark.path].source.text
    end = text.find("\n", mark.span.start, mark.span.end)
    return Span(mark.span.start, end if end > 0 else mark.span.end)


_COMMON_FIELDS = frozenset({"pricing", "context_length", "total_cost", "supported_parameters"})
"""Reply fields whose names other data has too: they count only where OpenRouter is called."""


def _beside(s: Settlement, mark: Mark) -> bool:
    """Does the mark stand in a file that has to do with OpenRouter at all?"""
    if mark.text in _COMMON_FIELDS:
        return (
            bool(s.facts[mark.path].urls)
            or "openrouter" in mark.path.lower()
            or any(c.fact.path == mark.path for c in s.connections)
        )
    text = s.world.files[mark.path].source.text
    return bool(re.search(r"open[_-]?router", text, re.IGNORECASE))


def _own_endpoints(s: Settlement) -> None:
    for path, one in sorted(s.facts.items()):
        if not s.code(path):
            continue
        for fact in one.urls:
            if fact.place not in (Where.VALUE, Where.ARGUMENT, Where.LIST) or allows(fact):
                continue
            if fact.url.kind is UrlKind.OWN:
                _flag(
                    s,
                    "own-endpoint",
                    path,
                    fact.span,
                    Category.ENDPOINT,
                    f"/{fact.url.path} exists only at OpenRouter",
                    own_reason(fact.url.path),
                )
            elif fact.url.kind in (UrlKind.REGIONAL, UrlKind.RELAY):
                _flag(
                    s,
                    "other-host",
                    path,
                    fact.span,
                    Category.BASE_URL,
                    f"{fact.url.host} is not OpenRouter's usual host",
                    "a regional host or another party's relay promises something that no other address keeps",
                )
        if any(connection.fact.path == path and connection.fact.client == "http-client" for connection in s.connections):
            for mark in one.marked(MarkKind.OWN_ENDPOINT):
                _flag(
                    s,
                    "own-endpoint",
                    path,
                    mark.span,
                    Category.ENDPOINT,
                    f"/{mark.text} exists only at OpenRouter",
                    own_reason(mark.text),
                )
    for connection in s.connections:
        for site in connection.sites:
            if site.url.kind is UrlKind.PAGE and s.code(connection.fact.path) and last_name(connection.fact.call.func) != "open":
                _flag(
                    s,
                    "own-endpoint",
                    site.path,
                    site.span,
                    Category.ENDPOINT,
                    f"the program reads a page of OpenRouter's site (/{site.url.path})",
                    "pages for people are no API and exist nowhere else",
                )
    for connection in s.connections:
        if connection.endpoint is UrlKind.OWN and s.code(connection.fact.path):
            node = connection.fact.url or connection.fact.call
            if not any(
                f.path == connection.fact.path
                and f.rule == "own-endpoint"
                and f.span
                and f.span.start <= node.span.start < f.span.end + 1
                for f in s.out.findings
            ):
                _flag(
                    s,
                    "own-endpoint",
                    connection.fact.path,
                    Span(*node.span),
                    Category.ENDPOINT,
                    f"/{connection.path} exists only at OpenRouter",
                    own_reason(connection.path),
                )


# -- documents ---------------------------------------------------------------------------------------------------------------------


def _documents(s: Settlement) -> None:
    """Set-up text that a reader copies: once per file."""
    moving = [unit for unit in s.units if not unit.held]
    if not moving:
        return
    names = {name for unit in moving for name in unit.names - unit.kept - unit.idle}
    applied = {id(unit): _keys(unit) for unit in moving if not unit.unsafe or s.options.unsafe}
    rewritten = blocks(s, applied) if s.options.docs else []
    s.out.findings += rewritten
    for path, file in sorted(s.world.files.items()):
        if not paths.is_document(path) or paths.is_recorded(path) or is_history(path) or s.code(path):
            continue
        text = _without(file.source.text, [finding.span for finding in rewritten if finding.path == path and finding.span])
        named = [
            name
            for name in sorted(names)
            if re.search(rf"(?<![A-Z0-9_]){name}(?![A-Z0-9_])[`\"']*\s*[=:]|(put|set|export|add|env)\s+[`\"']?{name}\b", text)
        ]
        address = re.search(r"https://openrouter\.ai/api", text)
        if named or address:
            what = " and ".join([*named[:1], *(["OpenRouter's address"] if address else [])])
            _flag(
                s,
                "setup-text",
                path,
                None,
                Category.DOCS,
                f"set-up text names {what}",
                "documents are left to you; --docs rewrites blocks that are meant to be copied",
            )


def _without(text: str, spans: Iterable[Span]) -> str:
    """A text with the parts blanked that a rewrite takes care of."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


# -- rows --------------------------------------------------------------------------------------------------------------------------


def _rows(s: Settlement) -> None:
    for unit in s.units:
        moves = not unit.held and (not unit.unsafe or s.options.unsafe)
        for name in sorted(unit.names):
            decision = (
                "manual"
                if not moves or name in unit.idle
                else "keep"
                if name in unit.kept
                else "additive"
                if unit.pinned
                else "rename"
            )
            facts = [fact for fact in unit.envs if fact.name == name and fact.role is not Role.MESSAGE]
            s.out.env.append(
                EnvRow(
                    name=name,
                    new_name=renamed(name, s.target.key_env) if decision in ("rename", "additive") else None,
                    decision=decision,
                    because="nothing here reads it by its name" if name in unit.idle else unit.because or _why_so(decision, unit),
                    readers=_places(s, (fact for fact in facts if fact.role not in (Role.DEFINE, Role.FORWARD))),
                    definers=_places(s, (fact for fact in facts if fact.role in (Role.DEFINE, Role.FORWARD))),
                )
            )
    for connection in s.connections:
        fact = connection.fact
        home = next((unit for unit in s.units if any(site in unit.urls for site in connection.sites)), None)
        decision = (
            "keep"
            if not s.code(fact.path)
            else "rewrite"
            if home is not None and not home.held and (not home.unsafe or s.options.unsafe)
            else "flag"
        )
        s.out.connections.append(
            ConnectionRow(
                path=fact.path,
                line=s.world.files[fact.path].lines.line(fact.call.span.start),
                client=fact.client,
                url_from=describe(connection.urls, s.world),
                key_from=describe(connection.keys, s.world) if connection.keyed else "no key",
                decision=decision,
                because=(home.because if home else "")
                or (
                    "address and key move together"
                    if decision == "rewrite"
                    else "a test"
                    if decision == "keep"
                    else "its address does not stand in this tree"
                ),
            )
        )
    s.out.connections += rows(s)
    s.out.connections.sort(key=lambda row: (row.path, row.line, row.client))
    _todos(s)


def _why_so(decision: str, unit: Unit) -> str:
    match decision:
        case "keep":
            return "the name was to be kept; the variable must hold a key of the target from now on"
        case "additive":
            return f"{next(iter(unit.pinned.values()))} and goes on reading the old name; the rest here moves"
        case _:
            return "every reader and definer here moves"


def _places(s: Settlement, facts: Iterable[EnvFact]) -> tuple[Place, ...]:
    return tuple(sorted({place(s, fact.path, fact.span) for fact in facts}, key=lambda p: (p.path, p.line)))


def _todos(s: Settlement) -> None:
    s.out.todo += chores(s)
    s.out.todo += shipped(s)
    _unset(s)


def _unset(s: Settlement) -> None:
    """An SDK that gets no key takes its own vendor's from the environment, and would send that to the new host: once per variable."""
    where: dict[str, set[str]] = {}
    for connection in s.connections:
        fact = connection.fact
        unit = next((unit for unit in s.units if any(site in unit.urls for site in connection.sites)), None)
        if unit is None or unit.held or not s.code(fact.path) or fact.key is None or fact.implicit_key is None:
            continue
        if connection.key_variables and all(_may_be_unset(s, origin) for origin in connection.keys):
            line = s.world.files[fact.path].lines.line(fact.call.span.start)
            where.setdefault(fact.implicit_key, set()).add(f"{fact.path}:{line}")
    for name, places in sorted(where.items()):
        s.out.todo.append(
            Todo(
                title=f"Do not run without the new key where {name} is set",
                detail=f"Without one the client takes {name} and sends it to {s.target.title}: {', '.join(sorted(places))}.",
                command=None,
                because="the key is read in a way that gives nothing, not an error, where the variable is unset",
            )
        )


def _may_be_unset(s: Settlement, origin: Origin) -> bool:
    """Does this read of the environment give nothing where the variable is unset? A default, even an empty one, is no nothing."""
    if origin.kind is not From.ENV or origin.path not in s.world.files:
        return False
    match origin.node:
        case Call(func=func, args=args):
            return last_name(func) in ("getenv", "get") and len(args) == 1
        case Attr() | Index():
            return s.language(origin.path) == "ecma"
        case _:
            return False
