"""A refresh in stages: source, build, gate, publish, record. Each can be run by itself, and again at any time."""
