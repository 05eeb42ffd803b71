"""Lessons as values: tasks, checks on a cluster's objects, questions whose answers are computed, and a trial of the solution."""
