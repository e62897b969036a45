"""`st.secrets` of Streamlit, as far as a generated program uses it."""

import tomllib
from pathlib import Path
from typing import Any


class _Secrets(dict[str, Any]):
    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def __getattr__(name: str) -> _Secrets:
    if name != "secrets":
        raise AttributeError(name)
    file = Path(".streamlit/secrets.toml")
    return _Secrets(tomllib.loads(file.read_text()) if file.is_file() else {})
