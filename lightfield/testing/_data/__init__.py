"""The initial records of a sandbox."""
