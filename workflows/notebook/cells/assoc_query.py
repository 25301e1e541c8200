try:
    import duckdb
except ImportError:  # pandas does it too
    duckdb = None

trait = next(iter(FILES))
path = locate(FILES[trait])
if duckdb is not None and path.suffix == ".parquet":
    top = duckdb.sql(f"""
        select chrom, pos, id, ref, alt, eaf, beta, se, neg_log10_p from '{path}'
        where neg_log10_p > 7.3 and test = '{first_test.get(trait, "")}'
        order by neg_log10_p desc, chrom, pos, ref, alt limit 20""").df()
else:
    top = load(trait, [*NAMES, "eaf", "beta", "se"], 7.3)
    top = strongest(top[top["neg_log10_p"] > 7.3]).head(20)
rows = [[row.chrom, f"{row.pos:,}", row.id, row.ref, row.alt, *effects(row)] for row in top.itertuples()]
show(pd.DataFrame(rows, columns=["chrom", "pos", "id", "ref", "alt", "eaf", "beta", "se", "neg_log10_p"]))
