"""migrate-openrouter: moves a code base off OpenRouter. `plan`, `apply`, `undo`: the command line is these without the paint."""

__version__ = "0.1.0"
