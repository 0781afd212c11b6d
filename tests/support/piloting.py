"""Three small releases whose agent is live: an Agent Script, planner metadata, and a service agent."""
