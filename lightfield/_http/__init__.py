"""One HTTP exchange, through aiohttp."""
