"""Several architectures on one image-classification task, compared fairly; a task is a recipe, waste or not."""
