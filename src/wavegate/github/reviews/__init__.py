"""The issues of release reviews: their marker, their tasks, and what of those is still open."""
