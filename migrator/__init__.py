"""migrate-openrouter: moves a code base off OpenRouter. `make_plan`, `apply_plan`, `undo_run`: the command line without the paint."""

__version__ = "0.1.0"

TYPE_CHECKING = False
"""As in `typing`, which the front door does not pay for."""

if TYPE_CHECKING:
    from migrator.api import apply_plan as apply_plan
    from migrator.api import make_plan as make_plan
    from migrator.api import undo_run as undo_run
else:

    def __getattr__(name: str) -> object:
        """The functions of `migrator.api`, loaded when the first of them is asked for."""
        if name not in ("apply_plan", "make_plan", "undo_run"):
            raise AttributeError(f"module 'migrator' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module("migrator.api"), name)
