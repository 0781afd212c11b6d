"""Sessions of exported files, CSV, JSON Lines and Parquet, summed up by DuckDB."""
