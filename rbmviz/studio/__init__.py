"""What the pages share and none draws: settings, the lab of a session, the record of a run."""
