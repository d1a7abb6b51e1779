"""How a network learns: stages, schedule, averages, checkpoints, and several processes that act as one."""
