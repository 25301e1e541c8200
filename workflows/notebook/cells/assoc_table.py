NAMES = ["chrom", "pos", "id", "ref", "alt"]
HIT = -np.log10(HIT_P)
points = {trait: load(trait, ["chrom", "pos", "n", "n_cases"]) for trait in FILES}  # all tests, for the figures

rows = []
for trait, t in points.items():
    if not len(t):
        rows.append([trait, "", "NA", "NA", "0", "NA", "0", "", "NA"])
        continue
    l = t["neg_log10_p"]
    best = strongest(load(trait, NAMES, l.max())).iloc[0]
    rows.append(
        [trait, first_test[trait], *(number(t[c].max(), ",.0f") for c in ("n", "n_cases")), f"{len(t):,}", f"{inflation(l):.3f}"]
        + [f"{(l > HIT).sum():,}", called(best), f"{best.neg_log10_p:.2f}"]
    )
show(pd.DataFrame(rows, columns=["trait", "test", "samples", "cases", "tests", "lambda GC", "hits", "best", "-log10 p"]))
