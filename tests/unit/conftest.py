"""How Hypothesis is to work here: it finds inputs; it does not measure how long a busy machine takes for them."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
