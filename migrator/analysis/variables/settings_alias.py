"""The alias technique for settings classes: the field keeps its name, only the variable it reads changes.

`openrouter_api_key: str` becomes `openrouter_api_key: str = Field(validation_alias="MG_KEY")` (pydantic v2, pydantic-settings) or
`= Field(..., env="MG_KEY")` (pydantic v1). An alias ignores `env_prefix`, and once a field has one it can no longer be given by its
own name, unless the class says `populate_by_name=True`. https://docs.pydantic.dev/latest/concepts/pydantic_settings/
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from migrator.facts.model import EnvFact
from migrator.formats.tree import Arg, Assign, Call, Class, Import, Item, Name, Node, Obj, Param, Str, children
from migrator.model import Edit, Span
from migrator.resolve.context import last_name
from migrator.resolve.environment import access
from migrator.resolve.repository import ParsedFile, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """The edits that give a field its alias, or the reason why that is not safe."""

    edits: tuple[Edit, ...] = ()
    refused: str = ""
    note: str = ""


def alias(fact: EnvFact, repository: Repository, new: str) -> Alias:
    """Give the field of a FIELD fact the variable `new`."""
    file = repository.files[fact.path]
    node_path = fact.node_path
    assert node_path is not None
    part = node_path.node
    owner = next((step.node for step in node_path.ancestors() if isinstance(step.node, Class)), None)
    if not isinstance(part, Assign) or owner is None:
        return Alias(refused="its class cannot be read")
    if part.value is not None and _reads_environment(part.value, file, fact):
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
    by_name = _constructed_by_name(owner.name, fact, repository)
    if by_name:
        config = _config_call(owner)
        if config is None or not second:
            return Alias(refused=f"{by_name} gives the field by its name, and the class has no model_config call to allow that")
        written = text[config.span.start : config.close]
        if "populate_by_name" not in written:
            comma = "" if written.rstrip().endswith(("(", ",")) else ", "
            edits.append(_insert(fact.path, config.span.start + len(written.rstrip()), f"{comma}populate_by_name=True"))
    if _imports_field(file) is None:
        anchor = next((node for node in file.module.body if isinstance(node, Import) and node.module.startswith("pydantic")), None)
        if anchor is None:
            return Alias(refused="there is no import of pydantic to put Field beside")
        line_end = "\r\n" if "\r\n" in text else "\n"
        edits.append(_insert(fact.path, anchor.span.start, f"from pydantic import Field{line_end}"))
    return Alias(edits=tuple(edits), note="populate_by_name lets code go on giving the field by its name" if by_name else "")


def _insert(path: str, at: int, new: str) -> Edit:
    return Edit(path=path, span=Span(at, at), old="", new=new)


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


def _config_call(owner: Class) -> Call | None:
    for part in owner.body:
        if isinstance(part, Assign) and part.targets and isinstance(part.targets[0], Name) and part.targets[0].id == "model_config":
            if isinstance(part.value, Call):
                return part.value
            if isinstance(part.value, Obj):
                return None
    return None


def _constructed_by_name(name: str, fact: EnvFact, repository: Repository) -> str:
    """The first file that constructs the class with the field as a keyword; "" where none does."""
    assert fact.node_path is not None
    assert isinstance(fact.node_path.node, Assign)
    target = fact.node_path.node.targets[0]
    assert isinstance(target, Name)
    pattern = re.compile(rf"\b{re.escape(name)}\((?:[^()]|\([^()]*\)){{0,2000}}?\b{re.escape(target.id)}\s*=", re.DOTALL)
    return next(
        (
            path
            for path, file in sorted(repository.files.items())
            if path.endswith((".py", ".ipynb")) and pattern.search(file.source.text)
        ),
        "",
    )
