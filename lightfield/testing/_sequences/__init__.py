"""The rules of sequences: their definitions, drafts and templates, and how contacts move through them."""
