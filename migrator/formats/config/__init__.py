"""Configuration files, lowered to the common tree: YAML, TOML, JSON, INI, HCL and the `.env` family."""
