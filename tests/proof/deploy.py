"""How the variables of an application come to its processes: the files of the tree that define them, and what a platform makes of these.

A deployment has `values` (variables of the host, secrets and variables of the CI, lines of an env file that the tool does not see) and `files`
(stores outside the tree). `process_env` evaluates the tree's own definers over them, as compose, a workflow or a shell would.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from dotenv import dotenv_values

from tests.proof import platforms
from tests.proof.grammar import Program
from tests.proof.parts import CONFIG_FILE, KEY_FILE, STORE_ENTRY, base_of, old_key, script_names

KEY_PATH = "run/key.txt"
STORE = "password-store"
"""The folder in which the stand-in of `pass` looks for entries."""
_WORKFLOW = ".github/workflows/run.yml"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is set outside the tree."""

    values: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)


def key_variables(program: Program) -> dict[str, str]:
    """Variables that carry a key of OpenRouter, with their values."""
    result = {}
    for key in program.keys:
        if key.form in ("config", "file", "secrets", "hard-coded", "read-file"):
            continue
        for name in key.names:
            value = old_key(name)
            if key.form == "list":
                value = f"{value},{old_key(name + ' second')}"
            result[name] = KEY_PATH if key.form == "path-variable" else value
    return {name: value for name, value in result.items() if name not in program.unset}


def address_variables(program: Program) -> dict[str, str]:
    """Variables that carry OpenRouter's address, with their values; those that the deployment sets."""
    named = [address for address in program.addresses if address.name and address.name not in program.unset]
    return {address.name: base_of(address) for address in named}


def old_deployment(program: Program) -> Deployment:
    """What is set before the migration."""
    keys, kind = key_variables(program), program.delivery.kind
    if alias := program.delivery.alias:
        keys = {alias: old_key(alias)}
    values = {**keys, **address_variables(program)}
    if kind == "dotenv":
        values = {}
    elif kind in ("compose", "workflow", "docker", "launcher", "password-store", "make", *platforms.KINDS) and (
        program.delivery.address == "literal"
    ):
        values = keys
    files = {}
    if kind == "kubernetes":
        values = {platforms.entry_of(name) if name in keys else name: value for name, value in values.items()}
    elif kind == "terraform":
        values = {platforms.terraform_variable(name): value for name, value in values.items()}
    if kind == "password-store":
        files = {f"{STORE}/{_entry(name)}": value + "\n" for name, value in keys.items()}
        values = {name: value for name, value in values.items() if name not in keys}
    for key in program.keys:
        if key.form in ("config", "or-config"):
            files[CONFIG_FILE] = json.dumps({STORE_ENTRY: old_key(CONFIG_FILE)}) + "\n"
        elif key.form in ("file", "or-file", "read-file"):
            files[KEY_FILE] = old_key(KEY_FILE) + "\n"
        elif key.form == "path-variable":
            files[KEY_PATH] = old_key(KEY_PATH) + "\n"
        elif key.form in ("secrets", "or-secrets"):
            files[".streamlit/secrets.toml"] = "".join(f'{key.names[0]} = "{old_key("secrets")}"\n')
    return Deployment(values, files)


# -- the tree's files ---------------------------------------------------------------------------------------------------------------


def deployment_files(program: Program) -> dict[str, str]:
    """Files of the tree that define variables."""
    kind, keys = program.delivery.kind, key_variables(program)
    addresses = address_variables(program)
    commands = [f"{_interpreter(program)} {script}" for script in script_names(program)]
    files = {}
    if kind == "dotenv":
        files[".env"] = "".join(f"{name}={value}\n" for name, value in {**keys, **addresses}.items())
    elif kind == "own-dotenv":
        files[".gitignore"] = ".env\n"
    elif kind == "compose":
        files["compose.yaml"] = _compose(program, keys, addresses, commands)
    elif kind == "workflow":
        files[_WORKFLOW] = _workflow(program, keys, addresses, commands)
    elif kind == "docker":
        lines = [f"ENV {name}={value}" for name, value in addresses.items() if program.delivery.address == "literal"]
        files["Dockerfile"] = (
            "\n".join(["FROM debian:stable", "COPY . /srv", "WORKDIR /srv", *lines, f"CMD {json.dumps(commands[0].split())}"])
            + "\n"
        )
    elif kind == "make":
        lines = [f"export {name}" for name in keys]
        lines += [f"export {name} {_make_value(program, name, value)}".rstrip() for name, value in addresses.items()]
        files["Makefile"] = "\n".join([*lines, "", ".PHONY: run", "run:", *(f"\t{command}" for command in commands)]) + "\n"
    elif kind in ("launcher", "password-store"):
        lines = [f'export {name}="${{{program.delivery.alias or name}:-}}"' for name in keys]
        if kind == "password-store":
            lines = [f'export {name}="$(pass show {_entry(name)})"' for name in keys]
        lines += [f"export {name}={_shell_value(program, name, value)}" for name, value in addresses.items()]
        files["run.sh"] = "\n".join(["#!/usr/bin/env bash", *lines, *commands]) + "\n"
    elif kind in platforms.KINDS:
        files |= platforms.files(kind, program.delivery.address, tuple(keys), addresses, commands)
    if program.delivery.example or kind in ("own-dotenv", "env-file"):
        lines = [f"{name}={'' if '/' in value else 'sk-or-v1-...'}" for name, value in keys.items()]
        lines += [f"{name}={value}" for name, value in addresses.items()]
        files[".env.example"] = "\n".join(lines) + "\n"
    return files


def _entry(name: str) -> str:
    """The entry of the password store that holds a variable's value."""
    return f"openrouter/{name.lower().replace('_', '-')}"


def _interpreter(program: Program) -> str:
    return {"python": "python", "typescript": "npx tsx", "javascript": "node", "shell": "bash"}[program.language]


def _shell_value(program: Program, name: str, value: str) -> str:
    return {"literal": f'"{value}"', "through": f'"${{{name}}}"', "default": f'"${{{name}:-{value}}}"'}[program.delivery.address]


def _make_value(program: Program, name: str, value: str) -> str:
    return {"literal": f":= {value}", "through": "", "default": f"?= {value}"}[program.delivery.address]


def _compose(program: Program, keys: Mapping[str, str], addresses: Mapping[str, str], commands: list[str]) -> str:
    values = {name: f"${{{program.delivery.alias or name}}}" for name in keys}
    forms = {"literal": "{value}", "through": "${{{name}}}", "default": "${{{name}:-{value}}}"}
    values |= {name: forms[program.delivery.address].format(name=name, value=value) for name, value in addresses.items()}
    as_list = len(values) % 2 == 0
    lines = ["services:"]
    for number, command in enumerate(commands, 1):
        lines += [f"  app{number}:", "    build: .", f"    command: {command}", "    environment:"]
        lines += [f"      - {name}={value}" if as_list else f"      {name}: {value}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def _workflow(program: Program, keys: Mapping[str, str], addresses: Mapping[str, str], commands: list[str]) -> str:
    values = {name: f"${{{{ secrets.{program.delivery.alias or name} }}}}" for name in keys}
    forms = {"literal": "{value}", "through": "${{{{ vars.{name} }}}}", "default": "${{{{ vars.{name} || '{value}' }}}}"}
    values |= {name: forms[program.delivery.address].format(name=name, value=value) for name, value in addresses.items()}
    lines = ["on: push", "jobs:", "  run:", "    runs-on: ubuntu-latest", "    steps:", "      - uses: actions/checkout@v5"]
    for command in commands:
        lines += [f"      - run: {command}"]
        lines += ["        env:", *(f"          {name}: {value}" for name, value in values.items())] if values else []
    return "\n".join(lines) + "\n"


# -- what the platforms make of them ------------------------------------------------------------------------------------------------


def process_env(program: Program, root: Path, script: int, deployment: Deployment) -> dict[str, str]:
    """The variables that a script's process gets; lays the files of the deployment into the tree."""
    for path, text in deployment.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    values = dict(deployment.values)
    command = f"{_interpreter(program)} {script_names(program)[script]}"
    match program.delivery.kind:
        case "own-dotenv":
            (root / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
            return {}
        case "compose":
            return _from_compose(root, script, values)
        case "workflow":
            return _from_workflow(root, command, values)
        case "docker":
            lines = (root / "Dockerfile").read_text().splitlines()
            own = dict(line.removeprefix("ENV ").split("=", 1) for line in lines if line.startswith("ENV "))
            return {name: value.strip('"') for name, value in own.items()} | values
        case "launcher" | "password-store":
            return _from_launcher(root, command, values)
        case "make":
            return _from_make(root, command, values)
        case kind if kind in platforms.KINDS:
            return platforms.environment(kind, root, command, script, values)
    return values


def _from_compose(root: Path, script: int, values: Mapping[str, str]) -> dict[str, str]:
    service = list(yaml.safe_load((root / "compose.yaml").read_text())["services"].values())[script]
    own = service.get("environment") or {}
    if isinstance(own, list):
        own = dict((entry.split("=", 1) if "=" in entry else (entry, None)) for entry in own)
    result: dict[str, str] = {}
    for path in [service["env_file"]] if isinstance(service.get("env_file"), str) else service.get("env_file") or []:
        result |= {name: value or "" for name, value in dotenv_values(root / path).items()}
    for name, value in own.items():
        if value is None:
            if name in values:
                result[name] = values[name]
        else:
            result[name] = re.sub(r"\$\{(\w+)(?::?-([^}]*))?\}", lambda m: values.get(m[1]) or m[2] or "", str(value))
    return result


def _from_workflow(root: Path, command: str, values: Mapping[str, str]) -> dict[str, str]:
    document = yaml.safe_load((root / _WORKFLOW).read_text())
    job = next(iter(document["jobs"].values()))
    step = next(step for step in job["steps"] if step.get("run") == command)
    own = {**(document.get("env") or {}), **(job.get("env") or {}), **(step.get("env") or {})}

    return {name: platforms.expression(str(value), values) for name, value in own.items()}


def _from_make(root: Path, command: str, values: Mapping[str, str]) -> dict[str, str]:
    """Runs `make`, with a stand-in of the interpreter first in the path: it writes down what it was given."""
    interpreter, _, words = command.partition(" ")
    stand_ins = root.parent / "stand-ins"
    stand_ins.mkdir(exist_ok=True)
    stand_in = stand_ins / interpreter
    stand_in.write_text(f'#!/bin/bash\n[ "$*" = "{words}" ] && env -0 > "$PROOF_DUMP"\nexit 0\n')
    stand_in.chmod(0o755)
    target = root.parent / "environment.dump"
    target.write_bytes(b"")
    env = {"PATH": f"{stand_ins}{os.pathsep}{os.environ['PATH']}", "PROOF_DUMP": str(target), **values}
    subprocess.run(["make", "-s", "run"], cwd=root, env=env, capture_output=True, timeout=20, check=False)
    return _dumped(target)


def _dumped(target: Path) -> dict[str, str]:
    """The variables that a stand-in wrote down, less those of the shell and of make."""
    pairs = [line.split("=", 1) for line in target.read_text().split("\0") if "=" in line]
    skipped = {
        "PATH",
        "PROOF_DUMP",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
        "MAKE_TERMERR",
        "MAKE_TERMOUT",
    }
    return {name: value for name, value in pairs if name not in skipped and not name.startswith("BASH_FUNC")}


def _from_launcher(root: Path, command: str, values: Mapping[str, str]) -> dict[str, str]:
    """Runs the launcher in bash; the command that starts the script writes down what it was given."""
    interpreter, _, words = command.partition(" ")
    store = 'pass() { cat "password-store/$2"; }; export -f pass; '
    dump = (
        store
        + f'{interpreter}() {{ if [ "$*" = "{words}" ]; then env -0 > "$PROOF_DUMP"; fi; }}; export -f {interpreter}; . ./run.sh'
    )
    target = root.parent / "environment.dump"
    target.write_bytes(b"")
    env = {"PATH": os.environ["PATH"], "PROOF_DUMP": str(target), **values}
    subprocess.run(["/bin/bash", "-c", dump], cwd=root, env=env, capture_output=True, timeout=20, check=False)
    return _dumped(target)
