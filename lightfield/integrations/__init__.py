"""Integrations with other libraries: one module for each, and an extra of the same name."""
