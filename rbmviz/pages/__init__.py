"""The pages: they read widgets, call the lab and hand arrays to the stage and the charts."""
