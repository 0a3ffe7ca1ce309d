"""How fast is this SDK, next to the official one and to the libraries it stands on? See README.md."""
