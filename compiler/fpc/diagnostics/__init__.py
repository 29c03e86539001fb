"""Spans, diagnostics and results, and how they are printed."""
