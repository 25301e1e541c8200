#!/usr/bin/env bash
# Lays bcftools and freebayes beside gx on the same reads: what each gets wrong
# (gx compare, genotypes compared, records that pass), CPU seconds and memory.
# Writes docs/accuracy.md. Needs GX_SHARED (real reads, the read simulator) and
# the Debian packages bcftools, freebayes, bwa, samtools, tabix, time and
# art-nextgen-simulation-tools. One thread each.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${GX_SHARED:?set GX_SHARED to the folder of shared data}
gx=$PWD/bin/gx
out=$PWD/out/peers
mkdir -p "$out"
for tool in bcftools freebayes bwa samtools art_illumina /usr/bin/time; do
  command -v "$tool" >/dev/null || { echo "bench-peers: $tool is missing" >&2; exit 1; }
done

# timed NAME COMMAND...: runs it, leaves CPU seconds and MB in NAME.time.
timed() {
  local name=$1
  shift
  /usr/bin/time -f '%U %S %M' -o "$name.raw" "$@" 2>"$name.log" || { cat "$name.log" >&2; return 1; }
  awk 'END { printf "%.1f %.0f\n", $1 + $2, $3 / 1000 }' "$name.raw" >"$name.time"
}

# one NAME SET REF READS REGION TRUTH BED: all callers, and their comparison.
one() {
  local d=$out/$1 set=$2 ref=$3 reads=$4 region=$5 truth=$6 bed=$7
  mkdir -p "$d"
  timed "$d/gx" "$gx" call --ref "$ref" --reads "$reads" --regions "$region" --threads 1 --out "$d/gx.vcf.gz"
  timed "$d/bcftools" bash -c "bcftools mpileup -f $ref -r $region -a AD,DP -Ou $reads | bcftools call -mv -Ou | bcftools filter -e 'QUAL<20' -Oz -o $d/bcftools.vcf.gz"
  timed "$d/freebayes" bash -c "freebayes -f $ref -r $region $reads | bcftools filter -e 'QUAL<20' -Oz -o $d/freebayes.vcf.gz"
  "$gx" compare --ref "$ref" --truth "$truth" --query "$d/gx.vcf.gz,$d/bcftools.vcf.gz,$d/freebayes.vcf.gz" --confident "$bed" --regions "$region" --out "$d/cmp"
  local i=0 tool
  for tool in gx bcftools freebayes; do
    i=$((i + 1))
    awk -F, -v set="$set" -v tool="$tool" -v cost="$(cat "$d/$tool.time")" '
      $1 == "SNP" && $2 == "PASS" { snp = $3 " | " $5 " / " $7 }
      $1 == "INDEL" && $2 == "PASS" { indel = $3 " | " $5 " / " $7 }
      END { split(cost, c, " "); printf "| %s | %s | %s | %s | %s | %s |\n", set, tool, snp, indel, c[1], c[2] }' "$d/cmp.$i.summary.csv" >>"$out/table"
  done
}

plain() { # plain FASTA.gz: inflated and indexed once
  local to
  to=$out/$(basename "$1" .gz)
  [ -e "$to" ] || gzip -dc "$1" >"$to"
  [ -e "$to.fai" ] || samtools faidx "$to"
  echo "$to"
}

: >"$out/table"
dv=$shared/data/deepvariant/testdata/input
hg19=$(plain "$dv/ucsc.hg19.chr20.unittest.fasta.gz")
grch38=$(plain "$dv/grch38.chr20_and_21_10M.fa.gz")
windows=$(plain "$shared/data/reference/GRCh37.chr20.windows.fa.gz")
one na12878 "NA12878 50x, confident" "$hg19" "$dv/NA12878_S1.chr20.10_10p1mb.bam" chr20:10000000-10100000 \
  "$dv/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz" "$dv/ref_class1_class2.chr20_100kbp_at_10mb.bed"
hg002=$shared/data/reads/HG002-hiseqx-20-20.16
one hg002 "HG002 HiSeq X 80x, confident" "$windows" "$hg002/reads.bam" 20:20160000-20235000 "$hg002/truth.vcf.gz" "$hg002/truth.bed"
for depth in 30 12; do
  name=sim$depth
  [ -e "$out/$name.bam.bai" ] || COV=$depth "$shared/tools/simreads/mkdata.sh" "$name" "$grch38" "chr20:6500001-8500000" "peers-$depth" "$out"
  one "calls-$name" "simulated chr20, ${depth}x, 2 Mb" "$grch38" "$out/$name.bam" chr20:6500001-8500000 "$out/$name.truth.vcf.gz" "$out/$name.bed"
done

{
  cat <<'TEXT'
# Accuracy beside other callers

Made by `make bench-peers`: all callers on the same reads in one run, one thread each, genotypes compared by `gx compare` inside the set's
confident regions. gx with `--model counts`; bcftools `mpileup | call -mv` and freebayes with their defaults, records of QUAL 20 or more.
The simulated sets come from another simulator (ART, aligned by bwa) than `gx simulate`. The errors of gx in the real windows were looked at while its
model was made: they are development data.

| reads | caller | SNPs | FN / FP | indels | FN / FP | CPU s | MB |
|---|---|---|---|---|---|---|---|
TEXT
  cat "$out/table"
} >docs/accuracy.md
cat docs/accuracy.md
