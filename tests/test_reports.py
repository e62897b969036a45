"""The report for people and the report for programs, on plans made by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator import __main__
from migrator.model import (
    Action,
    Applicability,
    Category,
    ConnectionRow,
    Edit,
    EnvRow,
    Location,
    ModelRow,
    Plan,
    Problem,
    RoutingRow,
    Skip,
    Span,
    Todo,
)
from migrator.reports import json as report_json
from migrator.reports import terminal
from migrator.reports.json import Mode
from migrator.reports.masking import known_values, masker
from migrator.reports.terminal.page import View
from migrator.reports.text import Colour, escape, painter, shorten, wants_colour, width_of, wrap
from tests.plans import NEW, OLD, change, finding, plan, source

KEY = "sk-or-v1-" + "0123456789abcdef" * 4
CODE = source(
    "app/llm.py", f'import os\nclient = OpenAI(\n    base_url="{OLD}",\n    api_key=os.environ["OPENROUTER_API_KEY"],\n)\n'
)
ENV = source(".env", f"OPENROUTER_API_KEY={KEY}\nDB_PASSWORD=tr0ub4dor-and-3\nDEBUG=1\n")


def _full() -> Plan:
    return plan(
        [CODE, ENV],
        [
            finding(
                ENV,
                "OPENROUTER_API_KEY",
                None,
                rule="env-rename",
                category=Category.ENV_ASSIGN,
                action=Action.REWRITE,
                applicability=Applicability.SAFE,
                edits=(
                    Edit(path=".env", span=Span(0, 0), old="", new="# "),
                    Edit(path=".env", span=Span(ENV.text.index("\n"), ENV.text.index("\n")), old="", new="\nMG_KEY="),
                ),
            ),
            finding(CODE, OLD, NEW),
            finding(CODE, "OPENROUTER_API_KEY", "MG_KEY", rule="env-rename", category=Category.API_KEY_ENV),
            finding(
                CODE,
                "OpenAI(",
                rule="hidden-client",
                category=Category.CLIENT,
                message="The host is hidden.",
                because="Nobody knows.",
            ),
            finding(CODE, "import os", rule="name", category=Category.NAME, action=Action.KEEP, because="It is only a name."),
        ],
        env=(
            EnvRow(
                name="OPENROUTER_API_KEY",
                new_name="MG_KEY",
                decision="rename",
                because="All readers move.",
                readers=(Location(path="app/llm.py", line=4),),
                definers=(Location(path=".env", line=1),),
            ),
        ),
        connections=(
            ConnectionRow(
                path="app/llm.py",
                line=2,
                client="openai",
                url_from="literal",
                key_from="env",
                decision="rewrite",
                because="Both ends move.",
            ),
        ),
        routing=(
            _route("unchanged", "order", "['anthropic']"),
            _route("no-equivalent", "data_collection", "deny", risk="privacy", note="Nothing takes its place."),
            _route("translated", "sort", "price", becomes="sort: cost"),
        ),
        models=(ModelRow(id="openai/gpt-5.4", locations=(Location(path="app/llm.py", line=5),), status="same", note=""),),
        todo=(
            Todo(
                title="Create the secret MG_KEY",
                detail="CI reads it.",
                command="gh secret set MG_KEY",
                because="CI has no key yet.",
            ),
        ),
        skipped=(Skip(path="node_modules/", reason="installed dependencies"),),
        problems=(Problem(path="bad.py", line=3, message="cannot be parsed", remedy="Repair it and run again."),),
    )


def _route(status: str, field: str, value: str, **more: Any) -> RoutingRow:
    values: dict[str, Any] = {
        "dialect": "openrouter",
        "becomes": None,
        "risk": None,
        "note": "",
        "reaches_wire": None,
        "written": True,
    }
    return RoutingRow(path="app/llm.py", line=5, field=field, value=value, status=status, **values | more)


def _check(document: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(report_json.schema()))
    assert [error.message for error in validator.iter_errors(document)] == []


def _json(made: Plan, **more: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(report_json.render(made, **{"mode": Mode.DRY_RUN} | more))
    _check(document)
    return document


# --- for programs ------------------------------------------------------------------------------------------------------------


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(report_json.schema()))


def test_the_document_holds_the_plan_and_fits_the_schema() -> None:
    document = _json(_full())
    assert document["schema"] == "migrate-openrouter/report/1"
    assert document["target"]["base_url"] == NEW
    assert document["root"] == "."
    assert document["summary"] == {
        "files_scanned": 2,
        "files_matched": 2,
        "rewrite": 3,
        "flag": 1,
        "keep": 1,
        "secrets": 0,
        "problems": 1,
        "applied": 0,
    }
    by_rule = {(each["path"], each["rule"]): each for each in document["findings"]}
    url = by_rule["app/llm.py", "base-url"]
    assert (url["line"], url["column"], url["end_line"], url["end_column"]) == (3, 15, 3, 15 + len(OLD))
    assert (url["before"], url["after"], url["action"], url["applicability"]) == (OLD, NEW, "rewrite", "safe")
    assert by_rule[".env", "env-rename"]["after"] == "# \n\nMG_KEY="
    (only,) = document["changes"]
    assert only["files"] == [".env", "app/llm.py"]
    assert only["findings"] == [each["id"] for each in document["findings"] if each["change"] == only["id"]]
    assert len({each["id"] for each in document["findings"]}) == 5


def test_an_empty_plan_fits_the_schema() -> None:
    assert _json(plan(), mode=Mode.CHECK)["mode"] == "check"


def test_every_field_of_the_contract_is_required_by_the_schema() -> None:
    document = _json(_full())
    validator = jsonschema.Draft202012Validator(json.loads(report_json.schema()))
    optional = {"remedy", "selected", "title", "anthropic_base_url", "because"}
    for table in ("findings", "changes", "env", "connections", "routing", "models", "todo", "skipped", "problems"):
        for name in document[table][0]:
            row = {key: value for key, value in document[table][0].items() if key != name}
            assert name in optional or table == "problems" or not validator.is_valid({**document, table: [row]}), (table, name)
    for name in document:
        assert not validator.is_valid({key: value for key, value in document.items() if key != name}), name


def test_what_was_applied_is_counted() -> None:
    document = _json(_full(), mode=Mode.APPLY, applied=3)
    assert (document["mode"], document["summary"]["applied"]) == ("apply", 3)


def test_the_whole_file_and_a_site_without_text_have_line_0() -> None:
    lock = replace(finding(CODE, OLD), span=None, path="uv.lock")
    elsewhere = replace(finding(CODE, OLD), path="not-read.py")
    places = [
        (each["line"], each["column"], each["end_line"], each["end_column"])
        for each in _json(plan([CODE], [elsewhere, lock]))["findings"]
    ]
    assert places == [(0, 0, 0, 0), (0, 0, 0, 0)]


def test_columns_count_characters_and_a_span_with_its_line_end_stays_on_its_line() -> None:
    file = source("a.py", '# é𝒳 openrouter\r\nx = "openrouter"\r\n')
    word, line = finding(file, "openrouter"), finding(file, 'x = "openrouter"\r\n')
    first, second = _json(plan([file], [word, line]))["findings"]
    assert (first["line"], first["column"], first["end_column"]) == (1, 6, 16)
    assert (second["line"], second["column"], second["end_line"], second["end_column"]) == (2, 1, 2, 17)


def ids_of(made: Plan) -> tuple[str, ...]:
    return report_json.fingerprints(made, report_json.lines_of(made), masker(made))


def test_ids_survive_lines_that_move_and_changes_of_layout() -> None:
    text = f'a = "{OLD}"\nif b:\n  a = "{OLD}"\n'
    before, after = source("a.py", text), source("a.py", "import x\n\n\n" + text.replace("  a", "      a").replace("\n", "\r\n"))
    ids = [ids_of(plan([file], [finding(file, OLD), finding(file, OLD, nth=1)])) for file in (before, after)]
    assert ids[0] == ids[1]
    assert ids[0][0] != ids[0][1]


def test_ids_tell_sites_rules_and_paths_apart() -> None:
    other = source("b.py", CODE.text)
    found = [finding(CODE, OLD), finding(CODE, OLD, rule="other"), finding(other, OLD), finding(CODE, "import os")]
    assert len(set(ids_of(plan([CODE, other], found)))) == 4


def test_an_id_does_not_depend_on_the_key_in_its_line() -> None:
    files = [source("a.py", f'key = "sk-or-v1-{digit * 64}"\n') for digit in "12"]
    ids = {ids_of(plan([file], [finding(file, "key")])) for file in files}
    assert len(ids) == 1


def test_the_document_holds_no_secret_in_any_field() -> None:
    leaky = _full()
    told = f"{KEY} and tr0ub4dor-and-3"
    found = [replace(each, message=told, because=told, path=each.path) for each in leaky.findings]
    found.append(finding(ENV, f"OPENROUTER_API_KEY={KEY}", category=Category.ENV_ASSIGN))
    found.append(finding(ENV, KEY[9:40], category=Category.OTHER))
    leaky = replace(
        leaky,
        findings=tuple(found),
        todo=(Todo(title=told, detail=told, command=told, because=told),),
        problems=(Problem(path="x", line=0, message=told, remedy=told),),
        models=(ModelRow(id=told, locations=(), status="unknown", note=told),),
        routing=(_route("caveat", "a", told, note=told, becomes=told),),
    )
    for text in (json.dumps(_json(leaky)), _text(leaky), _text(leaky, verbose=True)):
        assert KEY[9:20] not in text
        assert "tr0ub4dor" not in text
        assert "DEBUG=1" not in text


def test_values_of_secret_names_in_env_files_are_known_unless_they_stand_in_for_one() -> None:
    file = source(
        "deploy/.env.local",
        "export A_TOKEN='correct horse' # note\nB_KEY=short\n# C_SECRET=battery-staple-9\nD_KEY=your-key-here\nE=public-value\n",
    )
    assert known_values(plan([file, CODE])) == ("battery-staple-9", "correct horse")


def test_bytes_that_are_not_utf8_are_written_out() -> None:
    file = source("odd-\udcff.py", '# \udce9 openrouter\n"x"\n')
    text = report_json.render(plan([file], [finding(file, "# \udce9 openrouter")]), mode=Mode.DRY_RUN)
    assert text.encode("utf-8")
    assert json.loads(text)["findings"][0]["path"] == "odd-\\xff.py"


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert report_json.render(_full(), mode=Mode.DRY_RUN) == report_json.render(_full(), mode=Mode.DRY_RUN)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), st.data())
def test_any_span_of_any_text_has_a_place_within_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    file = source("a.txt", text)
    (found,) = _json(plan([file], [replace(finding(file, ""), span=Span(start, end))]))["findings"]
    assert 1 <= found["line"] <= found["end_line"] <= len(re.split(r"\r\n|\r|\n", text))
    assert found["column"] >= 1
    assert (found["line"], found["column"]) <= (found["end_line"], found["end_column"])


# --- for people --------------------------------------------------------------------------------------------------------------


def _text(made: Plan, **more: Any) -> str:
    return terminal.render(
        made, View(**{"mode": Mode.DRY_RUN, "again": "migrate-openrouter .", "undo": "migrate-openrouter undo ."} | more)
    )


def test_the_report_reads_from_what_changes_to_what_to_do_next() -> None:
    text = _text(_full())
    titles = [
        "WHAT WILL CHANGE",
        "WHAT ONLY YOU CAN DO",
        "ROUTING",
        "LEFT ALONE, AND WHY",
        "COULD NOT BE DONE",
        "Next: migrate-openrouter .",
    ]
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert (
        " ".join(text.split("\nOpenRouter ->")[0].split())
        == "Safe to run: 3 places in 2 files would change, all or none; undo reverts it; 1 problem below. Before you deploy: 1 to do and 1 place to judge, below."
    )
    assert f"OpenRouter -> Synapse Garden ({NEW}, key in MG_KEY)" in text
    assert "gh secret set MG_KEY" in text
    assert "bad.py:3  cannot be parsed" in text
    assert text.rstrip().splitlines()[-2:] == [
        "To take it back afterwards: migrate-openrouter undo .",
        "Next: migrate-openrouter .",
    ]


def test_a_change_shows_its_lines_with_the_place_in_front() -> None:
    lines = _text(_full()).splitlines()
    at = lines.index("    app/llm.py:3  (2 places)")
    assert lines[at + 1 : at + 5] == [
        f'      - base_url="{OLD}",',
        '      - api_key=os.environ["OPENROUTER_API_KEY"],',
        f'      + base_url="{NEW}",',
        '      + api_key=os.environ["MG_KEY"],',
    ]
    at = lines.index("    .env:1")
    assert lines[at + 1 : at + 4] == [
        "      - OPENROUTER_API_KEY=…[masked]",
        "      + # OPENROUTER_API_KEY=…[masked]",
        "      + MG_KEY=",
    ]


def test_of_a_very_long_line_the_part_that_differs_is_shown() -> None:
    file = source("a.json", '{"pad": "' + "x" * 3000 + f'", "url": "{OLD}", "rest": "' + "y" * 3000 + '"}\n')
    lines = _text(plan([file], [finding(file, OLD, NEW)]), cut=80).splitlines()
    shown = [line for line in lines if line.startswith(("      - ", "      + "))]
    assert [OLD in line for line in shown] == [True, False]
    assert [NEW in line for line in shown] == [False, True]
    assert all(width_of(line) <= 160 for line in shown)


def test_edits_of_one_line_are_shown_as_one() -> None:
    file = source("a.py", f'OpenAI(base_url="{OLD}", api_key=env["OPENROUTER_API_KEY"])\n')
    text = _text(plan([file], [finding(file, OLD, NEW), finding(file, "OPENROUTER_API_KEY", "MG_KEY")]))
    assert text.count("a.py:1") == 1
    assert f'+ OpenAI(base_url="{NEW}", api_key=env["MG_KEY"])' in text


def test_a_line_that_is_added_shows_no_line_that_stays() -> None:
    file = source("a.txt", "one\ntwo\n")
    added = replace(finding(file, "one", "x"), edits=(Edit(path="a.txt", span=Span(4, 4), old="", new="more\n"),))
    text = _text(plan([file], [added]))
    assert "+ more" in text
    assert "two" not in text


def test_after_an_apply_it_says_what_was_done_and_how_to_take_it_back() -> None:
    text = _text(_full(), mode=Mode.APPLY, applied=3)
    assert "WHAT CHANGED" in text
    assert text.startswith(
        "Done: 3 places rewritten in 2 files; 1 problem below.\nBefore you deploy: 1 to do and 1 place to judge, below.\n"
    )
    assert text.rstrip().splitlines()[-2:] == [
        "To take it back: migrate-openrouter undo .",
        "Next: look at the diff, do what is listed above, then test.",
    ]


def test_unsafe_changes_stand_apart_and_their_flags_are_not_told_twice() -> None:
    offered = replace(finding(CODE, OLD, NEW), action=Action.FLAG, applicability=Applicability.UNSAFE)
    made = plan(
        [CODE], [offered], changes=(change(0, selected=False, applicability=Applicability.UNSAFE, because="Cost may change."),)
    )
    text = _text(made)
    assert "ONLY WITH --unsafe" in text
    assert "Cost may change." in text
    assert "WHAT ONLY YOU CAN DO" not in text
    assert text.startswith("Nothing would be written without --unsafe (1 change below).")
    assert text.rstrip().endswith("if they are right: migrate-openrouter --unsafe .")


def test_edits_that_contradict_each_other_in_an_unselected_change_are_still_shown() -> None:
    both = [
        replace(finding(CODE, OLD, new), action=Action.FLAG, applicability=Applicability.UNSAFE)
        for new in ("https://a", "https://b")
    ]
    text = _text(plan([CODE], both, changes=(change(0, 1, selected=False, applicability=Applicability.UNSAFE),)))
    assert '+ base_url="https://a"' in text
    assert '+ base_url="https://b"' in text


def test_long_groups_are_folded_and_v_unfolds_them() -> None:
    files = [source(f"f{index:02}.py", "openrouter\n") for index in range(30)]
    flags = [finding(file, "openrouter") for file in files[:12]]
    kept = [
        finding(file, "openrouter", action=Action.KEEP, because=f"Reason {index}.") for index, file in enumerate(files[12:], 12)
    ]
    folded, whole = _text(plan(files, flags + kept)), _text(plan(files, flags + kept), verbose=True)
    assert "and 8 more files, -v shows all" in folded
    assert "14  for 14 other reasons" in folded
    assert "f06.py" not in folded
    assert all(f"f{index:02}.py:1" in whole for index in range(30))
    assert "and 8 more" not in whole
    assert "other reasons" not in whole


def test_a_sentence_that_many_places_share_stands_once_over_them_and_a_line_is_named_once() -> None:
    file = source("a.py", "openrouter openrouter\nopenrouter\n")
    flags = [finding(file, "openrouter", nth=index, because="Nobody knows.") for index in range(3)]
    text = _text(plan([file, CODE], [*flags, finding(CODE, OLD, because="Nobody knows.", message="Another.")]))
    assert text.count("OpenRouter's address.") == text.count("Nobody knows.") == 1
    assert "      a.py:1, :2\n" in text
    assert text.count("a.py:") == 1


def test_a_rule_is_told_by_its_title_with_the_id_that_explain_takes() -> None:
    text = _text(plan([CODE], [finding(CODE, OLD, rule="key-check"), finding(CODE, "import os", rule="hard-coded-key")]))
    first, second = "  A key stands in the file  (hard-coded-key)\n", "  A key is recognised by OpenRouter's shape  (key-check)\n"
    assert text.index(first) < text.index(second)


def test_what_is_held_back_for_one_reason_says_it_once_with_the_cause_and_what_waits() -> None:
    env = source(".env", "OPENROUTER_API_KEY=\n")
    why = "a program that is not here reads it"
    found = [
        finding(env, "OPENROUTER_API_KEY", rule="env-held", because=f"held back: {why}"),
        finding(CODE, OLD, rule="base-url-held", because=f"held back: {why}"),
        finding(CODE, "import os", rule="holds-back", because=why),
    ]
    row = EnvRow(name="OPENROUTER_API_KEY", new_name=None, decision="manual", because=why, readers=(), definers=())
    text = _text(plan([CODE, env], found, env=(row,)))
    assert text.startswith("Nothing moves yet: 3 places held back for 1 reason, first app/llm.py:1.")
    assert text.count(why) == 1
    assert "    blocked by  app/llm.py:1\n    waiting     .env:1\n                app/llm.py:3\n" in text
    assert "VARIABLES" not in text
    assert text.rstrip().endswith("Next: change what blocks it, first app/llm.py:1, then run this again.")


def test_lines_that_change_alike_are_shown_once_with_all_their_places() -> None:
    files = [source(name, f'url = "{OLD}"\n') for name in ("a.py", "b.py")]
    text = _text(plan(files, [finding(file, OLD, NEW) for file in files]))
    assert f'    a.py:1\n    b.py:1\n      - url = "{OLD}"\n      + url = "{NEW}"\n' in text


def test_what_the_change_needs_is_shown_before_what_rides_along() -> None:
    file = source("a.py", f'# openrouter\n\n\nurl = "{OLD}"\n')
    text = _text(plan([file], [finding(file, "openrouter", "gateway", required=False), finding(file, OLD, NEW)]))
    assert text.index("a.py:4") < text.index("a.py:1")


def test_after_a_run_places_are_those_of_the_text_that_was_written() -> None:
    file = source("a.py", f'x = 1\nurl = "{OLD}"\nopenrouter\n')
    more = replace(finding(file, "x = 1", "x"), edits=(Edit(path="a.py", span=Span(5, 5), old="", new="\n\ny = 2"),))
    made = plan([file], [more, finding(file, OLD, NEW), finding(file, "openrouter\n", rule="key-check")])
    before, after = _text(made), _text(made, mode=Mode.APPLY, applied=2)
    assert "      a.py:3\n" in before
    assert "      a.py:5\n" in after


def test_places_lead_from_where_the_terminal_stands() -> None:
    text = _text(_full(), prefix="../work/", verbose=True)
    for place in ("app/llm.py:3", "app/llm.py:2", ".env:1", "bad.py:3", "node_modules/"):
        assert f"../work/{place}" in text


def test_inside_the_root_places_are_those_of_the_current_folder() -> None:
    text = _text(_full(), inside="app", verbose=True)
    assert "    llm.py:3  (2 places)\n" in text
    assert "    ../.env:1\n" in text
    assert "../node_modules/" in text


def test_what_the_routing_table_tells_is_told_there_alone() -> None:
    why = "the target is not known to keep it"
    found = [
        finding(CODE, "OPENROUTER_API_KEY", rule="routing", message="provider: caveat", because=why),
        replace(finding(CODE, OLD, NEW), action=Action.FLAG, applicability=Applicability.UNSAFE, keys=frozenset({"env:K"})),
    ]
    made = plan(
        [CODE],
        found,
        changes=(change(1, selected=False, applicability=Applicability.UNSAFE, because=f"A privacy rule: {why}"),),
        env=(EnvRow(name="K", new_name=None, decision="manual", because=why, readers=(), definers=()),),
        routing=(replace(_route("caveat", "provider", "deny", note=why, becomes="deny"), line=4),),
    )
    text = _text(made)
    assert text.count(why) == 1
    assert "A privacy rule: see ROUTING" in text
    assert "provider: deny  -> stays" in text
    assert "WHAT ONLY YOU CAN DO" not in text
    assert "VARIABLES" not in text


def test_chores_with_one_remark_share_it() -> None:
    chores = [Todo(title=f"Fill in {name}", detail="It is empty.", command=None, because="") for name in ("a", "b")]
    assert "  [ ] Fill in a\n  [ ] Fill in b\n      It is empty.\n" in _text(plan([CODE], todo=tuple(chores)))


def test_a_place_that_waits_for_a_person_says_so_where_nothing_can_be_written() -> None:
    text = _text(plan([CODE], [finding(CODE, OLD)]))
    assert text.startswith("Nothing would be written: what is left is for you to decide (1 place below).")
    assert text.rstrip().endswith("Next: go through the places above; they are yours to decide.")


def test_a_file_that_cannot_be_read_is_told_once() -> None:
    problem = Problem(path=CODE.path, line=2, message="not valid Python", remedy="Mend it.")
    text = _text(plan([CODE], [finding(CODE, OLD, rule="not-read", message="cannot be read")], problems=(problem,)))
    assert text.count(CODE.path) == 1
    assert f"{CODE.path}:2  not valid Python" in text


def test_a_check_says_what_is_not_done() -> None:
    assert _text(_full(), mode=Mode.CHECK).startswith("Not done: 3 places in 2 files would be rewritten; 1 problem below.")


def test_where_all_stays_there_is_nothing_to_do() -> None:
    text = _text(plan([CODE], [finding(CODE, OLD, action=Action.KEEP)]))
    assert text.startswith("Nothing would be written: all that names OpenRouter stays as it is.")
    assert text.rstrip().endswith("Nothing to do.")


def test_routing_shows_what_is_lost_first() -> None:
    text = _text(_full())
    assert "ROUTING  1 no-equivalent, 1 translated, 1 unchanged" in text
    assert text.index("data_collection: deny") < text.index("-> sort: cost") < text.index("order: ['anthropic']")
    assert "privacy: Nothing takes its place." in text


def test_a_row_that_is_not_written_is_not_called_translated() -> None:
    text = _text(plan([CODE], routing=(_route("translated", "sort", "price", becomes="sort: cost", written=False),)))
    assert "ROUTING  1 not written" in text
    assert "-> would be sort: cost" in text


def test_one_option_at_many_places_is_one_row() -> None:
    rows = [replace(_route("translated", "sort", "price", becomes="sort: cost"), line=line) for line in (3, 5)]
    text = _text(plan([CODE], routing=tuple(rows)))
    assert text.count("-> sort: cost") == 1
    assert "app/llm.py:3" in text
    assert "app/llm.py:5" in text


def test_a_routing_row_that_loses_something_is_never_folded() -> None:
    rows = (*(_route("unchanged", f"f{index}", "x") for index in range(30)), _route("no-equivalent", "zdr", "true", risk="privacy"))
    text = _text(plan([CODE], routing=rows))
    assert "zdr: true" in text
    assert "and 23 more" in text


def test_nothing_to_say_is_one_line_and_the_front_door_says_the_same() -> None:
    assert _text(plan(scanned=4)) == __main__.NOTHING + "\n"


def test_quiet_leaves_one_line() -> None:
    assert (
        terminal.summary(_full(), View(mode=Mode.DRY_RUN))
        == "3 places to rewrite in 2 files, 1 to do, 1 to look at, 1 left alone, 1 problem"
    )


@pytest.mark.parametrize("width", [60, 80, 110])
def test_sentences_keep_to_the_width(width: int) -> None:
    lines = _text(_full(), width=width, cut=width, verbose=True).splitlines()
    long = [line for line in lines if width_of(line) > width and len(line.split()) > 3 and "migrate-openrouter" not in line]
    assert long == []


def test_without_colour_there_is_no_escape_code_and_with_it_the_words_are_the_same() -> None:
    plain, coloured = _text(_full()), _text(_full(), colour=True)
    assert "\x1b" not in plain
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_names_and_code_cannot_move_the_cursor_or_turn_the_text_round() -> None:
    evil = source("a\x1b[2Jb\u202e.py", f'x = "{OLD}\x07" # \u2066[red]\n')
    text = _text(
        plan([evil], [finding(evil, OLD, NEW, message="m\x1b[0m"), finding(evil, "[red]", message="\x9b31m\nforged: line")])
    )
    assert not set(text) & set("\x1b\x07\u202e\u2066\x9b")
    assert r"a\x1b[2Jb\u202e.py:1" in text
    assert "[red]" in text
    assert "\nforged" not in text


def test_the_document_hides_nothing_and_means_the_same() -> None:
    name = "a\u202eb\u200bü\U000e0041.py"
    evil = source(name, f'x = "{OLD}" # \u2066\x85 é\n')
    document = report_json.render(plan([evil], [finding(evil, OLD, NEW)]), mode=Mode.DRY_RUN)
    assert all(letter.isprintable() or letter == "\n" for letter in document)
    assert "ü" in document
    assert json.loads(document)["findings"][0]["path"] == name


# --- the parts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "environ", "terminal_is", "wanted"),
    [
        (Colour.AUTO, {}, True, True),
        (Colour.AUTO, {}, False, False),
        (Colour.AUTO, {"TERM": "dumb"}, True, False),
        (Colour.AUTO, {"NO_COLOR": "1"}, True, False),
        (Colour.AUTO, {"NO_COLOR": ""}, True, True),
        (Colour.AUTO, {"FORCE_COLOR": "1"}, False, True),
        (Colour.AUTO, {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        (Colour.AUTO, {"FORCE_COLOR": ""}, False, False),
        (Colour.AUTO, {"FORCE_COLOR": "0"}, True, True),
        (Colour.AUTO, {"CLICOLOR_FORCE": "1"}, False, True),
        (Colour.AUTO, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        (Colour.ALWAYS, {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        (Colour.NEVER, {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_who_decides_about_colour(choice: Colour, environ: dict[str, str], terminal_is: bool, wanted: bool) -> None:
    assert wants_colour(choice, environ, terminal=terminal_is) is wanted


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters() | st.sampled_from("\x1b\x9b\u202e\u2066\u200b\udc80\t")))
def test_escaped_text_is_printable_and_printable_text_is_not_changed(text: str) -> None:
    shown = escape(text)
    assert shown.isprintable()
    assert escape(shown) == shown
    assert not text.isprintable() or shown == text


@settings(max_examples=100, deadline=None)
@given(st.text("ab 漢é", max_size=60), st.integers(4, 30))
def test_wrapping_loses_no_word_and_breaks_only_at_spaces(text: str, width: int) -> None:
    lines = wrap(text, width, first="- ", rest="  ")
    assert " ".join(line[2:] for line in lines).split() == text.split()
    assert all(width_of(line) <= width or len(line[2:].split()) == 1 for line in lines)


@given(st.text("ab漢", max_size=30), st.integers(4, 20))
def test_a_line_of_code_is_cut_to_the_width(text: str, width: int) -> None:
    assert width_of(shorten(text, width)) <= width
    assert width_of(text) > width or shorten(text, width) == text


def test_painting_nothing_gives_nothing() -> None:
    assert painter(colour=True)("red", "") == ""
