"""The frame of both APIs: problems, keys, request ids, limits, headers, OpenAPI."""
