"""Keeping what changes: tables that know it, the SQLite file, and the delay of the search index."""
