"""The sandbox's records and the rules they follow."""
