"""Entries of a LiteLLM proxy's configuration whose model goes to OpenRouter: they are given the target's address and key.

`api_base` and `api_key: os.environ/MG_KEY` stand beside the model; https://docs.litellm.ai/docs/proxy/configs. Where that variable is
not set the proxy goes on without a key (`get_secret` of litellm 1.110 gives None), and a model with the prefix `openrouter/` then takes
OPENROUTER_API_KEY by itself: so the new variable has to be set first, which only a person can see to.
"""

from __future__ import annotations

from migrator.analysis.hidden_clients.model import Addition, Analysed
from migrator.catalog import is_key_variable, renamed
from migrator.facts.model import ClientFact
from migrator.formats.tree import EnvRef, Join, Str
from migrator.integrations.schema import Client
from migrator.model import Edit, Span


def falls_back(env: str, new: str) -> str:
    """Why such an entry is not safe to change, where its variable gets another name than the one that the library reads by itself."""
    return (
        ""
        if new == env
        else f"while {new} is not set where the proxy runs it takes {env} by itself, which would go to the new host"
    )


def entry(analysis: Analysed, row: Client, client: ClientFact) -> Addition | None:
    """The lines that an entry gets; None where that is not exact."""
    model, env = client.model, row.key.env
    if not isinstance(model, Str) or "*" in model.value or client.url is not None or env is None:
        return None
    key = client.key.parts[0] if isinstance(client.key, Join) and len(client.key.parts) == 1 else client.key
    if key is not None and not (isinstance(key, EnvRef) and is_key_variable(key.name)):
        return None
    name = key.name if isinstance(key, EnvRef) else env
    new = env if analysis.kept(env) else renamed(env, analysis.target.key_env)
    if new is None:
        return None
    written = [f"{row.url.names['python'][0]}: {analysis.target.openai_base}"]
    written += [f"{row.key.names['python'][0]}: os.environ/{new}"] if key is None else []
    text = analysis.repository.files[client.path].source.text
    item = next(arg for arg in client.call.args if arg.value is model)
    end = model.span.end
    line = text.rfind("\n", 0, item.span.start) + 1
    indent = " " * (item.span.start - line)
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop - (text[stop - 1] == "\r")
    new_line = "\r\n" if "\r\n" in text else "\n"
    if text.startswith("{", client.call.span.start):
        edit = Edit(path=client.path, span=Span(end, end), old="", new="".join(f", {option}" for option in written))
    else:
        edit = Edit(
            path=client.path, span=Span(stop, stop), old="", new="".join(f"{new_line}{indent}{option}" for option in written)
        )
    return Addition(
        unsure=falls_back(env, new),
        path=client.path,
        span=Span(*client.call.span),
        message=f"the entry for {model.value} gets an address{'' if key is not None else ' and a key'} of its own",
        edits=(edit,),
        names=frozenset({name}),
        marks=(),
        call=client.call,
        requests=(client.call_identity,),
    )
