"""Which format a file is in, by its name, and by its first characters where the name says nothing.

The tables are data: a new name is one word here.
"""

from __future__ import annotations

import re

from migrator.patterns import regex

_SUFFIXES = {
    "python": ".py .pyi .pyw",
    "notebook": ".ipynb",
    "ecma": ".js .jsx .mjs .cjs .ts .tsx .mts .cts",
    "markup": ".vue .svelte .astro .html .htm",
    "yaml": ".yaml .yml",
    "json": ".json .jsonc .json5 .code-workspace .webmanifest .mcpb",
    "toml": ".toml",
    "shell": ".sh .bash .zsh .ksh .fish .command .bats .envrc .bashrc .zshrc .profile .bash_profile .zprofile .zshenv",
    "dockerfile": ".dockerfile .containerfile",
    "make": ".mk .mak .just",
    "powershell": ".ps1 .psm1 .psd1",
    "batch": ".bat .cmd",
    "ini": ".ini .cfg .conf .properties .service .socket .timer .container",
    "hcl": ".tf .tfvars .hcl .nomad .tofu",
    "http": ".http .rest",
    "plist": ".plist",
    "xcconfig": ".xcconfig",
    "markdown": ".md .mdx .rst .adoc .markdown .mdc .qmd .rmd",
    "text": ".j2 .jinja .jinja2 .tpl .tmpl .gotmpl .mustache .hbs .erb .jsonl .ndjson .csv .tsv .log .lock .sum .txt .map .snap",
}
_LANGUAGES = {
    "go": ".go",
    "ruby": ".rb .rake .ru .gemspec",
    "dart": ".dart",
    "java": ".java",
    "php": ".php",
    "csharp": ".cs",
    "rust": ".rs",
    "kotlin": ".kt .kts",
    "swift": ".swift",
}
"""Languages that have a table in `languages`, under its name, and how their files are called."""
LANGUAGES = tuple(_LANGUAGES)
LANGUAGE_ENDINGS = tuple(" ".join(_LANGUAGES.values()).split())
_NAMES = {
    "json": "oai_config_list .babelrc .eslintrc .prettierrc .swcrc",
    "yaml": ".clang-format .yamllint",
    "toml": "pipfile",
    "shell": ".envrc .bashrc .zshrc .profile .bash_profile .zprofile .zshenv .bash_aliases .xprofile",
    "make": "makefile gnumakefile bsdmakefile justfile .justfile",
    "ini": ".editorconfig .pylintrc .flake8 .coveragerc .npmrc .pypirc",
    "hcl": ".terraformrc terraform.rc",
    "text": "package-lock.json npm-shrinkwrap.json pnpm-lock.yaml composer.lock",
}
_BY_SUFFIX = {suffix: name for name, suffixes in (_SUFFIXES | _LANGUAGES).items() for suffix in suffixes.split()}
_BY_NAME = {file: name for name, files in _NAMES.items() for file in files.split()}
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (regex(r"\.envrc(?:\..+)?"), "shell"),
    (regex(r"\.?env\.(?:vault|keys|me|d)|.+\.env\.vault"), "text"),
    (regex(r"\.env(?:[-_.].*)?\.(?:py|js|ts|mjs|cjs|json|ya?ml|toml|md|sh|ps1|j2|tpl|tmpl|bak\.gz)"), ""),
    (
        regex(
            r"\.env|\.env[._-].+|.+\.env|env\.(?:example|sample|template|dist|local|defaults)|env[_-]example|\.env(?:example|sample|template|local)"
        ),
        "dotenv",
    ),
    (regex(r"\.(?:example|sample|template)\.env|.+\.env\.(?:example|sample|template|dist|local|defaults)"), "dotenv"),
    (regex(r"\.dev\.vars(?:\..+)?|\.flaskenv|\.secrets"), "dotenv"),
    (regex(r"(?:dockerfile|containerfile)(?:[.-].+)?"), "dockerfile"),
    (regex(r"makefile\..+|gnumakefile\..+"), "make"),
    (regex(r"procfile(?:\..+)?"), "make"),
)
"""Whole file names, lower case, first match wins; "" leaves the decision to the suffix."""

_SHEBANG = regex(r"#![ \t]*(?:\S*/)?(?:env(?:[ \t]+-\S+)*[ \t]+)?(?:\S*/)?([A-Za-z]+)")
_INTERPRETERS = {
    "sh": "shell", "bash": "shell", "zsh": "shell", "dash": "shell", "ksh": "shell", "fish": "shell",
    "python": "python", "pypy": "python", "uv": "python",
    "node": "ecma", "deno": "ecma", "bun": "ecma", "tsx": "ecma",
    "pwsh": "powershell", "make": "make", "just": "make",
}  # fmt: skip


def format_of(path: str, head: str = "") -> str:
    """The format of a file, by its name, and by `head` (its first characters) where the name says nothing.

    One of python, notebook, ecma, markup, dotenv, yaml, json, toml, shell, dockerfile, make, powershell, batch, ini, hcl, http,
    plist, xcconfig, markdown, text.
    """
    folder, _, file = path.replace("\\", "/").rpartition("/")
    name = file.lower()
    name_of_format = _BY_NAME.get(name, "")
    if not name_of_format:
        for pattern, format_name in _PATTERNS:
            if pattern.fullmatch(name):
                name_of_format = format_name
                break
    if not name_of_format and name.endswith((".example", ".sample", ".template", ".dist")) and name.count(".") > 1:
        return format_of(f"{folder}/{file.rpartition('.')[0]}", head)  # config.yaml.example
    if not name_of_format and (dot := name.rfind(".")) >= 0:
        name_of_format = _BY_SUFFIX.get(name[dot:], "")
    if name_of_format == "yaml" and "{{" in head and f"/{folder}/".find("/templates/") >= 0:
        return "text"  # a Helm template: YAML only once Go has been through it
    if name_of_format:
        return name_of_format
    if (shebang := _SHEBANG.match(head)) and "." not in name:
        return _INTERPRETERS.get(shebang[1], "text")
    return "text"
