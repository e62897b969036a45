"""The alias technique for settings classes: the field keeps its name, only the variable it reads changes.

`openrouter_api_key: str` becomes `openrouter_api_key: str = Field(validation_alias="MG_KEY")` (pydantic v2, pydantic-settings) or
`= Field(..., env="MG_KEY")` (pydantic v1). An alias ignores `env_prefix`, and once a field has one it is given by the alias where the
class is made: `Settings(MG_KEY="x")`. A class with `populate_by_name` would go on reading the variable that is called like the field, and send
its old key to the new host. https://docs.pydantic.dev/latest/concepts/pydantic_settings/
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.facts.model import EnvFact
from migrator.formats.tree import Arg, Assign, Call, Class, Const, Import, Item, Name, Node, Obj, Param, Str, children
from migrator.model import Edit, Span
from migrator.records import dataclass
from migrator.resolve.context import last_name
from migrator.resolve.environment import access
from migrator.resolve.repository import ParsedFile, Repository
from migrator.resolve.settings_classes import aliases_of, fields


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
    owner = next(step.node for step in node_path.ancestors() if isinstance(step.node, Class))
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
    switched = _switched_off(owner, text, fact.path, aliases_of(repository, fact.path))
    if isinstance(switched, str):
        return Alias(refused=switched)
    edits += switched
    if _imports_field(file) is None:
        # there is one: by it `_second_version` knows the library
        anchor = next(node for node in file.module.body if isinstance(node, Import) and node.module.startswith("pydantic"))
        line_end = "\r\n" if "\r\n" in text else "\n"
        edits.append(_insert(fact.path, anchor.span.start, f"from pydantic import Field{line_end}"))
    return Alias(edits=tuple(edits))


def given_by_name(fact: EnvFact, repository: Repository) -> Iterator[tuple[str, Span]]:
    """The keywords that give the field of a FIELD fact by its name where its class is made: path and span. None in pydantic v1 goes by the name."""
    part = fact.node_path.node if fact.node_path is not None else None
    owner = (
        next((step.node for step in fact.node_path.ancestors() if isinstance(step.node, Class)), None) if fact.node_path else None
    )
    if not isinstance(part, Assign) or owner is None or not isinstance(part.targets[0], Name):
        return
    if not _second_version(repository.files[fact.path]):
        return
    field = part.targets[0].id
    for path, file in sorted(repository.files.items()):
        text = file.source.text
        if path.endswith((".py", ".ipynb")) and f"{owner.name}(" in text and field in text:
            for node in file.module.body:
                yield from ((path, span) for span in _keywords(node, owner.name, field))


def _keywords(node: Node | Arg | Item | Param, owner: str, field: str) -> Iterator[Span]:
    if isinstance(node, Call) and last_name(node.func) == owner:
        yield from (arg.name_span for arg in node.args if arg.name == field and arg.name_span is not None)
    for child in children(node):
        yield from _keywords(child, owner, field)


def _switched_off(owner: Class, text: str, path: str, arguments: tuple[str, ...]) -> list[Edit] | str:
    """Edits that let the class read its fields by their aliases alone, or why that would change more than this field."""
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
    true = [flag for flag in flags if isinstance(flag, Const) and flag.text == "True"]
    if true and any(literal is not None for _, _, _, literal in fields(owner, arguments)):
        return "populate_by_name lets it go on reading the variable that is called like the field, and other fields need it"
    return [Edit(path=path, span=flag.span, old=text[flag.span.start : flag.span.end], new="False") for flag in true]


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


def _imports_field(file: ParsedFile) -> Import | None:
    return next(
        (node for node in file.module.body if isinstance(node, Import) and node.module == "pydantic" and node.local == "Field"),
        None,
    )
