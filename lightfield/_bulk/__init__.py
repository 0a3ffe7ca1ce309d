"""Many requests at once, and whole listings."""
