"""Collected counters, and the quality word that is judged from them."""
