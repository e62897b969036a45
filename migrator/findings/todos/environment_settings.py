"""Variables that a framework reads by its own rule: where one still holds OpenRouter's address, it comes before what the tree says."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.analysis.analysis import Analysis
from migrator.analysis.framework_settings.of_connections import EnvironmentSetting, environment_settings
from migrator.catalog.urls import find_urls, moved
from migrator.model import Target, Todo


def environment_setting_todos(analysis: Analysis) -> Iterator[Todo]:
    """One chore for each variable: what takes its place, or that it has to go before the new key is set."""
    moving = [party for move in analysis.moves if not move.unsafe or analysis.options.unsafe for party in move.connections]
    renamed = {variable.name for move in analysis.moves for variable in move.variables}
    told: dict[str, Todo] = {}
    for party in moving:
        for setting in environment_settings(analysis, party):
            unread = bool(setting.new_variable) and not setting.is_address
            if setting.variables[0] not in told and not renamed & set(setting.variables) and not unread:
                told[setting.variables[0]] = _todo(analysis, setting)
    yield from (todo for _, todo in sorted(told.items()))


def _todo(analysis: Analysis, setting: EnvironmentSetting) -> Todo:
    name, others = setting.variables[0], setting.variables[1:]
    place = f"{setting.path}:{analysis.repository.files[setting.path].lines.line(setting.offset)}"
    said = f"{setting.framework} takes {setting.name} from {name}{f' or {others[0]}' if others else ''} by itself, before {place}"
    held = "address" if setting.is_address else "key"
    value = _value(setting, analysis.target) if setting.is_address else None
    if setting.new_variable:
        return Todo(
            title=f"Where {name} is set outside this repository, set {setting.new_variable} to {value} or leave it out",
            detail=f"{name} is not read any more and can be removed.", command=None, because=said, kind="remove", variable=name,
            where=(place,), secret=False,
        )  # fmt: skip
    return Todo(
        title=f"Remove {name} wherever it is set, before the new key is" + (f", or set it to {value}" if value else ""),
        detail=f"OpenRouter's {held} in it would be used with the target's {'key' if setting.is_address else 'address'}.",
        command=None, because=said, kind="remove", variable=name, where=(place,), secret=not setting.is_address,
    )  # fmt: skip


def _value(setting: EnvironmentSetting, target: Target) -> str:
    """The address that the setting has after the run."""
    for url in find_urls(setting.value)[:1]:
        change = moved(url, target)
        if change is not None:
            return setting.value[: change[0]] + change[2] + setting.value[change[1] :]
    return target.openai_base
