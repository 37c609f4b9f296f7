"""Chapter 5: a mixture that comes apart, its solvers, and what may replace them."""
