"""The inbox page: plain files and their headers; all it knows it asks of the public APIs."""
