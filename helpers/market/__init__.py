"""Chapter 1: real prices, informed traders, long-run returns, costs, balanced books."""
