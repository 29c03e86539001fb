"""From specs to a model: names resolved, expressions typed, fingerprints of the meaning."""
