"""``python -m lightfield``."""

import sys

from lightfield.cli import main

sys.exit(main(sys.argv[1:]))
