"""Files about a run, for pages and the command line: figures, tables, parameters, a script."""
