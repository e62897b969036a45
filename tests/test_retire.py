"""May the old key die? Keys are found wherever a ref leads, none is printed, and only what is measured closes by itself."""

from __future__ import annotations

import io
import os
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from migrator.catalog import targets
from migrator.lifecycle import account, history, retire
from migrator.lifecycle import activity as exports
from migrator.lifecycle.activity import Activity
from migrator.model import Action, Category, EnvRow, Finding, Location, MigratorError, Plan, Problem, Source, Span, Todo
from migrator.options import Options
from migrator.plan.pipeline import make_plan

PLAN = Plan(tool="0", target=targets.load())


def key(number: int) -> str:
    return "sk-or-v1-" + f"{number:064x}"


def print_of(number: int) -> str:
    return history.fingerprint(key(number).encode())


class Repository:
    """A git repository with its own identity and clock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = 1_700_000_000
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, data: str | None = None) -> str:
        self.clock += 60
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.com",
            "GIT_AUTHOR_DATE": f"{self.clock} +0000",
            "GIT_COMMITTER_DATE": f"{self.clock} +0000",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        return subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, input=data, capture_output=True, text=True, check=True
        ).stdout.strip()

    def commit(self, message: str, **files: str | None) -> str:
        for name, text in files.items():
            path = self.root / name.replace("__", "/").replace("_", ".")
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_keys_are_found_in_every_corner_of_the_history(repository: Repository) -> None:
    first = repository.commit("old commit", app_py=f"KEY = '{key(1)}'\n", gone_env=f"OPENROUTER_API_KEY={key(2)}\n")
    repository.commit("cleaned", app_py="import os\n", gone_env=None)
    repository.git("checkout", "-q", "-b", "side")
    branch = repository.commit("on a branch", deep__down_txt=f"x {key(3)} y")
    repository.git("checkout", "-q", "main")
    repository.commit("main goes on", other_txt="1")
    repository.git("merge", "-q", "--no-commit", "--no-ff", "side")
    (repository.root / "merged.txt").write_text(f"only in the merge: {key(4)}")
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "merge")
    merge = repository.git("rev-parse", "HEAD")
    message = repository.commit(f"with {key(5)} in its message")
    repository.git("tag", "-a", "v1", "-m", f"release {key(6)}")
    repository.commit("a key that is still there", here_txt=key(7))
    (repository.root / "here.txt").write_text(key(8))
    repository.git("stash", "-q")
    blob = repository.git("hash-object", "-w", "--stdin", data=f"loose {key(9)}")
    repository.git("tag", "blob", blob)
    repository.commit("a placeholder", note_txt="sk-or-v1-your-key-here sk-or-v1-" + "x" * 64)

    found = history.scan(repository.root)

    assert found is not None
    assert found.incomplete is None
    leaks = {leak.fingerprint: leak for leak in found.leaks}
    assert set(leaks) == {print_of(number) for number in range(1, 10)}

    def sight(number: int) -> history.Sight:
        return leaks[print_of(number)].sights[0]

    assert (sight(1).commit, sight(1).path, sight(1).in_head) == (first, "app.py", False)
    assert (sight(2).commit, sight(2).path) == (first, "gone.env")
    assert (sight(3).commit, sight(3).path) == (branch, "deep/down.txt")
    assert (sight(4).commit, sight(4).path) == (merge, "merged.txt")
    assert (sight(5).commit, sight(5).path) == (message, "(commit message)")
    assert sight(6).path == "(tag message)"
    assert sight(7).in_head
    assert not sight(8).in_head
    assert sight(9).path == "(a tagged file)"
    assert sight(1).date == "2023-11-14"

    text = retire.render(retire.build(PLAN, found))
    for number in range(1, 10):
        assert key(number) not in text
        assert key(number)[9:] not in text
        assert print_of(number) in text
    assert "even if it was removed" in text
    assert first[:12] in text


def test_a_key_across_the_seams_of_a_large_file(repository: Repository) -> None:
    repository.commit("large", big_bin="." * (history._BLOCK - 30) + key(1) + "." * history._BLOCK + key(2))
    found = history.scan(repository.root)
    assert found is not None
    assert {leak.fingerprint for leak in found.leaks} == {print_of(1), print_of(2)}


def test_many_objects_go_through_in_batches(repository: Repository) -> None:
    for number in range(history._BATCH + 20):
        (repository.root / f"f{number}").write_text(f"{key(number)} {'.' * 200_000 if number % 50 == 0 else ''}")
    repository.commit("many")
    found = history.scan(repository.root)
    assert found is not None
    assert len(found.leaks) == history._BATCH + 20


def test_a_subfolder_sees_the_whole_repository_and_names_with_odd_letters(repository: Repository) -> None:
    folder = repository.root / "sub"
    folder.mkdir()
    (repository.root / "tab\tand\nline ü.txt").write_text(key(1))
    repository.commit("odd")
    found = history.scan(folder)
    assert found is not None
    text = retire.render(retire.build(PLAN, found))
    assert "ü.txt" in text
    assert "\t" not in text


def test_no_git_and_no_commits(tmp_path: Path, repository: Repository) -> None:
    found = history.scan(repository.root)
    assert found is not None
    assert found.leaks == ()


def test_outside_git_there_is_no_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert history.scan(tmp_path) is None
    checklist = retire.build(PLAN, None)
    assert checklist.open() == ()
    assert "no history was searched" in retire.render(checklist)


def test_a_hook_s_environment_does_not_lead_elsewhere(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit("leak", a_txt=key(1))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    found = history.scan(repository.root)
    assert found is not None
    assert len(found.leaks) == 1


def test_a_shallow_clone_is_not_taken_for_the_whole(repository: Repository, tmp_path: Path) -> None:
    repository.commit("leak", a_txt=key(1))
    repository.commit("clean", a_txt="")
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(clone))
    found = history.scan(clone)
    assert found is not None
    assert found.leaks == ()
    checklist = retire.build(PLAN, found)
    assert [item.title for item in checklist.open()] == ["The history that was searched is not whole"]
    assert "git fetch --unshallow" in retire.render(checklist)


def test_many_commits(repository: Repository) -> None:
    """Enough of them that objects come in many batches and the trace back reads a long log."""
    stream = [b"feature done\n"]
    for number in range(2_000):
        text = key(number).encode() if number in (17, 1_800) else b"value %d\n" % number
        path = b"config/%d.env" % (number % 300)
        stream.append(
            b"commit refs/heads/main\nmark :%d\ncommitter A <a@example.com> %d +0000\ndata 1\nx\n"
            % (number + 1, 1_700_000_000 + number)
        )
        stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(text), text))
    stream.append(b"done\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository.root, input=b"".join(stream), check=True)
    found = history.scan(repository.root)
    assert found is not None
    assert found.commits == 2_000
    assert {leak.fingerprint: leak.sights[0].path for leak in found.leaks} == {
        print_of(17): "config/17.env",
        print_of(1_800): "config/0.env",
    }


def finding(path: str, action: Action, category: Category = Category.BASE_URL, span: Span | None = None) -> Finding:
    return Finding(
        rule="r", path=path, span=span, category=category, message="The old host stands here.", because="", action=action
    )


def source(path: str, text: str) -> Source:
    return Source(path=path, text=text, encoding="utf-8", bom=False, digest="")


def test_references_stay_open_whatever_is_ticked() -> None:
    plan = replace(
        PLAN,
        findings=(
            finding("a.py", Action.REWRITE, span=Span(4, 6)),
            finding("a.py", Action.FLAG, Category.API_KEY_LITERAL, span=Span(4, 6)),
            finding("b.md", Action.KEEP),
        ),
        sources={"a.py": source("a.py", "one\ntwo\n")},
    )
    checklist = retire.build(plan, None, {"a.py: 2 references left"})
    assert [item.title for item in checklist.open()] == ["a.py: 2 references left"]
    text = retire.render(checklist)
    assert "line 2: The old host stands here." in text
    assert "Revoke this key even after removing it." in text
    assert "b.md" not in text
    assert "Not yet: 1 open." in text


def test_a_variable_that_nothing_reads_is_named() -> None:
    place = (Location(path=".env", line=2),)
    rows = (
        EnvRow(name="OPENROUTER_API_KEY", new_name=None, decision="keep", because="", readers=(), definers=place),
        EnvRow(name="OPENROUTER_MODEL", new_name=None, decision="keep", because="", readers=place, definers=place),
        EnvRow(name="MG_KEY", new_name=None, decision="keep", because="", readers=(), definers=place),
    )
    checklist = retire.build(replace(PLAN, env=rows), None)
    assert [item.title for item in checklist.open()] == ["OPENROUTER_API_KEY is defined and nothing reads it"]
    assert checklist.open()[0].details == (".env:2",)


def test_a_file_that_could_not_be_read_keeps_the_list_open() -> None:
    plan = replace(PLAN, problems=(Problem(path="x.py", line=3, message="It is broken.", remedy=""),))
    assert [item.title for item in retire.build(plan, None).open()] == ["x.py:3 could not be read"]


TODO = Todo(
    title="Create MG_KEY in GitHub Actions", detail="Repository secrets.", command="gh secret set MG_KEY", because="CI reads it."
)


def test_the_output_ticked_by_hand_closes_the_list(repository: Repository, tmp_path: Path) -> None:
    repository.commit("leak", a_txt=key(1))
    plan = replace(PLAN, todo=(TODO,))
    found = history.scan(repository.root)
    text = retire.render(retire.build(plan, found))
    assert text.count("- [ ] ") == 2
    assert "`gh secret set MG_KEY`" in text
    file = tmp_path / "retire.md"
    file.write_text(text.replace("- [ ] Create", "- [x] Create"))
    once = retire.build(plan, found, retire.read_ticks(file))
    assert [item.section for item in once.open()] == [retire.HISTORY]
    file.write_text(text.replace("- [ ]", "* [X]"), newline="\r\n")
    twice = retire.build(plan, found, retire.read_ticks(file))
    assert twice.open() == ()
    assert "Nothing is open" in retire.render(twice)
    file.write_text(retire.render(twice))
    assert retire.build(plan, found, retire.read_ticks(file)).open() == (), "a finished list can be given back"
    with pytest.raises(MigratorError, match="--done"):
        retire.read_ticks(tmp_path / "none.md")


def test_a_history_that_was_not_searched_stays_open() -> None:
    assert [item.title for item in retire.build(PLAN, None, searched=False).open()] == ["The git history was not searched"]


def test_what_comes_from_the_repository_cannot_forge_the_list() -> None:
    plan = replace(PLAN, findings=(finding("a\n- [x] b\x1b[2J.py", Action.FLAG),))
    text = retire.render(retire.build(plan, None))
    assert "\x1b" not in text
    assert "\n- [x]" not in text


def _export(rows: str) -> Activity:
    return exports.sums(io.StringIO("created_at,model,usage,tokens_prompt,tokens_completion,api_key_name\n" + rows), "a.csv")


def test_a_key_that_was_used_within_a_week_keeps_the_list_open() -> None:
    export = _export("2026-11-01,a/x,1,1,1,old-prod\n2026-11-20,a/x,1,1,1,old-prod\n2026-11-27,a/x,1,1,1,staging\n")
    checklist = retire.build(PLAN, None, activity=export, written=date(2026, 11, 28))
    uses = {item.title: item.done for item in checklist.items if item.section == retire.USES}
    assert uses == {
        "Key old-prod: last used on 2026-11-20, 8 days before the export of 2026-11-28: a week clean": True,
        "Key staging: last used on 2026-11-27, 1 day before the export of 2026-11-28": False,
    }
    text = retire.render(checklist)
    verdict = next(line for line in text.splitlines() if line.startswith("Not yet: "))
    assert text.rstrip().endswith(verdict)


def test_an_export_without_keys_speaks_of_all_of_them() -> None:
    export = exports.sums(io.StringIO("month,model,usage,tokens_prompt,tokens_completion\n2026-10,a/x,1,1,1\n"), "a.csv")
    (item,) = (
        item for item in retire.build(PLAN, None, activity=export, written=date(2026, 11, 28)).items if item.section == retire.USES
    )
    assert (
        item.title == "Key (the export names no keys): last used on 2026-10, 28 days before the export of 2026-11-28: a week clean"
    )


def test_what_is_set_in_the_account_is_listed_where_there_is_a_trace_of_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import os, requests\nfrom openai import OpenAI\n"
        'client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])\n'
        'client.chat.completions.create(model="@preset/support", messages=[], extra_body={"provider": {"data_collection": "deny"}})\n'
        'requests.get("https://openrouter.ai/api/v1/credits", headers={"Authorization": "Bearer " + os.environ["OPENROUTER_API_KEY"]})\n'
    )
    plan = make_plan(tmp_path, [tmp_path], Options(target=targets.load()))
    titles = [item.title.split(" of ")[0].split(" (")[0].split(" at ")[0] for item in account.checklist(plan)]
    assert titles == ["Privacy switches", "Presets stored", "Spend caps and limits"]
    assert "provider.data_collection (app.py:4)" in account.checklist(plan)[0].detail
    export = exports.sums(
        io.StringIO("date,model,usage,prompt_tokens,completion_tokens,byok_usage_inference\n2026-10-01,a/x,1,1,1,2\n"), "a"
    )
    assert [item.title.split(" (")[0] for item in account.checklist(PLAN, export)] == [
        "Provider keys stored at OpenRouter",
        "Activity and logs at OpenRouter: export what has to be kept before the account is closed",
    ]
    assert account.checklist(PLAN) == ()
