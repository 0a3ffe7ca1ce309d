"""Rate limits: how fast requests go, and whose goes next."""
