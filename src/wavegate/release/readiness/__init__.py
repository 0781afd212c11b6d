"""Readiness: whether people, procedures and tests are ready for a release, as findings and as a score card."""
