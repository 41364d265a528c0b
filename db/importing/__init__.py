"""Labels that come back: read from what labelling tools write, checked, settled, kept beside what was there before.

``run.import_labels`` is the way in.
"""
