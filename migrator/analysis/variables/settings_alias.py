"""The alias technique for settings classes: the field keeps its name, only the variable it reads changes.

`openrouter_api_key: str` becomes `openrouter_api_key: str = Field(validation_alias="MG_KEY")` (pydantic v2, pydantic-settings) or
`= Field(..., env="MG_KEY")` (pydantic v1). An alias ignores `env_prefix`, and once a field has one it is given by the alias where the
class is made: `Settings(MG_KEY="x")`. A class with `populate_by_name` reads the variable that is called like the field as well, and would send
the old key to the new host: that is switched off. https://docs.pydantic.dev/latest/concepts/pydantic_settings/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.catalog.variables import says_openrouter
from migrator.facts.model import EnvFact
from migrator.formats.tree import Arg, Assign, Call, Class, Const, Import, Item, Name, Node, Obj, Param, Str, children
from migrator.model import Edit, Span
from migrator.records import dataclass
from migrator.resolve.context import last_name
from migrator.resolve.environment import VariableRole, access
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.settings_classes import aliases_of, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """The edits that give a field its alias, or the reason why that is not safe."""

    edits: tuple[Edit, ...] = ()
    refused: str = ""


def alias(fact: EnvFact, repository: Repository, new: str) -> Alias:
    """Give the field of a FIELD fact the variable `new`."""
    file = repository.files[fact.path]
    node_path = fact.node_path
    assert node_path is not None
    part = node_path.node
    assert isinstance(part, Assign), "a field is an assignment in the body of its class"
    if part.value is not None and _reads_environment(part.value, file, fact) and not _reads_itself(part.value, fact):
        return Alias(refused="the field's default reads the variable once more")
    second = _second_version(file)
    if second is None:
        return Alias(refused="the settings library cannot be told from this file")
    edits: list[Edit] = []
    text = file.source.text
    argument = f'validation_alias="{new}"' if second else f'env="{new}"'
    value = part.value
    if value is None:
        end = part.annotation.span.end if part.annotation is not None else part.span.end
        edits.append(_insert(fact.path, end, f" = Field({argument})" if second else f" = Field(..., {argument})"))
    elif isinstance(value, Call) and last_name(value.func) == "Field":
        before = text[value.span.start : value.close].rstrip()
        comma = "" if before.endswith(("(", ",")) else ", "
        edits.append(_insert(fact.path, value.close - (len(text[value.span.start : value.close]) - len(before)), comma + argument))
    else:
        edits.append(_insert(fact.path, value.span.start, "Field(default="))
        edits.append(_insert(fact.path, value.span.end, f", {argument})"))
    switched = by_alias_alone(fact, repository, needed=("Field",))
    return switched if switched.refused else Alias(edits=(*edits, *switched.edits))


def _named_alike(part: Assign, name: str) -> bool:
    """Is an alias of a field its name in other letters, so that the name is no further variable?"""
    aliases = [arg.value for arg in part.value.args if arg.name == "validation_alias"] if isinstance(part.value, Call) else []
    texts = [each for alias in aliases for each in ([arg.value for arg in alias.args] if isinstance(alias, Call) else [alias])]
    return any(isinstance(each, Str) and each.value.casefold() == name.casefold() for each in texts)


def _import(file: ParsedFile, names: Sequence[str]) -> tuple[Edit, ...]:
    """The import of what is not imported yet, before the one by which `_second_version` knows the library."""
    missing = [name for name in sorted(set(names)) if not _imports(file, name)]
    text = file.source.text
    anchor = next((node for node in file.module.body if isinstance(node, Import) and node.module.startswith("pydantic")), None)
    if anchor is None or not missing:
        return ()
    line_end = "\r\n" if "\r\n" in text else "\n"
    return (_insert(file.path, anchor.span.start, f"from pydantic import {', '.join(missing)}{line_end}"),)


def by_alias_alone(fact: EnvFact, repository: Repository, needed: tuple[str, ...] = ()) -> Alias:
    """The edits by which the class of a field no longer reads it by its name as well: there the old key may still be. `needed` is imported too.

    The other fields with an alias get their name as a further one. A field that is OpenRouter's by its name, or called like its variable, does
    not: it may move as well, and would go on reading the old key by that name.
    """
    file = repository.files[fact.path]
    owner, part = _class_of(fact), fact.node_path.node if fact.node_path is not None else None
    flags = _flags(owner) if owner is not None else []
    if owner is None or not flags:
        return Alias(edits=_import(file, needed))
    edits = [
        Edit(path=fact.path, span=flag.span, old=file.source.text[flag.span.start : flag.span.end], new="False") for flag in flags
    ]
    refused = "populate_by_name lets it go on reading the variable that is called like the field, and other fields need it"
    for other, kept in _kept_by_name(fact.path, owner, aliases_of(repository, fact.path)):
        field = other.targets[0]
        if other is part or not isinstance(field, Name):
            continue
        ours = says_openrouter(field.id) or _named_alike(other, field.id)
        if not kept or (ours and any(_given(repository, owner.name, field.id))):
            return Alias(refused=refused)
        if not ours:
            edits += kept
            needed = (*needed, "AliasChoices")
    return Alias(edits=(*edits, *_import(file, needed)))


def given_by_name(fact: EnvFact, repository: Repository) -> Iterator[tuple[str, Span]]:
    """The keywords that give a field by its name where its class is made: path and span. None in pydantic v1 goes by the name."""
    part, owner = fact.node_path.node if fact.node_path is not None else None, _class_of(fact)
    if not isinstance(part, Assign) or owner is None or not isinstance(part.targets[0], Name):
        return
    if not _second_version(repository.files[fact.path]):
        return
    if fact.role is VariableRole.FIELD or _flags(owner):
        yield from _given(repository, owner.name, part.targets[0].id)


def _given(repository: Repository, owner: str, field: str) -> Iterator[tuple[str, Span]]:
    for path, file in sorted(repository.files.items()):
        text = file.source.text
        if path.endswith((".py", ".ipynb")) and f"{owner}(" in text and field in text:
            for node in file.module.body:
                yield from ((path, span) for span in _keywords(node, owner, field))


def _class_of(fact: EnvFact) -> Class | None:
    """The class in whose body a field stands."""
    steps = fact.node_path.ancestors() if fact.node_path is not None else ()
    return next((step.node for step in steps if isinstance(step.node, Class)), None)


def _keywords(node: Node | Arg | Item | Param, owner: str, field: str) -> Iterator[Span]:
    if isinstance(node, Call) and last_name(node.func) == owner:
        yield from (arg.name_span for arg in node.args if arg.name == field and arg.name_span is not None)
    for child in children(node):
        yield from _keywords(child, owner, field)


def _flags(owner: Class) -> list[Node]:
    """What lets a class read its fields by their names as well."""
    flags: list[Node] = []
    for part in owner.body:
        inner = part.body if isinstance(part, Class) and part.name == "Config" else ()
        flags += [
            statement.value
            for statement in inner
            if isinstance(statement, Assign) and _is_flag(statement) and statement.value is not None
        ]
        if isinstance(part, Assign) and part.targets and isinstance(part.targets[0], Name) and part.targets[0].id == "model_config":
            if isinstance(part.value, Call):
                flags += [arg.value for arg in part.value.args if arg.name in _BY_NAME]
            elif isinstance(part.value, Obj):
                flags += [item.value for item in part.value.items if isinstance(item.key, Str) and item.key.value in _BY_NAME]
    return [flag for flag in flags if isinstance(flag, Const) and flag.text == "True"]


def _kept_by_name(path: str, owner: Class, arguments: tuple[str, ...]) -> Iterator[tuple[Assign, tuple[Edit, ...]]]:
    """For each field with an alias the edits that make its name a further alias, so that it is read by both as before.

    Empty where that cannot be said: a prefix goes before the name and not before an alias, and pydantic v1 has no such choice.
    """
    for part in owner.body:
        target, call = (part.targets[0], part.value) if isinstance(part, Assign) and part.targets else (None, None)
        if (
            not isinstance(part, Assign)
            or not isinstance(target, Name)
            or not isinstance(call, Call)
            or last_name(call.func) != "Field"
        ):
            continue
        given = [arg for arg in call.args if arg.name in arguments]
        value = given[0].value if given else None
        if value is not None and (len(given) > 1 or given[0].name != "validation_alias" or setting(owner, "env_prefix")):
            yield part, ()
        elif isinstance(value, Str):
            before, after = _insert(path, value.span.start, "AliasChoices("), _insert(path, value.span.end, f', "{target.id}")')
            yield part, (before, after)
        elif isinstance(value, Call) and last_name(value.func) == "AliasChoices" and value.args:
            yield part, (_insert(path, value.args[-1].value.span.end, f', "{target.id}"'),)
        elif value is not None:
            yield part, ()


_BY_NAME = ("populate_by_name", "validate_by_name", "allow_population_by_field_name")


def _is_flag(part: Assign) -> bool:
    return bool(part.targets) and isinstance(part.targets[0], Name) and part.targets[0].id in _BY_NAME


def _insert(path: str, at: int, new: str) -> Edit:
    return Edit(path=path, span=Span(at, at), old="", new=new)


def _reads_itself(value: Node, fact: EnvFact) -> bool:
    """`openrouter_api_key: str = os.getenv("OPENROUTER_API_KEY", "")`: a plain read of the field's own variable, which is renamed with it."""
    assert fact.node_path is not None
    read = access(value, fact.node_path.scope)
    return read is not None and read.name == fact.name and (read.default is None or isinstance(read.default, (Str, Const)))


def _reads_environment(node: Node | Arg | Item | Param, file: ParsedFile, fact: EnvFact) -> bool:
    assert fact.node_path is not None
    if isinstance(node, Str):
        return False
    if not isinstance(node, Arg | Item | Param) and access(node, fact.node_path.scope) is not None:
        return True
    return any(_reads_environment(child, file, fact) for child in children(node))


def _second_version(file: ParsedFile) -> bool | None:
    """True: pydantic-settings (v2). False: BaseSettings from pydantic (v1). None: neither is imported here."""
    modules = {node.module.split(".")[0]: node.name for node in file.module.body if isinstance(node, Import)}
    if "pydantic_settings" in modules:
        return True
    if any(isinstance(node, Import) and node.module == "pydantic" and node.name == "BaseSettings" for node in file.module.body):
        return False
    return None


def _imports(file: ParsedFile, name: str) -> bool:
    return any(isinstance(node, Import) and node.module == "pydantic" and node.local == name for node in file.module.body)
