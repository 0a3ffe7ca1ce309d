"""The API's protocol as values, without I/O: requests, responses, queries, filters, encoding, redaction."""
