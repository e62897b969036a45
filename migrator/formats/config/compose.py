"""Docker Compose: whose variables a service's `environment` gives values to.

https://docs.docker.com/reference/compose-file/services/#environment
"""

from __future__ import annotations

from migrator.formats.config.context import Document
from migrator.formats.config.env_entries import IDENTIFIER, commands, variables
from migrator.formats.tree import Node, Str


def compose(document: Document, root: Node) -> None:
    """The variables of every service. A service that is not built here runs somebody else's program: its names are the image's."""
    for _, service, _ in document.entries(document.get(root, "services")):
        image = document.get(service, "image")
        build = document.get(service, "build")
        owner = f"image:{document.text(image)}" if image is not None and build is None else ""
        variables(document, document.get(service, "environment"), "compose-map", "compose-list", owner, anything=True, passes=True)
        variables(document, document.get(build, "args"), "compose-arg", "compose-arg", "", anything=True, passes=True)
        for key in ("command", "entrypoint"):
            commands(document, key, document.get(service, key))
        commands(document, "test", document.get(document.get(service, "healthcheck"), "test"))
    for _, secret, _ in document.entries(document.get(root, "secrets")):
        variable = document.get(secret, "environment")
        if isinstance(variable, Str) and IDENTIFIER.match(variable.value):
            document.refer(variable.span, variable.value, variable.inner, "compose-secret")
