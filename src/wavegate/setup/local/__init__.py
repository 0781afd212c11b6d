"""wavegate's reusable workflows in the consumer's own repository: how they are written, recognized and kept current.

Environment secrets and self-hosted runners do not reach a reusable workflow of another owner, so the workflows are
copied, and only the composite actions are called by their commit.
"""
