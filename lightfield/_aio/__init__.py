"""Tools for asyncio: one event loop on one thread, its clock, batches, threads, time limits, forks."""
