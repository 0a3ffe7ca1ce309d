"""The two clients and the catalog of resources."""
