"""The obedient user: does what `todo[]` says as data, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.proof.deploy import Deployment

NEW_KEY_START = "mg_live_"


def new_key(source: str) -> str:
    """The made-up key of the target that the user sets under a name."""
    return NEW_KEY_START + hashlib.sha256(source.encode()).hexdigest()[:32]


def settings(report: Mapping[str, Any], old: Mapping[str, str]) -> dict[str, str]:
    """Variables that the report tells the user to set, with the value that the user gives them.

    What is no secret is set where the old variable was set, outside the tree: there the report says so.
    """
    result = {}
    outside = {row["new_name"] for row in report["env"] if row["name"] in old}
    inside = {row["new_name"] for row in report["env"] if row["new_name"]} - outside
    for todo in report["todo"]:
        if todo.get("kind") == "set" and todo.get("variable"):
            value = new_key(todo["variable"]) if todo.get("secret") else todo.get("value")
            if "Kubernetes Secret" in (todo.get("where") or ()):
                result[todo["title"].rpartition(" ")[2]] = new_key(todo["variable"])
            if value is not None and (todo.get("secret") or todo["variable"] not in inside):
                result[todo["variable"]] = value
    if not any("kind" in todo for todo in report["todo"]):  # reports before `kind`: the rows of renamed keys stand in for it
        result = {row["new_name"]: new_key(row["new_name"]) for row in report["env"] if row["new_name"]}
    return result


def removals(report: Mapping[str, Any]) -> set[str]:
    """Variables that the report tells the user to remove."""
    return {todo["variable"] for todo in report["todo"] if todo.get("kind") == "remove" and todo.get("variable")}


def renamed(report: Mapping[str, Any]) -> set[str]:
    """Variables that nothing reads any more under the old name, as the report says."""
    return {row["name"] for row in report["env"] if row["decision"] == "rename"}


def stores(report: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, str]:
    """The files of the deployment after the entries that the report tells the user to create were made."""
    result = dict(files)
    for todo in report["todo"]:
        if todo.get("kind") not in ("create", "set") or not todo.get("variable"):
            continue
        places = " ".join(todo.get("where", ())).lower()
        for path in [path for path in result if path.lower() in places or ("streamlit" in places and "streamlit" in path)]:
            result[path] = _with_entry(path, result[path], todo["variable"], new_key(todo["variable"]))
    return result


def _with_entry(path: str, text: str, name: str, value: str) -> str:
    if path.endswith(".json"):
        return json.dumps({**json.loads(text), name: value}) + "\n"
    if path.endswith(".toml"):
        kept = "".join(line for line in text.splitlines(keepends=True) if name not in tomllib.loads(line))
        return f'{kept}{name} = "{value}"\n'
    return text


def pass_on(report: Mapping[str, Any], before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, bytes]:
    """The tree after the user gave variables to what a line of a definer starts, where the report says so (`where` names the line)."""
    tree = dict(after)
    for todo in report["todo"]:
        for place in todo.get("where") or () if todo.get("kind") in ("set", "create") and todo.get("variable") else ():
            path, _, line = place.rpartition(":")
            if path in tree and path.endswith(".tf") and line.isdigit() and todo["kind"] == "create":
                tree[path] = _declared(before[path], tree[path], int(line), todo["variable"])
            if path in tree and path.endswith((".yml", ".yaml")) and line.isdigit():
                tree[path] = _given(path, before[path], tree[path], int(line), todo["variable"])
    return tree


def _declared(before: bytes, after: bytes, line: int, name: str) -> bytes:
    """Terraform with a variable of its own for the new entry, which stands below the old one, as the to-do tells in words."""
    old = before.splitlines(keepends=True)[line - 1]
    new = re.sub(rb"[\w.]+", name.encode(), old, count=1)
    new = re.sub(rb"var\.\w+", b"var." + name.lower().encode(), new)
    declaration = f'variable "{name.lower()}" {{\n  type      = string\n  sensitive = true\n}}\n\n'.encode()
    return declaration + after.replace(old, old + new, 1)


def _given(path: str, before: bytes, after: bytes, line: int, name: str) -> bytes:
    """A workflow or compose file in which the step or service at a line gets a variable; anything else as it is."""
    entries, document = _entries(yaml.compose(before)), yaml.safe_load(after)
    at = next((number for number, entry in enumerate(entries) if entry.start_mark.line < line <= entry.end_mark.line), None)
    if at is None or not isinstance(document, dict):
        return after
    if "services" in document:
        service = list(document["services"].values())[at]
        given = service.setdefault("environment", {})
        if isinstance(given, list):
            given.append(f"{name}=${{{name}}}")
        else:
            given[name] = f"${{{name}}}"
    else:
        step = [step for job in document["jobs"].values() for step in job["steps"]][at]
        step.setdefault("env", {})[name] = f"${{{{ secrets.{name} }}}}"
    return yaml.safe_dump(document, sort_keys=False).encode()


def _entries(root: yaml.Node | None) -> list[yaml.Node]:
    """The steps of all jobs, or the services, as they stand in the file."""
    top = _pairs(root)
    if "services" in top:
        return list(_pairs(top["services"]).values())
    jobs = _pairs(top.get("jobs")).values()
    lists = [steps for job in jobs if isinstance(steps := _pairs(job).get("steps"), yaml.SequenceNode)]
    return [step for steps in lists for step in steps.value]


def _pairs(node: yaml.Node | None) -> dict[str, yaml.Node]:
    return {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}


def fill(root: Path, values: Mapping[str, str]) -> dict[str, str]:
    """Fills in empty lines of the tree's own `.env`; returns the values that have no line there."""
    file = root / ".env"
    if not file.is_file():
        return dict(values)
    text, rest = file.read_text(), dict(values)
    for name, value in values.items():
        head = rf"^(?:export )?{re.escape(name)}="
        text, count = re.subn(rf"({head})[ \t]*$", rf"\g<1>{value}", text, flags=re.M)
        if not count and not re.search(head, text, re.M):
            text += f"{name}={value}\n"
        rest.pop(name)
    file.write_text(text)
    return rest


def follow(report: Mapping[str, Any], old: Deployment, *, remove: bool) -> Deployment:
    """The deployment after the user did what the report says; with `remove`, also without what was renamed or is to be removed."""
    gone = removals(report) | renamed(report) if remove else removals(report)
    values = {name: value for name, value in old.values.items() if name not in gone} | settings(report, old.values)
    return Deployment(values, stores(report, old.files))
