"""The patch: real `git apply` makes of it what `apply` makes of the plan."""

from __future__ import annotations

import codecs
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.apply.apply import apply
from migrator.model import Edit, Plan, Source, Span
from migrator.reports.diff import Fact, hunks, patch, render, render_bytes, render_with_omissions
from migrator.text.source import decode, encode
from migrator.text.splice import splice
from tests.edited import change, edits_of, plan_for, plan_of, texts

KEY = "sk-or-v1-" + "0" * 64


def git_apply(tree: Path, data: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-c", "core.autocrlf=false", "apply", *options, "-"]
    return subprocess.run(command, cwd=tree, input=data, capture_output=True, check=False)


def both_ways(tmp_path: Path, files: dict[str, bytes], plan: Plan) -> None:
    """`git apply` of the patch and `apply` of the plan leave the same bytes."""
    by_git, by_us = tmp_path / "git", tmp_path / "us"
    for tree in (by_git, by_us):
        for path, data in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(data)
    answer = git_apply(by_git, render_bytes(plan), "--check")
    assert answer.returncode == 0, answer.stderr
    assert git_apply(by_git, render_bytes(plan)).returncode == 0
    assert set(apply(plan, by_us, state=tmp_path / "state").written) == set(plan.edits())
    for path in files:
        assert (by_git / path).read_bytes() == (by_us / path).read_bytes(), path


COOKIE = "# coding: latin-1\nname = 'Zoë'\nurl = 'old'\nlast = 'ï'"

VARIANTS = {
    "plain": b"one\ntwo\nurl = old\nfour\nfive\nsix\n",
    "crlf": b"one\r\ntwo\r\nurl = old\r\nfour\r\n",
    "cr": b"one\rurl = old\rthree\r",
    "mixed ends": b"one\r\nurl = old\nthree\rfour\r\n",
    "no final newline": b"one\nurl = old",
    "no final newline far behind": b"url = old\n" + b"x\n" * 10 + b"end",
    "no final newline in the context": b"url = old\nend",
    "bom": codecs.BOM_UTF8 + b"url = old\ntwo\n",
    "utf-16": codecs.BOM_UTF16_LE + "one\r\nurl = old\r\nthree Ċ ਊ\r\n".encode("utf-16-le"),
    "utf-16 big": codecs.BOM_UTF16_BE + "one\nurl = old\nthree".encode("utf-16-be"),
    "form feed": b"one\x0c\ntwo\x0curl = old\nthree\x1c\x1d\n",
    "tabs": b"\tone\n\turl\t= old\t\n\t\n",
    "first line": b"old\n" + b"x\n" * 20,
    "last line": b"x\n" * 20 + b"old\n",
    "only line": b"old",
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_kind_of_text(tmp_path: Path, name: str) -> None:
    source = decode("dir/a.txt", VARIANTS[name])
    plan = plan_of({source.path: (source, change(source, ("old", "https://new.example/é" if "utf" in name else "new")))})
    both_ways(tmp_path, {source.path: VARIANTS[name]}, plan)


def test_latin_1_with_a_cookie_stays_latin_1(tmp_path: Path) -> None:
    data = COOKIE.encode("latin-1")
    source = decode("a.py", data)
    plan = plan_of({"a.py": (source, change(source, ("'old'", "'nëw'")))})
    both_ways(tmp_path, {"a.py": data}, plan)
    assert (tmp_path / "us/a.py").read_bytes() == COOKIE.replace("'old'", "'nëw'").encode("latin-1")
    assert render(plan).encode("utf-8", "surrogateescape") == render_bytes(plan)


@pytest.mark.parametrize(
    "path",
    [
        "with space.py",
        " leading and trailing ",
        'quo"te.py',
        "back\\slash.py",
        "tab\there.py",
        "line\nfeed.py",
        "naïve/ünï/→😀.py",
        "-dash.py",
        "--cached",
        "a b/c d.env.example",
        "b/a/b/x.py",
        "\udcff\udcfe.py",
        "'single'.py",
        "bell\x07\x1b.py",
        "dev",
    ],
)
def test_odd_file_names(tmp_path: Path, path: str) -> None:
    source = decode(path, b"one\nold\nthree\n")
    plan = plan_of({path: (source, change(source, ("old", "new")))})
    both_ways(tmp_path, {path: b"one\nold\nthree\n"}, plan)


def test_several_files_in_one_patch_inside_a_git_checkout(tmp_path: Path) -> None:
    tree = tmp_path / "repo"
    tree.mkdir()
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    files = {"a.py": b"old\n", "sub/b c.py": b"x\r\nold\r\n", "sub/c.py": b"old"}
    for path, data in files.items():
        (tree / path).parent.mkdir(exist_ok=True)
        (tree / path).write_bytes(data)
    plan = plan_for(tree, dict.fromkeys(files, (("old", "new"),)))
    subprocess.run(["git", "-C", str(tree), "add", "."], check=True)
    answer = git_apply(tree, render_bytes(plan), "--index")
    assert answer.returncode == 0, answer.stderr
    assert [(tree / path).read_bytes() for path in files] == [data.replace(b"old", b"new") for data in files.values()]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_git_apply_is_splice(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    text = data.draw(texts())
    edits = data.draw(edits_of(text, "a.txt"))
    tree = tmp_path_factory.mktemp("tree")
    content = text.encode()
    (tree / "a.txt").write_bytes(content)
    source = decode("a.txt", content)
    expected = splice(source.text, edits)
    made = render_bytes(plan_of({"a.txt": (source, edits)}))
    if expected == source.text:
        assert made == b""
        return
    answer = git_apply(tree, made)
    assert answer.returncode == 0, (answer.stderr, made)
    assert (tree / "a.txt").read_bytes() == encode(source, expected)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_hunks_hold_the_old_and_the_new_lines(data: st.DataObject) -> None:
    text = data.draw(texts())
    edits = data.draw(edits_of(text, "a.txt"))
    source = decode("a.txt", text.encode())
    old, new = text.split("\n"), splice(text, edits).split("\n")
    for hunk in hunks(source, edits):
        assert hunk.old_count == sum(line.mark is not Fact.ADDED for line in hunk.lines)
        assert hunk.new_count == sum(line.mark is not Fact.REMOVED for line in hunk.lines)
        assert any(line.mark is not Fact.SAME for line in hunk.lines)
        for line in hunk.lines:
            assert (new if line.mark is Fact.ADDED else old)[line.number - 1].removesuffix("\r") == line.text


def test_many_edits_on_many_lines_make_few_hunks() -> None:
    text = "".join(f"line {number}\n" for number in range(2000))
    source = decode("a.txt", text.encode())
    edits = tuple(
        Edit(path="a.txt", span=Span(start, start + 4), old="line", new="LINE")
        for start in (text.index(f"line {number}\n") for number in range(100, 1900))
    )
    (hunk,) = hunks(source, edits)
    assert (hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count) == (98, 1806, 98, 1806)


def test_line_numbers_follow_added_lines() -> None:
    text = "".join(f"{number}\n" for number in range(1, 41))
    source = decode("a.txt", text.encode())
    first, second = hunks(source, change(source, ("\n5\n", "\n5\nnew\nnew\n"), ("\n30\n", "\nthirty\n")))
    assert (first.old_start, first.old_count, first.new_start, first.new_count) == (3, 6, 3, 8)
    assert (second.old_start, second.new_start) == (27, 29)
    assert [(line.mark, line.number, line.text) for line in second.lines if line.mark is not Fact.SAME] == [
        (Fact.REMOVED, 30, "30"),
        (Fact.ADDED, 32, "thirty"),
    ]


def secret_plan(path: str, text: str, *swaps: tuple[str, str]) -> tuple[Source, Plan]:
    source = decode(path, text.encode())
    return source, plan_of({path: (source, change(source, *swaps))})


@pytest.mark.parametrize(
    ("path", "text", "swap"),
    [
        ("a.py", f'URL = "old"\nKEY = "{KEY}"\n', ("old", "new")),
        ("a.py", 'URL = "old"\nDB = "postgres://u:hunter22@h/x"\n', ("old", "new")),
        (".env.example", f"KEY={KEY}\nURL=old\n", ("old", "new")),
        (".env", f"KEY={KEY}\n", ("KEY", "# KEY")),
        (".env", "NAME=value-of-somebody\n", ("NAME", "OTHER")),
        (
            "sub/.env.local",
            "PIN=1234\nOPENROUTER_BASE_URL=https://openrouter.ai/api/v1\n",
            ("https://openrouter.ai", "https://new.example"),
        ),
        ("prod.env", 'CERT="first\nsecond line of it\nthird"\nOLD=\n', ("OLD=", "NEW=")),
        (".env", "# DB_PASSWORD=hunter2\nOLD=\n", ("OLD=", "NEW=")),
        (
            "a.py",
            "OLD = 1\nPEM = '''-----BEGIN " + "PRIVATE KEY-----\nMIIEabc\n-----END " + "PRIVATE KEY-----'''\n",
            ("OLD", "NEW"),
        ),
    ],
)
def test_a_file_whose_hunks_would_show_a_secret_is_left_out_and_named(path: str, text: str, swap: tuple[str, str]) -> None:
    _, plan = secret_plan(path, text, swap)
    assert render_with_omissions(plan) == ("", (path,))


@pytest.mark.parametrize(
    ("path", "text", "swap"),
    [
        ("a.py", 'URL = "old"\nKEY = "sk-or-v1-..."\n', ("old", "new")),
        ("a.py", f'URL = "old"\n\n\n\n\nKEY = "{KEY}"\n', ("old", "new")),
        (".env.example", "PORT=3000\nKEY=sk-or-v1-...\n", ("KEY=sk-or-v1-...", "MG_KEY=mg_live_...")),
        (".env", "DEBUG=true\n# keys\n\nKEY=your-key-here\n", ("KEY=your-key-here", "MG_KEY=mg_live_...")),
        (".env", "OPENROUTER_BASE_URL=https://openrouter.ai/api/v1\n", ("https://openrouter.ai", "https://new.example")),
    ],
)
def test_a_file_without_secrets_nearby_is_shown(path: str, text: str, swap: tuple[str, str]) -> None:
    _, plan = secret_plan(path, text, swap)
    made = patch(plan)
    assert made.omitted == ()
    assert made.data


def test_the_hunks_of_the_terminal_are_masked() -> None:
    source, plan = secret_plan(".env", f"DB=hunter2\nKEY={KEY}\n", ("KEY", "# KEY"))
    lines = [line.mark + line.text for hunk in hunks(source, plan.edits()[".env"]) for line in hunk.lines]
    assert lines == [" DB=…[masked]", "-KEY=…[masked]", "+# KEY=…[masked]"]
    source, plan = secret_plan("a.py", f'url = "old"; key = "{KEY}"\r\n', ("old", "new"))
    lines = [line.mark + line.text for hunk in hunks(source, plan.edits()["a.py"]) for line in hunk.lines]
    assert lines == ['-url = "old"; key = "sk-or-v1-…[masked]"', '+url = "new"; key = "sk-or-v1-…[masked]"']
