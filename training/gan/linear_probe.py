"""A linear classifier on pictures' features, to which each label counts alike."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from torch import Tensor


def probe(features: Tensor, labels: Tensor) -> LogisticRegression:
    """Learn (N,) labels from (N, F) features."""
    return LogisticRegression(max_iter=300, C=0.01, class_weight="balanced").fit(features.numpy(), labels.numpy())


def accuracy_score(made: Tensor, made_labels: Tensor, real: Tensor, real_labels: Tensor) -> float:
    """The classification accuracy score (Ravuri & Vinyals 2019): learned from made pictures, right on real ones.

    Returns:
        The mean over the labels of the share that is right, in [0, 1].

    """
    truth = real_labels.numpy()
    right = probe(made, made_labels).predict(real.numpy()) == truth
    return float(np.mean([right[truth == label].mean() for label in np.unique(truth)]))
