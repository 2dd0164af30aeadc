"""Run the command line: python -m rbmviz."""

import sys

from rbmviz.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
