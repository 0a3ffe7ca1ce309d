"""What exists only so that code written for the official SDK runs."""
