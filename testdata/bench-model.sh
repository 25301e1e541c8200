#!/usr/bin/env bash
# Holds models of gx against each other, and against bcftools and freebayes, on
# sets that no model is trained on: chr1 7.9-9.87 Mb, own seeds. This is for
# choosing between models; what a chosen one is worth, `make bench-peers`
# measures on chromosome 20.
#
#   testdata/bench-model.sh MODEL...     as gx call --model takes them; PEERS= leaves the others out
#
# KINDS: 30 and 12, whole genomes of that depth by the outside simulator (ART,
# bwa); pcr, the same at 30x with five times the slips; 76 and 250, the same at 30x
# with reads of that length; exome, `gx simulate` with a profile, targets and a
# read length that no exome is trained with; hidden, whole genomes by it and bwa
# with copies of their sequence that the reference lacks, chimeras, duplicates and
# 2 % of the reads another person's. SEEDS: 1 2.
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

# read_length NAME SEED LENGTH: as simulated at 30x, with reads of that length.
read_length() {
  local tool=$out/simreads-$3 machine="-ss HS20 -l 76 -m 300 -s 50"
  [ -e "$out/$1.bam.bai" ] && return
  [ "$3" = 250 ] && machine="-ss MSv3 -l 250 -m 450 -s 90"
  mkdir -p "$tool"
  cp "$shared/tools/simreads/simvar.py" "$tool/"
  sed "s/-ss HS25 -l 150 -m 420 -s 90/$machine/" "$shared/tools/simreads/mkdata.sh" >"$tool/mkdata.sh"
  grep -q -e "$machine" "$tool/mkdata.sh"
  chmod +x "$tool/mkdata.sh"
  COV=30 "$tool/mkdata.sh" "$1" "$ref" "$region" "$2" "$out"
}

# hidden NAME SEED: reads of the NIST profile, three copies per Mb of sequence that
# the reference lacks.
hidden() {
  local d=$out/$1
  [ -e "$d.bam.bai" ] && return
  simulated dev30-2 "$ref" "$region" dev-30-2 30 # the other person
  "$gx" simulate genome --ref "$ref" --regions "$region" --seed "$2" --out "$d.genome"
  "$gx" simulate reads --ref "$ref" --truth "$d.genome.vcf.gz" --regions "$region" --seed "$2" --depth 32 --length 148 \
    --profile "$shared/data/profiles" --profile-name HG002_NIST_2x148_30x --duplicates 0.06 --templates 10 --chimeras 0.03 --hidden-copies 3 \
    --contaminant "$out/dev30-2.truth.vcf.gz" --contamination 0.02 --format fastq --out "$d"
  printf '1\t7901000\t9869000\n' >"$d.bed"
  aligned "$d"
}

# aligned DIR/NAME: the FASTQ of `gx simulate` to a sorted BAM with duplicates
# marked, and its truth beside it.
aligned() {
  local d=$1
  [ -e "$ref.bwt" ] || bwa index "$ref" 2>/dev/null
  bwa mem -t 2 -R '@RG\tID:e\tSM:e\tPL:ILLUMINA\tLB:e' "$ref" "${d}"_[12].fq.gz 2>/dev/null | samtools fixmate -m -u - - | samtools sort -u -m 400M -T "$d.sort" - | samtools markdup -T "$d.mark" - "$d.bam"
  mv "$d.genome.vcf.gz" "$d.truth.vcf.gz"
  mv "$d.genome.vcf.gz.tbi" "$d.truth.vcf.gz.tbi"
  rm -f "${d}"_[12].fq.gz "$d.genome.bed"
  samtools index "$d.bam"
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
  aligned "$d"
}

: >"$out/table"
# label KIND: as the table calls it.
label() {
  case $1 in
    76 | 250) echo "2x$1" ;;
    [0-9]*) echo "$1x" ;;
    *) echo "$1" ;;
  esac
}

kinds=${KINDS:-30 12 pcr 76 250 exome hidden}
for kind in $kinds; do
  for seed in ${SEEDS:-1 2}; do
    name=dev$kind-$seed
    case $kind in
      pcr) amplified "$name" "dev-pcr-$seed" ;;
      76 | 250) read_length "$name" "dev-$kind-$seed" "$kind" ;;
      exome) exome "$name" "$((9000 + seed))" ;;
      hidden) hidden "$name" "$((9700 + seed))" ;;
      *) simulated "$name" "$ref" $region "dev-$kind-$seed" "$kind" ;;
    esac
    # shellcheck disable=SC2086
    judged "calls-$name" "chr1 $(label "$kind")" "$ref" "$out/$name.bam" $region "$out/$name.truth.vcf.gz" "$out/$name.bed" \
      ${models[@]+"${models[@]}"} ${PEERS-bcftools freebayes}
  done
done
echo '| reads | caller | SNPs | FN / FP | indels | FN / FP | CPU s | MB |'
echo '|---|---|---|---|---|---|---|---|'
summed <"$out/table" | rows
for m in "$@"; do
  for kind in $kinds; do
    echo
    echo "$m, $kind:"
    calibrated "$out"/calls-dev"$kind"-*/"$(tr -c 'A-Za-z0-9\n' _ <<<"gx:$m")".vcf.gz.gq.csv
  done
done
