from infra.event_store.store import SqlEventStore, open_store

__all__ = ["SqlEventStore", "open_store"]
