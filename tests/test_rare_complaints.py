"""Complaints that need a broken disk, another process, a missing package or a fault of this tool: each is made to appear once."""

from __future__ import annotations

import builtins
import io
import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from migrator.apply import apply, atomic, journal, preconditions
from migrator.apply.preconditions import Unfit
from migrator.catalog import targets
from migrator.cli.app import app_main
from migrator.lifecycle import guard, history
from migrator.live import http, rehearse
from migrator.live.gateway import Record
from migrator.model import MigratorError
from migrator.plan import file as plan_file
from migrator.plan import pipeline
from tests.plans import OLD, finding, plan, source

CODE = f"""import os
from openai import OpenAI

client = OpenAI(base_url="{OLD}", api_key=os.environ["OPENROUTER_API_KEY"])
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIGRATE_OPENROUTER_STATE", str(tmp_path / "state"))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "app.py").write_text(CODE)
    return root


def _refuse(*_arguments: object, **_options: object) -> Any:
    raise PermissionError(13, "Permission denied")


def test_a_dialect_that_is_not_known() -> None:
    with pytest.raises(MigratorError, match=r"not known; there are: "):
        targets.custom("https://gw.example.com/v1", dialect="none-such")


def test_a_path_that_leads_into_a_loop(tree: Path) -> None:
    (tree / "a").symlink_to("b")
    (tree / "b").symlink_to("a")
    with pytest.raises(Unfit, match=r"a loop of links|Too many levels"):
        preconditions.locate(tree, "a/app.py")


def test_git_that_cannot_answer(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    (tree / ".git" / "index").write_bytes(b"no index")
    assert app_main([str(tree)]) == 2
    assert "git cannot say whether it has uncommitted changes" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_any_more(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(atomic, "read", _refuse)
    assert app_main([str(tree)]) == 2
    said = capsys.readouterr().err
    assert "cannot be read (Permission denied)" in said
    assert "check its permissions" in said


def test_an_edit_that_would_show_a_secret(tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(apply, "_shows_secret", lambda *_: True)
    app_main([str(tree)])
    said = capsys.readouterr()
    assert "change it by hand; please report this" in said.err + said.out
    assert (tree / "app.py").read_text() == CODE


def test_a_guarded_file_that_cannot_be_read(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guard, "read_regular", _refuse)
    assert app_main(["guard", str(tree)]) == 3
    assert "cannot be read (Permission denied)" in capsys.readouterr().err


def test_another_run_that_is_at_work(tree: Path, tmp_path: Path) -> None:
    place = tmp_path / "journals"
    place.mkdir()
    with (
        journal.lock(place, tree),
        pytest.raises(MigratorError, match="is writing there; wait until it has ended and try again"),
        journal.lock(place, tree),
    ):
        pass


def test_a_history_that_git_cannot_read(tree: Path) -> None:
    with pytest.raises(MigratorError, match="git stopped in the middle of an object"):
        history._keys(io.BytesIO(b""), 5)
    with (
        pytest.raises(MigratorError, match=r"failed; run `git fsck` to see why\."),
        history._running(tree, "no-such-command"),
    ):
        pass


def test_a_key_is_sent_to_no_other_host() -> None:
    base = "http://127.0.0.1:1/v1"
    with (
        http.session(base, http.route(base)) as open_,
        pytest.raises(MigratorError, match=r"not the host this key is for; nothing was sent"),
    ):
        http.send(open_, "GET", "http://127.0.0.1:2/v1/models", "mg_live_" + "a" * 40)


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("gopher://127.0.0.1:1", r"The proxy .* cannot be used: "),
        ("socks5://127.0.0.1:1", "speaks SOCKS; httpx needs: pip install"),
    ],
)
def test_a_proxy_that_cannot_be_used(proxy: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "socksio":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    way = http.Route(proxy=proxy, shown=proxy, ca_file=None, tls="")
    with pytest.raises(MigratorError, match=says), http.session("https://gw.example.com/v1", way):
        pass


def test_a_rehearsal_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        started = False
        should_exit = False

        def run(self, sockets: object) -> None:
            """End at once."""

    monkeypatch.setattr(rehearse, "server", lambda _app: Silent())
    with pytest.raises(MigratorError, match=r"The rehearsal server did not start"), rehearse.running(targets.load(), Record()):
        pass
    assert all(thread.name != "rehearsal" for thread in threading.enumerate())


def test_a_saved_plan_whose_change_names_nothing() -> None:
    file = source("a.py", CODE)
    document = json.loads(plan_file.dump(plan((file,), [finding(file, OLD, "https://synapse.garden/api/v1")])))
    document["plan"]["changes"][0]["findings"] = [7]
    with pytest.raises(MigratorError, match=r"names finding 7, and there are 1\."):
        plan_file.load(json.dumps(document))


def test_a_file_that_was_changed_after_the_run(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([str(tree)]) == 0
    (tree / "app.py").write_text("# all new\n")
    assert app_main(["undo", str(tree)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "Nothing was undone, because the run " in said
    assert "cannot be taken back whole: " in said


def test_a_file_that_its_journal_does_not_bring_back(tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app_main([str(tree)]) == 0
    written = (tree / "app.py").read_text()
    for path in (tmp_path / "state").rglob("*.json"):
        document = json.loads(path.read_text())
        for record in document.get("files", ()):
            record["before"] = "0" * 64
        path.write_text(json.dumps(document))
    assert app_main(["undo", str(tree)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "app.py: does not come out as it was before the run; restore it from version control and report this" in said
    assert (tree / "app.py").read_text() == written


def test_a_run_that_is_interrupted_says_how_to_go_on(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "make_plan", interrupted)
    assert app_main([str(tree)]) == 130
    said = " ".join(capsys.readouterr().err.split())
    assert "interrupted. No file was written. Run the same command to start again, or `migrate-openrouter undo`" in said
