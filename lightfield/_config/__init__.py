"""Validated options of a client."""
