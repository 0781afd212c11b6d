"""The on-call runbook, made from what a release says and ships, so that it never says what is no longer true."""
