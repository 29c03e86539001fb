"""`fpc doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, style_of, suggest
from fpc.cli.failure import CommandError, ExitCode
from fpc.cli.health import Finding, Health, installation
from fpc.cli.report import plural
from fpc.cli.repository_health import repository_health
from fpc.cli.root import find_root
from fpc.diagnostics.neutral import neutralise


@click.command("doctor", short_help="Find what is wrong with this installation.")
@options.target
@options.lazy_repository
def command(target: str | None, repo: Path | None) -> int:
    """Find what is wrong with this installation and how to mend it.

    Looks at Python and the packages, and in a repository also at its files, the disk, the warehouse and the online
    store. Changes nothing. Exit code 3 when something is broken; what is merely worth knowing is marked with `!`.
    """
    findings = list(installation())
    root = _root(repo)
    if root is None:
        findings.append(Finding(Health.NOTE, "repository", "not in a feature repository", "`fpc init DIR` makes one"))
    else:
        findings += repository_health(root, target)
    for finding in findings:
        _show(finding)
    broken = sum(finding.health is Health.BROKEN for finding in findings)
    if broken:
        suggest("fpc doctor", f"again, once {plural(broken, 'problem')} marked with ✗ is mended")
        return ExitCode.FPC_FAULT
    suggest("fpc check" if root is not None else "fpc init DIR", "nothing is broken")
    return ExitCode.DONE


def _root(repo: Path | None) -> Path | None:
    try:
        return find_root(repo)
    except CommandError:
        if repo is not None:
            raise
        return None


def _show(finding: Finding) -> None:
    style = style_of(sys.stdout)
    mark = {
        Health.GOOD: style.good("✓"),
        Health.NOTE: style.warning("!"),
        Health.BROKEN: style.error("✗"),
    }[finding.health]
    put(f"{mark} {finding.subject:<18} {neutralise(finding.message)}\n")
    if finding.help:
        put(f"  {'':<18} {style.frame('=')} {style.strong('help')}: {neutralise(finding.help)}\n")
