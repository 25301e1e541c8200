#!/usr/bin/env bash
# Holds models of gx against each other, and against bcftools and freebayes, on
# sets that no model is trained on: chr1 7.9-9.87 Mb, the outside simulator, own
# seeds. This is for choosing between models; what a chosen one is worth,
# `make bench-peers` measures on chromosome 20.
#
#   testdata/bench-model.sh MODEL...     as gx call --model takes them; PEERS= leaves the others out
#
# Prints the table and, of gx, what GQ promised: expected and observed errors.
# Needs GX_SHARED and the Debian packages that bench-peers.sh names.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${GX_SHARED:?set GX_SHARED to the folder of shared data}
gx=${GX:-$PWD/bin/gx}
out=${OUT:-$PWD/out/models}
mkdir -p "$out"
# shellcheck source=testdata/bench.lib.sh
. testdata/bench.lib.sh
need bwa samtools bcftools freebayes art_illumina /usr/bin/time
ref=$(plain "$shared/data/reference/GRCh37.chr1_1-9876492.fa.gz")
models=()
for m in "$@"; do models+=("gx:$m"); done
: >"$out/table"
for seed in ${SEEDS:-1 2}; do
  for depth in ${DEPTHS:-30 12}; do
    name=dev$depth-$seed
    simulated "$name" "$ref" 1:7900001-9870000 "dev-$depth-$seed" "$depth"
    # shellcheck disable=SC2086
    judged "calls-$name" "chr1 ${depth}x" "$ref" "$out/$name.bam" 1:7900001-9870000 "$out/$name.truth.vcf.gz" "$out/$name.bed" \
      ${models[@]+"${models[@]}"} ${PEERS-bcftools freebayes}
  done
done
echo '| reads | caller | SNPs | FN / FP | indels | FN / FP | CPU s | MB |'
echo '|---|---|---|---|---|---|---|---|'
summed <"$out/table" | rows
for m in "$@"; do
  echo
  echo "$m, all sets:"
  calibrated "$out"/calls-dev*/"$(tr -c 'A-Za-z0-9\n' _ <<<"gx:$m")".vcf.gz.gq.csv
done
