"""Data-set tools, recipes, training and evaluation. The only package that trains; bots never import it."""
