"""Text of specs as Python literals: whatever it holds, it stays one string."""

from __future__ import annotations


def literal(text: str) -> str:
    """The text as a string literal in double quotes, where it holds none.

    >>> print(literal("it's"), literal('a "b"'))
    "it's" 'a "b"'
    """
    written = repr(text)
    if written.startswith("'") and '"' not in text and "'" not in text:
        return f'"{written[1:-1]}"'
    return written


def docstring(lines: list[str]) -> str:
    """A docstring of these lines, which must hold no control characters; it ends in a newline of its own."""
    text = "\n".join(lines).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    # A text that begins with a quote would otherwise end the opening ones.
    text = f"\\{text}" if text.startswith('"') else text
    return f'"""{text}\n"""'
