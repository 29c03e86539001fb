"""Calling fpc as a program, from an environment that holds nothing of what fpc needs. Standard library only."""
