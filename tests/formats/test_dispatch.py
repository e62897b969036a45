from __future__ import annotations

import subprocess
import sys

import pytest

from migrator.formats import lower
from migrator.formats.detect import format_of
from migrator.formats.tree import EnvDef, Unreadable
from tests.formats.probing import source, walk

NAMES = {
    "python": "a.py a.pyi src/A.PY .env.py",
    "notebook": "a.ipynb",
    "ecma": "a.js a.jsx a.mjs a.cjs a.ts a.tsx a.mts a.cts a.d.ts .env.js",
    "markup": "a.vue a.svelte a.astro a.html",
    "dotenv": ".env .env.local .env.example web/.env.production prod.env .env_example .env-sample env.example env.template "
    ".example.env .dev.vars .dev.vars.example .flaskenv a.env.example",
    "yaml": "a.yml a.yaml Taskfile.yml docker-compose.yml .github/workflows/ci.yml chart/values.yaml",
    "json": "a.json a.jsonc .mcp.json OAI_CONFIG_LIST app.code-workspace tsconfig.json",
    "toml": "a.toml pyproject.toml",
    "shell": "a.sh a.bash a.zsh a.fish .envrc .bashrc scripts/run.SH .envrc.example",
    "dockerfile": "Dockerfile Dockerfile.dev docker/api.dockerfile Containerfile api.Dockerfile",
    "make": "Makefile GNUmakefile a.mk justfile Justfile Procfile Procfile.dev",
    "powershell": "a.ps1 a.psm1",
    "batch": "a.bat a.cmd",
    "ini": "a.ini setup.cfg tox.ini supervisord.conf a.service a.properties pytest.ini nginx.conf",
    "hcl": "a.tf a.tfvars a.hcl a.nomad",
    "http": "a.http a.rest",
    "markdown": "README.md a.mdx a.rst a.adoc a.markdown",
    "text": "a.jsonl a.csv a.log poetry.lock package-lock.json pnpm-lock.yaml a.yaml.j2 env.j2 .env.j2 a.tpl LICENSE a.bin notes .env.vault",
}


@pytest.mark.parametrize(("path", "expected"), [(path, name) for name, paths in NAMES.items() for path in paths.split()])
def test_the_name_of_a_file_says_its_format(path: str, expected: str) -> None:
    assert format_of(path) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("#!/bin/sh\n", "shell"),
        ("#!/usr/bin/env bash\n", "shell"),
        ("#!/usr/bin/env -S uv run --script\n", "python"),
        ("#!/usr/bin/env python3\n", "python"),
        ("#!/usr/bin/node\r\n", "ecma"),
        ("#!/usr/bin/env ruby\n", "text"),
        ("import os\n", "text"),
    ],
)
def test_a_script_without_a_suffix_says_it_in_its_first_line(head: str, expected: str) -> None:
    assert format_of("bin/run", head) == expected


def test_a_helm_template_is_text() -> None:
    assert format_of("chart/templates/a.yaml", "a: {{ .Values.b }}") == "text"
    assert format_of("chart/templates/a.yaml", "a: b") == "yaml"
    assert format_of("templates/a.yml", "a: {{ b }}") == "text"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", "export X=1\n"),
        ("Dockerfile", "ENV X=1\n"),
        ("Makefile", "export X=1\n"),
        ("a.ps1", "$env:X = 1\n"),
        ("a.bat", "set X=1\n"),
        ("a.service", "[Service]\nEnvironment=X=1\n"),
        ("a.tf", "env {\n  X = 1\n}\n"),
        ("README.md", "```sh\nexport X=1\n```\n"),
        (".env", "X=1\n"),
        ("run", "#!/bin/sh\nexport X=1\n"),
    ],
)
def test_each_format_is_reached(path: str, text: str) -> None:
    module = lower(source(text, path))
    assert module.path == path
    assert "X" in [node.name for node in walk(module) if isinstance(node, EnvDef)]


def test_a_template_of_data_is_text_and_broken_data_is_refused() -> None:
    assert lower(source('{"a": {{ b }}, {% if c %}}', "a.json")).language == "text"
    with pytest.raises(Unreadable):
        lower(source('{"a": ]', "a.json"))


def test_no_parser_is_loaded_for_a_file_that_does_not_need_it() -> None:
    code = "import sys, migrator.formats; sys.exit(any(name in sys.modules for name in ('libcst', 'tree_sitter', 'yaml')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
