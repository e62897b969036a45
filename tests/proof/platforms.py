"""Platforms that give a process its variables by files of the tree: containers, services, clusters. What each file says, and what it gives.

`files` writes them, `environment` evaluates them after the tool has changed them, over the values that are set outside of the tree.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from dotenv import dotenv_values

KINDS = ("docker-run", "env-file", "systemd", "kubernetes", "terraform", "composite")
"""Kinds of delivery that this module knows."""
_DOCKERFILE = "FROM debian:stable\nCOPY . /srv\nWORKDIR /srv\n"
_WORKFLOW, _ACTION = ".github/workflows/run.yml", ".github/actions/run/action.yml"
_UNITS = ("summaries", "summaries-worker", "summaries-nightly")


def files(kind: str, form: str, keys: Sequence[str], addresses: Mapping[str, str], commands: Sequence[str]) -> dict[str, str]:
    """The files of the tree; `form` says whether they give an address as a literal, hand it on, or hand it on with a default."""
    match kind:
        case "docker-run":
            return {"Dockerfile": _DOCKERFILE, "run.sh": _docker_run(form, keys, addresses, commands)}
        case "env-file":
            return {"Dockerfile": _DOCKERFILE, "compose.yaml": _compose(form, addresses, commands), ".gitignore": ".env\n"}
        case "systemd":
            return {
                f"deploy/{name}.service": _unit(form, addresses, command) for name, command in zip(_UNITS, commands, strict=False)
            }
        case "kubernetes":
            return {"Dockerfile": _DOCKERFILE, "deploy/summaries.yaml": _manifests(form, keys, addresses, commands)}
        case "terraform":
            return {"main.tf": _terraform(form, keys, addresses)}
        case _:
            return {_ACTION: _action(keys, addresses, commands), _WORKFLOW: _caller(form, keys, addresses)}


def environment(kind: str, root: Path, command: str, index: int, values: Mapping[str, str]) -> dict[str, str]:
    """The variables of the process that `command` starts, the `index`th of the program."""
    match kind:
        case "docker-run":
            return _of_docker_run(root, command, values)
        case "env-file":
            return _of_env_file(root, index, values)
        case "systemd":
            return _of_unit(root / f"deploy/{_UNITS[index]}.service", values)
        case "kubernetes":
            return _of_manifests(root, index, values)
        case "terraform":
            return _of_terraform(root, values)
        case _:
            return _of_action(root, command, values)


# -- docker run -----------------------------------------------------------------------------------------------------------------------


def _docker_run(form: str, keys: Sequence[str], addresses: Mapping[str, str], commands: Sequence[str]) -> str:
    given = [f"-e {name}" if number % 2 == 0 else f'-e {name}="${name}"' for number, name in enumerate(keys)]
    forms = {"literal": "-e {name}={value}", "through": "-e {name}", "default": '-e {name}="${{{name}:-{value}}}"'}
    given += [forms[form].format(name=name, value=value) for name, value in addresses.items()]
    lines = [" \\\n  ".join(["docker run --rm", *given, f"summaries {command}"]) for command in commands]
    return "\n".join(["#!/usr/bin/env bash", "docker build -t summaries .", *lines]) + "\n"


def _of_docker_run(root: Path, command: str, values: Mapping[str, str]) -> dict[str, str]:
    """Runs the script in bash, with a stand-in of docker that writes down what the container is given."""
    target = root.parent / "environment.dump"
    target.write_bytes(b"")
    stand_in = (
        'docker() { [ "$1" = run ] || return 0; local given=(); while [ $# -gt 0 ]; do case "$1" in -e) shift;'
        ' case "$1" in *=*) given+=("$1");; *) [ -n "${!1+x}" ] && given+=("$1=${!1}");; esac;; summaries) shift; break;; esac; shift; done;'
        ' [ "$*" = "$PROOF_COMMAND" ] && printf "%s\\0" "${given[@]}" > "$PROOF_DUMP"; return 0; }; export -f docker; . ./run.sh'
    )
    env = {"PATH": os.environ["PATH"], "PROOF_DUMP": str(target), "PROOF_COMMAND": command, **values}
    subprocess.run(["/bin/bash", "-c", stand_in], cwd=root, env=env, capture_output=True, timeout=20, check=False)
    return dict(pair.split("=", 1) for pair in target.read_text().split("\0") if "=" in pair)


# -- compose with an env file -----------------------------------------------------------------------------------------------------------


def _compose(form: str, addresses: Mapping[str, str], commands: Sequence[str]) -> str:
    lines = ["services:"]
    for number, command in enumerate(commands, 1):
        lines += [f"  app{number}:", "    build: .", f"    command: {command}", "    env_file: .env"]
        if form == "literal" and addresses:
            lines += ["    environment:", *(f"      {name}: {value}" for name, value in addresses.items())]
    return "\n".join(lines) + "\n"


def _of_env_file(root: Path, index: int, values: Mapping[str, str]) -> dict[str, str]:
    service = list(yaml.safe_load((root / "compose.yaml").read_text())["services"].values())[index]
    (root / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    given = {name: value or "" for name, value in dotenv_values(root / ".env").items()}
    (root / ".env").unlink()  # it is on the machine that runs compose, and not in the container
    own = service.get("environment") or {}
    pairs = own.items() if isinstance(own, dict) else (entry.split("=", 1) for entry in own)
    return given | {
        name: re.sub(r"\$\{(\w+)(?::?-([^}]*))?\}", lambda m: given.get(m[1]) or m[2] or "", str(value)) for name, value in pairs
    }


# -- systemd ----------------------------------------------------------------------------------------------------------------------------


def _unit(form: str, addresses: Mapping[str, str], command: str) -> str:
    own = [f"Environment={name}={value}" for name, value in addresses.items() if form != "through"]
    lines = ["[Unit]", "Description=Summaries", "", "[Service]", "WorkingDirectory=/srv/summaries", *own]
    return (
        "\n".join([*lines, "EnvironmentFile=/etc/summaries.env", f"ExecStart=/usr/bin/env {command}", "Restart=on-failure"]) + "\n"
    )


def _of_unit(path: Path, values: Mapping[str, str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for line in path.read_text().splitlines():
        if line.startswith("Environment="):
            given |= dict(word.split("=", 1) for word in shlex.split(line.removeprefix("Environment=")) if "=" in word)
    return given | dict(values)


# -- Kubernetes -------------------------------------------------------------------------------------------------------------------------


def entry_of(name: str) -> str:
    """The entry of the cluster's secret that holds a key."""
    return name.lower().replace("_", "-")


def _manifests(form: str, keys: Sequence[str], addresses: Mapping[str, str], commands: Sequence[str]) -> str:
    documents = []
    if form == "literal" and addresses:
        data = [f"  {name}: {value}" for name, value in addresses.items()]
        documents.append("\n".join(["apiVersion: v1", "kind: ConfigMap", "metadata:", "  name: summaries", "data:", *data]))
    for number, command in enumerate(commands, 1):
        lines = ["apiVersion: apps/v1", "kind: Deployment", "metadata:", f"  name: app{number}", "spec:", "  selector:"]
        lines += ["    matchLabels:", f"      app: app{number}", "  template:", "    metadata:", "      labels:"]
        lines += [
            f"        app: app{number}",
            "    spec:",
            "      containers:",
            "        - name: app",
            "          image: summaries",
        ]
        lines += [f"          command: [{', '.join(command.split())}]"]
        if form == "literal" and addresses:
            lines += ["          envFrom:", "            - configMapRef:", "                name: summaries"]
        lines += ["          env:"] if keys or (addresses and form != "literal") else []
        for name in keys:
            lines += _reference(name, "secretKeyRef", entry_of(name))
        for name, value in addresses.items():
            if form == "through":
                lines += _reference(name, "configMapKeyRef", name)
            elif form == "default":
                lines += [f"            - name: {name}", f"              value: {value}"]
        documents.append("\n".join(lines))
    return "\n---\n".join(documents) + "\n"


def _reference(name: str, kind: str, entry: str) -> list[str]:
    lines = [f"            - name: {name}", "              valueFrom:", f"                {kind}:"]
    return [*lines, "                  name: summaries", f"                  key: {entry}", "                  optional: true"]


def _of_manifests(root: Path, index: int, values: Mapping[str, str]) -> dict[str, str]:
    documents = [each for each in yaml.safe_load_all((root / "deploy/summaries.yaml").read_text()) if each]
    maps = [each for each in documents if each["kind"] == "ConfigMap"]
    container = [each for each in documents if each["kind"] == "Deployment"][index]["spec"]["template"]["spec"]["containers"][0]
    given: dict[str, str] = {}
    if container.get("envFrom"):
        given |= {name: str(value) for each in maps for name, value in each["data"].items()}
    for entry in container.get("env") or ():
        source = entry.get("valueFrom") or {}
        reference = source.get("secretKeyRef") or source.get("configMapKeyRef")
        if reference is None:
            given[entry["name"]] = str(entry.get("value") or "")
        elif (value := values.get(reference["key"])) is not None:
            given[entry["name"]] = value
    return given


# -- Terraform --------------------------------------------------------------------------------------------------------------------------


def terraform_variable(name: str) -> str:
    """A name in small letters, another one for each spelling."""
    return name.lower() if name == name.upper() else f"{name.lower()}_2"


def _terraform(form: str, keys: Sequence[str], addresses: Mapping[str, str]) -> str:
    lines = []
    for name in keys:
        lines += [f'variable "{terraform_variable(name)}" {{', "  type      = string", "  sensitive = true", "}", ""]
    for name, value in addresses.items() if form != "literal" else ():
        default = [f'  default = "{value}"'] if form == "default" else []
        lines += [f'variable "{terraform_variable(name)}" {{', "  type    = string", *default, "}", ""]
    given = [f"      {name} = var.{terraform_variable(name)}" for name in keys]
    given += [
        f'      {name} = "{value}"' if form == "literal" else f"      {name} = var.{terraform_variable(name)}"
        for name, value in addresses.items()
    ]
    lines += [
        'resource "aws_lambda_function" "summaries" {',
        '  function_name = "summaries"',
        "  environment {",
        "    variables = {",
    ]
    return "\n".join([*lines, *given, "    }", "  }", "}"]) + "\n"


def _of_terraform(root: Path, values: Mapping[str, str]) -> dict[str, str]:
    text = "".join(path.read_text() + "\n" for path in sorted(root.glob("*.tf")))
    defaults = dict(re.findall(r'variable "(\w+)" \{[^}]*?default\s*=\s*"([^"]*)"', text))
    declared = set(re.findall(r'variable "(\w+)"', text))
    known = defaults | {name: value for name, value in values.items() if name in declared}
    known |= {name.lower(): value for name, value in values.items() if name.lower() in declared}  # TF_VAR_mg_key
    if declared and not any(name in declared or name.lower() in declared for name in values):
        return {}  # nothing can be applied while no variable has a value
    given = re.search(r"variables = \{(.*?)\n    \}", text, re.S)
    result = {}
    for name, value in re.findall(r"^\s*(\w+)\s*=\s*(.+?)\s*$", given[1] if given else "", re.M):
        written = value.strip('"') if value.startswith('"') else known.get(value.removeprefix("var."))
        if written is not None:
            result[name] = written
    return result


# -- a composite action -----------------------------------------------------------------------------------------------------------------


def _input(name: str) -> str:
    return terraform_variable(name).replace("_", "-")


def _action(keys: Sequence[str], addresses: Mapping[str, str], commands: Sequence[str]) -> str:
    names = [*keys, *addresses]
    lines = (
        ["name: run", "description: Runs the summaries", "inputs:"] if names else ["name: run", "description: Runs the summaries"]
    )
    for name in names:
        lines += [f"  {_input(name)}:", f"    description: {name}", "    required: true"]
    lines += ["runs:", "  using: composite", "  steps:"]
    for command in commands:
        lines += ["    - shell: bash", f"      run: {command}"]
        lines += ["      env:", *(f"        {name}: ${{{{ inputs.{_input(name)} }}}}" for name in names)] if names else []
    return "\n".join(lines) + "\n"


def _caller(form: str, keys: Sequence[str], addresses: Mapping[str, str]) -> str:
    lines = ["on: push", "jobs:", "  run:", "    runs-on: ubuntu-latest", "    steps:", "      - uses: actions/checkout@v5"]
    lines += ["      - uses: ./.github/actions/run"]
    forms = {"literal": "{value}", "through": "${{{{ vars.{name} }}}}", "default": "${{{{ vars.{name} || '{value}' }}}}"}
    given = [f"          {_input(name)}: ${{{{ secrets.{name} }}}}" for name in keys]
    given += [f"          {_input(name)}: {forms[form].format(name=name, value=value)}" for name, value in addresses.items()]
    return "\n".join([*lines, *(["        with:", *given] if given else [])]) + "\n"


def expression(text: str, values: Mapping[str, str]) -> str:
    """A text of a workflow with its expressions evaluated over secrets, variables and inputs."""

    def evaluate(match: re.Match[str]) -> str:
        for word in match[1].split("||"):
            part = word.strip()
            if part.startswith("'"):
                return part.strip("'")
            if value := values.get(part.rpartition(".")[2]):
                return value
        return ""

    return re.sub(r"\$\{\{(.*?)\}\}", evaluate, text)


def _of_action(root: Path, command: str, values: Mapping[str, str]) -> dict[str, str]:
    workflow, action = (yaml.safe_load((root / path).read_text()) for path in (_WORKFLOW, _ACTION))
    job = workflow["jobs"]["run"]
    around = {**(workflow.get("env") or {}), **(job.get("env") or {})}
    calling = next(step for step in job["steps"] if step.get("uses", "").startswith("./"))
    around |= calling.get("env") or {}
    inputs = {name: str(each.get("default") or "") for name, each in (action.get("inputs") or {}).items()}
    inputs |= {name: expression(str(value), values) for name, value in (calling.get("with") or {}).items()}
    step = next(each for each in action["runs"]["steps"] if each.get("run") == command)
    given = {name: expression(str(value), values) for name, value in around.items()}
    return given | {name: expression(str(value), inputs) for name, value in (step.get("env") or {}).items()}
