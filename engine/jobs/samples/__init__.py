"""Samples for a training, cut from scenes: sources are searched for, looked at place by place, held out, and cut."""
