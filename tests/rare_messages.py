"""Sentences that no small program shows: rendered from settings and plans that are made for them.

A request whose option has an odd value is found by its shape in a program, and an odd value has none; an item of an earlier run, a list
that is long enough to fold, a tree of which nothing can be read need more than a fixture's files.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from migrator.analysis.questions.mentions import Mentions
from migrator.catalog import targets
from migrator.cli.asked import default_options
from migrator.facts.model import Facts
from migrator.facts.read import read
from migrator.model import EnvRow, Location, OpenItem, Problem, RoutingRow, Todo
from migrator.plan import build
from migrator.plan.pipeline import make_plan
from migrator.reports import terminal
from migrator.reports.json import Mode, document
from migrator.resolve.repository import ParsedFile
from migrator.routing.model import Settings, Unknown
from migrator.routing.translate import dialect, translate
from tests.plans import finding, plan, source

UNSEEN = Unknown("wanted")
GPT = "openai/gpt-4o"
SETTINGS = (
    Settings(model="@preset/support"),
    Settings(model="~anthropic/claude-latest"),
    Settings(model="openai/gpt-4o:no-such-variant"),
    Settings(model=GPT, options={"usage": UNSEEN}),
    Settings(model=GPT, options={"usage": {"include": True, "more": 1}}),
    Settings(model=GPT, options={"transforms": UNSEEN, "plugins": UNSEEN, "tools": UNSEEN}),
    Settings(model=GPT, options={"plugins": [{"id": "of-tomorrow"}], "tools": [{"type": "openrouter:web_search"}]}),
    Settings(model=GPT, options={"plugins": []}),
    Settings(model=GPT, options={"reasoning": {}}),
    Settings(model=GPT, options={"service_tier": UNSEEN}),
    Settings(model=GPT, options={"stop_server_tools_when": [1]}),
    Settings(model=GPT, options={"of_tomorrow": True}),
    Settings(model=GPT, options={"route": UNSEEN}),
    Settings(model=GPT, options={"route": "sort", "models": ["openai/gpt-4o-mini"]}),
    Settings(model=GPT, options={"provider": None}),
    Settings(model=GPT, options={"provider": {"sort": {"partition": "model"}}}),
    Settings(model=GPT, options={"provider": {"require_parameters": True}}),
    Settings(model=GPT, options={"provider": {"require_parameters": True}}, complete=True),
    Settings(model=GPT, options={"provider": {"only": ["google-vertex", "groq"], "ignore": ["google-vertex/us"]}}),
    Settings(model=GPT, options={"provider": {"only": ["byteplus", "groq"], "ignore": ["seed"]}}),
    Settings(model=GPT, options={"provider": {"order": ["hyperbolic"], "allow_fallbacks": False}}),
)


def texts() -> Iterator[str]:
    """What is said of them, one text after the other."""
    other = "https://gw.example.com/v1"
    for target in (targets.load(), targets.load("vercel"), targets.custom(other), targets.custom(other, dialect="openrouter")):
        for given in SETTINGS:
            yield from (row.note for row in translate(given, target).rows)
        yield from (row.note for row in dialect({"quotaEntityId": "team"}, target, True).rows)
    for view in _views():
        yield terminal.render(_long(), view)
    nothing = plan((), scanned=3, matched=1)
    failed = replace(nothing, problems=(Problem(path="a.py", line=1, message="cannot be read", remedy="Save it."),))
    yield from _of_trees()
    yield from _of_a_fault()
    yield from _of_given_files()
    yield from _of_an_unseen_read()
    for mode in (Mode.DRY_RUN, Mode.APPLY):
        yield terminal.render(nothing, terminal.View(mode=mode, earlier=(_item(1),)))
        yield terminal.render(failed, terminal.View(mode=mode))
        yield terminal.summary(nothing, terminal.View(mode=mode, earlier=(_item(1),)))


_CLIENT = """import os
from openai import OpenAI

client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])
"""


_SDK = """import { OpenRouter } from "@openrouter/sdk";

export const client = new OpenRouter({ apiKey: process.env.OPENROUTER_API_KEY });
"""
_ASK = """import { client } from "./client.js";

export const ask = (text) => client.chat.send({ model: "openai/gpt-4o", messages: [{ role: "user", content: text }] });
"""


def _of_trees() -> Iterator[str]:
    """What hard links, inner repositories, files left out, bytes that are no text, and a run on some of the files are told with."""
    options = default_options(targets.load(), Path())
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "tree"
        (root / "inner" / ".git").mkdir(parents=True)
        (root / "inner" / "other.py").write_text(_CLIENT)
        (root / "left").mkdir()
        (root / "left" / "third.py").write_text(_CLIENT)
        (root / "broken.py").write_bytes(_CLIENT.encode() + b"# \xff\xfe\n")
        (root / "app.py").write_text(_CLIENT)
        os.link(root / "app.py", Path(scratch) / "app.py")
        made = make_plan(root, [root], replace(options, exclude=("left/**",)))
        yield terminal.render(made, terminal.View(mode=Mode.DRY_RUN, verbose=True))
        yield json.dumps(document(made, mode=Mode.DRY_RUN), ensure_ascii=False)
        part = Path(scratch) / "part"
        part.mkdir()
        (part / "client.js").write_text(_SDK)
        (part / "ask.js").write_text(_ASK)
        yield terminal.render(make_plan(part, [part / "client.js"], options), terminal.View(mode=Mode.DRY_RUN))


def _of_a_fault() -> Iterator[str]:
    """What is told of a file on which this tool itself fails."""

    def failing(file: ParsedFile, *rest: Any) -> Facts:
        if file.path == "bad.py" and file.module.language == "python":
            raise AssertionError
        return read(file, *rest)

    with tempfile.TemporaryDirectory() as scratch, mock.patch.object(build, "read", failing):
        root = Path(scratch)
        (root / "bad.py").write_text(_CLIENT)
        yield json.dumps(document(make_plan(root, [root], default_options(targets.load(), root)), mode=Mode.DRY_RUN))


_EXCHANGED = """import os

from openrouter import OpenRouter

with OpenRouter(api_key=os.environ["OPENROUTER_API_KEY"]) as client:
    reply = client.chat.send(model="openai/gpt-4o", messages=[{"role": "user", "content": "Hi"}])
    print(reply.choices[0].message.content)
"""


def _of_given_files() -> Iterator[str]:
    """What is said where a file of the program was not given: another reader of the variable, the list of what it needs."""
    options = default_options(targets.load(), Path())
    with tempfile.TemporaryDirectory() as scratch:
        shared, listed = Path(scratch) / "shared", Path(scratch) / "listed"
        for root, files in (
            (shared, {"app.py": _CLIENT, "other.py": _CLIENT}),
            (listed, {"chat.py": _EXCHANGED, "requirements.txt": "openrouter==1.3.84\n"}),
        ):
            root.mkdir()
            for name, text in files.items():
                (root / name).write_text(text)
            given = root / next(iter(files))
            yield terminal.render(make_plan(root, [given], options), terminal.View(mode=Mode.DRY_RUN, verbose=True))


def _of_an_unseen_read() -> Iterator[str]:
    """What holds an address back where its key is a variable and no mention of that is found: none is known, and it must not move."""
    with tempfile.TemporaryDirectory() as scratch, mock.patch.object(Mentions, "readings", return_value=[]):
        root = Path(scratch)
        (root / "app.py").write_text(_CLIENT)
        made = make_plan(root, [root], default_options(targets.load(), root))
        assert not made.changes
        yield terminal.render(made, terminal.View(mode=Mode.DRY_RUN))


def _views() -> Iterator[terminal.View]:
    view = terminal.View(mode=Mode.DRY_RUN)
    yield view
    yield replace(view, earlier=tuple(map(_item, range(20))))
    yield replace(view, mode=Mode.APPLY)


def _item(number: int) -> OpenItem:
    return OpenItem(id=f"{number:08d}", title=f"Item {number}", detail="", place="app.py:1", command=None, rule=None)


def _long() -> Any:
    """A plan whose lists are long enough to fold."""
    file = source("app.py", "import os\n" * 30)
    at = Location(path="app.py", line=1)
    rows: Mapping[str, Any] = {"path": "app.py", "line": 1, "dialect": "openrouter", "risk": None, "note": "", "reaches_wire": True}
    routing = [RoutingRow(field=f"f{i}", value="1", status="unchanged", becomes="1", written=True, **rows) for i in range(20)]
    env = [
        EnvRow(name=f"V{i}", new_name=None, decision="manual", because="It is yours.", readers=(at,), definers=(at,))
        for i in range(9)
    ]
    todo = Todo(title="Do it", detail="", command=None, because="")
    return plan((file,), [finding(file, "import os")], routing=tuple(routing), env=tuple(env), todo=(todo,))
