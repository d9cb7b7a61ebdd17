"""The collected counters, and the quality that is judged from them."""
