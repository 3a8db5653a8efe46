"""XGBoost on the rows, features and folds that `auspex train --task rul --export DIR` wrote: the peer of remaining useful life.

Prints one line of figures for XGBoost and one for Auspex, on the same rows. Each fold of XGBoost stops by the rows it holds out,
as each fold of Auspex does; its fold models are averaged on the test side.
"""
import json, sys
import numpy as np
import xgboost as xgb


def nasa(error):
    return float(np.sum(np.where(error < 0, np.exp(-error / 13) - 1, np.exp(error / 10) - 1)))


def rmse(error):
    return float(np.sqrt(np.mean(error * error)))


def main(folder, seed):
    load = lambda name: np.load(f"{folder}/{name}.npy")
    names = json.load(open(f"{folder}/names.json"))
    cap = names["lifeCap"] or np.inf
    x, y, folds = load("rows"), load("labels")[:, 0], load("folds")
    held_out = load("heldOut")[:, 0]
    has_test = bool(names["testAssets"])
    test = xgb.DMatrix(load("testRows")) if has_test else None
    oof, said, rounds = np.zeros(len(y)), [], []
    parameters = dict(eta=0.04, max_depth=6, min_child_weight=30, subsample=0.7, colsample_bytree=0.4, reg_lambda=5,
                      objective="reg:squarederror", tree_method="hist", nthread=2, seed=seed)
    for fold in np.unique(folds):
        train, out = folds != fold, folds == fold
        held = xgb.DMatrix(x[out], y[out])
        booster = xgb.train(parameters, xgb.DMatrix(x[train], y[train]), 2000, evals=[(held, "heldOut")],
                            early_stopping_rounds=50, verbose_eval=False)
        best = (0, booster.best_iteration + 1)
        rounds.append(best[1])
        oof[out] = np.clip(booster.predict(held, iteration_range=best), 0, cap)
        if has_test:
            said.append(booster.predict(test, iteration_range=best))
    figures = {"XGBoost": [rmse(oof - y)], "Auspex": [rmse(held_out - y)]}
    if has_test:
        assets = load("testAssets")
        last = np.append(np.flatnonzero(np.diff(assets)), len(assets) - 1)
        true = load("testLabels")[last, 0]
        for name, life in (("XGBoost", np.clip(np.mean(said, axis=0), 0, cap)[last]), ("Auspex", load("testPredictions")[last, 0])):
            capped, raw = life - np.minimum(true, cap), life - true
            figures[name] += [rmse(capped), rmse(raw), nasa(capped), nasa(raw)]
    for name, values in figures.items():
        titles = ["oofRmse", "testRmseCapped", "testRmseRaw", "testNasaCapped", "testNasaRaw"]
        print(json.dumps({"who": name, "seed": seed, "rounds": rounds if name == "XGBoost" else None, **dict(zip(titles, values))}))


main(sys.argv[1], int(sys.argv[2]))
