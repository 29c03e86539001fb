"""One program per thing that is timed; each runs in a process of its own and prints one line of JSON."""
