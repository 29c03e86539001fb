"""fpc, the feature platform compiler: a feature is written once and has one value on every path."""
