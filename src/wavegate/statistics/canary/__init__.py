"""What a canary is judged by: evidence that may be looked at as often as one likes, from daily sums.

Evidence is an e-value: if the claim that it speaks against is true, it ever reaches 1/alpha with a probability of at
most alpha, at all looks together (Ville 1939). Rates, differences and margins are fractions 0..1; alpha is 1 less the
confidence. Standard library only.
"""
