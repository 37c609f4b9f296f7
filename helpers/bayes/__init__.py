"""Chapter 6: recurrent networks that were trained on tasks, beside Bayes' rule."""
