"""OpenRouter's routing options and model ids: found, read, translated into the gateway dialect, and written back.

`fields` reads a node into `Settings`; `translate` turns settings into rows and a gateway object (pure); `find` says where routing
stands; `emit` writes the edits; `models` keeps the inventory of ids. Tables are in `catalog/routing.toml`, `model_ids.toml` and
`provider_slugs.toml`.
"""
