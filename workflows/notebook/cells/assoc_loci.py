ONE = ("6", 25_000_000, 34_000_000)  # the MHC: one locus by its history


def loci(trait):
    """Hits no further apart than WINDOW are one locus; the smallest p leads it. The strongest locus comes first."""
    hits = load(trait, [*NAMES, "eaf", "beta", "se"], HIT)
    hits = hits[hits["neg_log10_p"] > HIT]
    found = []
    for chrom in sorted(set(hits["chrom"]), key=place):
        c = hits[hits["chrom"] == chrom].sort_values("pos", kind="stable")
        one = c["pos"].sub(1).between(ONE[1], ONE[2], inclusive="left") & (place(chrom)[1] == ONE[0])
        begins = (c["pos"].diff() > WINDOW) & ~(one & one.shift(fill_value=False))
        for _, locus in c.groupby(begins.cumsum()):
            lead = strongest(locus).iloc[0]
            ends = [f"{locus['pos'].iat[k]:,}" for k in (0, -1)]
            found.append((lead, [trait, chrom, *ends, f"{len(locus):,}", called(lead), f"{lead.pos:,}", lead.ref, lead.alt, *effects(lead)]))
    found.sort(key=lambda locus: -locus[0].neg_log10_p)
    return [row for _, row in found[:MOST_ROWS]]


columns = ["trait", "chrom", "from", "to", "hits", "lead", "position", "ref", "alt", "eaf", "beta", "se", "-log10 p"]
show(pd.DataFrame([row for trait in points for row in loci(trait)], columns=columns))
