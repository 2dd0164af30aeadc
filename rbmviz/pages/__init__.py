"""The pages: they read widgets, call the engine and hand arrays to the stage and the charts."""
