"""Only the name and the address change, whatever the layout around them: line ends, BOM, tabs, comments, anchors, commas, last line.

Each template is one file of a format. It is written in many layouts beside a program that reads the variable, planned, and compared
with the same layout of the same template with the new name and address in it: byte for byte.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.catalog import targets
from migrator.options import Options
from migrator.plan.pipeline import make_plan
from migrator.text.source import encode
from migrator.text.splice import splice

OPTIONS = Options(target=targets.chosen(None, None, None, None))
OLD = {"KEY": "OPENROUTER_API_KEY", "URL": "https://openrouter.ai/api/v1"}
NEW = {"KEY": "MG_KEY", "URL": "https://synapse.garden/api/v1"}
APP = 'import os\nfrom openai import OpenAI\nOpenAI(base_url="<URL>", api_key=os.environ["<KEY>"])\n'
TEMPLATES: dict[str, tuple[str, str]] = {
    ".env.example": ("#", "A='1 # no comment'\nexport <KEY>=\nOPENROUTER_API_KEY_NOTE=x\nBASE_URL=\"<URL>\"  # end\n"),
    "compose.yaml": (
        "#",
        'x-env: &env\n  <KEY>: ${<KEY>:?set it}\nservices:\n  a:\n    build: .\n    environment: {<<: *env, B: "1"}\n  b:\n    build: .\n    environment:\n'
        "      - '<KEY>'\n      - OPENAI_BASE_URL=<URL>\n    command: >-\n      sh -c 'test -n \"$$<KEY>\"'\n",
    ),
    ".github/workflows/ci.yml": (
        "#",
        'on: push\njobs:\n  t:\n    runs-on: ubuntu-latest\n    env: {<KEY>: "${{ secrets.<KEY> }}"}\n    steps:\n    - run: |\n        echo "${<KEY>:+set}"\n'
        '        curl <URL>/chat/completions -H "Authorization: Bearer $<KEY>"\n',
    ),
    "config.yml": ("#", "llm: {base_url: '<URL>', api_key: \"${<KEY>}\"}\nother:\n- &x 1\n- *x\n"),
    "devcontainer.json": ("//", '{\n  "remoteEnv": {\n    "<KEY>": "${localEnv:<KEY>}", /* a */\n  },\n  "x": [1,\n  2,],\n}\n'),
    "llm.jsonc": ("//", '{"base_url": "<URL>",\n"api_key": "${<KEY>}",\n "x": "caf\\u00e9 \\/",\n}\n'),
    "llm.toml": ("#", '[llm]\nbase_url = "<URL>"\n"api_key_env" = \'<KEY>\'\nlist = [\n  1,\n  2,\n]\ntext = """\na\n"""\n'),
    "Dockerfile": ("#", 'FROM python:3.12\nARG <KEY>\nENV <KEY>=$<KEY> \\\n    B=2\nRUN test -n "$<KEY>"\n'),
    "run.sh": ("#", "set -eu\n: \"${<KEY>:?set it}\"\nexport BASE_URL='<URL>'\ncat <<EOF\n$<KEY>\nEOF\n"),
    "Makefile": ("#", 'export <KEY>\nrun:\n\t@test -n "$$<KEY>" && X=$(<KEY>) python app.py\n'),
    "run.ps1": ("#", 'if (-not $env:<KEY>) { exit 1 }\n$env:BASE_URL = "<URL>"\n'),
    "run.bat": ("REM", 'if "%<KEY>%"=="" exit /b 1\nset BASE_URL=<URL>\n'),
    "app.service": ("#", '[Service]\nEnvironment=<KEY>= "BASE_URL=<URL>"\nExecStart=/bin/true\n'),
    "main.tf": ("#", 'resource "a" "b" {\n  environment = {\n    <KEY> = ""\n    BASE_URL   = "<URL>"\n  }\n}\n'),
    "try.http": ("#", "POST <URL>/chat/completions\nAuthorization: Bearer {{$dotenv <KEY>}}\n\n{}\n"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a text is written down."""

    end: str
    bom: bool
    last: bool
    """Does the last line end?"""
    remarks: tuple[tuple[int, str], ...]
    """Comment lines, each before a line of the template."""
    blanks: str
    """What stands behind the last line."""


LAYOUTS = st.builds(
    Layout,
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    last=st.booleans(),
    remarks=st.lists(st.tuples(st.integers(0, 1), st.text(alphabet="abcé ☃'\"{}[]:,=$", max_size=12)), max_size=2).map(tuple),
    blanks=st.sampled_from(["", "\n", "\n\n"]),
)


def _written(template: str, lead: str, names: dict[str, str], layout: Layout) -> bytes:
    text = template
    for name, value in names.items():
        text = text.replace(f"<{name}>", value)
    for at, words in layout.remarks:
        remark = f"{lead} {words}\n"
        text = remark + text if at == 0 or lead == "REM" else text if text.endswith("EOF\n") else f"{text}{remark}"
    text = text + layout.blanks if layout.last else text.removesuffix("\n")
    return (b"\xef\xbb\xbf" if layout.bom else b"") + text.replace("\n", layout.end).encode()


@pytest.mark.parametrize("path", TEMPLATES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(layout=LAYOUTS)
def test_the_rest_of_the_file_stays(path: str, layout: Layout) -> None:
    lead, template = TEMPLATES[path]
    before, wanted = (_written(template, lead, names, layout) for names in (OLD, NEW))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(before)
        (root / "app.py").write_text(APP.replace("<URL>", OLD["URL"]).replace("<KEY>", OLD["KEY"]), "utf-8")
        plan = make_plan(root, [root], OPTIONS)
    assert not plan.problems
    source = plan.sources[path]
    assert encode(source, splice(source.text, plan.edits().get(path, ()))) == wanted, [hold.because for hold in plan.findings][:3]
