from statistics import NormalDist

# What columns of tables are called, in lower case: by gx, regenie, PLINK, GWAS-SSF and others.
CALLED = {
    "chrom": ["chromosome", "chr"],
    "pos": ["genpos", "base_pair_location", "position", "bp"],
    "id": ["variant_id", "snp"],
    "rsid": [],
    "ref": ["allele0"],
    "alt": ["allele1"],
    "effect": ["effect_allele", "a1"],
    "other": ["other_allele"],
    "eaf": ["a1freq", "a1_freq", "effect_allele_frequency", "alt_allele_freq", "af"],
    "n": ["obs_ct", "num_samples"],
    "n_cases": ["num_cases"],
    "test": [],
    "beta": [],
    "odds": ["or", "odds_ratio"],
    "se": ["log(or)_se", "standard_error", "stderr_beta", "sebeta"],
    "p": ["pval", "p_value", "pvalue"],
    "neg_log10_p": ["log10p", "log10_p", "neg_log_10_p_value", "neg_log_pvalue"],
}
MEANS = {name: column for column, names in CALLED.items() for name in [column, *names]}
TEXTS = {"chrom", "id", "rsid", "ref", "alt", "effect", "other", "test", "p"}
MISSING = ["NA", "", ".", "nan", "NaN", "-nan", "#NA", "NULL"]
UNDERFLOW = 323.30621534311575  # -log10 of the smallest double, for a p of 0
first_test = {}  # of each trait: the one that is shown


def neg_log10(p):
    """-log10 of texts, of such as no double holds too."""
    x = pd.to_numeric(p, errors="coerce").to_numpy(dtype=float)
    with np.errstate(divide="ignore"):
        out = -np.log10(x)
    for i in np.flatnonzero(x < 1e-290):
        mantissa, _, exponent = p.iloc[i].lower().partition("e")
        if float(mantissa) > 0:
            out[i] = -np.log10(float(mantissa)) - int(exponent or 0)
    return out


def text_parts(path, rows=1_000_000):
    """The known columns of a table of text under their common names, so many rows at a time."""
    with opened(path) as f:
        for line in f:
            if not line.startswith("##"):
                break
        separator = "\t" if "\t" in line else r"\s+"
        names = line.rstrip("\n").split("\t") if "\t" in line else line.split()
        names = [MEANS.get(n.lower().removeprefix("#"), "-") for n in names]
        used = [k for k, n in enumerate(names) if n != "-" and n not in names[:k]]
        kinds = {k: str for k in used if names[k] in TEXTS}
        for t in pd.read_csv(f, sep=separator, header=None, usecols=used, dtype=kinds, chunksize=rows, keep_default_na=False, na_values=MISSING):
            yield t.rename(columns=dict(enumerate(names)))


def common(t):
    """A part of a table of text as gx writes tables: -log10 p, and effects of the alternate allele."""
    if "neg_log10_p" not in t:
        t["neg_log10_p"] = neg_log10(t["p"])
    if "beta" not in t:
        t["beta"] = np.log(t["odds"]) if "odds" in t else np.nan
    if "ref" not in t:
        t["ref"], t["alt"] = (t["other"], t["effect"]) if "effect" in t else ("?", "?")
    elif "effect" in t:
        turned = (t["effect"] == t["ref"]) & (t["effect"] != t["alt"])
        t["beta"] = t["beta"].where(~turned, -t["beta"])
        if "eaf" in t:
            t["eaf"] = t["eaf"].where(~turned, 1 - t["eaf"])
    if "rsid" in t:
        ids = t["id"] if "id" in t else pd.Series(np.nan, index=t.index, dtype=object)
        t["id"] = t["rsid"].where(t["rsid"].str.match("rs[0-9]+$", na=False) | ids.isna(), ids)
    for column, value in {"id": ".", "test": "ADD"}.items():
        t[column] = t[column].fillna(value) if column in t else value
    for column in ("eaf", "n", "n_cases", "se"):
        if column not in t:
            t[column] = np.nan
    return t


def load(trait, columns, least=0.0):
    """Columns of a trait's tests, of those whose -log10 p is at least so large."""
    path = locate(FILES[trait])
    columns = sorted({*columns, "test", "neg_log10_p"})
    if path.suffix == ".parquet":
        t = pd.read_parquet(path, columns=columns, filters=[("neg_log10_p", ">=", least)])
    else:
        parts = (common(part) for part in text_parts(path))
        t = pd.concat([part.loc[part["neg_log10_p"] >= least, columns] for part in parts], ignore_index=True)
    if len(t) and trait not in first_test and not least:
        first_test[trait] = t["test"].iat[0]
    t = t[t["test"] == first_test.get(trait, "")].reset_index(drop=True)
    t["neg_log10_p"] = t["neg_log10_p"].replace(np.inf, UNDERFLOW)
    return t


def chi_square(neg_log10_p):
    """The chi-square of one degree of freedom that has a p."""
    p = 10.0**-neg_log10_p
    return NormalDist().inv_cdf(0.5 + (1 - p) / 2 if p > 0.5 else max(p, 1e-300) / 2) ** 2


def inflation(neg_log10_p):
    """Lambda GC: the median chi-square over that of chance."""
    x = np.sort(neg_log10_p)
    return (chi_square(x[(len(x) - 1) // 2]) + chi_square(x[len(x) // 2])) / 2 / 0.45493642311957283


def place(chrom):
    """Where a chromosome stands in a genome."""
    bare = chrom[3:].upper() if chrom[:3].lower() == "chr" and len(chrom) > 3 else chrom.upper()
    if bare.isdigit() and int(bare) < 1000:
        return int(bare), bare, chrom
    return {"X": 1000, "XY": 1000, "PAR1": 1000, "PAR2": 1000, "Y": 1001, "M": 1002, "MT": 1002}.get(bare, 1003), bare, chrom


def strongest(t):
    """Rows by p, the smallest first; equal ones by place and alleles."""
    places = {c: k for k, c in enumerate(sorted(set(t["chrom"]), key=place))}
    t = t.assign(place=t["chrom"].map(places), minus=-t["neg_log10_p"])
    return t.sort_values(["minus", "place", "pos", "ref", "alt", "id"], kind="stable")


def called(row):
    """A variant's ID, or its place and alleles where it has none."""
    return f"{row.chrom}:{row.pos}:{row.ref}:{row.alt}" if row.id == "." else row.id


def effects(row):
    """Frequency, effect, standard error and p of a row as texts."""
    return [number(row.eaf, ".4f"), number(row.beta, ".4g"), number(row.se, ".4g"), f"{row.neg_log10_p:.2f}"]
