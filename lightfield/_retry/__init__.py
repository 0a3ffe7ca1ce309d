"""Retries: which failures, after what delay, at what cost."""
