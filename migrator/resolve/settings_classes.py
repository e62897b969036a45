"""Settings classes: which variable a field reads (pydantic's BaseSettings, v1 and v2).

Without an alias it is `env_prefix` plus the field's name, in any letter case; an alias is read as it stands and the prefix does not
apply to it. https://docs.pydantic.dev/latest/concepts/pydantic_settings/

So `openrouter_api_key=…` of an env file, `OpenRouter_API_Key:` of a workflow and `OPENROUTER_API_KEY` of a shell are all read for the same field.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.catalog.variables import says_openrouter
from migrator.formats.tree import Arg, Assign, Call, Class, Const, EnvDef, Import, Item, Name, Node, Obj, Param, Seq, Str, children
from migrator.resolve.context import last_name
from migrator.resolve.repository import ParsedFile, Repository

_BASES = ("BaseSettings", "KernelBaseSettings")
_SECOND = ("validation_alias", "alias")
_FIRST = (*_SECOND, "env")


def is_base(name: str | None) -> bool:
    """Is this qualified name of a base class one whose fields are read from the environment?"""
    return (name or "").rpartition(".")[2] in _BASES


def aliases_of(repository: Repository, path: str) -> tuple[str, ...]:
    """The arguments of `Field` that name a variable in this file. pydantic-settings takes `env=` and does nothing with it: the field
    goes on reading the variable that is called like itself. Without an import that tells, the version is the one of the tree.
    """
    imports = [node for node in repository.files[path].module.body if isinstance(node, Import)]
    if any(node.module.split(".")[0] == "pydantic_settings" for node in imports):
        return _SECOND
    if any(node.module in ("pydantic", "pydantic.v1") and node.name == "BaseSettings" for node in imports):
        return _FIRST
    second = any("pydantic_settings" in file.source.text for file in repository.files.values())
    return _SECOND if second else _FIRST


def fields(
    node: Class, arguments: tuple[str, ...], repository: Repository | None = None
) -> Iterator[tuple[Assign, Name, str, Str | None]]:
    """Each field with its target, the variable it reads, and the literal that names the variable, if one of the arguments does.

    A name that is read in any letter case is spelled as the definitions of the repository do, and in capitals where there are none.
    """
    prefix = setting(node, "env_prefix")
    exact = _is_exact(node)
    for part in node.body:
        if isinstance(part, Assign) and part.targets and isinstance(part.targets[0], Name):
            target = part.targets[0]
            literals = _aliases(part.value, arguments)
            if not literals and _has_alias(part.value, arguments):
                continue  # a constant: what it reads is not its own name
            for literal in literals or (None,):
                name = literal.value if literal else f"{prefix}{target.id}"
                if not exact:
                    name = name if literal is not None and not says_openrouter(name) else name.upper()
                    name = spelled(repository, name) if repository is not None else name
                yield part, target, name, literal


def default_of_field(value: Node | None) -> Node | None:
    """What a field is without its variable: `x = 1`, `x = Field(1)`, `x = Field(default=1)`; None where it must be given."""
    if isinstance(value, Call) and last_name(value.func) == "Field":
        given = next((arg.value for arg in value.args if arg.name in ("default", "default_factory")), None)
        first = value.args[0] if value.args and value.args[0].name is None and not value.args[0].star else None
        given = given or (first.value if first is not None else None)
        return None if isinstance(given, Const) and given.text in ("...", "Ellipsis") else given
    return value


def variables(node: Class, name: str, arguments: tuple[str, ...], repository: Repository) -> tuple[str, ...]:
    """The variables that the field `name` of a settings class reads, the first that is set; none where the class has no such field."""
    return tuple(read for _, target, read, _ in fields(node, arguments, repository) if target.id == name)


def _has_alias(value: Node | None, arguments: tuple[str, ...]) -> bool:
    return (
        isinstance(value, Call)
        and last_name(value.func) == "Field"
        and any(arg.name in arguments and not isinstance(arg.value, Const) for arg in value.args)
    )


def _is_exact(node: Class) -> bool:
    """Does the class tell upper from lower case in names of variables?"""
    for part in node.body:
        if isinstance(part, Class) and part.name == "Config":
            if any(isinstance(inner, Assign) and _says_exact(inner.targets, inner.value) for inner in part.body):
                return True
        elif (
            isinstance(part, Assign) and part.targets and isinstance(part.targets[0], Name) and part.targets[0].id == "model_config"
        ):
            match part.value:
                case Call(args=args):
                    return any(arg.name == "case_sensitive" and _is_true(arg.value) for arg in args)
                case Obj(items=items):
                    return any(isinstance(i.key, Str) and i.key.value == "case_sensitive" and _is_true(i.value) for i in items)
    return False


def _says_exact(targets: tuple[Node, ...], value: Node | None) -> bool:
    return bool(targets) and isinstance(targets[0], Name) and targets[0].id == "case_sensitive" and _is_true(value)


def _is_true(node: Node | None) -> bool:
    return isinstance(node, Const) and node.text == "True"


def setting(node: Class, name: str) -> str:
    """A string setting of the class: `model_config = SettingsConfigDict(env_prefix="X_")` or `class Config: env_prefix = "X_"`."""
    for part in node.body:
        if isinstance(part, Assign) and part.targets and isinstance(part.targets[0], Name) and part.targets[0].id == "model_config":
            match part.value:
                case Call(args=args):
                    for arg in args:
                        if arg.name == name and isinstance(arg.value, Str):
                            return arg.value.value
                case Obj(items=items):
                    for item in items:
                        if isinstance(item.key, Str) and item.key.value == name and isinstance(item.value, Str):
                            return item.value.value
        if isinstance(part, Class) and part.name == "Config":
            for inner in part.body:
                match inner:
                    case Assign(targets=(Name(id=found), *_), value=Str(value=text)) if found == name:
                        return text
    return ""


def _aliases(value: Node | None, arguments: tuple[str, ...]) -> tuple[Str, ...]:
    """The explicit variables of a field: `Field(validation_alias="X")`, `Field(alias=AliasChoices("X", "Y"))`, v1 `Field(env=…)`."""
    for arg in value.args if isinstance(value, Call) and last_name(value.func) == "Field" else ():
        if arg.name in arguments:
            match arg.value:
                case Str() as text:
                    return (text,)
                case Call(args=args) if all(isinstance(given.value, Str) for given in args):
                    return tuple(given.value for given in args if isinstance(given.value, Str))
                case Seq(items=items) if all(isinstance(item, Str) for item in items):
                    return tuple(item for item in items if isinstance(item, Str))
    return ()


_PROGRAM_OWN = frozenset(("dockerfile-arg", "ini-settings", "just-parameter", "shell-for", "shell-read", "spring-property"))
"""Forms of definitions that give nothing to the environment of a process by themselves."""


def spelled(repository: Repository, name: str) -> str:
    """The name as definitions of the tree spell it: as it stands where one of them does or none has it, else as the first of them does."""
    found = _spellings(repository).get(name.casefold(), ())
    return name if not found or name in found else found[0]


def usual_spellings(name: str) -> frozenset[str]:
    """How people spell a name that is read in any letter case; needles for files that were not read."""
    return frozenset((name, name.upper(), name.lower(), name.title()))


def _spellings(repository: Repository) -> dict[str, tuple[str, ...]]:
    held: dict[str, tuple[str, ...]] | None = repository.known.get(("spellings",))
    if held is None:
        found: dict[str, list[str]] = {}
        for _, file in sorted(repository.files.items()):
            for name in _defined(file):
                if name not in (names := found.setdefault(name.casefold(), [])):
                    names.append(name)
        held = repository.known["spellings",] = {key: tuple(names) for key, names in found.items()}
    return held


def forget_spellings(repository: Repository) -> None:
    """To be called once further files were read: they may spell a name in another way, and what was followed to it is asked again."""
    if repository.known.pop(("spellings",), None) is not None:
        repository.followed.clear()


def _defined(file: ParsedFile) -> Iterator[str]:
    """The variables that a file of configuration defines."""
    stack: list[Node | Arg | Item | Param] = list(reversed(file.module.body))
    while stack:
        node = stack.pop()
        if isinstance(node, EnvDef) and node.how not in _PROGRAM_OWN:
            yield node.name
        stack += reversed(tuple(children(node)))
