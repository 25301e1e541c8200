#!/usr/bin/env bash
# What gx does, on data that it makes itself: a reference, a sample, its reads;
# then the calls, and how they compare with the known truth. Everything lies in
# out/demo afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
gx=bin/gx
out=out/demo
rm -rf "$out" && mkdir -p "$out"
step() { echo; echo "\$ $*"; "$@"; }

step $gx simulate genome --length 500000 --seed 11 --sample demo --out $out/demo
step $gx simulate reads --ref $out/demo.fa --truth $out/demo.vcf.gz --depth 30 --seed 12 --sample demo --out $out/reads
step $gx check $out/demo.fa $out/reads.bam $out/demo.vcf.gz $out/demo.bed
step $gx call --ref $out/demo.fa --reads $out/reads.bam --out $out/calls.vcf.gz --gvcf $out/calls.g.vcf.gz
echo; echo "the first calls:"
gzip -dc $out/calls.vcf.gz | awk '!/^##/ && n++ < 6'
step $gx compare --ref $out/demo.fa --truth $out/demo.vcf.gz --query $out/calls.vcf.gz --confident $out/demo.bed --out $out/result

step $gx simulate cohort --samples 5000 --variants 500 --scenario A --seed 3 --out $out/cohort
step $gx gwas --genotypes $out/cohort.bed --pheno $out/cohort.tsv --traits y,b --covar $out/cohort.tsv --null deepnull --out $out/assoc
echo; echo "the strongest associations with y:"
gzip -dc $out/assoc.y.tsv.gz | awk "NR == 1" | cut -f 1-3,5,7,8,13,14,16
gzip -dc $out/assoc.y.tsv.gz | tail -n +2 | sort -t "$(printf '\t')" -k 16,16gr | awk 'NR <= 3' | cut -f 1-3,5,7,8,13,14,16

# Sets of variants: a chromosome is one, and every third variant a loss of function.
awk -v out=$out/genes '{ g = "GENE" $1; print $2, g, NR % 3 ? "missense" : "LoF" > (out ".annotations")
  if (g in list) list[g] = list[g] "," $2; else { order[++n] = g; list[g] = g " " $1 " " $4 " " $2 } }
  END { for (i = 1; i <= n; i++) print list[order[i]] > (out ".setlist"); printf "LoF LoF\ndamaging LoF,missense\n" > (out ".masks") }' $out/cohort.bim
step $gx gwas --genotypes $out/cohort.bed --pheno $out/cohort.tsv --traits y --covar $out/cohort.tsv --set-list $out/genes.setlist \
  --anno-file $out/genes.annotations --mask-def $out/genes.masks --aaf-bins 0.2 --vc-tests skato,acato --out $out/genes
echo; echo "its first set:"
gzip -dc $out/genes.y.sets.tsv.gz | awk 'NR == 1 || $3 ~ /^GENE1[.]/' | cut -f 1-3,7,8,12-14,16

step $gx report $out/calls.vcf.gz $out/assoc $out/genes --out $out/report.html
