#!/usr/bin/env bash
# Makes the reads that the shipped networks are trained on: `gx simulate` over
# human chr1, chr17, chr21 and E. coli, FASTQ aligned by bwa or minimap2. Nothing
# of chromosome 20 and nothing of sample HG002 (of which error and quality tables
# alone are used) goes in; chr1 from 7.9 Mb on stays out, for choosing between models.
#
#   testdata/train-data.sh [NAME...]     the sets named, or those of the embedded models
#
# Each set is a folder of $OUT (out/train): reads.bam, truth.vcf.gz, confident.bed,
# ref.fa, with indexes; $OUT/sets.tsv has a line for each. A set that is there is
# not made again. Needs GX_SHARED and the Debian packages bwa, minimap2, samtools,
# tabix. 6 CPU seconds per Mb of 30x to simulate,
# 13 by minimap2 and 25 by bwa to align.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${GX_SHARED:?set GX_SHARED to the folder of shared data}
gx=${GX:-$PWD/bin/gx}
out=${OUT:-$PWD/out/train}
threads=${THREADS:-2}
mkdir -p "$out"
out=$(cd "$out" && pwd)
for tool in bwa minimap2 samtools tabix bgzip "$gx"; do
  command -v "$tool" >/dev/null || { echo "train-data: $tool is missing" >&2; exit 1; }
done

# All sequence that is trained on, in one reference: reads of repeats find their
# other copies there.
ref=$out/ref/train.fa
reference() {
  [ -e "$ref.sa" ] && return
  mkdir -p "$out/ref"
  local one
  one() { # NAME FASTA.gz [REGION]
    echo ">$1"
    gzip -dc "$2" | awk -v want="${3:-}" '/^>/ { on = want == "" || substr($1, 2) == want; next } on { print toupper($0) }' | tr -d '\n\r' | fold -w 80
    echo
  }
  {
    one 1 "$shared/data/reference/GRCh37.chr1_1-9876492.fa.gz"
    one 17 "$shared/data/reference/GRCh37.chr17_1-1000000.fa.gz"
    one chr21 "$shared/data/deepvariant/testdata/input/grch38.chr20_and_21_10M.fa.gz" chr21
    one NC_000913 "$shared/data/reads/ecoli-k12/ref.fa.gz"
  } >"$ref"
  samtools faidx "$ref"
  bwa index "$ref" 2>/dev/null
}
# Another person, whose reads get into some sets: the genome of d1.
other=$out/ref/other.vcf.gz
somebody() {
  # shellcheck disable=SC2086
  [ -e "$other" ] || "$gx" simulate genome --ref "$ref" --regions "$chr1,17" --seed 101 --threads "$threads" $dense --out "${other%.vcf.gz}"
}
chr1=1:1-7900000
human=$chr1,17,chr21
dense="--snp-rate 0.0019 --indel-rate 1.9e-4 --runs 3 --repeats 3" # twice the SNPs, three times the indels: more examples per read
crowd="--snp-rate 0.0085 --indel-rate 6e-4 --runs 3 --repeats 3"
slips="--slippage 2 --slip-spread 1.2" # loci differ in life more than formulas have it
tables=$shared/data/profiles
hiseqx="--profile $tables --profile-name HG002_HiSeqX_2x150_80x"
nist="--profile $tables --profile-name HG002_NIST_2x148_30x"
hiseq2000="--profile $tables --profile-name HG001_HiSeq2000_2x101_50x"

# targets NAME SEED: intervals like those of an exome panel, but more of them:
# one of 80-600 bases per 1.6 kb of $human.
targets() {
  awk -v seed="$2" 'BEGIN {
    srand(seed)
    n = split("1 10000 7900000 17 1000 1000000 chr21 5010000 10000000", a, " ")
    for (i = 1; i < n; i += 3) for (p = a[i+1]; p < a[i+2] - 5000; p += len + 200 + int(-1400 * log(1 - rand()))) {
      len = int(80 * exp(2 * rand() * rand()) + 60 * rand())
      print a[i] "\t" p "\t" p + len
    }
  }' >"$1"
}

# align ALIGNER MARK DIR: FASTQ to a sorted BAM; MARK = mark flags duplicates.
# (Sets of the aligner gx come as BAM: `gx simulate` works out what an aligner
# makes of a read, at a sixth of the time.)
align() {
  local how=$1 mark=$2 d=$3 rg='@RG\tID:train\tSM:train\tPL:ILLUMINA\tLB:train'
  local -a cmd
  case $how in
    bwa*) read -ra cmd <<<"bwa mem ${how#bwa}"; cmd+=(-t "$threads" -R "$rg" "$ref") ;;
    minimap2) cmd=(minimap2 -a -x sr -t "$threads" -R "$rg" "$ref") ;;
  esac
  if [ "$mark" = mark ]; then
    "${cmd[@]}" "$d"/t_[12].fq.gz 2>"$d/align.log" | samtools fixmate -m -u - - | samtools sort -u -m 400M -T "$d/sort" - | samtools markdup -T "$d/mark" - "$d/reads.bam"
  else
    "${cmd[@]}" "$d"/t_[12].fq.gz 2>"$d/align.log" | samtools sort -m 400M -T "$d/sort" -o "$d/reads.bam" -
  fi
  samtools index "$d/reads.bam"
}

# listed NAME WEIGHT DENSITY NOTE: a line of sets.tsv.
listed() {
  local d=$out/$1 mb depth length
  mb=$(awk '{ n += $3 - $2 } END { printf "%.2f", n / 1e6 }' "$d/confident.bed")
  depth=$(samtools bedcov -Q 1 "$d/confident.bed" "$d/reads.bam" | awk '{ n += $3 - $2; s += $NF } END { printf "%.1f", s / n }')
  length=$({ samtools view "$d/reads.bam" 2>/dev/null || true; } | head -2000 | awk '{ if (length($10) > m) m = length($10) } END { print m }')
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$d" "$2" "$3" "$mb" "$depth" "$length" "${4%%;*}" "${4#*; }" >>"$out/sets.tsv"
}

# make_set NAME WEIGHT DENSITY SEED REGIONS NOTE ALIGNER MARK "GENOME OPTIONS" READ OPTIONS...
make_set() {
  local name=$1 weight=$2 density=$3 seed=$4 regions=$5 note=$6 how=$7 mark=$8 genome=$9
  shift 9
  local final=$out/$name d=$out/$name.part
  if [ -e "$final/reads.bam.bai" ]; then
    grep -q "^$name	" "$out/sets.tsv" || listed "$name" "$weight" "$density" "$note"
    return
  fi
  rm -rf "$d" && mkdir -p "$d"
  case $genome in
    given\ *) # variants of a real sample, heterozygous ones on haplotypes at random
      gzip -dc "${genome#given }" | awk -F'\t' '/^#/ || $7 == "PASS" || $7 == "."' | bgzip >"$d/t.vcf.gz"
      awk -v r="$regions" 'BEGIN { split(r, a, "[:-]"); print a[1] "\t" a[2] - 1 "\t" a[3] }' >"$d/t.bed" ;;
    *)
      # shellcheck disable=SC2086
      "$gx" simulate genome --ref "$ref" --regions "$regions" --seed "$seed" --threads "$threads" $genome --out "$d/t" ;;
  esac
  local format=fastq
  [ "$how" = gx ] && format=bam
  "$gx" simulate reads --ref "$ref" --truth "$d/t.vcf.gz" --regions "$regions" --seed "$seed" --threads "$threads" --sample train --format $format "$@" --out "$d/t" || [ $? -eq 3 ] # 3: of given variants, some overlap and were left out
  if [ "$how" = gx ]; then
    mv "$d/t.bam" "$d/reads.bam"
    mv "$d/t.bam.bai" "$d/reads.bam.bai"
  else
    align "$how" "$mark" "$d"
  fi
  # Reads thin out at the ends of what is sequenced: nothing is asked there.
  awk -v OFS='\t' '$3 - $2 > 2000 { print $1, $2 + 600, $3 - 600 }' "$d/t.bed" >"$d/confident.bed"
  local i
  for i in "$@"; do [ "$i" = "--targets" ] && cp "$out/ref/${name}.confident.bed" "$d/confident.bed"; done
  mv "$d/t.vcf.gz" "$d/truth.vcf.gz"
  tabix -fp vcf "$d/truth.vcf.gz"
  ln -sf ../ref/train.fa "$d/ref.fa"
  ln -sf ../ref/train.fa.fai "$d/ref.fa.fai"
  rm -f "$d"/t_[12].fq.gz "$d/t.bed" "$d/t.vcf.gz.tbi"
  mv "$d" "$final"
  listed "$name" "$weight" "$density" "$note"
}

# The sets. With which weights the embedded models draw from them stands in
# docs/model/*.tsv; those here are for models of one's own. Depths
# change every 20 kb, as often from each octave. DENSITY is how many times denser
# than in life variants are; false ones are not. (bwa aligns in batches, -K: what
# comes out hangs on their size.) Those not made by default are for models of
# other kinds of data.
a=1:1-2700000 b=1:2700001-5300000 c=1:5300001-7900000 d=17,chr21
pools="--templates 12" # amplified from few molecules: slips come in clusters
few="--templates 6"
clean="--templates 6 --run-errors 0.1 --slip-spread 0.2" # loci alike, and a machine that reads runs well
tidy="--run-errors 0.4 --slip-spread 0.5"                # between that and the built-in machine
set_of() {
  case $1 in
    # Machines of formulas, PCR-free.
    d1) make_set d1 1 2.5 101 "$chr1,17" "default; dense" "bwa -K 20000000" plain "$dense" --length 150 --depths 6-100 ;;
    d2) make_set d2 1 2.5 102 "$human" "default; dense, low depths, slips" gx plain "$dense" $slips --length 150 --depths 5-20 ;;
    d3) make_set d3 0.4 1 103 "$b" "default; human density, slips of templates, hidden copies" "bwa -K 30000000" plain "" $few --length 150 --depths 6-60 --hidden-copies 0.4 ;;
    d4) make_set d4 0.7 3 104 "$a" "default; dense, slips, 2x250" gx plain "$dense" $slips --length 250 --depths 6-60 ;;
    d5) make_set d5 0.7 3 105 "$b" "default; dense, 2x76, hidden copies" minimap2 plain "$dense" $slips --length 76 --depths 6-60 --hidden-copies 0.4 ;;
    d6) make_set d6 0.4 2.5 106 "$c" "default; dense, more homozygous, low depths" gx plain "$dense --homozygous 0.45" $slips --length 150 --depths 6-24 ;;
    # Human density, slips of few templates.
    s1) make_set s1 0.5 1 111 "$a" "default; human density, slips of templates" gx plain "" $pools --length 150 --depths 8-60 ;;
    s2) make_set s2 0.5 1 112 "$b" "default; human density, low depths, slips of templates" gx plain "" $pools --slippage 1.5 --length 150 --depths 5-20 ;;
    s3) make_set s3 0.2 1 113 "$d" "default; human density, slips of templates x3" gx plain "" --templates 10 --slippage 3 --length 150 --depths 8-60 ;;
    s4) make_set s4 0.5 2.5 114 "$c" "default; dense, slips of templates" gx plain "$dense" $pools --slippage 1.5 --length 150 --depths 8-50 ;;
    s5) make_set s5 0.5 1 115 "$c" "default; human density, slips of templates" gx plain "" $few --length 150 --depths 15-45 ;;
    s6) make_set s6 0.5 1 116 "$a" "default; human density, low depths, slips of templates" gx plain "" $few --length 150 --depths 6-20 ;;
    s7) make_set s7 0.5 2 117 "$b" "default; twice the variants, slips of templates" gx plain "--snp-rate 0.0014 --indel-rate 1.3e-4 --runs 2 --repeats 2" $few --length 150 --depths 10-50 ;;
    s8) make_set s8 0.5 2 118 "$a" "default; twice the variants, slips of templates" gx plain "--snp-rate 0.0014 --indel-rate 1.3e-4 --runs 2 --repeats 2" --templates 6 --length 150 --depths 6-40 ;;
    s9) make_set s9 0.5 1 119 "$c" "default; human density, low depths, slips of templates" gx plain "" --templates 6 --length 150 --depths 5-16 ;;
    u1) make_set u1 0.5 2.5 131 "$a" "default; dense, slips of few templates" gx plain "$dense" $few --length 150 --depths 10-50 ;;
    u2) make_set u2 0.5 2.5 132 "$b" "default; dense, low depths, slips of few templates" gx plain "$dense" $few --length 150 --depths 5-20 ;;
    u3) make_set u3 0.5 1 133 "$d" "default; human density, slips of few templates" gx plain "" $few --length 150 --depths 10-50 ;;
    u4) make_set u4 0.5 2.5 134 "$c" "default; dense, slips of few templates" gx plain "$dense" $few --length 150 --depths 10-50 ;;
    u5) make_set u5 0.5 2.5 135 "$c" "default; dense, low depths, slips of few templates" gx plain "$dense" $few --length 150 --depths 6-20 ;;
    u6) make_set u6 1 3 136 "$d" "default; dense, slips of few templates" gx plain "$dense" $few --length 150 --depths 8-40 ;;
    # Libraries whose long runs are trustworthy.
    v1) make_set v1 1.3 2.5 141 "$a" "default; dense, clean runs" gx plain "$dense" $clean --length 150 --depths 10-50 ;;
    v2) make_set v2 1.3 2.5 142 "$b" "default; dense, low depths, clean runs" gx plain "$dense" $clean --length 150 --depths 5-20 ;;
    v3) make_set v3 1.3 1 143 "$c" "default; human density, clean runs" gx plain "" $clean --length 150 --depths 10-50 ;;
    v4) make_set v4 1.3 1 144 "$d" "default; human density, clean runs" gx plain "" $clean --length 150 --depths 6-40 ;;
    v5) make_set v5 1 3 145 "$c" "default; dense, low depths, clean runs" gx plain "$dense" $clean --length 150 --depths 6-20 ;;
    v6) make_set v6 1.3 1 146 "$b" "default; human density, clean runs" gx plain "" $clean --length 150 --depths 12-45 ;;
    v7) make_set v7 1 3 147 "$d" "default; dense, clean runs" gx plain "$dense" $clean --length 150 --depths 8-40 ;;
    v8) make_set v8 1 1 148 "$a" "default; human density, low depths, clean runs" gx plain "" $clean --length 150 --depths 5-20 ;;
    # The whole of the sequence, human density: as many changes of long runs as life has.
    z1) make_set z1 1 1 151 "$human" "default; human density, low depths, clean runs" gx plain "" $clean --length 150 --depths 5-20 ;;
    z2) make_set z2 1 1 152 "$human" "default; human density, clean runs" gx plain "" $clean --length 150 --depths 14-45 ;;
    z3) make_set z3 1 1 153 "$human" "default; human density, low depths, few errors in runs" gx plain "" $few $tidy --length 150 --depths 5-24 ;;
    z5) make_set z5 1 1 155 "$human" "default; human density, low depths, clean runs" gx plain "" $clean --length 150 --depths 6-18 ;;
    # The same for libraries of many kinds, for networks that are told how noisy one is.
    y1) make_set y1 1 1 161 "$human" "default; human density, low depths, clean runs" gx plain "" $clean --length 150 --depths 5-24 ;;
    y2) make_set y2 1 1 162 "$human" "default; human density, slips of templates x2" gx plain "" $clean --slippage 2 --length 150 --depths 8-40 ;;
    y3) make_set y3 1 1 163 "$human" "default; human density, low depths, slips of templates" gx plain "" $pools --run-errors 0.1 --slip-spread 0.2 --length 150 --depths 5-24 ;;
    y4) make_set y4 1 1 164 "$human" "default; human density, slips of templates x3" gx plain "" $pools --slippage 3 --run-errors 0.1 --slip-spread 0.3 --length 150 --depths 10-45 ;;
    y5) make_set y5 1 1 165 "$human" "default PCR+; human density, slips of templates x5" gx plain "" --templates 24 --slippage 5 --run-errors 0.1 --slip-spread 0.2 --length 150 --depths 6-30 ;;
    y6) make_set y6 1 1 166 "$human" "default; human density, clean runs" gx plain "" --templates 8 --run-errors 0.05 --slip-spread 0.1 --length 150 --depths 10-45 ;;
    y7) make_set y7 1 1 167 "$human" "default; human density, low depths, clean runs" gx plain "" $clean --length 125 --depths 5-20 ;;
    y8) make_set y8 1 1 168 "$human" "default; human density, few slips of very few templates" gx plain "" --templates 4 --slippage 0.5 --run-errors 0.2 --slip-spread 0.3 --length 150 --depths 10-45 ;;
    y9) make_set y9 1 1 169 "$human" "default; human density, slips of fragments" gx plain "" --run-errors 0.2 --slip-spread 0.3 --length 150 --depths 6-40 ;;
    y10) make_set y10 1 1 170 "$human" "default PCR+; human density, slips of fragments x4" gx plain "" --slippage 4 --run-errors 0.3 --slip-spread 0.5 --length 150 --depths 8-45 ;;
    y11) make_set y11 1 1 171 "$human" "HiSeq X; human density, slips of fragments" gx plain "" $hiseqx --slip-spread 0.5 --length 150 --depths 8-60 --chimeras 0.05 ;;
    y12) make_set y12 1 1 172 "$human" "HiSeq X; human density, low depths, slips of templates" gx plain "" $hiseqx $pools --slip-spread 0.3 --length 150 --depths 5-24 --chimeras 0.02 ;;
    y13) make_set y13 1 1 173 "$human" "NIST 2x148; human density, slips of fragments" gx plain "" $nist --slip-spread 0.5 --length 148 --depths 8-50 --chimeras 0.02 ;;
    y14) make_set y14 1 1 174 "$human" "HiSeq 2000 2x101; human density, slips of fragments" gx plain "" $hiseq2000 --slippage 1.5 --slip-spread 0.5 --length 101 --depths 6-60 --chimeras 0.02 ;;
    y15) make_set y15 1 1 175 "$human" "default PCR+; human density, slips of templates x8" gx plain "" --templates 24 --slippage 8 --run-errors 0.2 --slip-spread 0.2 --length 150 --depths 10-45 ;;
    y16) make_set y16 1 1 176 "$human" "default PCR+; human density, low depths, slips of templates x5" gx plain "" $pools --slippage 5 --run-errors 0.1 --slip-spread 0.2 --length 150 --depths 5-24 ;;
    y17) make_set y17 1 1 177 "$human" "default; human density, clean runs" gx plain "" $clean --length 150 --depths 14-45 ;;
    y18) make_set y18 1 1 178 "$human" "default; human density, low depths, clean runs" gx plain "" $clean --length 150 --depths 5-16 ;;
    y19) make_set y19 1 1 179 "$human" "default; human density, slips of fragments, errors in runs" gx plain "" --length 150 --depths 6-40 ;;
    y20) make_set y20 1 1 180 "$human" "default; human density, few errors in runs that differ by place" gx plain "" $few --run-errors 0.5 --slip-spread 1 --length 150 --depths 8-50 ;;
    # Through aligners, with what reads of real samples have: copies that the reference lacks, chimeras, duplicates, another person's reads; short and long ones.
    m1) make_set m1 1 1 191 "$human" "default; human density, hidden copies, contamination 1 %" "bwa -K 30000000" mark "" --templates 8 --run-errors 0.3 --slip-spread 0.4 --length 150 --depths 8-50 --hidden-copies 0.6 --chimeras 0.03 --duplicates 0.05 --contaminant "$other" --contamination 0.01 ;;
    m2) make_set m2 1 1 192 "$human" "default; human density, 2x250" gx plain "" $pools --run-errors 0.3 --slip-spread 0.4 --length 250 --depths 8-50 --chimeras 0.02 ;;
    m3) make_set m3 1 1 193 "$human" "default; human density, 2x76, hidden copies" minimap2 plain "" $pools --run-errors 0.3 --slip-spread 0.4 --length 76 --depths 8-60 --hidden-copies 0.4 --chimeras 0.02 ;;
    t1) make_set t1 0.15 1 121 "$b" "default; human density, low depths, slips of templates x5" gx plain "" $few --slippage 5 --length 150 --depths 5-20 ;;
    t2) make_set t2 0.15 1 122 "$c" "default; human density, slips of templates x6" gx plain "" $pools --slippage 6 --length 150 --depths 8-60 ;;
    t3) make_set t3 0.2 2.5 123 "$a" "default; dense, slips of templates x4" gx plain "$dense" $few --slippage 4 --length 150 --depths 8-45 ;;
    t4) make_set t4 0.2 2.5 124 "$b" "default; dense, low depths, slips of templates x4" gx plain "$dense" $few --slippage 4 --length 150 --depths 5-20 ;;
    # Measured machines.
    x3) make_set x3 0.4 2.5 201 "$a" "HiSeq X; dense, chimeras" gx plain "$dense" $hiseqx --length 150 --depths 10-80 --chimeras 0.1 ;;
    x4) make_set x4 0.5 1 202 "$b" "HiSeq X; human density, slips of templates" gx plain "" $hiseqx $pools --slippage 3 --length 150 --depths 8-80 --chimeras 0.05 ;;
    n2) make_set n2 0.5 1 203 "$c" "NIST 2x148; human density, slips of templates" gx plain "" $nist --templates 12 --slippage 5 --length 148 --depths 6-70 --chimeras 0.02 ;;
    h3) make_set h3 0.5 2.5 204 "$a" "HiSeq 2000 2x101; dense, slips of templates" gx plain "$dense" $hiseq2000 --templates 12 --slippage 3 --length 101 --depths 6-90 --chimeras 0.02 ;;
    h4) make_set h4 0.7 1 205 "$c" "HiSeq 2000 2x101; human density, slips, hidden copies" minimap2 mark "" $hiseq2000 $slips --length 101 --depths 8-60 --hidden-copies 0.4 ;;
    # Amplified libraries.
    p1) make_set p1 0.2 2.5 301 "$c" "default PCR+; dense, duplicates 12 %" gx plain "$dense" --length 150 --depths 8-60 --slippage 5 --templates 24 --duplicates 0.12 --chimeras 0.02 ;;
    p2) make_set p2 0.7 1 302 "$b" "NIST PCR+; human density, duplicates 8 %, contamination 2 %" minimap2 mark "" $nist --length 148 --depths 8-60 --slippage 3 --duplicates 0.08 --contaminant "$other" --contamination 0.02 ;;
    p4) make_set p4 1 1 304 "$human" "default PCR+; human density, slips of templates x5" gx plain "" --templates 12 --slippage 5 --run-errors 0.1 --slip-spread 0.2 --length 150 --depths 10-45 ;;
    p3) make_set p3 0.7 1 303 "$a" "default PCR+; human density, duplicates 10 %" gx plain "" --length 150 --depths 8-60 --slippage 4 --duplicates 0.1 --slip-spread 1 ;;
    # Real variants of NA12878 on chr21.
    g2) make_set g2 1 1 401 "chr21:5010000-10000000" "default; NA12878 on chr21, clean runs" gx plain "given $shared/data/population/NA12878.PG.GRCh38.chr21_1-10M.vcf.gz" $clean --length 150 --depths 8-60 ;;
    # Exomes.
    w[1-4])
      targets "$out/ref/$1.bed" "50${1#w}"
      awk -v OFS='\t' '{ print $1, $2 - 60, $3 + 60 }' "$out/ref/$1.bed" | awk -v OFS='\t' '$1 != c || $2 > e { if (c != "") print c, s, e; c = $1; s = $2; e = $3; next } { if ($3 > e) e = $3 } END { print c, s, e }' >"$out/ref/$1.confident.bed"
      case $1 in
        w1) make_set w1 1 3 501 "$human" "default exome; dense" gx plain "$dense" --length 101 --depths 15-150 --targets "$out/ref/w1.bed" --duplicates 0.08 --slippage 2.5 --templates 30 ;;
        w2) make_set w2 1 3 502 "$human" "HiSeq 2000 exome 2x76; dense" minimap2 mark "$dense" $hiseq2000 --length 76 --depths 12-120 --targets "$out/ref/w2.bed" --duplicates 0.15 --slippage 2.5 --dispersion 0.05 ;;
        w3) make_set w3 1 3 503 "$human" "HiSeq 2000 exome 2x101; dense, uneven depth, duplicates" gx plain "$dense" $hiseq2000 --length 101 --depths 20-110 --targets "$out/ref/w3.bed" --duplicates 0.12 --slippage 3 --dispersion 0.05 --chimeras 0.01 ;;
        w4) make_set w4 1 3 504 "$human" "default exome 2x100; dense, slips of fragments x3" gx plain "$dense" --length 100 --depths 20-120 --targets "$out/ref/w4.bed" --duplicates 0.1 --slippage 3 --dispersion 0.03 --chimeras 0.02 ;;
      esac ;;
    # Ten times the variants, for what the first network settles: never trained on.
    q1) make_set q1 0 10 701 "$human" "default; ten times the variants, low depths" gx plain "$crowd" $few --length 150 --depths 8-24 ;;
    q2) make_set q2 0 10 702 "$human" "default; ten times the variants" gx plain "$crowd" $clean --length 150 --depths 16-60 ;;
    q3) make_set q3 0 10 703 "$b" "default; ten times the variants, for thresholds" gx plain "$crowd" $few --length 150 --depths 8-60 ;;
    e1) make_set e1 0.3 3 601 NC_000913 "default; E. coli, dense" gx plain "$dense" --length 150 --depths 8-60 ;;
    *) echo "train-data: no set $1" >&2; return 1 ;;
  esac
}

reference
somebody
[ -e "$out/sets.tsv" ] || printf 'name\tdir\tweight\tdensity\tMb\tdepth\tlength\tprofile\tnote\n' >"$out/sets.tsv"
if [ $# -eq 0 ]; then
  set -- y{1..20} z1 z2 z3 z5 s1 s5 d2 d3 m1 m2 m3 x3 x4 n2 h3 h4 t3 p1 p2 p4 w1 w2 w3 w4 e1
fi
for name in "$@"; do set_of "$name"; done
