"""What is read, what is handed on, and what is said about the rest."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from migrator.catalog import model_variants
from migrator.discover.large import excerpt
from migrator.discover.needles import NEEDLES, may_ask_openrouter, names_openrouter
from migrator.discover.prefilter import LIMIT, Sifted, sift, sift_for

HIT = b'base_url = "https://openrouter.ai/api/v1"\n'


def over(root: Path, files: dict[str, bytes]) -> Sifted:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return sift(root, sorted(files))


def reasons(result: Sifted) -> dict[str, str]:
    return {skip.path: skip.reason for skip in result.skipped}


def test_only_matching_files_are_handed_on_with_their_bytes(tmp_path: Path) -> None:
    result = over(tmp_path, {"a.py": HIT, "b.py": b"router = 1\n", "c/d.ts": b"import '@OpenRouter/sdk'\r\n", "empty": b""})
    assert result.sources == {"a.py": HIT, "c/d.ts": b"import '@OpenRouter/sdk'\r\n"}
    assert result.scanned == 4
    assert (result.skipped, result.problems, result.not_edited) == ((), (), {})


@pytest.mark.parametrize("word", ["openrouter", "OPENROUTER_API_KEY", "Open_Router", "open-router", "sk-or-v1-", "SK-OR-"])
def test_every_spelling_in_any_case(word: str) -> None:
    assert names_openrouter(b"x = '" + word.encode() + b"'")


@pytest.mark.parametrize("word", ["open router", "useRouter", "react-router", "sk-proj-", "skorv1", "openroute"])
def test_other_words(word: str) -> None:
    assert not names_openrouter(word.encode())


@given(st.binary(max_size=60), st.sampled_from(NEEDLES), st.binary(max_size=60), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_needle_is_found_wherever_it_stands(before: bytes, needle: bytes, after: bytes, upper: bool) -> None:
    assert names_openrouter(before + (needle.upper() if upper else needle) + after)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "# é\nkey = 'OPENROUTER_API_KEY'\n"
    result = over(tmp_path, {"a.py": text.encode(encoding), "b.py": "é\n".encode(encoding)})
    assert result.sources == {"a.py": text.encode(encoding)}
    assert result.problems == ()
    assert result.scanned == 2


def test_utf_16_with_the_big_end_first(tmp_path: Path) -> None:
    data = b"\xfe\xff" + "openrouter".encode("utf-16-be")
    assert over(tmp_path, {"a.txt": data}).sources == {"a.txt": data}


def test_a_nul_byte_in_source_is_a_problem_with_its_line(tmp_path: Path) -> None:
    result = over(tmp_path, {"a.py": b"x\n\0" + HIT, ".env": b"A=1\n\n\0\nOPENROUTER_API_KEY=\n", "b.py": b"\0", "c.py": HIT})
    assert [(problem.path, problem.line) for problem in result.problems] == [(".env", 3), ("a.py", 2)]
    assert result.sources == {"c.py": HIT}


def test_a_nul_byte_far_down_is_seen_too(tmp_path: Path) -> None:
    result = over(tmp_path, {"a.py": HIT + b"#" * 100_000 + b"\n\0"})
    assert [(problem.path, problem.line) for problem in result.problems] == [("a.py", 3)]


def test_binary_files_are_one_line_a_folder(tmp_path: Path) -> None:
    result = over(
        tmp_path,
        {
            "public/a.png": b"\x89PNG openrouter",
            "public/deep/b.woff2": b"x",
            "data/blob": b"ab\0openrouter",
            "a.zip": b"",
            "b.zip": b"",
            "c.py": b"",
        },
    )
    assert reasons(result) == {"public/": "2 binary files", "data/blob": "binary file", ".": "2 binary files"}
    assert result.scanned == 1


def test_a_name_without_a_dot_says_nothing_about_the_bytes(tmp_path: Path) -> None:
    assert list(over(tmp_path, {"bin": HIT, "a": HIT, "Dockerfile": HIT}).sources) == ["Dockerfile", "a", "bin"]


def test_large_files_are_searched_and_not_parsed(tmp_path: Path) -> None:
    for name, size in (("big.json", LIMIT + 1), ("fits.json", LIMIT)):
        (tmp_path / name).write_bytes(HIT + b" " * (size - len(HIT)))
    (tmp_path / "other.json").write_bytes(b" " * (LIMIT + 1))
    result = sift(tmp_path, ["big.json", "fits.json", "other.json"])
    assert list(result.sources) == ["fits.json"]
    assert len(result.sources["fits.json"]) == LIMIT
    assert [(problem.path, problem.line) for problem in result.problems] == [("big.json", 0)]
    assert result.unparsed["big.json"].startswith(HIT)
    assert result.scanned == 3


def test_a_large_file_in_which_nothing_runs_is_no_problem(tmp_path: Path) -> None:
    files = dict.fromkeys(("package-lock.json", "app.min.js", "data/results.json", "log.jsonl", "notes.md"), HIT + b" " * LIMIT)
    result = over(tmp_path, files)
    assert result.problems == ()
    assert sorted(result.not_edited) == ["app.min.js", "package-lock.json"]
    assert sorted(result.unparsed) == ["data/results.json", "log.jsonl", "notes.md"]


@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.sampled_from([b"OPENROUTER_API_KEY", b"open-router", b"sk-or-v1-"])), max_size=6),
    st.integers(1, 700),
    st.sampled_from([b".", b"\n", b".\n"]),
)
@example([(0, b"OPENROUTER_API_KEY"), (0, b"OPENROUTER_API_KEY"), (209, b"OPENROUTER_API_KEY")], 1, b".")
@settings(max_examples=150, deadline=None)
def test_an_excerpt_keeps_every_match_on_its_line(gaps: list[tuple[int, bytes]], size: int, filler: bytes) -> None:
    data = b"".join((filler * gap)[:gap] + b" " + word + b" " for gap, word in gaps) + filler * 400
    size = max(size, 600)
    kept = excerpt(data[at : at + size] for at in range(0, len(data), size))

    def places(text: bytes) -> list[tuple[int, bytes]]:
        return [
            (number, word)
            for number, line in enumerate(text.split(b"\n"))
            for word in re.findall(rb"OPENROUTER_API_KEY|open-router|sk-or-v1-", line)
        ]

    assert places(kept) == places(data)
    assert bool(kept) == bool(gaps)


def test_an_excerpt_of_utf_16_and_of_endless_matches(tmp_path: Path) -> None:
    assert b"OPENROUTER_API_KEY" in excerpt([("x" * 500 + "OPENROUTER_API_KEY" + "y" * 500).encode("utf-16")])
    assert len(excerpt(iter([HIT * 20_000] * 20))) < 3 << 20


@pytest.mark.parametrize("size", [65_534, 65_535, 65_536, 65_537, 200_000])
def test_files_around_the_size_of_one_read_are_whole(tmp_path: Path, size: int) -> None:
    data = b"a" * (size - len(HIT)) + HIT
    assert over(tmp_path, {"a.txt": data}).sources == {"a.txt": data}


@pytest.mark.parametrize(
    ("path", "data", "word"),
    [
        ("web/package-lock.json", HIT, "lock file"),
        ("uv.lock", HIT, "lock file"),
        ("app.min.js", HIT, "minified"),
        ("app.js.map", HIT, "minified"),
        ("bundle.js", b"var a='openrouter'" + b";" * 6_000, "minified"),
        ("worker-configuration.d.ts", HIT, "wrangler types"),
        ("x.d.ts", b"// Generated by Wrangler by running `wrangler types`\n" + HIT, "generated"),
        ("x.go", b"// Code generated by protoc-gen-go. DO NOT EDIT.\n" + HIT, "generated"),
        ("x.ts", b"/**\n * @generated by codegen\n */\n" + HIT, "generated"),
        ("x.py", b"# Generated by the protocol buffer compiler.  DO NOT EDIT!\n" + HIT, "generated"),
        ("y.ts", b"/* This file is auto-generated, do not edit */\n" + HIT, "generated"),
    ],
)
def test_made_files_that_match_are_named_and_set_aside(tmp_path: Path, path: str, data: bytes, word: str) -> None:
    result = over(tmp_path, {path: data})
    assert result.sources == {}
    assert result.not_edited == {path: data}
    assert word in reasons(result)[path]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("gen.py", b'MARK = "@generated"\n' + HIT),
        ("gen2.py", HIT + b"\n" * 30 + b"# @generated\n"),
        ("README.md", b"# Code generated by us: DO NOT EDIT\n" + HIT),
        (".env", b"# @generated\nOPENROUTER_BASE_URL=https://openrouter.ai/api/v1\n"),
        ("rows.py", b"x = '" + b"a" * 6_000 + b"'\n" + HIT),
        ("lock.py", HIT),
        ("minjs.js", HIT),
        ("requirements.txt", b"# This file is autogenerated by pip-compile\nlangchain-openrouter\n"),
    ],
)
def test_what_a_person_edits_is_not_taken_for_made(tmp_path: Path, path: str, data: bytes) -> None:
    assert list(over(tmp_path, {path: data}).sources) == [path]


def test_made_files_without_a_match_are_not_worth_a_line(tmp_path: Path) -> None:
    assert over(tmp_path, {"yarn.lock": b"react", "a.min.js": b"x", "b.ts": b"// @generated\n"}).skipped == ()


def test_gitattributes_decide_and_the_last_word_counts(tmp_path: Path) -> None:
    attributes = b"# x\napi/** linguist-generated=true\n*.ipynb linguist-vendored\nlibs/* linguist-vendored\n"
    attributes += b"*.gen.ts -diff linguist-generated\n"
    result = over(
        tmp_path,
        {
            ".gitattributes": attributes,
            "api/.gitattributes": b"mine.py -linguist-generated\nold.py linguist-generated=false\n",
            "api/a.py": HIT,
            "api/mine.py": HIT,
            "api/deep/old.py": HIT,
            "x/b.gen.ts": HIT,
            "libs/c.py": HIT,
            "libs/deep/d.py": HIT,
            "note.ipynb": HIT,
        },
    )
    assert list(result.sources) == ["api/deep/old.py", "api/mine.py", "libs/deep/d.py", "note.ipynb"]
    assert reasons(result) == {
        "api/a.py": "generated, says .gitattributes",
        "libs/c.py": "vendored, says .gitattributes",
        "x/b.gen.ts": "generated, says .gitattributes",
    }


def test_gitattributes_count_though_they_are_not_in_the_list(tmp_path: Path) -> None:
    (tmp_path / ".gitattributes").write_bytes(b"a.py linguist-generated\n")
    (tmp_path / "a.py").write_bytes(HIT)
    assert list(sift(tmp_path, ["a.py"]).not_edited) == ["a.py"]


def test_what_is_no_file_any_more(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_bytes(HIT)
    (tmp_path / "link.py").symlink_to("real.py")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    result = sift(tmp_path, ["folder.py", "gone.py", "gone/too.py", "link.py", "pipe.py", "real.py", "real.py/x"])
    assert list(result.sources) == ["real.py"]
    assert result.scanned == 1
    assert result.problems == ()
    assert reasons(result) == {
        "folder.py/": "a repository of its own; run the tool in it",
        "link.py": "link that took a file's place during the run",
        "pipe.py": "special file (pipe)",
    }


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "closed.py":
            raise PermissionError(13, "Permission denied")
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "supports_dir_fd", {*os.supports_dir_fd, refuse})
    result = over(tmp_path, {"closed.py": HIT, "open.py": HIT})
    assert list(result.sources) == ["open.py"]
    [problem] = result.problems
    assert (problem.path, problem.line, problem.message) == ("closed.py", 0, "cannot be read: Permission denied")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_it(tmp_path: Path) -> None:
    (tmp_path / "closed.py").write_bytes(HIT)
    (tmp_path / "closed.py").chmod(0)
    assert [problem.path for problem in sift(tmp_path, ["closed.py"]).problems] == ["closed.py"]


def test_odd_names(tmp_path: Path) -> None:
    names = ["-dash.py", "two words.py", "line\nbreak.py", "ü.py"]
    assert list(over(tmp_path, dict.fromkeys(names, HIT)).sources) == sorted(names)


def test_a_second_look_for_other_words_in_exact_case(tmp_path: Path) -> None:
    files = {
        "a.py": b"LLM_API_KEY",
        "b.py": b"llm_api_key",
        "c.py": b"\xff\xfe" + "BASE_URL".encode("utf-16-le"),
        "d.png": b"BASE_URL",
    }
    files |= {"uv.lock": b"LLM_API_KEY", "e.ts": b"// @generated\nLLM_API_KEY"}
    over(tmp_path, files)
    found = sift_for(tmp_path, [*sorted(files), "gone.py"], frozenset({b"LLM_API_KEY", b"BASE_URL"}))
    assert list(found) == ["a.py", "c.py"]
    assert found["a.py"] == b"LLM_API_KEY"
    assert sift_for(tmp_path, sorted(files), frozenset()) == {}


_BOTH_WAYS = """
import sys
from pathlib import Path
from migrator.discover import prefilter as sift
root, count = Path(sys.argv[1]), int(sys.argv[2])
names = sorted(path.name for path in root.iterdir()) + ["gone.py"]
calls = []
whole = sift._scan_in_two
def spy(*arguments):
    calls.append(1)
    return whole(*arguments)
sift._scan_in_two = spy
sift._may_fork = lambda: True
sift.FORK_FROM = 1
two = sift.sift(root, names), sift.sift_for(root, names, frozenset({b"three"}))
sift.FORK_FROM = 10**9
one = sift.sift(root, names), sift.sift_for(root, names, frozenset({b"three"}))
assert len(calls) == 2, calls
assert two == one
assert list(two[0].sources) == list(one[0].sources)
assert len(one[0].sources) == count, len(one[0].sources)
print("same")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_two_processes_see_what_one_sees(tmp_path: Path) -> None:
    choice = random.Random(7)
    kinds = [HIT, b"nothing", b"three", b"\0bin", HIT * 3_000, b"// @generated\n" + HIT]
    picked = [choice.choice(kinds) for _ in range(300)]
    for index, data in enumerate(picked):
        (tmp_path / f"f{index}.ts").write_bytes(data)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("f1.ts")
    count = sum(b"openrouter" in data and not data.startswith(b"//") for data in picked)
    done = subprocess.run(
        [sys.executable, "-c", _BOTH_WAYS, str(tmp_path), str(count)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("same\n", "", 0)


_DYING_CHILD = """
import os, sys
from pathlib import Path
from migrator.discover import prefilter as sift
parent = os.getpid()
whole = sift._look
def die(*arguments):
    if os.getpid() != parent:
        os._exit(9)
    return whole(*arguments)
sift._look = die
sift._may_fork = lambda: True
sift.FORK_FROM = 1
print(*sift.sift(Path(sys.argv[1]), ["a", "b", "c"]).sources)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_dying_child_loses_nothing(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(HIT)
    done = subprocess.run([sys.executable, "-c", _DYING_CHILD, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("a b c\n", "")


def test_every_variant_of_a_model_id_is_worth_a_look() -> None:
    assert all(may_ask_openrouter(f'model="a/b:{variant}"'.encode()) for variant in model_variants())


def test_files_beside_those_that_name_the_service(tmp_path: Path) -> None:
    files = {
        "a.py": "openrouter gw.example",
        "b.py": "GW.example",
        "c.py": "gw.example",
        "d.lock": "nothing",
        "e.min.js": "gw.example",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "f.txt").write_bytes(b"gw.example \0")
    (tmp_path / "g.txt").write_text("gw.example", "utf-16")
    found = sift(tmp_path, sorted({*files, "f.txt", "g.txt"}), frozenset({b"gw.example"}))
    assert list(found.sources) == ["a.py"]
    assert list(found.beside) == ["c.py", "g.txt"]
    assert not found.problems
    assert found.scanned == 7


def test_the_faster_search_finds_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    find = pytest.importorskip("stringzilla").find
    texts = [
        b"",
        b"openrouter",
        b"x" * 70_000 + b"OPENROUTER",
        b"react-router",
        b"sk-or",
        b"xsk-or-1",
        b"gw.exampl",
        b"a gw.example",
    ]
    over(tmp_path, {f"{number}.py": text for number, text in enumerate(texts)})
    names = [f"{number}.py" for number in range(len(texts))]
    monkeypatch.setattr("migrator.discover.prefilter._find", bytes.find)
    plain = sift(tmp_path, names, frozenset({b"gw.example"}))
    monkeypatch.setattr("migrator.discover.prefilter._find", find)
    assert sift(tmp_path, names, frozenset({b"gw.example"})) == plain
    assert list(plain.sources) == ["1.py", "2.py", "5.py"]
    assert list(plain.beside) == ["7.py"]
