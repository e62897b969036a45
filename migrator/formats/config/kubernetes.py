"""Kubernetes manifests that hold names of variables as data: Secret, ConfigMap and what makes Secrets.

The `env` lists of containers have the common shape of `env_shapes`.
"""

from __future__ import annotations

from migrator.formats.config.context import Document
from migrator.formats.config.env_entries import IDENTIFIER, mapping
from migrator.formats.tree import Node, Str


def manifest(document: Document, root: Node, kind: str) -> None:
    """The names that a manifest of this `kind` gives values to."""
    match kind:
        case "Secret":
            for section in ("stringData", "data"):
                mapping(document, document.get(root, section), "k8s-secret", "", anything=True)
        case "ConfigMap":
            mapping(document, document.get(root, "data"), "k8s-config", "", anything=True)
        case "SealedSecret":
            sealed = document.get(document.get(root, "spec"), "encryptedData")
            mapping(document, sealed, "k8s-secret", "sealed:SealedSecret", anything=True)
        case "ExternalSecret":
            for entry in document.elements(document.get(document.get(root, "spec"), "data")):
                key = document.get(entry, "secretKey")
                if isinstance(key, Str) and IDENTIFIER.match(key.value):
                    document.define(entry.span, key.value, key.inner, None, "k8s-secret", "")
                remote = document.get(document.get(entry, "remoteRef"), "property", "key")
                if isinstance(remote, Str) and IDENTIFIER.match(remote.value):
                    document.refer(remote.span, remote.value, remote.inner, "k8s-remote-key", "store:external-secret")
        case "List":
            for element in document.elements(document.get(root, "items")):
                manifest(document, element, document.text(document.get(element, "kind")))
