"""XGBoost on the rows, features and outer folds that `auspex cross-validate --export DIR` wrote: the peer of failure prediction by row.

Inside each outer fold both do the same: five inner folds of whole assets stop the trees, choose the threshold of the highest F1 on what
they held out, and are averaged. Prints PR-AUC, F1, Brier score and ECE (ten steps of equal width) of both, mean over the rounds.
"""
import glob, json, sys
import numpy as np
import xgboost as xgb
from sklearn.metrics import average_precision_score

PARAMETERS = {
    "XGBoost": dict(eta=0.04, max_depth=6, subsample=0.7, colsample_bytree=0.4),  # else its own defaults
    "XGBoost, penalties of Auspex": dict(eta=0.04, max_depth=6, subsample=0.7, colsample_bytree=0.4, reg_lambda=5, min_child_weight=5),
}


def ece(p, y):
    step = np.minimum((p * 10).astype(int), 9)
    return sum(abs(p[step == k].sum() - y[step == k].sum()) for k in range(10)) / len(y)


def figures(p, said, y):
    hits = np.sum(said & (y > 0))
    return [average_precision_score(y, p), 2 * hits / (said.sum() + y.sum()), np.mean((p - y) ** 2), ece(p, y)]


def deal(assets, y, count, rng):
    """Whole assets to the fold that has fewest positives, then fewest rows."""
    folds, positives, rows = {}, np.zeros(count), np.zeros(count)
    for asset in rng.permutation(np.unique(assets)):
        of = assets == asset
        least = min(range(count), key=lambda k: (positives[k], rows[k]))
        folds[asset], positives[least], rows[least] = least, positives[least] + y[of].sum(), rows[least] + of.sum()
    return np.array([folds[asset] for asset in assets])


def best_threshold(p, y):
    order = np.argsort(-p)
    f1 = 2 * np.cumsum(y[order]) / (np.arange(1, len(y) + 1) + y.sum())
    k = int(np.argmax(f1))
    return (p[order][k] + (p[order][k + 1] if k + 1 < len(p) else 0)) / 2


def xgboost(parameters, x, y, assets, outer, seed):
    p, said = np.zeros(len(y)), np.zeros(len(y), bool)
    for fold in np.unique(outer):
        train, out = np.flatnonzero(outer != fold), np.flatnonzero(outer == fold)
        inner = deal(assets[train], y[train], 5, np.random.default_rng(seed))
        held_out, predicted = np.zeros(len(train)), np.zeros(len(out))
        for k in range(5):
            a, b = train[inner != k], train[inner == k]
            watch = xgb.DMatrix(x[b], y[b])
            booster = xgb.train({**parameters, "objective": "binary:logistic", "eval_metric": "logloss", "tree_method": "hist", "nthread": 2, "seed": seed},
                                xgb.DMatrix(x[a], y[a]), 2000, evals=[(watch, "heldOut")], early_stopping_rounds=50, verbose_eval=False)
            best = (0, booster.best_iteration + 1)
            held_out[inner == k] = booster.predict(watch, iteration_range=best)
            predicted += booster.predict(xgb.DMatrix(x[out]), iteration_range=best) / 5
        p[out], said[out] = predicted, predicted >= best_threshold(held_out, y[train])
    return p, said


def main(folder):
    all_figures = {}
    for number, round_folder in enumerate(sorted(glob.glob(f"{folder}/round-*")), 1):
        load = lambda name: np.load(f"{round_folder}/{name}.npy")
        x, y, assets, outer = load("rows"), load("labels")[:, 0], load("assets"), load("folds")
        said_by = {"Auspex": (load("predictions")[:, 0], load("decisions")[:, 0] > 0)}
        for name, parameters in PARAMETERS.items():
            said_by[name] = xgboost(parameters, x, y, assets, outer, number)
        for name, (p, said) in said_by.items():
            all_figures.setdefault(name, []).append(figures(p, said, y))
    titles = ["prAuc", "f1", "brier", "ece"]
    for name, rounds in all_figures.items():
        mean, spread = np.mean(rounds, axis=0), np.std(rounds, axis=0)
        print(json.dumps({"who": name, "rounds": len(rounds), **{t: round(float(m), 5) for t, m in zip(titles, mean)},
                          "spread": {t: round(float(s), 5) for t, s in zip(titles, spread)}}))


main(sys.argv[1])
