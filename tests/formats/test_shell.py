from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats import shell
from migrator.formats.tree import Call, EnvDef, EnvRef, Join, Module, Name, Other, RegionKind, Seq, Str
from tests.formats.probing import assert_spans, source, walk

KEY = "OPENROUTER_API_KEY"


def lowered(text: str) -> Module:
    module = shell.lower(source(text, "a.sh"))
    assert_spans(module, text)
    assert module.language == "shell"
    return module


def definitions(text: str) -> list[tuple[str, str, str]]:
    """Name, how and the text of each definition, wherever it stands."""
    found = [node for node in walk(lowered(text)) if isinstance(node, EnvDef)]
    return [(node.name, node.how, text[slice(*node.span)]) for node in sorted(found, key=lambda node: node.span)]


def references(text: str) -> list[tuple[str, str, str]]:
    found = [node for node in walk(lowered(text)) if isinstance(node, EnvRef)]
    return [(node.name, node.how, text[slice(*node.span)]) for node in sorted(found, key=lambda node: node.span)]


def the_definition(text: str) -> EnvDef:
    [found] = [node for node in walk(lowered(text)) if isinstance(node, EnvDef)]
    return found


def call(text: str) -> Call:
    [found] = [node for node in lowered(text).body if isinstance(node, Call)]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("export X=v", [("X", "shell-export", "export X=v")]),
        ("export A=1 B", [("A", "shell-export", "A=1"), ("B", "shell-export", "B")]),
        ("X=v", [("X", "shell-assign", "X=v")]),
        ("X=v Y='w z' cmd a", [("X", "shell-prefix", "X=v"), ("Y", "shell-prefix", "Y='w z'")]),
        ("env X=v cmd", [("X", "shell-prefix", "X=v")]),
        ("sudo -u me X=v cmd", [("X", "shell-prefix", "X=v")]),
        ("npx cross-env X=v node a.js", [("X", "shell-prefix", "X=v")]),
        ("declare -x X=v", [("X", "shell-export", "declare -x X=v")]),
        ("local x=1", [("x", "shell-assign", "local x=1")]),
        ("set -x X v", [("X", "shell-export", "set -x X v")]),
        ("set -gx X v", [("X", "shell-export", "set -gx X v")]),
        ("set -x", []),
        ("set -euo pipefail", []),
        ("setenv X v", [("X", "shell-export", "setenv X v")]),
        ("read -rsp 'Key: ' X", [("X", "shell-read", "X")]),
        ("docker run -e X app", [("X", "docker-run", "-e X")]),
        ("docker run -it -e X=${X} app", [("X", "docker-run", "-e X=${X}")]),
        ("docker run --rm --env 'X=a b' --env=Y=1 app", [("X", "docker-run", "--env 'X=a b'"), ("Y", "docker-run", "--env=Y=1")]),
        ("docker compose run -e X=1 web", [("X", "docker-run", "-e X=1")]),
        ("docker build --build-arg X=1 -t a .", [("X", "docker-build-arg", "--build-arg X=1")]),
        ("echo hi -e X=1", []),
        ("gh secret set X --body v", [("X", "store-command", "gh secret set X --body v")]),
        ("gh secret set --env prod X", [("X", "store-command", "gh secret set --env prod X")]),
        ("fly secrets set X=1 Y=$Z", [("X", "store-command", "X=1"), ("Y", "store-command", "Y=$Z")]),
        ("npx wrangler secret put X", [("X", "store-command", "wrangler secret put X")]),
        ("bunx vercel env add X production", [("X", "store-command", "vercel env add X production")]),
        ("heroku config:set X=v -a app", [("X", "store-command", "X=v")]),
        ("kubectl create secret generic s --from-literal=X=v", [("X", "store-command", "--from-literal=X=v")]),
        ("gcloud run deploy s --set-env-vars A=1,B=2", [("A", "store-command", "A=1"), ("B", "store-command", "B=2")]),
        ('echo "X=v" > .env', [("X", "echo-dotenv", "X=v")]),
        ("echo X=v >> backend/.env.local", [("X", "echo-dotenv", "X=v")]),
        ('echo "X=$Y" | tee -a .env > /dev/null', [("X", "echo-dotenv", "X=$Y")]),
        ('echo "A=1\nB=2" > .env', [("A", "echo-dotenv", "A=1"), ("B", "echo-dotenv", "B=2")]),
        ("printf 'X=%s\\n' \"$Y\" >> .env", [("X", "echo-dotenv", "X=%s")]),
        ('{ echo "X=1"; echo Y=2; } > .env', [("X", "echo-dotenv", "X=1"), ("Y", "echo-dotenv", "Y=2")]),
        ('for i in 1; do\necho "X=1"\ndone >> .env', [("X", "echo-dotenv", "X=1")]),
        ('F=.env\necho "X=1" >> "$F"', [("F", "shell-assign", "F=.env"), ("X", "echo-dotenv", "X=1")]),
        ('echo "X=1" >> "$GITHUB_ENV"', [("X", "github-env", "X=1")]),
        ("echo 'export X=1' >> ~/.zshrc", [("X", "echo-export", "export X=1")]),
        ('echo "X=v" > notes.txt', []),
        ('echo "X=v"', []),
    ],
)  # fmt: skip
def test_definitions(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert definitions(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a "$X" b$Y ${Z}', [("X", "shell", "$X"), ("Y", "shell", "$Y"), ("Z", "shell", "${Z}")]),
        ("a '$X' \\$Y", []),
        ("a ${X:-d} ${Y:?need Y} ${#Z} ${W%%/*}", [("X", "shell", "${X:-d}"), ("Y", "shell", "${Y:?need Y}"),
                                                  ("Z", "shell", "${#Z}"), ("W", "shell", "${W%%/*}")]),
        ("a ${!X} $1 $@ $$ $? ${1:-x}", []),
        ("a ${A:-${B:-$C}}", [("A", "shell", "${A:-${B:-$C}}"), ("B", "shell", "${B:-$C}"), ("C", "shell", "$C")]),
        ("a ${X:+-e X=$X}", [("X", "shell", "${X:+-e X=$X}"), ("X", "shell", "$X")]),
        ("QA_X=$QA_X_BACKUP", [("QA_X_BACKUP", "shell", "$QA_X_BACKUP")]),
        ("printenv X", [("X", "shell-printenv", "X")]),
        ("unset X Y", [("X", "shell-unset", "X"), ("Y", "shell-unset", "Y")]),
        ("env -u X cmd", [("X", "shell-unset", "X")]),
        ('[ -z "$X" ]', [("X", "shell", "$X")]),
        ("[[ -v X && $Y =~ ^(a|b)$ ]] && echo $Z", [("X", "shell-test", "X"), ("Y", "shell", "$Y"), ("Z", "shell", "$Z")]),
        ('grep -q "OPENROUTER_API_KEY=" .env', [(KEY, "shell-pattern", KEY)]),
        ("grep -q ^OPENROUTER_API_KEY .env", [(KEY, "shell-pattern", KEY)]),
        ("env | grep OPENROUTER_API_KEY", [(KEY, "shell-pattern", KEY)]),
        ("grep OPENROUTER_API_KEY README.md", []),
        ("sed -i \"s/^ABC=.*/ABC=$X/\" .env", [("ABC", "shell-pattern", "ABC"), ("ABC", "shell-pattern", "ABC"), ("X", "shell", "$X")]),
        ("a $(b \"$(c `d $X`)\" $Y)", [("X", "shell", "$X"), ("Y", "shell", "$Y")]),
        ("a <(b $X) $((1 << $Y))\necho $Z", [("X", "shell", "$X"), ("Y", "shell", "$Y"), ("Z", "shell", "$Z")]),
        ("case \"${X:-}\" in\n  ?*) a $Y;;\n  (b|\"c\") d;;\nesac; e $Z", [("X", "shell", "${X:-}"), ("Y", "shell", "$Y"), ("Z", "shell", "$Z")]),
        ("v=$(case $X in a) b;; esac; c) d $Y", [("X", "shell", "$X"), ("Y", "shell", "$Y")]),
        ("case $X\nin\n  a) b $Y;;\nesac\nc $Z", [("X", "shell", "$X"), ("Y", "shell", "$Y"), ("Z", "shell", "$Z")]),
        ("jq -n 'env.X'", [("X", "jq", "env.X")]),
        ("python -c \"import os; os.environ['X']\"", [("X", "inline-code", "environ['X")]),
        ("bash -c 'echo $X'", [("X", "shell", "$X")]),
        ("envsubst '${X}' < a", [("X", "shell", "${X}")]),
        ("heroku config:get X", [("X", "store-command", "X")]),
        ("# $X", []),
        ("a#$X", [("X", "shell", "$X")]),
    ],
)  # fmt: skip
def test_references(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert references(text) == expected


def test_a_value_is_a_string_a_reference_or_pieces() -> None:
    match the_definition('export X="v" # c').value:
        case Str(value="v", inner=inner, span=span, exact=True):
            assert (inner, span) == ((10, 11), (9, 12))
        case other:
            pytest.fail(str(other))
    assert isinstance(the_definition('X="${Y}"').value, EnvRef)
    match the_definition('X="a$Y"b').value:
        case Join(parts=(Str(value="a"), EnvRef(name="Y"), Str(value="b")), span=span):
            assert span == (2, 8)
        case other:
            pytest.fail(str(other))
    match the_definition("X=").value:
        case Str(value="", span=span):
            assert span == (2, 2)
        case other:
            pytest.fail(str(other))
    assert the_definition("docker run -e X a").value is None


def test_a_default_belongs_to_its_reference() -> None:
    [url] = [node for node in walk(lowered('a "${U:-https://openrouter.ai/api/v1}"')) if isinstance(node, EnvRef)]
    assert isinstance(url.default, Str)
    assert url.default.value == "https://openrouter.ai/api/v1"
    [empty] = [node for node in walk(lowered("a ${U:-}")) if isinstance(node, EnvRef)]
    assert isinstance(empty.default, Str)
    assert empty.default.value == ""


def test_an_escaped_string_is_not_exact() -> None:
    found = call(r'curl -d "{\"model\": \"x/y\"}" a\ b')
    body, words = found.args[1].value, found.args[2].value
    assert isinstance(body, Str)
    assert (body.value, body.exact) == ('{"model": "x/y"}', False)
    assert isinstance(words, Str)
    assert (words.value, words.exact) == ("a b", False)


def test_a_call_holds_its_words_and_redirections() -> None:
    text = 'curl -H "Authorization: Bearer $X" https://openrouter.ai/api/v1/models > out.json'
    found = call(text)
    assert isinstance(found.func, Name)
    assert found.func.id == "curl"
    assert [arg.name for arg in found.args] == [None, None, None, ">"]
    assert isinstance(found.args[1].value, Join)
    assert isinstance(found.args[2].value, Str)
    assert found.args[2].value.value == "https://openrouter.ai/api/v1/models"
    assert found.close == len(text)


def test_a_test_ends_where_its_brackets_do() -> None:
    text = 'echo "$(if [[ -f "$X" ]]; then echo yes; else echo no; fi)"\nnext $(a && [[ $Y == z ]]) # c\n'
    names = [node.func.id for node in walk(lowered(text)) if isinstance(node, Call) and isinstance(node.func, Name)]
    assert sorted(names) == ["[[", "[[", "a", "echo", "echo", "echo", "next"]


def test_messages_stay_strings() -> None:
    text = 'if [ -z "$X" ]; then echo "Set X=your-key in .env"; fi'
    calls = [node for node in lowered(text).body if isinstance(node, Call) and isinstance(node.func, Name)]
    echo = next(node for node in calls if isinstance(node.func, Name) and node.func.id == "echo")
    assert isinstance(echo.args[0].value, Str)
    assert echo.args[0].value.value == "Set X=your-key in .env"
    assert definitions(text) == []


def test_continuation_lines_and_crlf() -> None:
    text = "docker run \\\r\n  -e A=$A \\\r\n  -e B \\\r\n  app\r\nexport C=d\r\n"
    assert definitions(text) == [
        ("A", "docker-run", "-e A=$A"),
        ("B", "docker-run", "-e B"),
        ("C", "shell-export", "export C=d"),
    ]


def test_positions_count_characters() -> None:
    text = "echo 'é 𝄞'\nexport ÄX=1\nexport X='ß'\n"
    assert ("X", "shell-export", "export X='ß'") in definitions(text)


def test_a_heredoc_into_an_env_file_defines() -> None:
    text = 'cat > "$DIR/.env" <<EOF\r\n# A=1\r\nX=$X\r\nU="https://openrouter.ai/api/v1" # c\r\n$W\r\nEOF\r\nY=2\r\n'
    assert definitions(text) == [
        ("A", "heredoc-dotenv", "# A=1"),
        ("X", "heredoc-dotenv", "X=$X"),
        ("U", "heredoc-dotenv", 'U="https://openrouter.ai/api/v1"'),
        ("Y", "shell-assign", "Y=2"),
    ]
    assert [name for name, _, _ in references(text)] == ["DIR", "X", "W"]
    [commented] = [node for node in walk(lowered(text)) if isinstance(node, EnvDef) and node.commented]
    assert commented.name == "A"


def test_a_quoted_heredoc_expands_nothing() -> None:
    text = "cat <<'EOF' | tee .env\nX=$Y\nEOF\n"
    value = the_definition(text).value
    assert isinstance(value, Str)
    assert value.value == "$Y"


def test_other_heredocs_are_text_or_scripts() -> None:
    [body] = [node for node in lowered("cat > a.yml <<E\nurl: https://openrouter.ai\nkey: $X\nE\n").body if isinstance(node, Other)]
    assert body.kind == "heredoc"
    assert isinstance(body.children[0], Join)
    assert definitions("bash <<'E'\nexport X=1\nE\n") == [("X", "shell-export", "export X=1")]
    assert references("python - <<'E'\nos.getenv('X')\nE\n") == [("X", "inline-code", "getenv('X")]
    assert definitions("a <<NEVER\nexport X=1\n") == [("X", "shell-export", "export X=1")]


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("docker run -e X ghcr.io/a/b:1", "image:ghcr.io/a/b:1"),
        ("docker run -p 80:80 --name n -e X a/b c", "image:a/b"),
        ("docker run -e X app", ""),
        ("docker run -e X $IMAGE", ""),
        ("docker run -e X ghcr.io/a/$IMAGE", ""),
        ("docker build -t ghcr.io/a/b .\ndocker run -e X ghcr.io/a/b:1", ""),
        ("docker push ghcr.io/a/b:2; docker run -e X ghcr.io/a/b:1", ""),
        ("docker compose run -e X a/b", ""),
        ("docker exec -e X a/b", ""),
        ("gh secret set X", "store:github-secrets"),
        ("fly secrets set X=1", "store:fly-secrets"),
        ("wrangler secret put X", "store:wrangler-secrets"),
    ],
)
def test_whose_name_it_is(text: str, owner: str) -> None:
    assert the_definition(text).owner == owner


def test_arrays_keep_their_elements() -> None:
    value = the_definition('declare -a names=(\n  "A" # c\n  OPENROUTER_API_KEY\n)\n').value
    assert isinstance(value, Seq)
    assert [node.value for node in value.items if isinstance(node, Str)] == ["A", KEY]


def test_a_switched_off_assignment() -> None:
    found = the_definition('# export X="v"\n# Set X=v to use it\n')
    assert (found.name, found.commented, found.span) == ("X", True, (0, 14))


def test_regions() -> None:
    text = "#!/bin/sh\na \"b $(c 'd')\" 'e' # f\ncat <<E\ng\nE\n"
    assert [(region.kind, text[slice(*region.span)]) for region in lowered(text).regions] == [
        (RegionKind.COMMENT, "#!/bin/sh"),
        (RegionKind.STRING, "\"b $(c 'd')\""),
        (RegionKind.STRING, "'e'"),
        (RegionKind.COMMENT, "# f"),
        (RegionKind.STRING, "g\n"),
    ]


def test_nothing_is_said_twice() -> None:
    text = 'X=$A docker run -e X=$X -e Y="$Z" i; echo "K=$K" > .env; gh secret set S --body "$S"\n'
    spans = [node.name_span for node in walk(lowered(text)) if isinstance(node, EnvDef | EnvRef)]
    assert len(spans) == len(set(spans)) == 10


def test_a_piece_of_a_file_counts_from_its_offset() -> None:
    whole = 'run: |\n  export X="$Y"\n'
    found = shell.nodes("a.yml", whole[7:], 7)
    [definition] = found
    assert isinstance(definition, EnvDef)
    assert whole[slice(*definition.name_span)] == "X"
    assert isinstance(definition.value, EnvRef)
    assert whole[slice(*definition.value.span)] == "$Y"


TOKENS = [
    "X=v", "export ", "$X", "${X", "${X:-", "}", "$(", ")", "`", "'", '"', "\\", "\n", "\r\n", " ", "\t", "#", "<<EOF\n", "EOF\n",
    "|", ";", "&", "(", "((", "[[ ", "]]", "case ", " in ", "esac", ";;", "docker run ", "-e X=", "a/b", " > .env", "echo ", "grep ",
    "{ ", "do ", "done ", "é", "𝄞", "\0", "gh secret set ", "printf ", "%s", "declare -a ", "env ", "${{ x }}", "bash -c ",
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)))
def test_any_text_is_read(text: str) -> None:
    module = shell.lower(source(text.encode("utf-8", "replace").decode(), "a.sh"))
    assert_spans(module, text.encode("utf-8", "replace").decode())
    starts = [node.span.start for node in module.body]
    assert starts == sorted(starts)


@pytest.mark.parametrize("piece", ["$(", '"$(', "${X:-", "`", "((", "[[ ", "a=(", "<<E\n", "{ ", "case x in\n"])
def test_deep_nesting_is_read(piece: str) -> None:
    lowered(piece * 5000)
