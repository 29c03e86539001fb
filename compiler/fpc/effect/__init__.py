"""What a plan does to the data that is there: values before and after on a sample, and what a backfill would read."""
