"""The API's operations as implemented by the sandbox."""
