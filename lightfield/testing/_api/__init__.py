"""The operations that the sandbox answers."""
