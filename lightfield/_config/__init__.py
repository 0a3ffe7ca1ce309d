"""Options of a client, checked."""
