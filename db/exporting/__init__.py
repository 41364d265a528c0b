"""Kept photos on their way to the people who label them: chosen, ordered, written as files.

``run.export`` is the way in. Nothing that names a person leaves: photos bear the vault's random ids, and those of one
resident share a group id that is another one in each export.
"""
