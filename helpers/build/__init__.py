"""What makes the book and no chapter imports: environment, freshness, execution, pages.

Importing this package costs nothing: `python3 -m helpers.build.install` runs with a bare
Python.
"""
