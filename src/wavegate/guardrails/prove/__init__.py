"""Properties of agents, proved for all conversations or refuted by the shortest one."""
