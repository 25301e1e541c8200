import csv
from collections import Counter

BLOCKS = {"<*>", "<NON_REF>"}  # what gVCFs write for any other allele


def records(path, rows=100_000):
    """The records of a VCF as tables of texts, so many rows at a time; samples are the columns behind FORMAT."""
    with opened(path) as f:
        names = []
        for line in f:
            if not line.startswith("##"):
                names = line.rstrip("\n").lstrip("#").split("\t")
                break
        try:
            texts = {"dtype": str, "keep_default_na": False, "quoting": csv.QUOTE_NONE}
            yield from pd.read_csv(f, sep="\t", names=names, header=None, chunksize=rows, **texts)
        except pd.errors.EmptyDataError:
            yield pd.DataFrame(columns=names)


def classify(ref, alt):
    """The class of an allele, its change of length and, of a SNP, the bases: common ends are taken off first."""
    if not alt or alt.strip("ACGTNacgtn"):
        return "other", 0, ""
    ref, alt = ref.upper(), alt.upper()
    length = len(alt) - len(ref)
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt = ref[1:], alt[1:]
    if len(ref) == len(alt) == 1:
        return "SNP", 0, ref + ">" + alt
    if len(ref) == len(alt) > 1:
        return "MNP", 0, ""
    if not ref and alt or ref and not alt:
        return "indel", length, ""
    return "other", length, ""


def is_transition(change):
    return change in ("A>G", "G>A", "C>T", "T>C")


def whole(text):
    """A number of a VCF as a whole one, None where it is missing."""
    try:
        x = float(text)
        return int(x) if 0 <= x < 1e9 else None
    except ValueError:
        return None


class Counts:
    """What stands in a VCF, counted record by record."""

    def __init__(self, samples):
        self.samples = samples
        self.n = Counter()
        self.filters, self.contigs, self.changes, self.lengths = Counter(), Counter(), Counter(), Counter()
        self.quality, self.depth, self.gq, self.vaf = Counter(), Counter(), Counter(), Counter()
        self.of = [Counter() for _ in samples]
        self.alleles = {}  # classes of pairs of alleles that were seen
        self.genotypes = {}  # numbers of alleles of texts of genotypes that were seen

    def add(self, table):
        columns = [table[c] for c in ("CHROM", "REF", "ALT", "QUAL", "FILTER")]
        formats = table["FORMAT"] if self.samples else [""] * len(table)
        for row in zip(*columns, formats, *(table[s] for s in self.samples)):
            self.record(*row)

    def record(self, chrom, ref, alt, quality, passed, form, *fields):
        alts = [] if alt in (".", "") else alt.split(",")
        if alts and alts[-1] in BLOCKS:
            alts.pop()
            if not alts:  # a stretch without variants
                return
        kinds = []
        for a in alts:
            if (ref, a) not in self.alleles:
                self.alleles[ref, a] = classify(ref, a)
            kinds.append(self.alleles[ref, a])
        self.n["records"] += 1
        self.filters[passed] += 1
        self.contigs[chrom] += 1
        classes = {k[0] for k in kinds}
        self.n.update(classes)
        self.n["multiallelic"] += len(alts) > 1
        q = whole(quality)
        for kind, length, change in kinds:
            if q is not None and kind in ("SNP", "indel"):
                self.quality[q] += 1
            if kind == "SNP":
                self.n["Ti" if is_transition(change) else "Tv"] += 1
                self.changes[change] += 1
            if kind == "indel":
                self.lengths[length] += 1
        keys = form.split(":")
        for s, text in enumerate(fields):
            self.genotype(self.of[s], kinds, dict(zip(keys, text.split(":"))))

    def genotype(self, of, kinds, values):
        depth, gq = whole(values.get("DP", ".")), whole(values.get("GQ", "."))
        if depth is not None:
            self.depth[depth] += 1
            of["depth"] += depth
            of["depths"] += 1
        if gq is not None:
            self.gq[gq] += 1
        text = values.get("GT", ".")
        if text not in self.genotypes:
            self.genotypes[text] = [int(a) if a.isdigit() else -1 for a in text.replace("|", "/").split("/")][:2]
        gt = self.genotypes[text]
        if any(a < 0 or a > len(kinds) for a in gt):
            of["missing"] += 1
            return
        if len(gt) == 2 and any(gt):
            of[self.zygosity(gt, kinds)] += 1
        reads = [max(int(x), 0) if x.isdigit() else 0 for x in values.get("AD", "").split(",")]
        for a in dict.fromkeys(a for a in gt if a):
            kind, _, change = kinds[a - 1]
            if a < len(reads) and sum(reads):
                self.vaf[min(int(reads[a] / sum(reads) * 10), 9)] += 1
            if kind == "SNP":
                of["Ti" if is_transition(change) else "Tv"] += 1

    @staticmethod
    def zygosity(gt, kinds):
        carried = {kinds[a - 1][0] for a in gt if a}
        kind = "SNP" if "SNP" in carried else "indel" if "indel" in carried else "other"
        return kind + (" hom" if gt[0] == gt[1] else " het")


def ratio(a, b, digits=2):
    return f"{a / b:.{digits}f}" if b else "NA"
