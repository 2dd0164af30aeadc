"""The command line. Each subcommand is a module with add_to(subparsers); main.py lists them."""
