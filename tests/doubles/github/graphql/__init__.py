"""GraphQL over the state."""
