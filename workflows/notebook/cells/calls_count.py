counts = None
for table in records(locate(CALLS)):
    if counts is None:
        counts = Counts(list(table.columns[9:]))
    counts.add(table)

n = counts.n
rows = [["records", n["records"]], ["that pass", counts.filters["PASS"]], ["SNPs", n["SNP"]], ["MNPs", n["MNP"]], ["indels", n["indel"]]]
rows += [["of other kinds", n["other"]], ["with several alternate alleles", n["multiallelic"]], ["transitions", n["Ti"]], ["transversions", n["Tv"]]]
rows = [[what, f"{k:,}"] for what, k in rows] + [["Ti/Tv", ratio(n["Ti"], n["Tv"])]]
show(pd.DataFrame(rows, columns=["what", "number"]))
