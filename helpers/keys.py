"""Under which names the results lie in an executed notebook."""

GLUED = "application/papermill.record/text/plain"  # where glue(…, display=False) puts text
CLAIMS = "claims-json"  # glued: all claims of a chapter
ORDER = "-order-json"  # ends the name under which an order is glued beside its phrase

# The numbers behind a table, in full. Pages and JupyterLab show the table alone.
VALUES = "application/vnd.headlines.values+json"
