"""Plumbing and tested methods behind the chapters of *Headlines, Rerun*.

Importing this package costs nothing: `python3 -m helpers.build.install` runs with a bare
Python, before any dependency is there.
"""
