"""Benchmarks against the official SDK and the underlying libraries. See README.md."""
