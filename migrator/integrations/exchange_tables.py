"""What takes the place of a client with OpenRouter built in: `[client.give]` and `[client.exchange]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.integrations.exchange import WAYS, Exchange, Method, Packages, Request
from migrator.integrations.schema import (
    Give,
)
from migrator.integrations.tables import Tables


class ExchangeTables(Tables):
    """Reads what becomes of a client."""

    def exchange(self, table: Mapping[str, Any], where: str, callees: Mapping[str, tuple[str, ...]]) -> Exchange:
        """Another library's class that takes its place, with its calls and replies."""
        texts = ("awaited", "key", "given", "prefix", "told", "within")
        lists = ("imports", "positional", "reply", "wider")
        maps = ("extra", "browser", "names")
        self.check_keys(
            table,
            ("old", "new", "needs", "drops", "oldest", "arguments", "method", "empty", "closed", *texts, *lists, *maps),
            where,
        )
        old = self.text(table, "old", where)
        language = next((name for name, names in callees.items() if old in names), "")
        if not language:
            self.complain(f"old: {old} is no callee of this client", where, "old")
        methods = table.get("method", [])
        if not isinstance(methods, list):
            self.complain("method: begin each one with [[client.exchange.method]]", where, "method")
        drops, oldest = self.text(table, "drops", where, default=""), self.text(table, "oldest", where, default="")
        return Exchange(
            old=old,
            new=self.text(table, "new", where, default=old),
            packages=Packages(language=language, needs=self.text(table, "needs", where), drops=drops, oldest=oldest)
            if "needs" in table
            else None,
            empty=self.flag(table, "empty", where),
            closed=self.flag(table, "closed", where),
            methods=tuple(self._method(row, where) for row in methods),
            arguments=self._becoming(table, where),
            **{key: self.names(table, key, where) for key in maps},  # type: ignore[arg-type]
            **{key: self.text(table, key, where) for key in texts if key in table},  # type: ignore[arg-type]
            **{key: self.texts(table, key, where, default=()) for key in lists},  # type: ignore[arg-type]
        )

    def _method(self, row: Mapping[str, Any], where: str) -> Method:
        self.check_keys(row, ("old", "new", "awaited", "arguments", "extra", "streamed", "request"), where, "method")
        return Method(
            old=self.text(row, "old", where),
            new=self.text(row, "new", where, default=""),
            awaited=self.flag(row, "awaited", where),
            arguments=self._becoming(row, where),
            extra=self.names(row, "extra", where),
            streamed=self.names(row, "streamed", where),
            request=self._request(row["request"], where) if "request" in row else None,
        )

    def _request(self, table: Mapping[str, Any], where: str) -> Request:
        lists = ("wrapped", "keys", "beyond", "open", "deep")
        self.check_keys(table, lists, where, "request")
        return Request(**{key: self.texts(table, key, where, default=()) for key in lists})

    def _becoming(self, table: Mapping[str, Any], where: str) -> Mapping[str, str]:
        """What arguments become, by their names; a list of names means that they stay."""
        given = table.get("arguments", {})
        if isinstance(given, list):
            return {name: name for name in self.texts(table, "arguments", where)}
        rows = self.names(table, "arguments", where)
        for name, way in rows.items():
            head, _, tail = way.partition(" ")
            if name != "same" and tail and head not in WAYS:
                self.complain(f"arguments: {name} becomes a name, or one of {', '.join(WAYS)} and a name", where, name)
        same = {name: name for name in rows.get("same", "").split()}
        return same | {name: way for name, way in rows.items() if name != "same"}

    def give(self, table: Mapping[str, Any], where: str, callees: Mapping[str, tuple[str, ...]]) -> Give:
        """Arguments that make it a client of any gateway."""
        texts = ("read", "arguments", "model")
        known = ("maker", "instance", "extra", "refuse", "need", "imports", "plain", "empty", "closed", "bare", *texts)
        self.check_keys(table, known, where)
        maker = self.text(table, "maker", where, default="")
        if maker and not any(maker in names for names in callees.values()):
            self.complain(f"maker: {maker} is no callee of this client", where, "maker")
        if "instance" in table and not maker:
            self.complain("instance: say the maker too, which a ready-made client is replaced by", where, "instance")
        imports = self.table(table, "imports", where)
        for key in ("imports", *texts):
            for language in self.table(table, key, where).keys() - set(callees):
                self.complain(f"{key}: names {language}, of which there are no callees here", where, key)
        return Give(
            maker=maker,
            instance=self.text(table, "instance", where, default="") or None,
            extra={key: self.text(self.table(table, "extra", where), key, where) for key in self.table(table, "extra", where)},
            refuse=self.texts(table, "refuse", where, default=()),
            imports={language: self.texts(imports, language, where, "imports") for language in imports},
            need=self.texts(table, "need", where, default=()),
            plain=self.texts(table, "plain", where, default=()),
            empty=self.flag(table, "empty", where),
            closed=self.flag(table, "closed", where),
            bare=self.flag(table, "bare", where),
            **{
                key: {name: self.text(rows, name, where) for name in rows}
                for key in texts
                for rows in [self.table(table, key, where)]
            },
        )
