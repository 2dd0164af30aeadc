"""What ends a subcommand with exit code 2."""


class UsageError(Exception):
    """The arguments ask for something that cannot be, known before any work began."""
