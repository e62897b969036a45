"""OpenRouter's routing options and model ids: found, read, translated into the gateway dialect, and written back.

`find` says where routing stands and which statements write to one request; `find/values` reads a node into `Settings`; `translate` turns
settings into rows and a gateway object (pure); `joint` decides whether several statements can be written one by one; `write` makes the
edits; `losses` weighs what a request loses; `inventory` lists model ids. Tables are in `catalog/routing.toml`, `model_ids.toml` and
`provider_slugs.toml`.
"""
