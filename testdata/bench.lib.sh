# Shared by the scripts that measure calling: sourced, not run. Wants $gx (the
# program), $out (a folder), $shared (GX_SHARED).

# need TOOL...: stops where one is missing.
need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "${0##*/}: $tool is missing" >&2; exit 1; }
  done
}

# timed NAME COMMAND...: runs it, leaves CPU seconds and MB in NAME.time.
timed() {
  local name=$1
  shift
  /usr/bin/time -f '%U %S %M' -o "$name.raw" "$@" 2>"$name.log" || { cat "$name.log" >&2; return 1; }
  awk 'END { printf "%.1f %.0f\n", $1 + $2, $3 / 1000 }' "$name.raw" >"$name.time"
}

# plain FASTA.gz: inflated and indexed once; prints its name.
plain() {
  local to
  to=$out/$(basename "$1" .gz)
  [ -e "$to" ] || gzip -dc "$1" >"$to"
  [ -e "$to.fai" ] || samtools faidx "$to"
  echo "$to"
}

# simulated NAME REF REGION SEED DEPTH: a set of the outside simulator, made once.
simulated() {
  [ -e "$out/$1.bam.bai" ] || COV=$5 "$shared/tools/simreads/mkdata.sh" "$1" "$2" "$3" "$4" "$out"
}

# call TOOL REF READS REGION VCF: one caller, one thread. TOOL is gx:MODEL,
# bcftools or freebayes.
call() {
  local tool=$1 ref=$2 reads=$3 region=$4 vcf=$5
  case $tool in
    gx:*) timed "$vcf" "$gx" call --ref "$ref" --reads "$reads" --regions "$region" --model "${tool#gx:}" --threads 1 --out "$vcf" ;;
    bcftools) timed "$vcf" bash -c "bcftools mpileup -f $ref -r $region -a AD,DP -Ou $reads | bcftools call -mv -Ou | bcftools filter -e 'QUAL<20' -Oz -o $vcf" ;;
    freebayes) timed "$vcf" bash -c "freebayes -f $ref -r $region $reads | bcftools filter -e 'QUAL<20' -Oz -o $vcf" ;;
  esac
}

# judged NAME SET REF READS REGION TRUTH BED TOOL...: calls by all tools and one
# line each in $out/table: set, tool, SNPs, FN, FP, indels, FN, FP, CPU seconds,
# MB, by tabs. What a tool other than gx once called is kept.
judged() {
  local d=$out/$1 set=$2 ref=$3 reads=$4 region=$5 truth=$6 bed=$7 tool list="" i=0
  shift 7
  mkdir -p "$d"
  for tool in "$@"; do
    local vcf=$d/$(tr -c 'A-Za-z0-9\n' _ <<<"$tool").vcf.gz
    case $tool in
      gx:*) call "$tool" "$ref" "$reads" "$region" "$vcf" ;;
      *) [ -e "$vcf.time" ] || call "$tool" "$ref" "$reads" "$region" "$vcf" ;;
    esac
    list=$list${list:+,}$vcf
  done
  "$gx" compare --quiet --ref "$ref" --truth "$truth" --query "$list" --confident "$bed" --regions "$region" --out "$d/cmp" >/dev/null
  for tool in "$@"; do
    i=$((i + 1))
    local part=.$i
    [ $# -gt 1 ] || part=
    local vcf=$d/$(tr -c 'A-Za-z0-9\n' _ <<<"$tool").vcf.gz
    cp "$d/cmp$part.gq.csv" "$vcf.gq.csv"
    cp "$d/cmp$part.vcf.gz" "${vcf%.vcf.gz}.judged.vcf.gz"
    awk -F, -v OFS='\t' -v set="$set" -v tool="$tool" -v cost="$(cat "$vcf.time")" '
      $1 == "SNP" && $2 == "PASS" { snp = $3 OFS $5 OFS $7 }
      $1 == "INDEL" && $2 == "PASS" { indel = $3 OFS $5 OFS $7 }
      END { split(cost, c, " "); print set, tool, snp, indel, c[1], c[2] }' "$d/cmp$part.summary.csv" >>"$out/table"
  done
}

# summed: sums the lines of a table that are of one set and tool, in the order
# of their first; memory is the largest.
summed() {
  awk -F'\t' -v OFS='\t' '
    { k = $1 OFS $2 }
    !(k in seen) { seen[k] = 1; order[++n] = k }
    { for (i = 3; i <= 9; i++) sum[k, i] += $i; if ($10 > top[k]) top[k] = $10 }
    END { for (j = 1; j <= n; j++) { line = order[j]; for (i = 3; i <= 9; i++) line = line OFS sum[order[j], i]; print line, top[order[j]] } }'
}

# rows: lines of a table as Markdown.
rows() {
  awk -F'\t' '{ printf "| %s | %s | %d | %d / %d | %d | %d / %d | %.1f | %d |\n", $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 }'
}

# calibrated FILE.gq.csv...: what GQ promised of the calls, by type, and what came:
# calls, errors expected (each call of GQ q errs with 10^(-q/10)) and observed.
calibrated() {
  awk -F, '
    FNR == 1 { next }
    { k = FILENAME SUBSEP $1; tp[k, $2] = $5; fp[k, $2] = $6; q[k, ++m[k]] = $2; type[k] = $1 }
    END {
      split("0 5 10 20 30 40 100", edge, " ")
      for (k in m) for (i = 1; i <= m[k]; i++) { # the counts are of GQ and more
        g = q[k, i]; next_g = q[k, i + 1]
        right = tp[k, g] - (i < m[k] ? tp[k, next_g] : 0); wrong = fp[k, g] - (i < m[k] ? fp[k, next_g] : 0)
        for (b = 1; b <= 6; b++) if (g >= edge[b] && g < edge[b + 1]) { N[type[k], b] += right + wrong; O[type[k], b] += wrong; E[type[k], b] += (right + wrong) * 10 ^ (-g / 10) }
      }
      print "| type | GQ | calls | errors expected | observed |\n|---|---|---|---|---|"
      for (s = 1; s <= 2; s++) { name = s == 1 ? "SNP" : "INDEL"; for (b = 1; b <= 6; b++) if (N[name, b])
        printf "| %s | %s | %d | %.1f | %d |\n", name, b < 6 ? edge[b] "-" edge[b + 1] : "40-", N[name, b], E[name, b], O[name, b] }
    }' "$@"
}
