"""Daily sums of closed days, kept from look to look so that only new days are read."""
