"""What a run follows from: its settings, its estimators and its data, each a row of a table."""
