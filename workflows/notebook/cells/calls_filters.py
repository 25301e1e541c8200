filters = sorted(counts.filters.items(), key=lambda x: (-x[1], x[0]))[:MOST_ROWS]
show(pd.DataFrame([[name, f"{k:,}"] for name, k in filters], columns=["filter", "records"]))
show(pd.DataFrame([[name, f"{k:,}"] for name, k in list(counts.contigs.items())[:MOST_ROWS]], columns=["contig", "records"]))
