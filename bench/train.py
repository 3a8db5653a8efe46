"""A peer of bench/train.sh: FOLDER TREES THREADS TRAINER, with TRAINER xgboost or sklearn; prints one line of key=value."""
import sys
import time

import numpy as np

folder, trees, threads, trainer = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
if trainer == "xgboost":
    import xgboost
else:
    from sklearn.ensemble import HistGradientBoostingClassifier


def load(name):
    return np.load(f"{folder}/{name}.npy", mmap_mode="r" if "values" in name else None)


def peak_mib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


labels, test_labels = load("train-labels"), load("test-labels")
started = time.perf_counter()
if trainer == "xgboost":
    binned = xgboost.QuantileDMatrix(np.asarray(load("train-values")), labels, max_bin=255, nthread=threads)
    bin_seconds = time.perf_counter() - started
    started = time.perf_counter()
    model = xgboost.train(
        {"objective": "binary:logistic", "tree_method": "hist", "grow_policy": "lossguide", "max_leaves": 31, "max_depth": 0, "max_bin": 255,
         "eta": 0.1, "nthread": threads, "seed": 1},
        binned, num_boost_round=trees)
    train_seconds, peak = time.perf_counter() - started, peak_mib()
    scores = model.predict(xgboost.DMatrix(np.asarray(load("test-values"))))
else:
    bin_seconds = 0.0  # a part of fit
    model = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=31, learning_rate=0.1, min_samples_leaf=20, max_bins=255, early_stopping=False, random_state=1)
    model.fit(np.asarray(load("train-values")), labels)
    train_seconds, peak = time.perf_counter() - started, peak_mib()
    scores = model.predict_proba(np.asarray(load("test-values")))[:, 1]

from sklearn.metrics import roc_auc_score

print(f"trainer={trainer} bin_seconds={bin_seconds:.2f} train_seconds={train_seconds:.2f} peak_mib={peak:.0f}"
      f" auc={roc_auc_score(test_labels, scores):.4f}")
