"""From plans to SQL: trees in DuckDB's dialect, and their layout as text."""
