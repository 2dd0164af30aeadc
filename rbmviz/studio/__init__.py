"""What the pages share and none draws: settings, the engine of a session, the record of a run."""
