"""Chapter 2: knees whose truth is known, a network that reads their films, and what it proves."""
