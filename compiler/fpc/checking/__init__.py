"""Checking a repository: all of it, or what an edit can have changed since the last check."""
