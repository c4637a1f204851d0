"""GET /v1/stream: what happens in a workspace, told to whoever looks, as soon as it can be read."""
