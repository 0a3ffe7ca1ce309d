"""The bytes of files, to and from the storage."""
