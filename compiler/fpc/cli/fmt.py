"""`fpc fmt`: one layout for specs and the SQL in them."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import fail, put, say, style_of, suggest
from fpc.cli.failure import ExitCode, fpc_fault, wrong_usage
from fpc.cli.replace_file import replace_file
from fpc.cli.report import plural
from fpc.cli.root import find_root
from fpc.contract.spec_files import CONFIG, LARGEST, spec_files
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.neutral import neutralise
from fpc.diagnostics.text import render_text
from fpc.format.spec_text import Formatted, LayoutFaultError, format_text

_STDIN = "-"


@click.command("fmt", short_help="Lay out specs and the SQL in them.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit code 1 if a file would change.")
@click.option("--diff", "shows_diff", is_flag=True, help="Write nothing; print what would change.")
@options.lazy_repository
def command(paths: tuple[str, ...], only_check: bool, shows_diff: bool, repo: Path | None) -> int:
    """Lay out the PATHs, files or folders; the repository's fpc.yml and features/ by default.

    White space, line breaks and the case of SQL's words change; comments, the order of keys and every meaning stay.
    `-` reads standard input and writes standard output. A file that cannot be read as YAML, or whose SQL cannot be
    parsed, is left alone and reported, with exit code 1.
    """
    if _STDIN in paths:
        if len(paths) > 1:
            raise wrong_usage("`-` stands alone", help="it reads one text from standard input")
        return _standard_input(only_check, shows_diff)
    files = sorted(dict.fromkeys(_files(paths, repo)))
    changed, refused = [], 0
    for path in files:
        name = _name(path)
        text = _read(path, name)
        if text is None:
            refused += 1
            continue
        made = _format(name, text)
        if made.diagnostics:
            _report(made.diagnostics, name, text)
            refused += 1
        elif made.text != text:
            changed.append(name)
            if shows_diff:
                put(_diff(name, text, made.text))
            if not (only_check or shows_diff):
                replace_file(path, made.text)
    dry = only_check or shows_diff
    for name in changed:
        say(f"  {'would change' if dry else 'laid out'} {name}")
    kept = len(files) - len(changed) - refused
    say(f"{plural(len(files), 'file')}: {len(changed)} {'to change' if dry else 'changed'}, {kept} as they should be"
        + (f", {refused} not readable" if refused else ""))  # fmt: skip
    if refused:
        suggest("fpc check", "shows what else is wrong with them")
    elif changed and dry:
        suggest("fpc fmt", "writes these changes")
    else:
        suggest("fpc check", "finds what is wrong with the specs")
    return ExitCode.USER_FAULT if refused or (changed and dry) else ExitCode.DONE


def _standard_input(only_check: bool, shows_diff: bool) -> int:
    name = "<stdin>"
    try:
        text = sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise wrong_usage("standard input is not UTF-8") from None
    made = _format(name, text)
    if made.diagnostics:
        _report(made.diagnostics, name, text)
        return ExitCode.USER_FAULT
    if shows_diff:
        put(_diff(name, text, made.text))
    elif not only_check:
        put(made.text)
    return ExitCode.USER_FAULT if (only_check or shows_diff) and made.text != text else ExitCode.DONE


def _files(paths: tuple[str, ...], repo: Path | None) -> Iterator[Path]:
    if not paths:
        root = find_root(repo)
        yield root / CONFIG
        yield from (root / path for path in spec_files(root)[0])
    for given in map(Path, paths):
        if given.is_dir():
            visible = (path for path in given.rglob("*.yml") if not _is_hidden(path.relative_to(given)))
            yield from (path for path in visible if path.is_file())
        elif given.is_file():
            yield given
        else:
            raise wrong_usage(f"there is no file or folder `{given}`")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _name(path: Path) -> str:
    """The path as a person here would write it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def _read(path: Path, name: str) -> str | None:
    """The file's text; None after saying why there is none, so that the other files are laid out all the same."""
    try:
        data = path.read_bytes()
        if len(data) > LARGEST:
            fail(f"`{name}` is larger than 256 KB, which no spec file may be")
            return None
        return data.decode("utf-8")
    except UnicodeDecodeError:
        fail(f"`{name}` is not UTF-8", help="save the file as UTF-8")
    except OSError as error:
        fail(f"`{name}` cannot be read: {error.strerror}")
    return None


def _format(name: str, text: str) -> Formatted:
    try:
        return format_text(name, text)
    except LayoutFaultError:
        raise fpc_fault(
            f"`{name}` would not say the same when it is laid out, so it was left as it is",
            help="please report it with the file; the other files can be laid out by naming them",
        ) from None


def _report(diagnostics: tuple[Diagnostic, ...], name: str, text: str) -> None:
    rendered = render_text(diagnostics, {name: text}.get, colour=style_of(sys.stderr).colour)
    click.echo(rendered, err=True, nl=False, color=True)
    fail(f"`{name}` was left as it is")


def _diff(name: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"{name}", f"{name} (laid out)", lineterm="")
    return "".join(neutralise(line) + "\n" for line in lines)
