"""Each complaint of the command line stands in a test that makes it appear, and is said in one style: what is wrong, where, and the way out."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import migrator
from migrator.apply import journal, preconditions
from migrator.catalog import targets
from migrator.cli.app import app_main
from migrator.lifecycle import open_items
from migrator.model import MigratorError, OpenItem
from migrator.options import Options
from tests.messages import Sentence, sentences, single
from tests.plans import OLD

CODE = f"""import os
from openai import OpenAI

client = OpenAI(base_url="{OLD}", api_key=os.environ["OPENROUTER_API_KEY"])
print(client.models.list())
"""


# -- the law -----------------------------------------------------------------------------------------------------------------------


def complaints() -> list[Sentence]:
    """Every complaint that the code can make, each once."""
    return list({str(sentence): sentence for sentence in sentences(("",)) if sentence.complaint}.values())


def _named_in_tests() -> str:
    texts = set()
    for path in Path(__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(single(node.value))
    return "\n".join(sorted(texts))


def _is_named(sentence: Sentence, tests: str) -> bool:
    """Do three words of it that follow one another stand in a test?"""
    for part in sentence.parts:
        words = part.split()
        if any(" ".join(words[at : at + 3]) in tests for at in range(len(words) - 2)):
            return True
    return False


def without_test() -> list[str]:
    """Complaints that no test names, each with its file."""
    tests = _named_in_tests()
    return sorted(
        {f"{each.where.rpartition(':')[0]}: {' … '.join(each.parts)}" for each in complaints() if not _is_named(each, tests)}
    )


def test_each_complaint_is_named_by_a_test() -> None:
    assert len(complaints()) > 150
    assert without_test() == [], "no test makes these appear"


def test_complaints_are_written_in_one_style() -> None:
    """No shouting, no excuses, no first letter that looks like the beginning of another sentence after `error:` and a place."""
    told = [(each.where, " ".join(each.parts)) for each in complaints()]
    bad = [row for row in told if re.search(r"!|\b(please try|sorry|oops|invalid|illegal|failed to)\b", row[1], re.IGNORECASE)]
    assert bad == []


# -- complaints of commands --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A tree, what is done to it, and the command."""

    command: str
    says: str
    spoil: Callable[[Path], object] = lambda root: None
    code: int = 2


def _large(root: Path) -> None:
    (root / "big.ipynb").write_bytes(b"openrouter " + b"x" * 40_000_000)


def _foreign_ledger(root: Path) -> None:
    assert app_main([str(root), "-q"]) == 0
    path = next(Path(os.environ["MIGRATE_OPENROUTER_STATE"]).rglob("open.json"))
    path.write_text(path.read_text().replace(open_items.FORMAT, "open/99"))


def _foreign_receipt(root: Path) -> None:
    assert app_main([str(root), "-q", "--receipt", str(root.parent / "receipt.md")]) == 0
    path = root.parent / "receipt.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "schema": "receipt/99"}))


def _foreign_journal(root: Path) -> None:
    assert app_main([str(root), "-q"]) == 0
    for path in Path(os.environ["MIGRATE_OPENROUTER_STATE"]).rglob("*.json"):
        path.write_text(path.read_text().replace(journal.FORMAT, "journal/99"))


def _edited_after_a_run(root: Path) -> None:
    assert app_main([str(root), "-q"]) == 0
    (root / "app.py").write_text("print(1)\n")


def _models(text: str) -> Callable[[Path], object]:
    return lambda root: (root.parent / "models.json").write_text(text)


def _read_only(root: Path) -> None:
    (root / "app.py").chmod(0o444)


SITUATIONS = {
    "anthropic base with /v1": Situation(
        command="{root} --base-url https://gw.example.com/v1 --key-env GW_KEY --anthropic-base-url https://gw.example.com/v1",
        says="the Anthropic SDK appends /v1/messages itself; try https://gw.example.com.",
    ),
    "endpoint for a base": Situation(
        command="{root} --base-url https://gw.example.com/v1/chat/completions --key-env GW_KEY",
        says="this is an endpoint, not a base; clients append /chat/completions themselves. Try https://gw.example.com/v1.",
    ),
    "gateway and target": Situation(
        command="preflight {root} --gateway vercel --target vercel",
        says="--gateway and --target name the same thing; give one of them.",
    ),
    "no amount": Situation(
        command="verify {root} --yes --max-cost much", says="--max-cost much: an amount in US dollars is needed, for example 0.50."
    ),
    "csv of projects": Situation(
        command="inventory {root} --projects --format csv",
        says="--format csv is for the whole inventory; --allowlist and --projects print",
    ),
    "configuration that is not UTF-8": Situation(
        command="{root} --dry-run",
        says=".migrate-openrouter.toml: not UTF-8, which TOML has to be.",
        spoil=lambda root: (root / ".migrate-openrouter.toml").write_bytes(b"exclude = ['\xff']\n"),
    ),
    "glob that makes no sense": Situation(command="{root} --dry-run --exclude [z-a]", says="glob '[z-a]' cannot be understood:"),
    "no list of models": Situation(
        command="{root} --dry-run --models-from {root}/../models.json",
        says="no model list in it; expected a list, or an object with `data` or `models`, of objects with an `id`.",
        spoil=_models('{"models": 1}'),
    ),
    "models that are not JSON": Situation(
        command="{root} --dry-run --models-from {root}/../models.json",
        says="save the answer of GET /models of the target.",
        spoil=_models("<html>"),
    ),
    "no item": Situation(command='done "" --path {root}', says="no such item; `migrate-openrouter done` lists what is open."),
    "items of another version": Situation(
        command="{root} --check --strict", says="has the format 'open/99'; this version reads", spoil=_foreign_ledger
    ),
    "receipt of another version": Situation(
        command="{root} --check --receipt {root}/../receipt.md",
        says="its schema is 'receipt/99'; this version reads",
        spoil=_foreign_receipt,
    ),
    "journal of another version": Situation(
        command="undo {root}", says="has the format 'journal/99'; this version reads", spoil=_foreign_journal
    ),
    "changed after the run": Situation(
        command="undo {root}",
        says="app.py: was changed after the run; take your change out (or put it aside), run `undo`, and make it again",
        spoil=_edited_after_a_run,
    ),
    "read-only": Situation(
        command="{root}",
        says="Nothing was written, because 1 file stands in the way: app.py: is read-only; make it writable, or leave it out with --exclude",
        spoil=_read_only,
    ),
    "large notebook": Situation(
        command="{root} --dry-run", says="Clear its outputs, or leave it out with --exclude.", spoil=_large, code=3
    ),
    "a zero byte": Situation(
        command="{root} --dry-run",
        says="Remove the byte, or leave the file out with --exclude.",
        spoil=lambda root: (root / "b.py").write_bytes(b'URL = "https://openrouter.ai/api/v1"\n' + b"#" * 9000 + b"\0\n"),
        code=3,
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_complaint_says_what_is_wrong_and_the_way_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "app.py").write_text(CODE)
    case = SITUATIONS[name]
    case.spoil(root)
    capsys.readouterr()
    words = [word.strip('"') for word in case.command.format(root=root).split()]
    assert app_main(words) == case.code
    told = capsys.readouterr()
    assert case.says in single(told.err + told.out), told.err


def test_without_a_path_an_example_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([]) == 2
    assert "no path given. Try: migrate-openrouter PATH --dry-run" in capsys.readouterr().err


def test_done_says_that_nothing_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    assert app_main(["done", "--path", str(tmp_path)]) == 0
    assert "nothing is open." in capsys.readouterr().err


def test_the_library_takes_a_target_or_options(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match="give a target or options, which have a target of their own, not both"):
        migrator.make_plan(tmp_path, target=targets.load(), options=Options(target=targets.load()))


@pytest.mark.parametrize(
    ("path", "wrong", "way_out"),
    [
        ("../app.py", "is not a path below the root", "make the plan again"),
        ("gone.py", "is gone", "make the plan again"),
        ("loop.py", "cannot be reached (", "check the path and its links"),
        (".git/config", "is one of git's own files", "remove the link"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused(path: str, wrong: str, way_out: str, tmp_path: Path) -> None:
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text("")
    with pytest.raises(preconditions.Unfit) as refused:
        preconditions.locate(tmp_path.resolve(), path)
    assert wrong in refused.value.message
    assert refused.value.remedy == way_out


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.py").mkdir()
    with pytest.raises(preconditions.Unfit) as refused:
        preconditions.writable(tmp_path, "app.py")
    assert refused.value.remedy == "replace it by a regular file, or leave it out with --exclude"


def test_uncommitted_changes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "app.py").write_text(CODE)
    git = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], check=True)
    (root / "app.py").write_text(CODE + "print(2)\n")
    assert app_main([str(root)]) == 2
    assert "app.py: has uncommitted changes; commit or stash them, or use --allow-dirty" in single(capsys.readouterr().err)


def test_a_patch_that_would_show_a_secret_is_called_incomplete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text(CODE)
    (tmp_path / ".env").write_text(f"OPENROUTER_API_KEY=sk-or-v1-{'0a' * 32}\n")
    assert app_main([str(tmp_path), "--diff"]) == 0
    assert "the patch is not whole, do not apply it alone: migrate-openrouter" in capsys.readouterr().err


def test_the_beginning_of_two_ids_names_neither() -> None:
    items = [OpenItem(id=f"ab{number}", title="t", detail="", place="", command=None, rule=None, run="") for number in (1, 2)]
    with pytest.raises(MigratorError, match="ab: 2 items begin so: ab1, ab2; give more of the id"):
        open_items.matching("ab", items)


@pytest.mark.parametrize(
    ("command", "package", "says"),
    [
        ("preflight {root}", "httpx", "This command talks to a gateway and needs httpx: pip install 'migrate-openrouter[live]'"),
        (
            "prove {root} -- true",
            "trustme",
            "prove needs a small server and a certificate: pip install 'migrate-openrouter[prove]'",
        ),
    ],
)
def test_a_missing_extra_is_named(
    command: str, package: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setenv("MG_KEY", "mg_live_not_a_real_key")
    (tmp_path / "app.py").write_text(CODE)
    assert app_main(command.format(root=tmp_path).split()) == 2
    assert says in single(capsys.readouterr().err)


def test_a_url_with_a_blank_is_refused() -> None:
    with pytest.raises(MigratorError, match="a URL has no spaces or control characters"):
        targets.chosen(None, "https://gw.example.com/v 1", None, "GW_KEY")
