"""Which class or function of this tree an expression stands for, and the qualified name of what is not of this tree."""

from __future__ import annotations

from migrator.formats.tree import Class, Func, Node
from migrator.resolve.follow import ask, classes
from migrator.resolve.follow.classes import annotated
from migrator.resolve.follow.values import Kind
from migrator.resolve.repository import Repository
from migrator.resolve.scopes import Scope, dotted


def class_of(repository: Repository, node: Node, scope: Scope) -> Scope | None:
    """The scope of the class that an expression is an instance of, or is itself, in this tree."""
    question = ask(repository)
    for value in reversed(question.follow(node, scope)):
        if value.kind in (Kind.CLASS, Kind.INSTANCE) and value.inner is not None:
            return value.inner
        if value.kind in (Kind.PARAMETER, Kind.DECLARED) and (classes := annotated(question, value.node, value.scope)):
            return classes[0]
    return None


def functions(repository: Repository, func: Node, scope: Scope) -> list[tuple[Func, Scope]]:
    """The functions of this tree that a callee may be, with the scopes they open."""
    return [
        (value.node, value.inner)
        for value in ask(repository).follow(func, scope)
        if value.kind is Kind.FUNCTION and isinstance(value.node, Func) and value.inner is not None
    ]


def qualified(repository: Repository, node: Node, scope: Scope) -> str | None:
    """As `scopes.dotted`, but what comes from a module of this tree is followed to what it was given there."""
    for value in reversed(ask(repository).follow(node, scope)):
        if value.kind is Kind.OUTSIDE:
            return value.name
        if value.kind in (Kind.FUNCTION, Kind.CLASS) and isinstance(value.node, Func | Class):
            return f"{value.path}:{value.node.name}"
        if value.kind is Kind.INSTANCE and value.inner is not None:
            return f"{value.inner.path}:{value.inner.name}()"
    return dotted(node, scope)


def qualified_names(repository: Repository, node: Node, scope: Scope) -> tuple[str, ...]:
    """The qualified names of everything from outside of this tree that an expression may stand for."""
    return tuple(value.name for value in ask(repository).follow(node, scope) if value.kind is Kind.OUTSIDE)


def reads_environment(repository: Repository, node: Class, scope: Scope) -> bool:
    """Does this class read its fields from the environment by their names?"""
    return any(
        value.inner is not None and classes.reads_environment(question, value.inner)
        for question in (ask(repository),)
        for value in question.follow(node, scope)
        if value.kind is Kind.CLASS
    )
