"""``python -m lightfield``."""

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))
