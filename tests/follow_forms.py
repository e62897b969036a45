"""Forms in which a program hands a value from where it is written to where it is used, as small trees with a hole for the value.

`{value}` in a file is where the value is written; `use` is the expression that stands for it in the file that uses it. A form of `text`
needs a value that is a text, one of `called` cannot be followed by what is called itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """One way from a value to its use."""

    use: str
    """The expression in the file that uses the value."""
    head: str = ""
    """What stands before it in that file."""
    files: Mapping[str, str] | None = None
    """Other files by path."""
    only: str = ""
    """Consumers that it is for, where not all."""


TEXTS = "address key"
"""Consumers of a text."""

PYTHON: dict[str, Form] = {
    "itself": Form("{value}"),
    "name": Form("X", "X = {value}"),
    "name-of-name": Form("Y", "X = {value}\nY = X"),
    "from-import": Form("X", "from config import X", {"config.py": "X = {value}"}),
    "from-import-as": Form("Y", "from config import X as Y", {"config.py": "X = {value}"}),
    "module": Form("config.X", "import config", {"config.py": "X = {value}"}),
    "module-as": Form("cfg.X", "import pkg.config as cfg", {"pkg/__init__.py": "", "pkg/config.py": "X = {value}"}),
    "dotted-module": Form("pkg.config.X", "import pkg.config", {"pkg/__init__.py": "", "pkg/config.py": "X = {value}"}),
    "module-of-package": Form("config.X", "from pkg import config", {"pkg/__init__.py": "", "pkg/config.py": "X = {value}"}),
    "namespace-package": Form("pkg.config.X", "import pkg.config", {"pkg/config.py": "X = {value}"}),
    "re-export": Form("X", "from pkg import X", {"pkg/__init__.py": "from .config import X", "pkg/config.py": "X = {value}"}),
    "re-export-twice": Form(
        "a.b.X", "import a", {"a/__init__.py": "from . import b", "a/b/__init__.py": "from .c import X", "a/b/c.py": "X = {value}"}
    ),
    "star-import": Form("X", "from config import *", {"config.py": "X = {value}"}),
    "star-re-export": Form("X", "from pkg import X", {"pkg/__init__.py": "from .config import *", "pkg/config.py": "X = {value}"}),
    "fallback-import": Form(
        "X",
        "try:\n    from config import X\nexcept ImportError:\n    from other import X",
        {"config.py": "X = {value}", "other.py": "X = {value}"},
    ),
    "function": Form("f()", "def f():\n    return {value}"),
    "function-elsewhere": Form("f()", "from config import f", {"config.py": "def f():\n    return {value}"}),
    "function-of-module": Form("config.f()", "import config", {"config.py": "def f():\n    return {value}"}),
    "function-by-name": Form("g()", "def f():\n    return {value}\ng = f"),
    "function-with-local": Form("f()", "def f():\n    made = {value}\n    return made"),
    "function-that-hands-on": Form("f({value})", "def f(x):\n    return x"),
    "function-with-keyword": Form("f(x={value})", "def f(*, x):\n    y = x\n    return y"),
    "function-with-kwargs": Form("f(x={value})", "def f(**options):\n    return options['x']"),
    "default-parameter": Form("f()", "def f(x={value}):\n    return x"),
    "default-parameter-elsewhere": Form("f()", "from config import f", {"config.py": "X = {value}\ndef f(x=X):\n    return x"}),
    "lambda": Form("f()", "f = lambda: {value}"),
    "cached-function": Form("f()", "from functools import lru_cache\n@lru_cache(maxsize=1)\ndef f():\n    return {value}"),
    "cached-function-plain": Form("f()", "import functools\n@functools.cache\ndef f():\n    return {value}"),
    "async-function": Form("await f()", "async def f():\n    return {value}"),
    "asyncio-run": Form("asyncio.run(f())", "import asyncio\nasync def f():\n    return {value}"),
    "generator": Form("next(f())", "def f():\n    yield {value}"),
    "context-manager": Form(
        "X", "from contextlib import contextmanager\n@contextmanager\ndef f():\n    yield {value}\nwith f() as X:\n    pass"
    ),
    "partial": Form("f()", "from functools import partial\ndef g(x):\n    return x\nf = partial(g, {value})"),
    "partial-keyword": Form("f()", "import functools\ndef g(a=None, x=None):\n    return x\nf = functools.partial(g, x={value})"),
    "static-method": Form("C.f()", "class C:\n    @staticmethod\n    def f():\n        return {value}"),
    "class-method": Form("C.f()", "class C:\n    X = {value}\n    @classmethod\n    def f(cls):\n        return cls.X"),
    "method": Form("C().f()", "class C:\n    def f(self):\n        return {value}"),
    "call-method": Form("C()()", "class C:\n    def __call__(self):\n        return {value}"),
    "property": Form("C().x", "class C:\n    @property\n    def x(self):\n        return {value}"),
    "cached-property": Form(
        "c.x",
        "from functools import cached_property\nclass C:\n    @cached_property\n    def x(self):\n        return {value}\nc = C()",
    ),
    "class-attribute": Form("C.X", "class C:\n    X = {value}"),
    "class-attribute-of-instance": Form("c.X", "class C:\n    X = {value}\nc = C()"),
    "class-attribute-of-base": Form("D.X", "class C:\n    X = {value}\nclass D(C):\n    pass"),
    "class-attribute-of-second-base": Form("D().X", "class A:\n    Y = 1\nclass C:\n    X = {value}\nclass D(A, C):\n    pass"),
    "class-elsewhere": Form("Config.X", "from config import Config", {"config.py": "class Config:\n    X = {value}"}),
    "nested-class": Form("C.D.X", "class C:\n    class D:\n        X = {value}"),
    "instance-attribute": Form("C().x", "class C:\n    def __init__(self):\n        self.x = {value}"),
    "instance-attribute-from-argument": Form("C({value}).x", "class C:\n    def __init__(self, x):\n        self.x = x"),
    "instance-attribute-from-keyword": Form(
        "c.x",
        "class C:\n    def __init__(self, x=None):\n        self._x = x\n    @property\n    def x(self):\n        return self._x\nc = C(x={value})",
    ),
    "instance-elsewhere": Form(
        "settings.x",
        "from config import settings",
        {"config.py": "class Settings:\n    def __init__(self):\n        self.x = {value}\nsettings = Settings()"},
    ),
    "instance-from-function": Form(
        "get().x", "from functools import lru_cache\nclass S:\n    x = {value}\n@lru_cache\ndef get():\n    return S()"
    ),
    # an instance made out of sight may have been given another policy: routing is told there, not written
    "instance-by-annotation": Form("s.x", "class S:\n    x = {value}\ns: S = make()", only="address key client"),
    "dataclass-default": Form("C().x", "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: object = {value}"),
    "dataclass-field": Form(
        "C().x", "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    x: object = field(default={value})"
    ),
    "dataclass-factory": Form(
        "C().x",
        "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    x: object = field(default_factory=lambda: {value})",
    ),
    "dataclass-factory-by-name": Form(
        "C().x",
        "from dataclasses import dataclass, field\ndef make():\n    return {value}\n@dataclass\nclass C:\n    x: object = field(default_factory=make)",
    ),
    "dataclass-argument": Form("C({value}).x", "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: object"),
    "dataclass-keyword": Form("C(x={value}).x", "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: object = None"),
    "dataclass-replaced": Form(
        "replace(C(x=None), x={value}).x",
        "from dataclasses import dataclass, replace\n@dataclass\nclass C:\n    x: object = None",
    ),
    "dataclass-as-dict": Form(
        "asdict(C())['x']", "from dataclasses import asdict, dataclass\n@dataclass\nclass C:\n    x: object = {value}"
    ),
    "pydantic-field": Form("C().x", "from pydantic import BaseModel, Field\nclass C(BaseModel):\n    x: object = Field({value})"),
    "pydantic-argument": Form("C(x={value}).x", "from pydantic import BaseModel\nclass C(BaseModel):\n    x: object"),
    "named-tuple": Form("C().x", "from typing import NamedTuple\nclass C(NamedTuple):\n    x: object = {value}"),
    "named-tuple-argument": Form("C({value}).x", "from typing import NamedTuple\nclass C(NamedTuple):\n    x: object"),
    "typed-dict": Form("C(x={value})['x']", "from typing import TypedDict\nclass C(TypedDict):\n    x: object"),
    "simple-namespace": Form("n.x", "from types import SimpleNamespace\nn = SimpleNamespace(x={value})"),
    "enum-member": Form("E.X.value", "from enum import Enum\nclass E(Enum):\n    X = {value}"),
    "string-enum": Form("E.X", "from enum import StrEnum\nclass E(StrEnum):\n    X = {value}", only=TEXTS),
    "dict": Form("d['x']", "d = {'x': {value}}"),
    "dict-elsewhere": Form("D['x']", "from config import D", {"config.py": "D = {'x': {value}}"}),
    "dict-get": Form("d.get('x')", "d = {'x': {value}}"),
    "dict-get-default": Form("d.get('y', {value})", "d = {'x': 1}"),
    "dict-key-constant": Form("d[KEY]", "KEY = 'x'\nd = {'x': {value}}"),
    "dict-computed-key": Form("d['x']", "KEY = 'x'\nd = {KEY: {value}}"),
    "dict-nested": Form("d['a']['b']", "d = {'a': {'b': {value}}}"),
    "dict-nested-get": Form("d.get('a', {}).get('b')", "d = {'a': {'b': {value}}}"),
    "dict-call": Form("dict(x={value})['x']"),
    "dict-copy": Form("d.copy()['x']", "d = {'x': {value}}"),
    "dict-of-pairs": Form("d['x']", "d = dict([('x', {value})])"),
    "dict-union": Form("(a | {'y': 1})['x']", "a = {'x': {value}}"),
    "dict-spread": Form("b['x']", "a = {'x': {value}}\nb = {**a, 'y': 1}"),
    "dict-spread-over": Form("b['x']", "a = {'x': 1}\nb = {**a, 'x': {value}}"),
    "dict-from-function": Form("f()['x']", "def f():\n    return {'x': {value}}"),
    "keyword-spread": Form("f(**options)", "options = {'x': {value}}\ndef f(x=None):\n    return x"),
    "list-index": Form("l[0]", "l = [{value}, 1]"),
    "list-last": Form("l[-1]", "l = [1, {value}]"),
    "tuple-index": Form("t[1]", "t = (1, {value})"),
    "tuple-target": Form("b", "a, b = 1, {value}"),
    "tuple-from-function": Form("b", "def f():\n    return 1, {value}\na, b = f()"),
    "tuple-nested": Form("c", "a, (b, c) = 1, (2, {value})"),
    "chained-targets": Form("a", "a = b = {value}"),
    "loop": Form("x", "for x in [{value}]:\n    pass"),
    "loop-over-pairs": Form("b", "for a, b in [('x', {value})]:\n    pass"),
    "conditional": Form("X", "import sys\nX = {value} if sys.argv else {value}"),
    "conditional-with-nothing": Form("X or None", "X = None or {value}"),
    "or": Form("X", "X = None or {value}"),
    # on one way the value is None, and a request that asks for nothing there must not be given the options of the other
    "or-itself": Form("f()", "def f(x=None):\n    x = x or {value}\n    return x", only="address key client"),
    "walrus": Form("(y := {value})"),
    "walrus-name": Form("y", "if (y := {value}):\n    pass"),
    "cast": Form("cast(object, {value})", "from typing import cast"),
    "deep-copy": Form("copy.deepcopy(X)", "import copy\nX = {value}"),
    "annotated": Form("X", "from typing import Final\nX: Final = {value}"),
    "mapping-proxy": Form("X['x']", "from types import MappingProxyType\nX = MappingProxyType({'x': {value}})"),
    "getattr": Form("getattr(C, 'X')", "class C:\n    X = {value}"),
    "getattr-default": Form("getattr(C, 'Y', {value})", "class C:\n    X = 1"),
    "import-module": Form("importlib.import_module('config').X", "import importlib", {"config.py": "X = {value}"}),
    "global": Form("X", "X = None\ndef setup():\n    global X\n    X = {value}\nsetup()", only="address key client"),
    "if-else": Form("X", "import sys\nif sys.argv:\n    X = {value}\nelse:\n    X = {value}"),
    "module-getter": Form(
        "config.settings.x",
        "import config",
        {
            "config.py": "from deep import settings",
            "deep.py": "class S:\n    @property\n    def x(self):\n        return {value}\nsettings = S()",
        },
    ),
    "nested-instances": Form(
        "a.b.x",
        "class B:\n    def __init__(self):\n        self.x = {value}\nclass A:\n    def __init__(self):\n        self.b = B()\na = A()",
    ),
    "str": Form("str(X)", "X = {value}", only=TEXTS),
    "strip": Form("X.strip()", "X = {value}", only=TEXTS),
    "rstrip": Form("X.rstrip('/')", "X = {value}", only=TEXTS),
    "rstrip-of-itself": Form("f({value})", "def f(url):\n    url = url.rstrip('/')\n    return url", only=TEXTS),
    "removesuffix": Form("X.removesuffix('/')", "X = {value}", only=TEXTS),
    "replace": Form("X.replace('a//b', 'c')", "X = {value}", only=TEXTS),
    "f-string": Form("f'{X}'", "X = {value}", only=TEXTS),
    "format-call": Form("'{}'.format(X)", "X = {value}", only=TEXTS),
    "percent": Form("'%s' % X", "X = {value}", only=TEXTS),
    "join": Form("'/'.join([X, 'chat'])", "X = {value}", only=TEXTS),
    "secret": Form("SecretStr(X).get_secret_value()", "from pydantic import SecretStr\nX = {value}", only=TEXTS),
    "sum-of-names": Form("X + P", "X = {value}\nP = '/chat'", only="address"),
    "f-string-with-path": Form("f'{X}/chat'", "X = {value}", only="address"),
    "urljoin": Form("urljoin(X, 'chat')", "from urllib.parse import urljoin\nX = {value}", only="address"),
    "urljoin-name": Form("urljoin(X, P)", "from urllib.parse import urljoin\nX = {value}\nP = '/chat'", only="address"),
    "environment-default": Form("os.environ.get('BASE', {value})", only="address"),
    "getenv-default": Form("os.getenv('BASE', X)", "X = {value}", only="address"),
    "own-env-helper": Form(
        "env('BASE', {value})", "def env(name, default=None):\n    return os.environ.get(name, default)", only="address"
    ),
}

ECMASCRIPT: dict[str, Form] = {
    "itself": Form("{value}"),
    "const": Form("X", "const X = {value};"),
    "const-of-const": Form("Y", "const X = {value}; const Y = X;"),
    "import": Form("X", "import { X } from './config';", {"config.ts": "export const X = {value};"}),
    "import-as": Form("Y", "import { X as Y } from './config';", {"config.ts": "export const X = {value};"}),
    "import-namespace": Form("cfg.X", "import * as cfg from './config';", {"config.ts": "export const X = {value};"}),
    "import-default": Form("X", "import X from './config';", {"config.ts": "export default {value};"}),
    "import-default-name": Form("X", "import X from './config';", {"config.ts": "const a = {value};\nexport default a;"}),
    "import-default-object": Form("cfg.x", "import cfg from './config';", {"config.ts": "export default { x: {value} };"}),
    "export-list": Form("X", "import { X } from './config';", {"config.ts": "const a = {value};\nexport { a as X };"}),
    "re-export": Form(
        "X", "import { X } from './index';", {"index.ts": "export { X } from './config';", "config.ts": "export const X = {value};"}
    ),
    "re-export-as": Form(
        "X",
        "import { X } from './index';",
        {"index.ts": "export { Y as X } from './config';", "config.ts": "export const Y = {value};"},
    ),
    "re-export-default": Form(
        "X",
        "import { X } from './index';",
        {"index.ts": "export { default as X } from './config';", "config.ts": "export default {value};"},
    ),
    "import-then-export": Form(
        "X",
        "import { X } from './index';",
        {"index.ts": "import { X } from './config';\nexport { X };", "config.ts": "export const X = {value};"},
    ),
    "barrel": Form(
        "X",
        "import { X } from './lib';",
        {"lib/index.ts": "export * from './config';", "lib/config.ts": "export const X = {value};"},
    ),
    "barrel-of-barrels": Form(
        "X",
        "import { X } from './lib';",
        {
            "lib/index.ts": "export * from './a';",
            "lib/a/index.ts": "export * from './b';",
            "lib/a/b.ts": "export const X = {value};",
        },
    ),
    "barrel-as-namespace": Form(
        "cfg.X",
        "import { cfg } from './lib';",
        {"lib/index.ts": "export * as cfg from './config';", "lib/config.ts": "export const X = {value};"},
    ),
    "require": Form("cfg.X", "const cfg = require('./config');", {"config.js": "module.exports = { X: {value} };"}),
    "require-destructured": Form("X", "const { X } = require('./config');", {"config.js": "module.exports = { X: {value} };"}),
    "require-renamed": Form(
        "Y", "const { X: Y } = require('./config');", {"config.js": "const X = {value}; module.exports = { X };"}
    ),
    "require-member": Form("X", "const X = require('./config').X;", {"config.js": "exports.X = {value};"}),
    "require-inline": Form("require('./config').X", "", {"config.js": "module.exports.X = {value};"}),
    "require-value": Form("X", "const X = require('./config');", {"config.js": "module.exports = {value};"}),
    "require-instance": Form(
        "cfg.x",
        "const cfg = require('./config');",
        {"config.js": "class C { constructor() { this.x = {value}; } }\nmodule.exports = new C();"},
    ),
    "require-function": Form("require('./config')().x", "", {"config.js": "module.exports = () => ({ x: {value} });"}),
    "require-spread": Form(
        "cfg.X",
        "const cfg = require('./config');",
        {"config.js": "module.exports = { ...require('./deep') };", "deep.js": "exports.X = {value};"},
    ),
    "import-of-common": Form("cfg.X", "import cfg from './config';", {"config.js": "module.exports = { X: {value} };"}),
    "import-name-of-common": Form(
        "X", "import { X } from './config';", {"config.js": "function make() { return { X: {value} }; }\nmodule.exports = make();"}
    ),
    "dynamic-import": Form("(await import('./config')).X", "", {"config.ts": "export const X = {value};"}),
    "dynamic-import-const": Form("X", "const { X } = await import('./config');", {"config.ts": "export const X = {value};"}),
    "function": Form("f()", "function f() { return {value}; }"),
    "function-elsewhere": Form("f()", "import { f } from './config';", {"config.ts": "export function f() { return {value}; }"}),
    "function-with-local": Form("f()", "function f() { const made = {value}; return made; }"),
    "function-that-hands-on": Form("f({value})", "function f(x) { return x; }"),
    "function-with-options": Form("f({ x: {value} })", "function f({ x }) { return x; }"),
    "function-with-options-object": Form("f({ x: {value} })", "function f(options) { return options.x; }"),
    "arrow": Form("f()", "const f = () => {value};"),
    "arrow-with-body": Form("f()", "const f = () => { return {value}; };"),
    "immediate-function": Form("(() => {value})()"),
    "default-parameter": Form("f()", "const f = (x = {value}) => x;"),
    "default-of-option": Form("f({})", "const f = ({ x = {value} } = {}) => x;"),
    "async-function": Form("await f()", "async function f() { return {value}; }"),
    "promise": Form("await Promise.resolve({value})"),
    "generator-memo": Form("f()", "import once from 'lodash/once';\nconst f = once(() => {value});"),
    "bind": Form("f()", "function g(x) { return x; }\nconst f = g.bind(null, {value});"),
    "object": Form("o.x", "const o = { x: {value} };"),
    "object-by-key": Form("o['x']", "const o = { x: {value} };"),
    "object-key-constant": Form("o[KEY]", "const KEY = 'x'; const o = { x: {value} };"),
    "object-computed-key": Form("o.x", "const KEY = 'x'; const o = { [KEY]: {value} };"),
    "object-nested": Form("o.a.b", "const o = { a: { b: {value} } };"),
    "object-optional": Form("o?.a?.b", "const o = { a: { b: {value} } };"),
    "object-not-null": Form("o!.a!.b", "const o = { a: { b: {value} } };"),
    "object-shorthand": Form("o.x", "const x = {value}; const o = { x };"),
    "object-method": Form("o.x()", "const o = { x() { return {value}; } };"),
    "object-getter": Form("o.x", "const o = { get x() { return {value}; } };"),
    "object-frozen": Form("o.x", "const o = Object.freeze({ x: {value} });"),
    "object-assign": Form("o.x", "const o = Object.assign({}, { x: {value} });"),
    "object-spread": Form("o.x", "const a = { x: {value} }; const o = { ...a, y: 1 };"),
    "object-spread-over": Form("o.x", "const a = { x: 1 }; const o = { ...a, x: {value} };"),
    "object-from-entries": Form("o.x", "const o = Object.fromEntries([['x', {value}]]);"),
    "object-elsewhere": Form(
        "config.llm.x",
        "import { config } from './config';",
        {"config.ts": "export const config = { llm: { x: {value} } } as const;"},
    ),
    "map": Form("m.get('x')", "const m = new Map([['x', {value}]]);"),
    "as-const": Form("X", "const X = {value} as const;"),
    "as-type": Form("(X as any)", "const X = {value};"),
    "satisfies": Form("o.x", "const o = { x: {value} } satisfies Record<string, unknown>;"),
    "not-null": Form("X!", "const X = {value};"),
    "destructured": Form("x", "const { x } = { x: {value} };"),
    "destructured-renamed": Form("y", "const { x: y } = { x: {value} };"),
    "destructured-default": Form("x", "const o = { y: 1 }; const { x = {value} } = o;"),
    "destructured-nested": Form("b", "const { a: { b } } = { a: { b: {value} } };"),
    "destructured-rest": Form("rest.x", "const { y, ...rest } = { y: 1, x: {value} };"),
    "destructured-of-import": Form(
        "x", "import { config } from './config';\nconst { x } = config;", {"config.ts": "export const config = { x: {value} };"}
    ),
    "destructured-array": Form("b", "const [a, b] = [1, {value}];"),
    "destructured-from-function": Form("b", "const f = () => [1, {value}]; const [a, b] = f();"),
    "array-index": Form("l[0]", "const l = [{value}];"),
    "array-at": Form("l.at(-1)", "const l = [1, {value}];"),
    "loop": Form("x", "let x; for (const y of [{value}]) { x = y; }"),
    "conditional": Form("X", "const X = process.argv ? {value} : {value};"),
    "nullish": Form("X", "const X = undefined ?? {value};"),
    "or": Form("X", "const X = null || {value};"),
    "let": Form("X", "let X;\nX = {value};"),
    "class-static": Form("C.X", "class C { static X = {value}; }"),
    "class-static-readonly": Form("C.X", "class C { public static readonly X = {value}; }"),
    "class-field": Form("new C().x", "class C { x = {value}; }"),
    "class-private-field": Form("new C().x", "class C { #x = {value}; get x() { return this.#x; } }"),
    "class-constructor": Form("new C().x", "class C { x; constructor() { this.x = {value}; } }"),
    "class-argument": Form("new C({value}).x", "class C { constructor(x) { this.x = x; } }"),
    "class-option": Form("c.x", "class C { constructor(options) { this.x = options.x; } }\nconst c = new C({ x: {value} });"),
    "class-parameter-property": Form("new C({value}).x", "class C { constructor(private readonly x: any) {} }"),
    "class-getter": Form("new C().x", "class C { get x() { return {value}; } }"),
    "class-static-getter": Form("C.x", "class C { static get x() { return {value}; } }"),
    "class-method": Form("new C().f()", "class C { f() { return {value}; } }"),
    "class-static-method": Form("C.f()", "class C { static f() { return {value}; } }"),
    "class-base": Form("new D().x", "class C { x = {value}; }\nclass D extends C {}"),
    "class-elsewhere": Form(
        "Config.X", "import { Config } from './config';", {"config.ts": "export class Config { static X = {value}; }"}
    ),
    "class-singleton": Form(
        "Config.instance().x",
        "import { Config } from './config';",
        {
            "config.ts": "export class Config { private static it: Config; x = {value}; static instance(): Config { return Config.it ?? new Config(); } }"
        },
    ),
    "instance-elsewhere": Form(
        "config.x", "import config from './config';", {"config.ts": "class Config { x = {value}; }\nexport default new Config();"}
    ),
    "enum": Form("E.X", "enum E { X = {value} }", only="address"),
    "const-enum": Form("E.X", "export const E = { X: {value} } as const;"),
    "namespace": Form("N.X", "namespace N { export const X = {value}; }"),
    "typed-parameter": Form("c.x", "class C { x = {value}; }\ndeclare const c: C;"),
    "proxy-function": Form("useConfig().x", "const config = { x: {value} };\nexport const useConfig = () => config;"),
    "memo": Form("X", "const X = useMemo(() => ({value}), []);"),
    "template": Form("`${X}`", "const X = {value};", only=TEXTS),
    "string": Form("String(X)", "const X = {value};", only=TEXTS),
    "trim": Form("X.trim()", "const X = {value};", only=TEXTS),
    "replace": Form("X.replace(/\\/$/, '')", "const X = {value};", only=TEXTS),
    "to-string": Form("X.toString()", "const X = {value};", only=TEXTS),
    "concat": Form("X.concat('/chat')", "const X = {value};", only="address"),
    "sum": Form("X + '/chat'", "const X = {value};", only="address"),
    "sum-of-names": Form("X + P", "const X = {value}; const P = '/chat';", only="address"),
    "array-join": Form("[X, 'chat'].join('/')", "const X = {value};", only="address"),
    "url": Form("new URL(X).href", "const X = {value};", only="address"),
    "url-with-path": Form("new URL('chat', X).href", "const X = {value};", only="address"),
    "url-to-string": Form("new URL('chat', X).toString()", "const X = {value};", only="address"),
    "environment-default": Form("process.env.BASE ?? {value}", only="address"),
    "environment-destructured-default": Form("BASE", "const { BASE = {value} } = process.env;", only="address"),
    "own-env-helper": Form(
        "env('BASE', {value})", "const env = (name, fallback) => process.env[name] ?? fallback;", only="address"
    ),
}
