"""Sessions from Data Cloud (Data 360): the SQL over the tables of session tracing, and the API that runs it."""
