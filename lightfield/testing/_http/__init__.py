"""The sandbox as an HTTP server, whatever it serves."""
