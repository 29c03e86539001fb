"""The dbt project that a model compiles to."""
