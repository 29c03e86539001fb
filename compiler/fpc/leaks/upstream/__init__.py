"""Following the SQL of the dbt models that sources read."""
