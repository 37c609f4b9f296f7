"""Races against peers, by hand: python -m benchmarks.<topic>. Not part of the tests."""
