from __future__ import annotations

import contextlib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.config.yaml import lower
from migrator.formats.tree import Const, EnvDef, Item, Join, Module, Obj, Other, RegionKind, Seq, Str, Unreadable
from tests.formats.probing import assert_spans, defined, definitions, referred, renamed, source

WORKFLOW = ".github/workflows/ci.yml"


def read(text: str, path: str = "config.yaml") -> Module:
    module = lower(source(text, path))
    assert_spans(module, text)
    return module


def root(module: Module) -> Obj:
    first = module.body[0]
    assert isinstance(first, Obj)
    return first


def value_of(module: Module, key: str) -> Any:
    return next(item.value for item in root(module).items if isinstance(item.key, Str) and item.key.value == key)


# ---------------------------------------------------------------- the tree


def test_scalars_of_every_style_have_exact_spans() -> None:
    text = (
        "plain: a b\n\"dq\": \"x \\\"y\\\"\"  # note\n'sq': 'it''s'\nlit: |\n  one\n   two\n\nfold: >-\n  a\n  b\nnum: 12\nyes: true\n"
        "none:\nanchored: &a !!str 5\nemoji: 🙂 ü\nlong: one\n  two\nlast: z"
    )
    module = read(text)
    loaded = yaml.safe_load(text)
    shown = {item.key.value: item for item in root(module).items if isinstance(item.key, Str)}
    assert list(shown) == ["plain", "dq", "sq", "lit", "fold", "num", "yes", "none", "anchored", "emoji", "long", "last"]
    for key in ("plain", "dq", "sq", "anchored", "emoji", "long", "last"):
        value = shown[key].value
        assert isinstance(value, Str)
        assert value.value == loaded[key]
    assert text[slice(*shown["dq"].value.span)] == '"x \\"y\\""'
    assert text[slice(*shown["lit"].value.span)] == "|\n  one\n   two"
    assert text[slice(*shown["anchored"].value.span)] == "5"
    assert isinstance(shown["num"].value, Const)
    assert isinstance(shown["none"].value, Const)
    assert [text[slice(*r.span)] for r in module.regions if r.kind is RegionKind.COMMENT] == ["# note"]


def test_comments_are_told_from_hashes_in_scalars() -> None:
    text = "# top\na: 'x # no' # yes\n\"k # no\": v#no\nb: |  # in the header\n  # no\n  text\n# end\n"
    comments = [text[slice(*r.span)] for r in read(text).regions if r.kind is RegionKind.COMMENT]
    assert comments == ["# top", "# yes", "# end"]


def test_collections_end_with_their_last_child() -> None:
    text = "a:\n  - 1\n  - {b: 2, c: [3]}  # note\n\n# tail\nd: {}\n"
    module = read(text)
    sequence = value_of(module, "a")
    assert isinstance(sequence, Seq)
    assert text[slice(*sequence.span)] == "- 1\n  - {b: 2, c: [3]}"
    assert text[slice(*value_of(module, "d").span)] == "{}"


def test_documents_duplicates_and_complex_keys_are_kept() -> None:
    text = "a: 1\na: 2\n? [x]\n: 3\n---\nb: 4\n"
    module = read(text)
    assert len(root(module).items) == 3
    assert len([node for node in module.body if isinstance(node, Obj)]) == 2


def test_an_alias_stays_a_leaf_and_a_merge_has_no_key() -> None:
    text = "base: &base\n  a: 1\nuse: *base\nmore:\n  <<: *base\n  b: 2\n"
    module = read(text)
    alias = value_of(module, "use")
    assert alias == Other(alias.span, "alias", ())
    assert text[slice(*alias.span)] == "*base"
    merge = value_of(module, "more").items[0]
    assert isinstance(merge, Item)
    assert merge.key is None


def test_what_a_block_scalar_interpolates_is_where_it_stands() -> None:
    text = "a:\n    b: |\n      first\n        ${DEEP}\r\n      last ${X:-d}\n"
    module = read(text)
    assert [name for name, _, _ in referred(module)] == ["DEEP", "X"]


@pytest.mark.parametrize(
    ("scalar", "name", "how"),
    [
        ("${OPENROUTER_API_KEY}", "OPENROUTER_API_KEY", "placeholder"),
        ("'${OPENROUTER_API_KEY:-none}'", "OPENROUTER_API_KEY", "placeholder"),
        ("${OPENROUTER_API_KEY:spring}", "OPENROUTER_API_KEY", "placeholder"),
        ("Bearer $OPENROUTER_API_KEY", "OPENROUTER_API_KEY", "placeholder"),
        ("os.environ/OPENROUTER_API_KEY", "OPENROUTER_API_KEY", "litellm"),
        ("${oc.env:OPENROUTER_API_KEY,null}", "OPENROUTER_API_KEY", "omegaconf"),
        ("${env:OPENROUTER_API_KEY, 'x'}", "OPENROUTER_API_KEY", "env-scheme"),
        ("'{env:OPENROUTER_API_KEY}'", "OPENROUTER_API_KEY", "env-brace"),
        ("'{{ env.OPENROUTER_API_KEY }}'", "OPENROUTER_API_KEY", "template-env"),
        ("\"{{ lookup('env', 'OPENROUTER_API_KEY') }}\"", "OPENROUTER_API_KEY", "template-env"),
        ("!ENV ${OPENROUTER_API_KEY}", "OPENROUTER_API_KEY", "placeholder"),
        ("${{ secrets.OPENROUTER_API_KEY }}", "OPENROUTER_API_KEY", "actions-secret"),
        ('"\\u00fc \\"${OPENROUTER_API_KEY}\\""', "OPENROUTER_API_KEY", "placeholder"),
    ],
)
def test_interpolations(scalar: str, name: str, how: str) -> None:
    module = read(f"key: {scalar}\n")
    assert [(n, h) for n, h, _ in referred(module)] == [(name, how)]
    assert isinstance(value_of(module, "key"), Join)


@pytest.mark.parametrize(
    "scalar", ["costs $5", "$ref", "'^[a-z]$'", "${a.b.c}", "$${X}", "'{{ user.name }}'", "${", "${{ unclosed"]
)
def test_no_interpolations(scalar: str) -> None:
    assert referred(read(f"key: {scalar}\n")) == []


def test_a_value_that_names_a_variable() -> None:
    text = (
        "a:\n  api_key_env: OPENROUTER_API_KEY\n  apiKeyEnvar: 'OPENROUTER_API_KEY'\n  env_key: lower\n  name: OPENROUTER_API_KEY\n"
    )
    assert referred(read(text)) == [("OPENROUTER_API_KEY", "env-name-value", "")] * 2


# ---------------------------------------------------------------- compose


def test_compose_environment_in_its_forms_and_whose_names_they_are() -> None:
    text = (
        "x-env: &env\n  SHARED_KEY: ${SHARED_KEY}\nservices:\n  own:\n    build:\n      context: .\n      args:\n        - ARG_KEY\n"
        '    environment:\n      <<: *env\n      OPENROUTER_API_KEY: "${OPENROUTER_API_KEY:?set it}"\n      PASSED:\n      n: 1\n'
        "  other:\n    image: ghcr.io/x/y:1\n    environment:\n      - OPENROUTER_API_KEY=${OPENROUTER_API_KEY}\n      - 'PASSED'\n"
        "      - LITERAL=$$X\n"
    )
    module = read(text, "docker-compose.yml")
    assert defined(module) == [
        ("SHARED_KEY", "compose-map", ""),
        ("ARG_KEY", "compose-arg", ""),
        ("OPENROUTER_API_KEY", "compose-map", ""),
        ("PASSED", "compose-map", ""),
        ("n", "compose-map", ""),
        ("OPENROUTER_API_KEY", "compose-list", "image:ghcr.io/x/y:1"),
        ("PASSED", "compose-list", "image:ghcr.io/x/y:1"),
        ("LITERAL", "compose-list", "image:ghcr.io/x/y:1"),
    ]
    entries = definitions(module)
    assert text[slice(*entries[2].span)] == 'OPENROUTER_API_KEY: "${OPENROUTER_API_KEY:?set it}"'
    assert entries[3].value is None
    assert entries[6].value is None
    assert [how for name, how, _ in referred(module) if name == "OPENROUTER_API_KEY"] == ["compose", "compose"]


def test_one_anchor_under_two_owners_is_two_definitions_at_one_place() -> None:
    text = "x: &e {K_1: v}\nservices:\n  a: {build: ., environment: *e}\n  b: {image: i, environment: *e}\n  c: {build: ., environment: *e}\n"
    assert defined(read(text, "compose.yaml")) == [("K_1", "compose-map", ""), ("K_1", "compose-map", "image:i")]


def test_compose_command_expands_twice() -> None:
    text = 'services:\n  a:\n    build: .\n    command: sh -c "echo $${INNER_KEY} ${OUTER_KEY}"\n    entrypoint: ["sh", "-c", "run $$DEEP_KEY"]\n'
    refs = {(name, how) for name, how, _ in referred(read(text, "compose.yml"))}
    assert refs == {("INNER_KEY", "shell"), ("OUTER_KEY", "compose"), ("DEEP_KEY", "shell")}


# ---------------------------------------------------------------- GitHub Actions


def test_actions_env_secrets_and_conditions_at_every_level() -> None:
    text = (
        "on: push\nenv:\n  A_KEY: ${{ secrets.A_KEY }}\njobs:\n  j:\n    if: vars.B_KEY != ''\n    env: {C_KEY: \"${{ vars['C_KEY'] }}\"}\n"
        "    steps:\n      - if: env.A_KEY != '' && 'env.NOT_KEY' != ''\n        env:\n          D_KEY: x-${{ secrets.D_KEY || env.E_KEY }}\n"
        '        run: |\n          export F_KEY=${{ secrets.F_KEY }}\n          curl -H "Authorization: Bearer $A_KEY"\n'
    )
    module = read(text, WORKFLOW)
    assert [entry[:2] for entry in defined(module) if entry[0] != "F_KEY"] == [
        ("A_KEY", "actions-env"),
        ("C_KEY", "actions-env"),
        ("D_KEY", "actions-env"),
    ]
    assert "F_KEY" in {name for name, _, _ in defined(module)}
    assert ("A_KEY", "shell", "") in referred(module)
    hosted = {(name, how, owner) for name, how, owner in referred(module) if how.startswith("actions-")}
    assert hosted == {
        ("A_KEY", "actions-secret", "store:github-secrets"),
        ("B_KEY", "actions-var", "store:github-variables"),
        ("C_KEY", "actions-var", "store:github-variables"),
        ("A_KEY", "actions-env-ref", ""),
        ("D_KEY", "actions-secret", "store:github-secrets"),
        ("E_KEY", "actions-env-ref", ""),
        ("F_KEY", "actions-secret", "store:github-secrets"),
    }


def test_inputs_of_actions_belong_to_the_action() -> None:
    text = (
        "on: push\njobs:\n  j:\n    steps:\n      - uses: appleboy/ssh-action@v1\n        env:\n          A_KEY: ${{ secrets.A_KEY }}\n"
        "        with:\n          api_key: ${{ secrets.A_KEY }}\n          envs: |\n            A_KEY,\n            lower,\n            B_KEY\n"
        "          script: |\n            docker run -e A_KEY=${A_KEY} img\n      - uses: ./local\n        with:\n          api_key: x\n"
        "      - uses: docker/build-push-action@v6\n        with:\n          build-args: |\n            A_KEY=${{ secrets.A_KEY }}\n"
        "  k:\n    uses: o/r/.github/workflows/w.yml@main\n    secrets:\n      A_KEY: ${{ secrets.A_KEY }}\n"
    )
    module = read(text, WORKFLOW)
    facts = defined(module)
    assert ("api_key", "actions-with", "action:appleboy/ssh-action@v1") in facts
    assert ("api_key", "actions-with", "interface:./local") in facts
    assert ("A_KEY", "actions-build-arg", "") in facts
    assert ("A_KEY", "actions-with", "workflow:o/r/.github/workflows/w.yml@main") in facts
    listed = [name for name, how, _ in referred(module) if how == "actions-name-list"]
    assert listed == ["A_KEY", "B_KEY"]
    assert ("A_KEY", "shell", "") in referred(module)


def test_the_interface_of_a_reusable_workflow_is_not_a_store() -> None:
    text = (
        "on:\n  workflow_call:\n    secrets:\n      A_KEY:\n        required: true\n    inputs:\n      model: {type: string}\n"
        "jobs:\n  j:\n    steps:\n      - run: x\n        env:\n          A_KEY: ${{ secrets.A_KEY }}\n          B_KEY: ${{ secrets.B_KEY }}\n"
    )
    module = read(text, WORKFLOW)
    assert ("A_KEY", "actions-input", "interface:workflow_call") in defined(module)
    assert ("model", "actions-input", "interface:workflow_call") in defined(module)
    assert [entry for entry in referred(module) if entry[1] == "actions-secret"] == [
        ("A_KEY", "actions-secret", "interface:workflow_call"),
        ("B_KEY", "actions-secret", "store:github-secrets"),
    ]


def test_a_composite_action_has_inputs_and_steps() -> None:
    text = (
        "inputs:\n  openrouter_api_key:\n    required: true\nruns:\n  using: composite\n  steps:\n    - shell: bash\n"
        "      env:\n        A_KEY: ${{ inputs.openrouter_api_key }}\n      run: echo $A_KEY\n"
    )
    module = read(text, "action.yml")
    assert defined(module) == [("openrouter_api_key", "actions-input", "interface:action"), ("A_KEY", "actions-env", "")]
    assert ("openrouter_api_key", "actions-input-ref", "interface:inputs") in referred(module)
    assert ("A_KEY", "shell", "") in referred(module)


@pytest.mark.parametrize("step", ["shell: pwsh\n        run: echo $A_KEY", "shell: python\n        run: x = '$A_KEY'"])
def test_text_for_another_shell_is_not_read_as_shell(step: str) -> None:
    module = read(f"on: push\njobs:\n  j:\n    steps:\n      - {step}\n", WORKFLOW)
    assert referred(module) == []


# ---------------------------------------------------------------- other hosts


@pytest.mark.parametrize(
    ("path", "text", "how"),
    [
        (".gitlab-ci.yml", "variables:\n  A_KEY: $A_SECRET\n", "gitlab-variables"),
        (".gitlab-ci.yml", "job:\n  variables:\n    A_KEY: {value: x, description: y}\n", "gitlab-variables"),
        (".circleci/config.yml", "jobs:\n  b:\n    environment:\n      A_KEY: x\n", "circleci-env"),
        (".circleci/config.yml", "jobs:\n  b:\n    environment:\n      - A_KEY: x\n", "circleci-env"),
        ("azure-pipelines.yml", "variables:\n  - name: A_KEY\n    value: x\n", "azure-env"),
        ("render.yaml", "services:\n  - type: web\n    envVars:\n      - key: A_KEY\n        sync: false\n", "render-env"),
        ("serverless.yml", "provider:\n  environment:\n    A_KEY: ${env:A_KEY}\n", "serverless-env"),
        (
            "template.yaml",
            "Resources:\n  F:\n    Properties:\n      Environment:\n        Variables:\n          A_KEY: !Ref P\n",
            "sam-env",
        ),
        ("app.yaml", "env_variables:\n  A_KEY: x\n", "gae-env"),
        ("playbook.yml", "- hosts: all\n  environment:\n    A_KEY: x\n", "yaml-env"),
        ("chart/values.yaml", "env:\n  A_KEY: x\n", "helm-values"),
        ("chart/values.yaml", "extraEnv:\n  - name: A_KEY\n    value: x\n", "helm-values"),
        ("librechat.yaml", "a:\n  env:\n    A_KEY: x\n    lower: y\n", "yaml-env"),
        ("deploy/.env.yaml", "A_KEY: x\nlower: y\n", "yaml-env"),
    ],
)
def test_environment_blocks_of_other_hosts(path: str, text: str, how: str) -> None:
    assert defined(read(text, path)) == [("A_KEY", how, "")]


def test_kubernetes_names_and_the_keys_of_its_stores() -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: c\n          env:\n"
        "            - name: A_KEY\n              valueFrom:\n                secretKeyRef:\n                  name: creds\n"
        '                  key: A_KEY\n            - name: B_URL\n              value: https://x\n          args: ["--key=$(A_KEY)"]\n'
        "---\napiVersion: v1\nkind: Secret\nstringData:\n  A_KEY: x\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  B_URL: y\n"
        "---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    A_KEY: abc\n"
    )
    module = read(text, "k8s/all.yaml")
    assert defined(module) == [
        ("A_KEY", "k8s-env", ""),
        ("B_URL", "k8s-env", ""),
        ("A_KEY", "k8s-secret", ""),
        ("B_URL", "k8s-config", ""),
        ("A_KEY", "k8s-secret", "sealed:SealedSecret"),
    ]
    assert referred(module) == [("A_KEY", "k8s-secret-key", "store:k8s-secret:creds"), ("A_KEY", "macro", "")]


def test_an_encrypted_document_is_sealed() -> None:
    text = "A_KEY: ENC[AES256_GCM,data:x]\nsub:\n  B_KEY: ENC[x]\nsops:\n  mac: ENC[y]\n"
    assert defined(read(text)) == [("A_KEY", "yaml-env", "sealed:sops"), ("B_KEY", "yaml-env", "sealed:sops")]


def test_secrets_of_continue_are_in_its_own_store() -> None:
    text = "name: x\nschema: v1\nmodels:\n  - provider: openrouter\n    apiKey: ${{ secrets.A_KEY }}\n"
    assert referred(read(text)) == [("A_KEY", "actions-secret", "store:continue-secrets")]


def test_kamal_lists_its_secrets() -> None:
    module = read("env:\n  clear:\n    A_KEY: x\n  secret:\n    - B_KEY\n", "config/deploy.yml")
    assert defined(module) == [("A_KEY", "yaml-env", "")]
    assert referred(module) == [("B_KEY", "env-name-value", "")]


def test_folded_and_quoted_shell_text_keeps_its_place() -> None:
    text = "job:\n  script:\n    - >\n      export\n      A_KEY=1\n    - \"echo \\\"$B_KEY\\\"\"\n    - 'echo ''x'' $C_KEY'\n  after_script: echo $D_KEY\n"
    module = read(text, ".gitlab-ci.yml")
    assert [name for name, _, _ in defined(module)] == ["A_KEY"]
    assert [name for name, _, _ in referred(module)] == ["B_KEY", "C_KEY", "D_KEY"]


def test_a_heredoc_in_an_indented_block_ends_where_it_should() -> None:
    text = "on: push\njobs:\n  j:\n    steps:\n      - run: |\n          cat <<EOF > f\n          x\n          EOF\n          echo $AFTER_KEY\n"
    assert ("AFTER_KEY", "shell", "") in referred(read(text, WORKFLOW))


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [1\n", 2, "not valid YAML"),
        ("a: {{ .Values.x }}\n{{- end }}\n", 0, "template"),
        ("a: 1\n\tb: 2\n", 2, "not valid YAML"),
        ("a: \x01\n", 0, "not valid YAML"),
        ("x: " + "[" * 5000 + "]" * 5000, 1, "nested"),
        ("\n".join(" " * i + "a:" for i in range(1000)), 200, "nest"),
    ],
)
def test_unreadable_files_say_where(text: str, line: int, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as caught:
        read(text)
    assert line in (0, caught.value.line, caught.value.line - 1)
    assert "\n" not in caught.value.message


def test_a_file_of_data_is_refused() -> None:
    with pytest.raises(Unreadable, match="too large"):
        read("- openrouter\n" * 500_000)


def test_an_alias_bomb_costs_what_its_text_costs() -> None:
    levels = ["a0: &a0 {K_0: v}"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 20)}]" for i in range(1, 30)]
    levels += [f"m{i}: &m{i} {{<<: [{', '.join([f'*m{i - 1}' if i else '*a0'] * 20)}]}}" for i in range(30)]
    text = "\n".join([*levels, "env: *m29", "services: {a: {image: x, environment: *m29, command: *a29}}", "sops: {}"])
    for path in ("c.yaml", "compose.yaml"):
        assert {name for name, _, _ in defined(read(text, path))} == {"K_0"}


def test_aliases_that_multiply_entries_are_refused() -> None:
    many = "\n".join(f"  K_{i}: v" for i in range(4000))
    services = "\n".join(f"  s{i}: {{image: i{i}, environment: *e}}" for i in range(4000))
    with pytest.raises(Unreadable, match="aliases"):
        read(f"x: &e\n{many}\nservices:\n{services}\n", "compose.yaml")


def test_an_anchor_inside_itself_and_an_unknown_alias_do_no_harm() -> None:
    assert defined(read("a: &a\n  env: *a\n  A_KEY: 1\nb: *nowhere\n")) == []


# ---------------------------------------------------------------- laws

_SCALARS = st.sampled_from(["x", '"a: b # c"', "'it''s'", "12", "", "${OPENROUTER_API_KEY}", "|\n        one\n\n        two", ">-\n        a\n        b", "ü🙂", '"\\t\\u00e9"'])  # fmt: skip
_KEYS = st.sampled_from(["OPENROUTER_API_KEY", '"OPENROUTER_API_KEY"', "OTHER_KEY", "'B_KEY'", "low"])
_ENTRIES = st.lists(st.tuples(_KEYS, _SCALARS, st.sampled_from(["", "      # note"])), min_size=1, max_size=5)


@given(_ENTRIES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from(["compose.yml", "c.yaml"]))
@settings(max_examples=100, deadline=None)
def test_renaming_changes_one_key_and_no_other_byte(entries: list[tuple[str, str, str]], end: str, final: bool, path: str) -> None:
    lines = ["services:  # s", "  a:", "    build: .", "    environment: &e"]
    for key, value, comment in entries:
        lines += [f"      {key}: {value}", *([comment] if comment else [])]
    lines += ["  b:", "    build: .", "    environment: *e"]
    text = "\n".join(lines).replace("\n", end) + (end if final else "")
    module = read(text, path)
    after = renamed(module, text, {"OPENROUTER_API_KEY": "MG_KEY"})
    before = yaml.safe_load(text)
    for service in before["services"].values():
        service["environment"] = {("MG_KEY" if k == "OPENROUTER_API_KEY" else k): v for k, v in service["environment"].items()}
    assert yaml.safe_load(after) == before
    assert after.replace("MG_KEY", "OPENROUTER_API_KEY") == text


@given(st.text(alphabet="ab:-#[]{}|>&*!'\" \t\n\r$?,é🙂", max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_or_refused_and_spans_hold(text: str) -> None:
    with contextlib.suppress(Unreadable):
        read(text)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(alphabet="ab #:'\"\\\n é🙂$", max_size=12)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text(alphabet="ab_:# ", max_size=5), inner, max_size=3)
        ),
        max_leaves=12,
    ),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_strings_of_the_tree_are_the_strings_of_the_data(data: Any, flow: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    module = read(text)
    assert sorted(_strings(module.body[0])) == sorted(_loaded(yaml.safe_load(text)))


def _strings(node: Any) -> list[str]:
    match node:
        case Obj(items=items):
            return [text for item in items for text in _strings(item.value)]
        case Seq(items=items):
            return [text for item in items for text in _strings(item)]
        case Str(value=value):
            return [value]
        case _:
            return []


def _loaded(data: Any) -> list[str]:
    match data:
        case dict():
            return [text for value in data.values() for text in _loaded(value)]
        case list():
            return [text for value in data for text in _loaded(value)]
        case str():
            return [data]
        case _:
            return []


def test_definitions_come_in_text_order() -> None:
    module = read("env:\n  B_KEY: 1\n  A_KEY: 2\nother:\n  env: [C_KEY=3]\n")
    starts = [node.span.start for node in module.body if isinstance(node, EnvDef)]
    assert starts == sorted(starts)
    assert len(starts) == 3
