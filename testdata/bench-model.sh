#!/usr/bin/env bash
# Holds models of gx against each other, and against bcftools and freebayes, on
# sets that no model is trained on: chr1 7.9-9.87 Mb, own seeds. This is for
# choosing between models; what a chosen one is worth, `make bench-peers`
# measures on chromosome 20.
#
#   testdata/bench-model.sh MODEL...     as gx call --model takes them; PEERS= leaves the others out
#
# KINDS: 30 and 12, whole genomes of that depth by the outside simulator (ART,
# bwa); pcr, the same at 30x with five times the slips; exome, `gx simulate` with
# a profile, targets and a read length that no exome is trained with. SEEDS: 1 2.
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
region=1:7900001-9870000
models=()
for m in "$@"; do models+=("gx:$m"); done

# amplified NAME SEED: as simulated, but slips of the polymerase are five times as
# many, and of 24 templates instead of 12.
amplified() {
  local tool=$out/simreads-pcr
  [ -e "$out/$1.bam.bai" ] && return
  mkdir -p "$tool"
  cp "$shared/tools/simreads/mkdata.sh" "$tool/"
  sed 's/min(0.12, 3e-4 \* 1.5/min(0.3, 15e-4 * 1.5/' "$shared/tools/simreads/simvar.py" >"$tool/simvar.py"
  grep -q 15e-4 "$tool/simvar.py"
  POOLS=12 COV=30 "$tool/mkdata.sh" "$1" "$ref" "$region" "$2" "$out"
}

# exome NAME SEED: captured reads of 2x100 with the qualities of the NIST profile.
exome() {
  local d=$out/$1
  [ -e "$d.bam.bai" ] && return
  awk -v seed="$2" 'BEGIN {
    srand(seed)
    for (p = 7901000; p < 9868000; p += len + 300 + int(-1500 * log(1 - rand()))) { len = int(90 * exp(2 * rand() * rand()) + 50 * rand()); print "1\t" p "\t" p + len }
  }' >"$d.targets.bed"
  awk -v OFS='\t' '{ print $1, $2 - 30, $3 + 30 }' "$d.targets.bed" >"$d.bed"
  "$gx" simulate genome --ref "$ref" --regions "$region" --seed "$2" --snp-rate 0.0019 --indel-rate 1.9e-4 --runs 3 --repeats 3 --out "$d.genome"
  "$gx" simulate reads --ref "$ref" --truth "$d.genome.vcf.gz" --regions "$region" --seed "$2" --targets "$d.targets.bed" --depth 60 --length 100 \
    --profile "$shared/data/profiles" --profile-name HG002_NIST_2x148_30x --duplicates 0.1 --slippage 3 --chimeras 0.02 --format fastq --out "$d"
  [ -e "$ref.bwt" ] || bwa index "$ref" 2>/dev/null
  bwa mem -t 2 -R '@RG\tID:e\tSM:e\tPL:ILLUMINA\tLB:e' "$ref" "${d}"_[12].fq.gz 2>/dev/null | samtools fixmate -m -u - - | samtools sort -u -m 400M -T "$d.sort" - | samtools markdup -T "$d.mark" - "$d.bam"
  mv "$d.genome.vcf.gz" "$d.truth.vcf.gz"
  mv "$d.genome.vcf.gz.tbi" "$d.truth.vcf.gz.tbi"
  rm -f "${d}"_[12].fq.gz "$d.genome.bed"
  samtools index "$d.bam"
}

: >"$out/table"
for kind in ${KINDS:-30 12 pcr exome}; do
  for seed in ${SEEDS:-1 2}; do
    name=dev$kind-$seed
    case $kind in
      pcr) amplified "$name" "dev-pcr-$seed" ;;
      exome) exome "$name" "$((9000 + seed))" ;;
      *) simulated "$name" "$ref" $region "dev-$kind-$seed" "$kind" ;;
    esac
    # shellcheck disable=SC2086
    judged "calls-$name" "chr1 ${kind/%[0-9]/&x}" "$ref" "$out/$name.bam" $region "$out/$name.truth.vcf.gz" "$out/$name.bed" \
      ${models[@]+"${models[@]}"} ${PEERS-bcftools freebayes}
  done
done
echo '| reads | caller | SNPs | FN / FP | indels | FN / FP | CPU s | MB |'
echo '|---|---|---|---|---|---|---|---|'
summed <"$out/table" | rows
for m in "$@"; do
  for kind in ${KINDS:-30 12 pcr exome}; do
    echo
    echo "$m, $kind:"
    calibrated "$out"/calls-dev"$kind"-*/"$(tr -c 'A-Za-z0-9\n' _ <<<"gx:$m")".vcf.gz.gq.csv
  done
done
