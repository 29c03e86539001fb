"""The logical plan: when events count, which steps make a value, and how to say both in words."""
