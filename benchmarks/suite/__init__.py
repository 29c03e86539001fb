"""One module per benchmark: `run(settings)` measures its steps side by side and gives an `Outcome`."""
