"""What can be done with what the API has: one file for each resource."""
