"""What an environment's agents did: daily sums of their sessions, from files, Data Cloud or SOQL."""
