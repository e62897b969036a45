"""Which files there are to look at, and why not the others.

In a git checkout git lists: what it tracks, what it does not ignore, and the `.env` family even where it ignores it. Matching
ignore rules in Python would be slower than all the rest of a run and never quite right. Elsewhere, and where git is missing
or refuses the checkout, the folders are walked. Nothing here opens a file.

The repository is not trusted: git runs without its hooks, file system monitor and lazy fetches, and without the variables by
which a caller's environment could point it at another repository. No link is followed out of the root.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from migrator.discover.git_listing import Listing
from migrator.discover.globs import matcher
from migrator.model import MigratorError, Problem, Skip
from migrator.patterns import regex
from migrator.records import dataclass

_SILENT = frozenset(
    (
        ".git",
        ".hg",
        ".svn",
        ".jj",
        "__pycache__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        ".tox",
        ".nox",
        ".eggs",
    )
)
"""Never entered and not worth a word: a report is not a list of caches."""
_DEPENDENCIES = "installed dependencies"
_ENVIRONMENT = "virtual environment"
_OUTPUT = "build output"
_VENDORED = "vendored"
_HISTORY = "earlier versions that an editor keeps"
_NESTED = "a repository of its own; run the tool in it"
_IGNORED = "ignored by git"
_UNREADABLE = "Give yourself the right to read it, or leave it out with --exclude."
_PRUNED = {
    **dict.fromkeys(("node_modules", "bower_components", "jspm_packages", ".pnpm-store", ".yarn", "site-packages"), _DEPENDENCIES),
    **dict.fromkeys(("__pypackages__", "Pods", ".gradle", ".terraform"), _DEPENDENCIES),
    **dict.fromkeys((".venv", "venv", ".virtualenv"), _ENVIRONMENT),
    **dict.fromkeys((".history", ".lh", ".ipynb_checkpoints"), _HISTORY),
    **dict.fromkeys(("vendor", "third_party", "third-party"), _VENDORED),
    **dict.fromkeys((".next", ".nuxt", ".output", ".svelte-kit", ".astro", ".docusaurus", ".angular", ".vercel"), _OUTPUT),
    **dict.fromkeys((".netlify", ".wrangler", ".turbo", ".parcel-cache", ".nyc_output", "htmlcov", ".dart_tool"), _OUTPUT),
}
_MANIFESTS = ("package.json", "pyproject.toml", "setup.py", "setup.cfg", "deno.json")
_BESIDE = {
    "dist": (*_MANIFESTS, "Cargo.toml", "go.mod", "composer.json"),
    "build": (*_MANIFESTS, "build.gradle", "build.gradle.kts", "CMakeLists.txt", "pubspec.yaml"),
    "out": (*_MANIFESTS, "foundry.toml"),
    "target": ("Cargo.toml", "pom.xml", "build.sbt"),
    "coverage": _MANIFESTS,
}
"""Ordinary words that name build output only beside the manifest of what is built: `app/build/page.tsx` is a page."""
_SCRATCH = regex(r"\.migrate-openrouter-\d{6,}-[0-9TZ]+-\d+\.(?:new|old)")
"""What a run of this tool that was cut short may leave beside a file, where it has no better place; never input."""


def is_below(path: str) -> bool:
    """Whether a path that git gives leads below the root: not absolute, and without `..`."""
    if path.startswith("/") or "\0" in path:
        return False
    return (os.sep == "/" or not os.path.isabs(path)) and (".." not in path or ".." not in path.split("/"))


LINK_OUT = "link that leads out of the tree"


def is_repository(reason: str) -> bool:
    """Whether a folder that was skipped for this reason is another repository, whose programs may read a variable of this tree."""
    return reason == _NESTED


def is_copy(reason: str) -> bool:
    """Whether a folder that was skipped for this reason holds copies, of other people's libraries or of this tree, or what git does not keep."""
    return reason in (_VENDORED, _OUTPUT, _IGNORED, _HISTORY)


def is_ignored(reason: str) -> bool:
    """Whether a folder was skipped because git ignores it: what is made there is made again, but settings of one machine lie there too."""
    return reason == _IGNORED


def is_enterable(name: str) -> bool:
    """Whether a folder of this name is worth a look inside one that is skipped: no cache, no dependency, no environment."""
    return name not in _SILENT and _PRUNED.get(name) not in (_DEPENDENCIES, _ENVIRONMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a look at the tree gave."""

    files: tuple[str, ...]
    """Relative to the root, POSIX, sorted; a name that is not UTF-8 carries surrogates, as `os.fsdecode` makes them."""
    skipped: tuple[Skip, ...]
    """Folders (with a closing slash), links and other paths that were left out, once each, sorted."""
    problems: tuple[Problem, ...]
    """Paths that are missing, out of reach or cannot be listed."""
    not_edited: tuple[str, ...]
    """Files that git tracks in the skipped folders: not edited, but a name that is about to change may be read there."""
    git: bool
    """True: git made the list."""
    ignored: tuple[str, ...] = ()
    """Files that git ignores, in folders that it does not."""


def find_root(paths: Sequence[Path]) -> Path:
    """The folder that a run is about: the git top level of the first path that exists, else what holds all the paths.

    Outside git that is the folder itself, the parent of a file, or the common parent of several. Absolute, links resolved.
    Raises `MigratorError` where no path exists.
    """
    places = [_folder(path) for path in paths if os.path.lexists(path)]
    if not places:
        named = ", ".join(str(path) for path in paths) or "nothing"
        raise MigratorError(f"{named}: no such file or folder; give the path of a repository, a folder or a file")
    first = places[0]
    for place in (first, *first.parents):
        if os.path.lexists(place / ".git"):
            return place
    return Path(os.path.commonpath(places)) if len({place.anchor for place in places}) == 1 else first


def _folder(path: Path) -> Path:
    """The real folder that a path is, or is in. A linked file stays where its name is; where it leads is judged later."""
    return Path(os.path.realpath(path if os.path.isdir(path) else path.parent))


def is_env_name(name: str) -> bool:
    """True for the base names of the `.env` family: `.env`, `.env.local`, `prod.env`, `.envrc`, `.dev.vars`, `.env_example`."""
    return name.startswith((".env", ".dev.vars")) or name.endswith(".env")


def discover(root: Path, paths: Sequence[Path], *, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Discovery:
    """Every file under `paths` that may be looked at, with what was left out and why.

    `root` is what `find_root` gave. Folders are listed; a file that is named itself is taken even if it is ignored or lies in
    a folder that would not be entered. `include` (empty: all) and `exclude` are globs as `matcher` takes them. Raises
    `MigratorError` for a bad glob; a bad path is a problem of its own and stops nothing.
    """
    top = os.path.realpath(root)
    wanted, unwanted = matcher(include), matcher(exclude)
    search = _Search(top)
    folders: list[str] = []
    for path in paths:
        given = str(path)
        if not os.path.lexists(path):
            search.problem(given, "does not exist", "Check the spelling of the path.")
            continue
        relative = _relative(top, os.path.join(_folder(path), "" if os.path.isdir(path) else path.name))
        if relative is None:
            search.problem(given, "is outside of the tree of the first path", "Run the tool on it separately.")
        elif ".git" in relative.split("/"):
            search.skip(relative, "git's own files are never touched")
        elif os.path.isdir(path):
            folders.append(relative)
            search.seed(relative)
        elif os.path.islink(path):
            search.link(relative)
        elif not stat.S_ISREG(mode := os.lstat(path).st_mode):
            search.problem(given, f"is a {special(mode)}, which is not read", "Give the path of a file or a folder.")
        else:
            search.files[relative] = None
    by_git = False
    if folders:
        bases = () if "" in folders else tuple(dict.fromkeys(folders))
        by_git = os.path.lexists(os.path.join(top, ".git")) and search.list_by_git(bases)
        for base in dict.fromkeys(folders):
            # git is silent about a folder that it ignores, but whoever names one wants it looked at
            if not by_git or (base and not search.holds(base)):
                search.walk(base)
    return Discovery(
        files=tuple(sorted(_chosen(search.files, wanted if include else None, unwanted if exclude else None))),
        skipped=tuple(
            Skip(path=path, reason=reason) for path, reason in sorted(search.skipped.items()) if not unwanted(path.rstrip("/"))
        ),
        problems=tuple(search.problems),
        not_edited=tuple(sorted(path for path in search.not_edited - search.files.keys() if not unwanted(path))),
        git=by_git,
        ignored=tuple(sorted(path for path in search.ignored_files if not unwanted(path))),
    )


def _chosen(paths: Iterable[str], wanted: Callable[[str], bool] | None, unwanted: Callable[[str], bool] | None) -> Iterable[str]:
    if wanted is not None:
        paths = filter(wanted, paths)
    return paths if unwanted is None else (path for path in paths if not unwanted(path))


def _relative(top: str, path: str | os.PathLike[str]) -> str | None:
    """`path` below `top` in POSIX form, "" for `top` itself, None for a path that is elsewhere."""
    text = os.fspath(path)
    text = text.rstrip(os.sep) or text
    if text == top:
        return ""
    prefix = top if top.endswith(os.sep) else top + os.sep
    return text[len(prefix) :].replace(os.sep, "/") if text.startswith(prefix) else None


class _Search:
    """What one look at a tree gathers. A class because six results grow together while three lists are read."""

    def __init__(self, top: str) -> None:
        self.top = top
        self.files: dict[str, None] = {}
        """In the order in which git lists them, which is the one that is wanted: they need hardly be sorted."""
        self.not_edited: set[str] = set()
        self.skipped: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.ignored_files: list[str] = []
        self.named: list[str] = []
        """Folders that the user gave."""
        self.verdicts: dict[str, str] = {"": ""}
        """Folder to the folder it is skipped with ("" where it is not)."""

    def problem(self, path: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(path=path, line=0, message=message, remedy=remedy))

    def skip(self, path: str, reason: str) -> None:
        self.skipped[path] = reason

    def seed(self, folder: str) -> None:
        """A folder that the user named is entered, whatever it is called."""
        self.named.append(folder)
        self.verdicts[folder] = ""

    def holds(self, base: str) -> bool:
        """True where something below `base` was listed."""
        prefix = base + "/"
        return any(path.startswith(prefix) for file in (self.files, self.not_edited) for path in file)

    def below(self, folder: str) -> str:
        """The skipped folder that `folder` lies in, with its closing slash, or ""; asked once a folder, then remembered."""
        known = self.verdicts.get(folder)
        if known is not None:
            return known
        parent, _, name = folder.rpartition("/")
        verdict = self.below(parent)
        if not verdict and (reason := self.reason(parent, name)) is not None:
            verdict = folder + "/"
            if reason:
                self.skip(verdict, reason)
        self.verdicts[folder] = verdict
        return verdict

    def reason(self, parent: str, name: str) -> str | None:
        """Why a folder is not entered; "" for one that is left out without a word, None for one that is entered."""
        if name in _SILENT:
            return ""
        if reason := _PRUNED.get(name):
            return reason
        above = os.path.join(self.top, parent) if parent else self.top
        path = os.path.join(above, name)
        if (manifests := _BESIDE.get(name)) and any(os.path.lexists(os.path.join(above, file)) for file in manifests):
            return _OUTPUT
        if os.path.islink(path):
            # a tracked folder that a link has replaced: git still lists its old files as if they were there
            return "link to a folder"
        if os.path.lexists(os.path.join(path, ".git")):
            return _NESTED
        return _ENVIRONMENT if os.path.lexists(os.path.join(path, "pyvenv.cfg")) else None

    def link(self, path: str) -> None:
        """Add what a link leads to, under its own name, or say why not."""
        try:
            real = os.path.realpath(os.path.join(self.top, path), strict=True)
        except OSError as error:
            self.skip(path, "link that leads in a circle" if error.errno == errno.ELOOP else "link that leads nowhere")
            return
        target = _relative(self.top, real)
        if target is None:
            self.skip(path, LINK_OUT)
        elif os.path.isdir(real):
            self.skip(path, "link to a folder")
        elif ".git" in target.split("/"):
            self.skip(path, "link to git's own files")
        elif inside := self.below(target.rpartition("/")[0]):
            self.skip(path, f"link into {inside}")
        else:
            self.files[target] = None

    def untracked(self, path: str) -> None:
        """Add a file of which git knows no more than the name."""
        if self.below(path.rpartition("/")[0]):
            return
        if os.path.islink(os.path.join(self.top, path)):
            self.link(path)
        elif not _SCRATCH.fullmatch(path.rpartition("/")[2]):
            self.files[path] = None

    def list_by_git(self, bases: Sequence[str]) -> bool:
        """Take git's own listing of some folders (none: all). False, and nothing taken, where git is missing or refuses."""
        before = dict(self.files), dict(self.skipped), list(self.problems), dict(self.verdicts)
        with Listing(self.top, bases) as listing:
            tracked = listing.tracked()
            if tracked is not None:
                self.tracked(tracked)  # while the other two are still being listed
            others = listing.others() if tracked is not None else None
            ignored = listing.ignored() if others is not None else None
        if others is None or ignored is None:
            self.files, self.skipped, self.problems, self.verdicts = before
            self.not_edited.clear()
            return False
        for path in filter(is_below, others[0]):
            if not path.endswith("/"):
                self.untracked(path)
            elif not self.below(path[:-1]) and path[:-1] not in self.named:
                self.skip(path, _NESTED)
        self.ignored(list(filter(is_below, ignored)))
        for folder, complaint in others[1]:
            self.problem(folder, f"cannot be listed: {complaint}", _UNREADABLE)
        return True

    def tracked(self, entries: Sequence[str]) -> None:
        """Add what the index lists: `mode hash stage<TAB>path`; a conflict is listed once a stage."""
        at = entries[0].find("\t") + 1 if entries else 0  # hashes are of one length
        folders, files = self.verdicts, self.files
        for entry in entries:
            path = entry[at:]
            folder, _, name = path.rpartition("/")
            if (
                not entry.startswith("100")
                or ".." in path
                or path[:1] == "/"
                or name.startswith(".migrate-")
                or entry[at - 1] != "\t"
                or os.sep != "/"
            ):
                self.tracked_with_care(entry)
                continue
            known = folders.get(folder)
            if self.below(folder) if known is None else known:
                self.not_edited.add(path)
            else:
                files[path] = None

    def tracked_with_care(self, entry: str) -> None:
        """One entry of the index that is no plain file with an ordinary path."""
        head, _, path = entry.partition("\t")
        if not is_below(path):
            self.problem(
                path, "is listed by git and lies outside of the tree", "Look at the repository's index; it was made by hand."
            )
            return
        folder, _, name = path.rpartition("/")
        match head[:6]:
            case "160000":
                if not self.below(folder):
                    self.skip(path + "/", _NESTED)
                    self.verdicts[path] = path + "/"
            case "120000":
                if not self.below(folder):
                    self.tracked_link(path)
            case _ if _SCRATCH.fullmatch(name):
                pass
            case _ if self.below(folder):
                self.not_edited.add(path)
            case _:
                self.files[path] = None

    def tracked_link(self, path: str) -> None:
        """A link as git recorded it; it may be gone from the work tree, or checked out as a plain file."""
        whole = os.path.join(self.top, path)
        if os.path.islink(whole):
            self.link(path)
        elif os.path.lexists(whole):
            self.files[path] = None

    def ignored(self, paths: Sequence[str]) -> None:
        """Of what git ignores, take the `.env` family and name the folders; the other files are one line together."""
        env = [path for path in paths if not path.endswith("/") and is_env_name(path.rpartition("/")[2])]
        for path in env:
            self.untracked(path)
        for path in paths:
            folder = path.rstrip("/")
            if path == folder:
                if not self.below(path.rpartition("/")[0]) and not is_env_name(path.rpartition("/")[2]):
                    self.ignored_files.append(path)
            elif self.below(folder) or any((file + "/").startswith(path) for file in (*env, *self.named)):
                continue  # skipped for a reason of its own, asked for, or only called ignored because all of its files are
            else:
                self.skip(path, _IGNORED)
        if count := len(self.ignored_files):
            self.skip(".", f"{count} {'file' if count == 1 else 'files'} {_IGNORED}")

    def walk(self, base: str) -> None:
        """List a folder without git."""
        pending = [base]
        while pending:
            folder = pending.pop()
            prefix = folder + "/" if folder else ""
            try:
                entries = sorted(os.scandir(os.path.join(self.top, folder) if folder else self.top), key=lambda entry: entry.name)
            except OSError as error:
                if not isinstance(error, FileNotFoundError):
                    self.problem(prefix or ".", f"cannot be listed: {error.strerror}", _UNREADABLE)
                continue
            for entry in entries:
                path = prefix + entry.name
                if entry.is_symlink():
                    self.link(path)
                elif entry.is_dir(follow_symlinks=False):
                    if not self.below(path):
                        pending.append(path)
                elif entry.is_file(follow_symlinks=False):
                    if entry.name != ".git" and not _SCRATCH.fullmatch(entry.name):
                        self.files[path] = None
                else:
                    self.skip(path, special(_mode(entry)))


def _mode(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_mode
    except OSError:
        return 0


def special(mode: int) -> str:
    """What a file that is no file is, in words, from its mode."""
    for test, word in ((stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"), (stat.S_ISCHR, "device"), (stat.S_ISBLK, "device")):
        if test(mode):
            return f"special file ({word})"
    return "special file"
