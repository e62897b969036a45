from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.formats.shell import batch as batch_files
from migrator.formats.shell import powershell
from migrator.formats.tree import EnvRef, Join, Module, Name, RegionKind, Str
from tests.formats.probing import assert_spans, definitions, source, walk


def lowered(text: str, *, batch: bool = False) -> Module:
    module = batch_files.lower(source(text, "a.bat")) if batch else powershell.lower(source(text, "a.ps1"))
    assert_spans(module, text)
    assert module.language == ("batch" if batch else "powershell")
    return module


def defined(text: str, *, batch: bool = False) -> list[tuple[str, str, str]]:
    return [(node.name, node.how, text[slice(*node.span)]) for node in definitions(lowered(text, batch=batch))]


def referred(text: str, *, batch: bool = False) -> list[tuple[str, str, str]]:
    found = [node for node in walk(lowered(text, batch=batch)) if isinstance(node, EnvRef)]
    return [(node.name, node.how, text[slice(*node.span)]) for node in sorted(found, key=lambda node: node.span)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('$env:X = "v"', [("X", "powershell-env", '$env:X = "v"')]),
        ("$Env:X='v'; $env:Y = $env:Z # c\r\n", [("X", "powershell-env", "$Env:X='v'"), ("Y", "powershell-env", "$env:Y = $env:Z")]),
        ('if ($env:X -eq "v") { }', []),
        ('[Environment]::SetEnvironmentVariable("X", "v", "User")', [("X", "powershell-method", '[Environment]::SetEnvironmentVariable("X", "v"')]),
        ("Set-Item -Path Env:X -Value 'v'", [("X", "powershell-env", "Env:X -Value 'v'")]),
        ('@"\r\n# A=1\r\nX=é\r\n"@ | Out-File ".env"\r\n', [("A", "heredoc-dotenv", "# A=1"), ("X", "heredoc-dotenv", "X=é")]),
        ('$t = @"\nX=1\n"@\n$t | Set-Content .env\n', [("X", "heredoc-dotenv", "X=1")]),
        ('@"\nX=1\n"@ | Out-File "notes.txt"\n', []),
        ("docker run `\n  -e X=$env:X `\n  app\n", [("X", "docker-run", "-e X=$env:X")]),
        ("gh secret set X", [("X", "store-command", "gh secret set X")]),
        ("# $env:X = 1\n<# $env:Y = 2 #>", []),
    ],
)  # fmt: skip
def test_definitions_in_powershell(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert defined(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a "Bearer $env:X" ${env:Y}', [("X", "powershell", "$env:X"), ("Y", "powershell", "${env:Y}")]),
        ("a '$env:X' `$env:Y", []),
        ('a "`$env:X $(b "$env:Y")"', [("Y", "powershell", "$env:Y")]),
        ("Test-Path Env:X; Remove-Item env:\\Y", [("X", "powershell-drive", "Env:X"), ("Y", "powershell-drive", "env:\\Y")]),
        ('Test-Path "Env:X"', [("X", "powershell-drive", "Env:X")]),
        ("[System.Environment]::GetEnvironmentVariable('X')", [("X", "powershell-method", "[System.Environment]::GetEnvironmentVariable('X'")]),
        ("$env:QA_X_BACKUP", [("QA_X_BACKUP", "powershell", "$env:QA_X_BACKUP")]),
    ],
)  # fmt: skip
def test_references_in_powershell(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert referred(text) == expected


def test_an_image_says_whose_variable_it_is() -> None:
    text = "docker run `\r\n  -e X=1 `\r\n  ghcr.io/a/b:1\r\n"
    assert [node.owner for node in definitions(lowered(text))] == ["image:ghcr.io/a/b:1"]


def test_strings_with_variables_are_joined() -> None:
    [node] = lowered('"Bearer $key"').body
    assert isinstance(node, Join)
    assert [type(part) for part in node.parts] == [Str, Name]
    [url] = lowered("Invoke-RestMethod -Uri https://openrouter.ai/api/v1/models").body
    assert isinstance(url, Str)
    assert url.value == "https://openrouter.ai/api/v1/models"


def test_regions_in_powershell() -> None:
    text = "<# a #> b 'c' # d\r\n"
    assert [(region.kind, text[slice(*region.span)]) for region in lowered(text).regions] == [
        (RegionKind.COMMENT, "<# a #>"),
        (RegionKind.STRING, "'c'"),
        (RegionKind.COMMENT, "# d"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('set X=v\r\nset "Y=a b"\r\n', [("X", "batch-set", "set X=v"), ("Y", "batch-set", 'set "Y=a b"')]),
        ("set /p X=Key: ", [("X", "batch-read", "set /p X=Key:")]),
        ('setx X "%Y%" /M', [("X", "batch-setx", 'setx X "%Y%"')]),
        ("echo X=%X%>> .env", [("X", "echo-dotenv", "X=%X%")]),
        ("docker run -e X=%X% app", [("X", "docker-run", "-e X=%X%")]),
        ("REM set X=1\n:: set Y=2\n@rem set Z=3\n", []),
        ("echo reset X=1", []),
    ],
)
def test_definitions_in_batch(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert defined(text, batch=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('if "%X%"=="" echo !Y!', [("X", "batch", "%X%"), ("Y", "batch", "!Y!")]),
        ("if not defined X exit /b 1", [("X", "batch-defined", "X")]),
        ('findstr "ABC=" .env', [("ABC", "shell-pattern", "ABC")]),
        ("set X=%Y:a=b%", [("Y", "batch", "%Y:a=b%")]),
        ("python a.py %1 %~dp0", []),
    ],
)
def test_references_in_batch(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert referred(text, batch=True) == expected


TOKENS = ["$env:X", "${env:X}", " = ", '"', "'", "`", "$(", ")", "@\"\n", "\n\"@", "#", "<#", "#>", "\n", "\r\n", "docker run ", "-e X=", "%X%", "set ", "X=v", ";", "{", "}", "é", "Env:X", "[Environment]::SetEnvironmentVariable('X', "]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)), st.booleans())
def test_any_text_is_read(text: str, batch: bool) -> None:
    text = text.encode("utf-8", "replace").decode().removeprefix("\ufeff")
    lowered(text, batch=batch)
