"""Chapter 3: a language model rebuilt, the texts that it reads, and an audit of them."""
