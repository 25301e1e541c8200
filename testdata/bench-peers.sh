#!/usr/bin/env bash
# Lays bcftools and freebayes beside gx on the same reads: what each gets wrong
# (gx compare, genotypes compared, records that pass), CPU seconds and memory.
# Writes docs/accuracy.md. Needs GX_SHARED (real reads, the read simulator) and
# the Debian packages bcftools, freebayes, bwa, samtools, tabix, time and
# art-nextgen-simulation-tools. One thread each.
#
# MODELS: what of gx is measured (counts wgs); SEEDS: of the simulated sets (1 2 3 4 5 6).
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${GX_SHARED:?set GX_SHARED to the folder of shared data}
gx=${GX:-$PWD/bin/gx}
out=${OUT:-$PWD/out/peers}
mkdir -p "$out"
# shellcheck source=testdata/bench.lib.sh
. testdata/bench.lib.sh
need bcftools freebayes bwa samtools art_illumina /usr/bin/time
models=()
for m in ${MODELS:-counts wgs}; do models+=("gx:$m"); done
callers=("${models[@]}" bcftools freebayes)

: >"$out/table"
dv=$shared/data/deepvariant/testdata/input
hg19=$(plain "$dv/ucsc.hg19.chr20.unittest.fasta.gz")
grch38=$(plain "$dv/grch38.chr20_and_21_10M.fa.gz")
windows=$(plain "$shared/data/reference/GRCh37.chr20.windows.fa.gz")
judged na12878 "NA12878 50x, confident" "$hg19" "$dv/NA12878_S1.chr20.10_10p1mb.bam" chr20:10000000-10100000 \
  "$dv/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz" "$dv/ref_class1_class2.chr20_100kbp_at_10mb.bed" "${callers[@]}"
hg002=$shared/data/reads/HG002-hiseqx-20-20.16
judged hg002 "HG002 HiSeq X 80x, confident" "$windows" "$hg002/reads.bam" 20:20160000-20235000 "$hg002/truth.vcf.gz" "$hg002/truth.bed" "${callers[@]}"
for depth in 30 12; do
  for seed in ${SEEDS:-1 2 3 4 5 6}; do
    name=sim$depth-$seed
    simulated "$name" "$grch38" "chr20:6500001-8500000" "peers-$depth-$seed" "$depth"
    judged "calls-$name" "simulated chr20, ${depth}x, seed $seed" "$grch38" "$out/$name.bam" chr20:6500001-8500000 "$out/$name.truth.vcf.gz" "$out/$name.bed" "${callers[@]}"
  done
done

{
  cat <<'TEXT'
# Accuracy beside other callers

Made by `make bench-peers`: all callers on the same reads in one run, one thread each, genotypes compared by `gx compare` inside the set's
confident regions. bcftools `mpileup | call -mv` and freebayes with their defaults, records of QUAL 20 or more. gx:counts is the model that
counts alleles, gx:wgs the network.
The simulated sets, 2 Mb each with a seed of its own, come from another simulator (ART, aligned by bwa) than `gx simulate`. The errors of gx:counts
in the real windows were looked at while it was made: they are its development data. Nothing here was trained on.

| reads | caller | SNPs | FN / FP | indels | FN / FP | CPU s | MB |
|---|---|---|---|---|---|---|---|
TEXT
  rows <"$out/table"
  echo
  echo 'The simulated sets of a depth together:'
  echo
  echo '| reads | caller | SNPs | FN / FP | indels | FN / FP | CPU s | MB |'
  echo '|---|---|---|---|---|---|---|---|'
  grep '^simulated' "$out/table" | sed 's/, seed [^\t]*//' | summed | rows
  for m in "${models[@]}"; do
    echo
    echo "What GQ promises of the calls of $m on the simulated sets (each call of GQ q errs with 10^(-q/10)):"
    echo
    calibrated "$out"/calls-sim*/"$(tr -c 'A-Za-z0-9\n' _ <<<"$m")".vcf.gz.gq.csv
  done
} >docs/accuracy.md
cat docs/accuracy.md
