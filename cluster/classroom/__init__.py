"""Classes: a code to join, a seat and a cluster for each student, lessons with checks, the teacher's board."""
