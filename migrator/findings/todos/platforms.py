"""What only a person can do: put the new key where the program runs. The platforms are data, in `catalog/platforms.toml`.

A command never holds a value, and none is copied from the old variable: a key of OpenRouter under the new name would be sent to the
new host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from migrator.analysis.analysis import Analysis
from migrator.analysis.model import Move, Variable
from migrator.analysis.moves import STAYS_TOO
from migrator.analysis.settle.mentions import VALUE_OF_OLD
from migrator.analysis.sources.references import references
from migrator.analysis.variables.decide import TYPED, cluster_entry
from migrator.analysis.variables.interfaces import interface_reference
from migrator.analysis.variables.variable_scopes import foreign
from migrator.catalog import table
from migrator.discover import path_kinds
from migrator.facts.model import EnvFact
from migrator.findings.edits import holds_secret
from migrator.findings.variables.address_outside import has_default, new_value
from migrator.findings.variables.cluster_entries import new_entry
from migrator.findings.variables.interfaces import interface_edits, new_input
from migrator.findings.variables.second_definition import lacks_second_line
from migrator.model import Target, Todo
from migrator.resolve.environment import DEFINING, VariableRole


def platform_todos(analysis: Analysis) -> list[Todo]:
    """Where each new name, or each kept name with its new value, has to be set; the address before the key."""
    todos: dict[tuple[str, str | None], Todo] = {}
    for move in analysis.moves:
        if move.unsafe and not analysis.options.unsafe:
            continue
        for variable in sorted(move.variables, key=lambda each: (not each.is_address, each.name)):
            for todo in _address(analysis, move, variable) if variable.is_address else _key(analysis, move, variable):
                todos.setdefault((todo.title, todo.command), todo)
    for todo in _merged(analysis):
        todos.setdefault((todo.title, todo.command), todo)
    return list(todos.values())


def _address(analysis: Analysis, move: Move, variable: Variable) -> Iterator[Todo]:
    """An address variable: to be set only where the old one was set to something that is not the default."""
    facts = [fact for fact in move.envs if fact.name == variable.name]
    defaults = has_default(analysis, variable.name)
    places = tuple(sorted({fact.path for fact in facts if fact.role is not VariableRole.MESSAGE}))
    base = new_value(analysis, variable.name)
    if variable.decision == "keep":
        yield Todo(
            title=f"Set {variable.name} to {base} wherever it is set", detail=f"{variable.because}.", command=None,
            because="its old value is OpenRouter's address, and the new key would be sent there: change it before the key",
            kind="set", variable=variable.name, where=places, secret=False, value=base,
        )  # fmt: skip
    elif variable.new_name is not None:
        yield Todo(
            title=f"Where {variable.name} is set outside this repository, set {variable.new_name} to {base}"
            + (" or leave it out" if defaults else ""),
            detail=f"{variable.name} is not read any more and can be removed." if variable.decision == "rename" else f"{variable.because}.",
            command=None, because="a value of the old variable is OpenRouter's address", kind="set", variable=variable.new_name,
            where=places, secret=False, value=base,
        )  # fmt: skip
        yield from _refused_lines(move, variable)


def _refused_lines(move: Move, variable: Variable) -> Iterator[Todo]:
    """A settings class may refuse entries of an env file that none of its fields reads."""
    if variable.decision == "rename" and any(fact.role is VariableRole.FIELD for fact in move.envs if fact.name == variable.name):
        yield Todo(
            title=f"Remove the line {variable.name} from every env file", command=None,
            detail="A settings class may refuse entries that no field of it reads (\"extra inputs are not permitted\").",
            because="the field reads the new variable", kind="remove", variable=variable.name, where=(), secret=not variable.is_address,
        )  # fmt: skip


def _key(analysis: Analysis, move: Move, variable: Variable) -> Iterator[Todo]:
    kept = variable.decision == "keep"
    if not kept and variable.new_name is None:
        return
    name = variable.name if kept else variable.new_name or analysis.target.key_env
    facts = [
        fact
        for fact in move.envs
        if fact.name == variable.name
        and (
            move.staying.get(fact.identity, VALUE_OF_OLD) == VALUE_OF_OLD
            or (not kept and interface_edits(analysis, variable, fact))
        )
    ]
    because = "the variable keeps its name and still holds the old key" if kept else "no value is ever copied from the old variable"
    yield Todo(
        title=f"Put a key of {analysis.target.title} into {name}" if kept else f"Create a key and set {name} where the program runs",
        detail=_about_its_keys(analysis.target),
        command=None, because=because, kind="set", variable=name, where=tuple(sorted({fact.path for fact in facts})), secret=True,
    )  # fmt: skip
    for platform in table("platforms")["platform"]:
        for where, store in _recognised(platform, facts, analysis, move):
            yield Todo(
                title=f"{platform['title']}{f' {store}' if store else ''}: set {name}",
                detail=" ".join(part for part in (platform.get("detail", ""), f"Seen in {where}.") if part),
                command=platform["command"].replace("{name}", name).replace("{store}", store or "app")
                if "command" in platform
                else None,
                because=because, kind="set", variable=name, where=(where, platform["title"]), secret=True,
            )  # fmt: skip
        if "k8s-secret-key" in platform.get("hows", ()):
            yield from _cluster_entries(analysis, platform, variable, facts, because)
    yield from _env_files(analysis, move, variable, name, because)
    yield from _files_with_keys(analysis, variable, name) if name != variable.name else ()
    yield from _by_hand(analysis, move, variable, name)
    yield from _refused_lines(move, variable)


def _about_its_keys(target: Target) -> str:
    """What a key of the target looks like and where one is made, as far as either is known."""
    known = [f"A key of {target.title} looks like {target.key_example}"] if target.key_prefixes else []
    known += [f"{'m' if known else 'M'}ake one at {target.console}"] if target.console else []
    return f"{'; '.join(known)}." if known else ""


def _cluster_entries(
    analysis: Analysis, platform: dict[str, Any], variable: Variable, facts: Iterable[EnvFact], because: str
) -> Iterator[Todo]:
    """The entries of Secrets that a new variable asks for where they are not called as the variable."""
    for fact in facts:
        ref = cluster_entry(fact)
        if (
            ref is None
            or variable.decision not in ("rename", "additive")
            or variable.new_name is None
            or not analysis.code(fact.path)
        ):
            continue
        entry, store = new_entry(ref.name, variable.new_name), ref.owner.rpartition(":")[2]
        yield Todo(
            title=f"{platform['title']} {store}: set {entry}", detail=f"{platform['detail']} Seen in {fact.path}.",
            command=platform["command"].replace('"${name}"', f'"${variable.new_name}"').replace("{name}", entry).replace("{store}", store or "app"),
            because=because, kind="set", variable=variable.new_name, where=(fact.path, platform["title"]), secret=True,
        )  # fmt: skip


def _files_with_keys(analysis: Analysis, variable: Variable, name: str) -> Iterator[Todo]:
    """`OPENROUTER_API_KEY_FILE`, which a program reads by a name it puts together, with the path of a file that holds the key."""
    for path, facts in sorted(analysis.facts.items()):
        for fact in facts.envs if analysis.code(path) else ():
            if fact.name == f"{variable.name}_FILE" and fact.role is not VariableRole.MESSAGE:
                line = analysis.repository.files[path].lines.line(fact.span.start)
                yield Todo(
                    title=f"{path}:{line} names {fact.name}: set {name}_FILE to a file with the new key there",
                    detail=f"A program that reads {name} may look for {name}_FILE as well. The file of the old name holds OpenRouter's key.",
                    command=None, because="the name is put together when the program runs", kind="set", variable=f"{name}_FILE",
                    where=(f"{path}:{line}",), secret=False,
                )  # fmt: skip


def _env_files(analysis: Analysis, move: Move, variable: Variable, name: str, because: str) -> Iterator[Todo]:
    facts = [
        fact for fact in move.envs if fact.name == variable.name and fact.identity not in move.staying and fact.how == "dotenv"
    ]
    for path in sorted({fact.path for fact in facts if fact.role is VariableRole.DEFINE}):
        if not path_kinds.is_example_env(path) and analysis.code(path):
            secret = any(holds_secret(fact, example=False) for fact in facts if fact.path == path and not fact.commented)
            stands = (
                "holds the old key still"
                if variable.decision == "keep" and analysis.kept(variable.name)
                else ("was left empty for you" if secret or variable.decision == "additive" else "holds a placeholder")
            )
            yield Todo(
                title=f"Fill in {name} in {path}", detail=f"The line {stands}.", command=None, because=because,
                kind="set", variable=name, where=(path,), secret=True,
            )  # fmt: skip
    examples = sorted({fact.path for fact in facts if path_kinds.is_example_env(fact.path)})
    if examples:
        yield Todo(
            title=f"Set {name} in your own env file",
            detail=f"{examples[0]} shows the line; files that git ignores are on each machine.",
            command=None, because=because, kind="set", variable=name, where=(examples[0],), secret=True,
        )  # fmt: skip


def _by_hand(analysis: Analysis, move: Move, variable: Variable, name: str) -> Iterator[Todo]:
    """Definitions that an edit cannot make: their value comes from where the old key is kept, or nobody here reads their language."""
    if variable.decision != "additive":
        return
    for fact in move.envs:
        if fact.name != variable.name or not analysis.code(fact.path):
            continue
        if foreign(fact):
            yield from _image_with_configuration(analysis, move, fact, name)
            continue
        if interface_edits(analysis, variable, fact):
            if (taken := interface_reference(analysis, fact)) is not None:
                new = new_input(analysis, variable, taken.name)
                yield Todo(
                    title=f"Tell the callers of {fact.path} to pass {new}",
                    detail=f"{taken.name} is still accepted and not used any more.", command=None, kind="decide", variable=name,
                    because="callers outside this tree pass what belongs to OpenRouter", where=(fact.path,), secret=True,
                )  # fmt: skip
            continue
        if fact.role is VariableRole.READ and fact.owner.startswith("interface:"):
            continue  # told at the entry around it
        reason = move.staying.get(fact.identity, "")
        if not reason and lacks_second_line(analysis, move, variable, fact):
            reason = "No second line can be written there"
        if reason in ("", STAYS_TOO, VALUE_OF_OLD, TYPED):
            continue
        line = analysis.repository.files[fact.path].lines.line(fact.span.start)
        terraform = fact.how == "hcl-env"
        yield Todo(
            title=f"{fact.path}:{line} names {fact.name}: pass {name} there too, if the program that gets it moves",
            detail=f"{sentence(reason.replace(f'{fact.path} names {fact.name} and', 'This file'))}.{_declared(name.lower()) if terraform else ''}", command=None,
            because="the old line stays as it is", kind="create" if terraform else "decide", variable=name,
            where=(f"{fact.path}:{line}",), secret=True,
        )  # fmt: skip
    for because, path, offset in variable.reasons:
        if path and not any(fact.path == path and fact.span.start == offset for fact in move.envs):
            at = (
                f"{path}:{analysis.repository.files[path].lines.line(offset)}"
                if offset is not None and path in analysis.repository.files
                else path
            )
            yield Todo(
                title=f"{variable.name} stays for {at}", detail=_goes_on(because, at), command=None,
                because=f"what moves reads {name}; both are set until nothing needs the old one", kind="decide", variable=variable.name,
                where=(at,), secret=True,
            )  # fmt: skip


def _declared(name: str) -> str:
    """What a new entry in Terraform needs, as a sentence that follows another one."""
    return f' Declare variable "{name}" with sensitive = true, give the new entry var.{name}, and set it as TF_VAR_{name} or in a tfvars file.'


def _image_with_configuration(analysis: Analysis, move: Move, fact: EnvFact, name: str) -> Iterator[Todo]:
    """A foreign image may run with configuration of this tree, in which entries read the new variable from now on."""
    files = sorted({addition.path for addition in move.additions if addition.path.endswith((".yaml", ".yml"))})
    if files and fact.role is not VariableRole.READ:
        line = analysis.repository.files[fact.path].lines.line(fact.span.start)
        yield Todo(
            title=f"{fact.path}:{line} gives {fact.name} to {fact.owner.partition(':')[2] or 'another program'}: give it {name} too",
            detail=f"{', '.join(files)} reads {name} from now on.", command=None, kind="decide", variable=name,
            because="the old line stays, because the program may read it by itself", where=(f"{fact.path}:{line}",), secret=True,
        )  # fmt: skip


def _goes_on(because: str, at: str) -> str:
    """Why the old variable stays for something; the place stands in the title."""
    head = f"{at} stays on OpenRouter with it"
    if not because.startswith(head):
        return f"{sentence(because)}."
    why = because.removeprefix(head).removeprefix(": ")
    return f"It goes on with OpenRouter: {why}." if why else "It goes on with OpenRouter."


def sentence(text: str) -> str:
    """A text with a capital at its start, unless it starts with a path or a name."""
    first = text.split(" ", 1)[0]
    return text if re.search(r"[./_:]", first) else f"{text[:1].upper()}{text[1:]}"


def _merged(analysis: Analysis) -> Iterator[Todo]:
    """Two variables never become one in silence."""
    by_new: dict[tuple[str, str], list[Variable]] = {}
    for variable in analysis.variables:
        if variable.moves and variable.new_name is not None:
            by_new.setdefault((variable.new_name, variable.folder), []).append(variable)
    for (new, _), variables in sorted(by_new.items()):
        made_from = {
            ref.name
            for variable in variables
            for fact in analysis.mentions(variable.name, variable.folder)
            for ref in references(fact.value if fact.role in DEFINING else None)
            if ref.name != variable.name
        }
        variables = [variable for variable in variables if variable.name not in made_from]
        if len(variables) > 1:
            names = " and ".join(variable.name for variable in variables)
            yield Todo(
                title=f"{names} become one variable, {new}", command=None, because="each of them held a key of OpenRouter",
                detail="If they are to stay two keys, give one of them another name after the run.", kind="decide", variable=new, where=(), secret=True,
            )  # fmt: skip


def _recognised(platform: dict[str, Any], facts: Iterable[EnvFact], analysis: Analysis, move: Move) -> Iterator[tuple[str, str]]:
    """The first place that tells of a platform, with the name of the object that holds the variable, once an object."""
    seen: set[str] = set()
    for fact in sorted(facts, key=lambda fact: (fact.path, fact.span)):
        if fact.owner == "store:continue-secrets":
            continue  # an editor's own store
        if fact.how in platform.get("hows", ()) or fact.how in platform.get("accessors", ()):
            store = fact.owner.rpartition(":")[2] if fact.owner.startswith("store:k8s") else ""
            if store not in seen and analysis.code(fact.path):
                seen.add(store)
                yield fact.path, store
    for path in sorted(analysis.files_of(move)) if "text" in platform else ():
        if re.search(platform["text"], analysis.repository.files[path].source.text):
            yield path, ""
            return
    if not seen:
        patterns = [re.compile(pattern) for pattern in platform.get("paths", ())]
        known = sorted(path for path in analysis.repository.paths if any(pattern.search(path) for pattern in patterns))
        if known and not (known[0].endswith("Procfile") and _other_platform(analysis)):
            yield known[0], ""


def _other_platform(analysis: Analysis) -> bool:
    """Does another platform's file say where the program runs? Several of them read a Procfile, too."""
    patterns = [
        re.compile(pattern) for platform in table("platforms")["platform"] for pattern in platform.get("beside_procfile", ())
    ]
    return any(pattern.search(path) for path in analysis.repository.paths for pattern in patterns)
