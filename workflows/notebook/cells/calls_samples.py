rows = []
for name, of in list(zip(counts.samples, counts.of))[:MOST_ROWS]:
    snps = [f"{of['SNP het']:,}", f"{of['SNP hom']:,}", ratio(of["SNP het"], of["SNP hom"])]
    indels = [f"{of['indel het']:,}", f"{of['indel hom']:,}"]
    rows.append([name, *snps, *indels, ratio(of["Ti"], of["Tv"]), ratio(of["depth"], max(of["depths"], 1), 1), f"{of['missing']:,}"])
columns = ["SNPs het", "SNPs hom", "het/hom", "indels het", "indels hom", "Ti/Tv", "mean depth", "not called"]
show(pd.DataFrame(rows, columns=["sample", *columns]))
