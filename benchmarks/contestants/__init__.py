"""The measured programs, each run as `python -P -m contestants.NAME MODE URL` with `benchmarks/` as its path.

They run under different interpreters, so they may import only one another and the package they measure.
"""
