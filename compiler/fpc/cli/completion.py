"""`fpc completion`: what a shell needs to complete fpc's command lines.

The scripts call `fpc` itself with the words typed so far; `fpc.cli.complete` answers without importing a command.
"""

from __future__ import annotations

import click

from fpc.cli.completion_scripts import SCRIPTS
from fpc.cli.console import put, suggest


@click.command("completion", short_help="Print the script by which a shell completes command lines.")
@click.argument("shell", type=click.Choice(sorted(SCRIPTS)))
def command(shell: str) -> None:
    """Print the script by which SHELL completes fpc's commands, options, views, features and codes.

    \b
    bash   eval "$(fpc completion bash)"             in ~/.bashrc
    zsh    eval "$(fpc completion zsh)"              in ~/.zshrc
    fish   fpc completion fish | source              in ~/.config/fish/config.fish
    """
    script, place = SCRIPTS[shell]
    put(script)
    suggest("fpc init DIR", f"a new shell completes fpc once {place} runs this script")
