import json

with open(locate(NULL_MODEL)) as f:
    null = json.load(f)
rows = []
for t in null["traits"]:
    for score in t["report"]["scores"]:
        for key, measure in (("r2", "R2"), ("auc", "AUC")):
            if score.get(key):
                e = score[key]
                rows.append([t["trait"], score["model"], measure, f"{e['value']:.4f}", f"{e['low']:.4f} to {e['high']:.4f}"])
show(pd.DataFrame(rows, columns=["trait", "model", "measure", "out of fold", "95 % interval"]))
for t in null["traits"]:
    print(t["report"]["sentence"])
