"""The YAML language: load, normalise, validate; everything wrong is reported at once.

Entry point: ``poolshift.spec.load.load(path, catalogue, variables, environ)`` -> ``Spec``.
"""
