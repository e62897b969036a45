"""Which file of this tree an import of JavaScript or TypeScript means: relative paths, `tsconfig`'s `paths` and `baseUrl`,
`imports` of `package.json`, and packages of the same workspace. https://www.typescriptlang.org/tsconfig/#paths
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.formats.tree import Const, Item, Node, Obj, Seq, Str
from migrator.resolve.repository import Repository

_ENDS = (
    ".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", "/index.ts", "/index.tsx", "/index.mts", "/index.js", "/index.jsx", "/index.mjs",
    ".vue", ".svelte", ".astro",
)  # fmt: skip
_WRITTEN = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""A TypeScript file is imported by the name that its output will have."""
_ALIASES = ("@/", "~/", "#/", "$lib/", "src/", "@src/", "#")
_ROOTS = ("src", "", "app", "src/lib", "lib")
_MANIFESTS = 80
"""Most package manifests that are read to learn the names of a workspace's packages."""


def find(repository: Repository, importer: str, module: str) -> str | None:
    """The file that `module` means where `importer` imports it; None for a package from elsewhere."""
    folder_of_importer = posixpath.dirname(importer)
    if module.startswith("."):
        return file_at(repository, posixpath.normpath(posixpath.join(folder_of_importer, module)))
    if ":" in module:
        return None
    if module.startswith("/"):
        return file_at(repository, module.lstrip("/"))
    for folder in _upwards(folder_of_importer):
        if (path := _configured(repository, folder, module)) is not None:
            return path
    return _aliased(repository, folder_of_importer, module) or _workspace(repository, module)


def file_at(repository: Repository, stem: str) -> str | None:
    """The file that an import path means, with the endings and index files that resolution tries. Declarations are no code."""
    if stem.startswith("../"):
        return None
    stem = "" if stem == "." else stem
    if stem in repository.paths:
        return None if stem.endswith(".d.ts") else stem
    bare, end = posixpath.splitext(stem)
    for other in _WRITTEN.get(end, ()):
        if bare + other in repository.paths:
            return bare + other
    return next((path for end in _ENDS if (path := (stem + end).lstrip("/")) in repository.paths), None)


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _configured(repository: Repository, folder: str, module: str) -> str | None:
    for name in ("tsconfig.json", "jsconfig.json", "tsconfig.base.json"):
        path = posixpath.join(folder, name)
        if path in repository.paths:
            for base, targets in _patterns(repository, path, module, 0):
                for target in targets:
                    if resolved := file_at(repository, posixpath.normpath(posixpath.join(base, target))):
                        return resolved
    manifest = posixpath.join(folder, "package.json")
    if module.startswith("#") and manifest in repository.paths:
        imports = _data(repository, manifest).get("imports")
        for pattern, value in imports.items() if isinstance(imports, dict) else ():
            wild = _match(pattern, module)
            for target in _strings(value) if wild is not None else ():
                if resolved := file_at(repository, posixpath.normpath(posixpath.join(folder, target.replace("*", wild or "")))):
                    return resolved
    return None


def _patterns(repository: Repository, path: str, module: str, depth: int) -> Iterator[tuple[str, list[str]]]:
    """Folders and paths below them that a configuration gives a module, the best match first."""
    data = _data(repository, path)
    options = data.get("compilerOptions")
    options = options if isinstance(options, dict) else {}
    folder = posixpath.dirname(path)
    base = options.get("baseUrl")
    root = posixpath.normpath(posixpath.join(folder, base)) if isinstance(base, str) else folder
    paths = options.get("paths")
    if isinstance(paths, dict):
        ordered = sorted(paths.items(), key=lambda pair: -len(pair[0].partition("*")[0]))
        for pattern, value in ordered:
            wild = _match(pattern, module)
            if wild is not None:
                yield root, [target.replace("*", wild) for target in _strings(value)]
    if isinstance(base, str):
        yield root, [module]
    if depth < 4:
        for parent in _strings(data.get("extends")):
            if parent.startswith("."):
                far = posixpath.normpath(posixpath.join(folder, parent))
                yield from _patterns(repository, far if far.endswith(".json") else far + ".json", module, depth + 1)


def _match(pattern: str, module: str) -> str | None:
    """What the star of a pattern stands for; "" where there is none and the pattern is the module itself."""
    head, star, tail = pattern.partition("*")
    if not star:
        return "" if pattern == module else None
    if module.startswith(head) and module.endswith(tail) and len(module) >= len(head) + len(tail):
        return module[len(head) : len(module) - len(tail)]
    return None


def _aliased(repository: Repository, above: str, module: str) -> str | None:
    """Aliases that frameworks set up without writing them down."""
    for alias in _ALIASES:
        if module.startswith(alias):
            rest = module[len(alias) :]
            for base in _upwards(above):
                for root in _ROOTS:
                    if path := file_at(repository, posixpath.join(base, root, rest).lstrip("/")):
                        return path
    return None


def _workspace(repository: Repository, module: str) -> str | None:
    """A package of the same repository, by the name in its manifest."""
    names = _names(repository)
    parts = module.split("/")
    width = 2 if module.startswith("@") else 1
    folder = names.get("/".join(parts[:width]))
    if folder is None:
        return None
    sub = "/".join(parts[width:])
    data = _data(repository, posixpath.join(folder, "package.json"))
    exports = data.get("exports")
    wanted = f"./{sub}" if sub else "."
    candidates: list[str] = []
    if isinstance(exports, dict):
        for pattern, value in exports.items():
            if (wild := _match(pattern, wanted)) is not None:
                candidates += [target.replace("*", wild) for target in _strings(value)]
        if not sub and not any(key.startswith(".") for key in exports):
            candidates += _strings(exports)
    elif isinstance(exports, str) and not sub:
        candidates.append(exports)
    if not sub:
        candidates += [value for key in ("source", "module", "main", "types") if isinstance(value := data.get(key), str)]
        candidates += ["src/index", "index", "src/main"]
    else:
        candidates += [sub, f"src/{sub}"]
    for target in candidates:
        stem = posixpath.normpath(posixpath.join(folder, target))
        if path := file_at(repository, stem):
            return path
        for built in ("dist", "build", "lib", "out"):
            prefix = posixpath.join(folder, built) + "/"
            if stem.startswith(prefix):
                bare = posixpath.splitext(stem[len(prefix) :].removesuffix(".d.ts"))[0]
                if path := file_at(repository, posixpath.join(folder, "src", bare)) or file_at(
                    repository, posixpath.join(folder, bare)
                ):
                    return path
    return None


def _names(repository: Repository) -> dict[str, str]:
    """Folder of each package of the workspace by its name; empty where there is only one manifest."""
    known = repository.packages
    if known is None:
        manifests = sorted(
            (path for path in repository.paths if path == "package.json" or path.endswith("/package.json")),
            key=lambda path: (path.count("/"), path),
        )
        known = repository.packages = {}
        for path in manifests[:_MANIFESTS] if len(manifests) > 1 else ():
            name = _data(repository, path).get("name")
            if isinstance(name, str) and name and posixpath.dirname(path):
                known.setdefault(name, posixpath.dirname(path))
    return known


def _data(repository: Repository, path: str) -> dict[str, object]:
    """A JSON file as plain data, comments and trailing commas allowed; empty where it cannot be read."""
    if path not in repository.paths:
        return {}
    file = repository.file(path)
    node = next((node for node in file.module.body if isinstance(node, Obj)), None) if file is not None else None
    plain = _plain(node) if node is not None else None
    return plain if isinstance(plain, dict) else {}


def _plain(node: Node) -> object:
    match node:
        case Str(value=value):
            return value
        case Obj(items=items):
            return {item.key.value: _plain(item.value) for item in items if isinstance(item, Item) and isinstance(item.key, Str)}
        case Seq(items=entries):
            return [_plain(entry) for entry in entries]
        case Const(text=text):
            return {"true": True, "false": False}.get(text)
        case _:
            return None


def _strings(value: object) -> list[str]:
    """The texts in a value: itself, those of a list, those of conditions."""
    match value:
        case str():
            return [value]
        case list():
            return [text for part in value for text in _strings(part)]
        case dict():
            return [text for part in value.values() for text in _strings(part)]
        case _:
            return []
