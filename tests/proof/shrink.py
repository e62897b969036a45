"""Makes a failing application smaller while it still fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.proof.grammar import CLIENTS, ENV_FORMS, Delivery, Program, tidy


def smaller(program: Program) -> Iterator[Program]:
    """Applications that are a step simpler, the boldest first."""
    for index in range(len(program.scripts) if len(program.scripts) > 1 else 0):
        yield replace(program, scripts=program.scripts[:index] + program.scripts[index + 1 :])
    for index, calls in enumerate(program.scripts):
        for number in range(len(calls) if len(calls) > 1 else 0):
            shorter = (*program.scripts[:index], calls[:number] + calls[number + 1 :], *program.scripts[index + 1 :])
            yield replace(program, scripts=shorter)
    for index in range(len(program.extras)):
        yield replace(program, extras=program.extras[:index] + program.extras[index + 1 :])
    if program.delivery != Delivery():
        for delivery in (Delivery(), Delivery(program.delivery.kind), replace(program.delivery, example=False)):
            yield replace(program, delivery=delivery)
    for index in range(len(program.unset)):
        yield replace(program, unset=program.unset[:index] + program.unset[index + 1 :])
    yield from _simpler_calls(program)
    yield from _simpler_sources(program)


def _simpler_calls(program: Program) -> Iterator[Program]:
    plain = _plain(program)
    for index, calls in enumerate(program.scripts):
        for number, call in enumerate(calls):
            simpler = [
                replace(call, wrapper="direct"),
                replace(call, endpoint="chat"),
                replace(call, client=plain),
                replace(call, key=0),
                replace(call, address=0),
                *(replace(call, options=tuple(option for option in call.options if option != gone)) for gone in call.options),
            ]
            for other in simpler:
                changed = (*calls[:number], other, *calls[number + 1 :])
                yield replace(program, scripts=(*program.scripts[:index], changed, *program.scripts[index + 1 :]))


def _simpler_sources(program: Program) -> Iterator[Program]:
    for index, key in enumerate(program.keys):
        simplest = ENV_FORMS[program.language][0]
        choices = [replace(key, place="inline"), replace(key, form=simplest, names=key.names[:1])]
        if key.names[0] != "OPENROUTER_API_KEY" and all("OPENROUTER_API_KEY" not in other.names for other in program.keys):
            choices.append(replace(key, names=("OPENROUTER_API_KEY", *key.names[1:])))
        for other in choices:
            yield replace(program, keys=(*program.keys[:index], other, *program.keys[index + 1 :]))
    for index, address in enumerate(program.addresses):
        choices_of_address = [replace(address, place="inline"), replace(address, form="literal", name="")]
        if address.name and all(other.name != "OPENROUTER_BASE_URL" for other in program.addresses):
            choices_of_address.append(replace(address, name="OPENROUTER_BASE_URL"))
        for simpler in choices_of_address:
            yield replace(program, addresses=(*program.addresses[:index], simpler, *program.addresses[index + 1 :]))


def features(program: Program) -> frozenset[str]:
    """What an application is made of beyond the simplest one; a failure is explained by an earlier one that has no other features."""
    result = set(program.extras) | {"unset" for _ in program.unset[:1]}
    for key in program.keys:
        result.add(f"key {key.form}")
        result |= {f"key in {key.place}"} if key.place != "inline" else set()
        result |= {f"key called {name}" for name in key.names[:1] if name != "OPENROUTER_API_KEY"}
    for address in program.addresses:
        result.add(f"address {address.form}")
        result |= {f"address in {address.place}"} if address.place != "inline" else set()
    if program.delivery.kind != "host":
        result.add(f"delivery {program.delivery.kind}")
        result |= {f"address passed on: {program.delivery.address}"} if program.delivery.address != "literal" else set()
    result |= {"alias"} if program.delivery.alias else set()
    result |= {"example"} if program.delivery.example else set()
    result |= {"two scripts"} if len(program.scripts) > 1 else set()
    result |= {"two keys"} if len(program.keys) > 1 else set()
    result |= {"two addresses"} if len(program.addresses) > 1 else set()
    for call in (call for calls in program.scripts for call in calls):
        result |= {
            f"client {call.client}",
            f"endpoint {call.endpoint}",
            f"wrapper {call.wrapper}",
            *(f"option {o}" for o in call.options),
        }
    simplest = {"wrapper direct", "endpoint chat"}
    simplest |= {f"client {_plain(program)}", f"key {ENV_FORMS[program.language][0]}", "address literal"}
    return frozenset(result - simplest)


def _plain(program: Program) -> str:
    """The client that has no ways of its own."""
    return CLIENTS[program.language][1 if program.language != "shell" else 0]


def shrink(program: Program, fails: Callable[[Program], bool], *, steps: int = 120) -> Program:
    """The smallest application found in so many tries for which `fails` holds."""
    tried = {program}
    while True:
        for candidate in map(tidy, smaller(program)):
            if candidate in tried:
                continue
            tried.add(candidate)
            steps -= 1
            if fails(candidate):
                program = candidate
                break
            if steps <= 0:
                return program
        else:
            return program
