"""Tools for asyncio: one event loop on one thread, batches, threads, time limits, forks."""
