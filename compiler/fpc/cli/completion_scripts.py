"""The scripts of `fpc completion`, and the file of each shell that runs them."""

from __future__ import annotations

from typing import Final

_BASH: Final = r"""_fpc_complete() {
    local IFS=$'\n'
    local answer
    answer=$(_FPC_COMPLETE=$COMP_CWORD COMP_WORDS="$(printf '%s\n' "${COMP_WORDS[@]:1:COMP_CWORD}")" fpc 2>/dev/null)
    if [ "$answer" = ":files" ]; then
        COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
        type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
        return
    fi
    COMPREPLY=()
    local line
    for line in $answer; do
        COMPREPLY+=("${line%%$'\t'*}")
    done
}
complete -F _fpc_complete fpc
"""

_ZSH: Final = r"""#compdef fpc
_fpc() {
    local -a lines names described
    local line
    lines=("${(@f)$(_FPC_COMPLETE=$((CURRENT - 1)) COMP_WORDS="${(F)words[2,CURRENT]}" fpc 2>/dev/null)}")
    if [[ "${lines[1]}" == ":files" ]]; then
        _files
        return
    fi
    for line in $lines; do
        [[ -n "$line" ]] && described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe -V 'fpc' described
}
if [[ "${funcstack[1]}" == "_fpc" ]]; then
    _fpc "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _fpc fpc
fi
"""

_FISH: Final = r"""function __fpc_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    set -l joined (string join \n -- $words | string collect -N)
    set -l answer (_FPC_COMPLETE=(count $words) COMP_WORDS="$joined" fpc 2>/dev/null)
    if test "$answer[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $answer
    end
end
complete -c fpc -f -a '(__fpc_complete)'
"""

#: By the shell's name: its script, and where the script is run from.
SCRIPTS: Final = {
    "bash": (_BASH, "~/.bashrc"),
    "fish": (_FISH, "~/.config/fish/config.fish"),
    "zsh": (_ZSH, "~/.zshrc"),
}
