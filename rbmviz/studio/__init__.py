"""What single pages compute and none draws: links, lessons, studies, a run over all states."""
