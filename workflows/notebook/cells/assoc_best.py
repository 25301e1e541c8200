columns = ["trait", "chrom", "position", "id", "ref", "alt", "eaf", "beta", "se", "-log10 p"]
for trait in drawn:
    l = np.sort(points[trait]["neg_log10_p"])
    best = strongest(load(trait, [*NAMES, "eaf", "beta", "se"], l[-min(len(l), 20)])).head(20)
    rows = [[trait, row.chrom, f"{row.pos:,}", called(row), row.ref, row.alt, *effects(row)] for row in best.itertuples()]
    show(pd.DataFrame(rows, columns=columns))
