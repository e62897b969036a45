"""What a tree does not show: readers that put the name together, entries of a cluster that are made elsewhere, programs with a switch.

Each is a reason to hold a variable back, found from what the tree lacks rather than from what it says.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.analysis.units import Hold, Unit
from migrator.catalog import openrouter
from migrator.facts.model import UrlFact
from migrator.formats.tree import EnvDef, Node, Obj, Str
from migrator.resolve.environment import VariableRole

if TYPE_CHECKING:
    from migrator.analysis.settle import Settlement

_COMPOSE = re.compile(r"(^|/)[^/]*compose[^/]*\.ya?ml$")
_ACTION = re.compile(r"\buses:[ \t]*[\"']?(?!\./)([\w./-]*open-?router[\w./-]*@[\w./-]+)", re.IGNORECASE)
_READING = (VariableRole.READ, VariableRole.FIELD, VariableRole.SCHEMA, VariableRole.UNKNOWN, VariableRole.ASK)
_ENTRIES = ("k8s-secret-key", "k8s-config-key", "k8s-remote-key")
_MADE = ("k8s-secret", "k8s-config")
_CHAT_SERVER = "OPENROUTER_API_KEY"
"""LibreChat sends its built-in OpenAI endpoint to OpenRouter once this is set; https://www.librechat.ai/docs/configuration/dotenv"""


def holds(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """Reasons to hold a unit that no single place shows."""
    for name in sorted(unread(s, unit) - unit.idle):
        facts = [fact for fact in unit.envs if fact.name == name and s.code(fact.path)]
        if facts:
            yield Hold(
                reason=f"nothing here reads {name} by its name: whatever does would be left behind", path=facts[0].path, naming=name
            )
    yield from _images(s, unit)
    if _CHAT_SERVER in unit.names and (place := _chat_server(s, unit)):
        yield Hold(reason=f"LibreChat takes {_CHAT_SERVER} for a switch: it reroutes another endpoint of its own", path=place)
    for path in sorted({fact.path for fact in unit.envs if fact.how == "actions-env" and not fact.owner}):
        if found := _ACTION.search(s.repository.files[path].source.text):
            yield Hold(
                reason=f"the action {found[1]} may read the variable out of the job's environment", path=path, offset=found.start(1)
            )
    for site in unit.urls:
        if _wants_responses(site):
            reason = "the tool behind this table calls /responses, which the target does not serve yet"
            yield Hold(reason=reason, path=site.path, offset=site.span.start)
    made = {fact.name for fact in unit.envs if fact.how in _MADE and s.code(fact.path)}
    for fact in unit.envs:
        if fact.how in _ENTRIES and fact.name not in made and s.code(fact.path):
            reason = f"the entry {fact.name} is made outside this tree: a program does not start until the new one is there too"
            yield Hold(reason=reason, path=fact.path, offset=fact.span.start, unsafe=True, naming=fact.name)


def unread(s: Settlement, unit: Unit) -> set[str]:
    """Names of a unit that nothing here reads by name."""
    read = {fact.name for fact in unit.envs if fact.role in _READING and s.code(fact.path)}
    return unit.names - read - {name for addition in unit.additions for name in addition.names}


def _images(s: Settlement, unit: Unit) -> Iterator[Hold]:
    """Images that read the variable by themselves out of an env file that they are given whole."""
    readers = [re.compile(pattern) for pattern in openrouter()["images"]["readers"]]
    if openrouter()["images"]["variable"] not in unit.names:
        return
    for path in sorted(s.repository.paths):
        file = s.repository.file(path) if _COMPOSE.search(path) and s.code(path) and s.near(unit, path) else None
        for name, image in _env_file_services(file.module.body if file else ()):
            if any(reader.search(image) for reader in readers):
                variable = openrouter()["images"]["variable"]
                yield Hold(reason=f"the image {image} (service {name}) reads {variable} out of its env file by itself", path=path)


def _env_file_services(body: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
    """Name and image of the services that get a whole env file."""
    for root in body:
        for services in _entries(root, "services"):
            for service in services.items if isinstance(services, Obj) else ():
                images = [image.value for image in _entries(service.value, "image") if isinstance(image, Str)]
                if images and any(_entries(service.value, "env_file")) and not any(_entries(service.value, "build")):
                    yield service.key.value if isinstance(service.key, Str) else "", images[0]


def _entries(node: Node, key: str) -> list[Node]:
    """The values of a key in a mapping."""
    items = node.items if isinstance(node, Obj) else ()
    return [item.value for item in items if isinstance(item.key, Str) and item.key.value == key]


def _wants_responses(site: UrlFact) -> bool:
    """`wire_api = "responses"` beside the address; https://github.com/openai/codex/blob/main/docs/config.md"""
    table = next((step.node for step in site.node_path.ancestors() if isinstance(step.node, Obj)), None)
    return table is not None and any(
        isinstance(item.key, Str)
        and item.key.value == "wire_api"
        and isinstance(item.value, Str)
        and item.value.value == "responses"
        for item in table.items
    )


def _chat_server(s: Settlement, unit: Unit) -> str:
    """Where the tree says that LibreChat runs; "" where it does not."""
    for path in sorted(s.repository.paths):
        if posixpath.basename(path).startswith("librechat.y") and s.near(unit, path):
            return path
    for fact in unit.envs:
        node = fact.node_path.node if fact.node_path is not None else None
        if isinstance(node, EnvDef) and "librechat" in node.owner.lower():
            return fact.path
    return ""
