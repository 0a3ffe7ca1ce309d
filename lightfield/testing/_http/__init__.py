"""The sandbox's HTTP server, independent of the records it serves."""
