"""`fpc fmt`: one layout for specs and the SQL in them, comments kept, meaning untouched."""

from fpc.format.spec_text import Formatted, format_text

__all__ = ("Formatted", "format_text")
