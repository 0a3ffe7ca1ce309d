"""The workspace that a sandbox starts with."""
