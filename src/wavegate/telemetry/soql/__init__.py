"""Sessions from the org's own objects: service agents only, no versions, no latency."""
