"""The state of the sandbox and the rules that it follows."""
