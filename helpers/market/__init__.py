"""Chapter 1: real prices, long-run returns and the cost of trading."""
