"""What runs: refreshes, publications, reads and training sets, from what was compiled."""
