"""Pictures for paused and analytic views: arrays in, chart out."""
