"""Faults on purpose: services, servers and connections broken in a repeatable order, and checked."""
