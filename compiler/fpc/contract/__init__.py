"""What compile time and run time agree on; standard library only."""
