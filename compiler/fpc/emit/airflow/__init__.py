"""One small Airflow file per feature view: its shape; what the tasks do lives in `fpc.runtime.airflow`."""
