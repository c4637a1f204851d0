"""A campaign from a CSV file to read receipts, run through the public APIs only."""
