"""Chapter 4: images encrypted as InstaHide does, and recovered from the encodings alone."""
