"""The programs that are measured, each run as `python -P -m contestants.NAME MODE URL` with `benchmarks/` as its path.

They run under different interpreters, so they may import one another and the package they measure, and nothing else of
`benchmarks`.
"""
