#!/usr/bin/env bash
# The workers' images by ko, for amd64 and arm64, with SPDX documents, into a
# registry of this machine that ends with the script; out/ko has NAME.tar, the
# documents and digests.tsv.
#   testdata/images-ko.sh [gx-call ..]
# The base is gx's own: certificates and /tmp. KO, CRANE: the programs, else built
# from their modules into out/tools.
set -euo pipefail
cd "$(dirname "$0")/.."
stages=("$@")
[ ${#stages[@]} -gt 0 ] || stages=(cmd/gx-*)
stages=("${stages[@]#cmd/}")
out=${OUT:-out/ko}
port=${PORT:-15000}
mkdir -p "$out" out/tools
tool() { # NAME MODULE@VERSION
  [ -x "out/tools/$1" ] || GOFLAGS= GOBIN=$PWD/out/tools go install "$2"
}
[ -n "${KO:-}" ] || { tool ko github.com/google/ko@v0.19.1; KO=$PWD/out/tools/ko; }
[ -n "${CRANE:-}" ] || { tool crane github.com/google/go-containerregistry/cmd/crane@v0.22.1; CRANE=$PWD/out/tools/crane; }

"$CRANE" registry serve --address "127.0.0.1:$port" >"$out/registry.log" 2>&1 &
registry=$!
trap 'kill $registry' EXIT
go run ./cmd/internal/images -out "$out/base" -base -workers "${stages[0]}" -tags nogcs,tinygo >/dev/null
mkdir -p "$out/base/layout"
tar -xf "$out/base/base.tar" -C "$out/base/layout"
for n in 1 2 3 4 5; do
  "$CRANE" push "$out/base/layout" "127.0.0.1:$port/base:latest" >/dev/null && break
  sleep $n
done
printf 'image\tdigest\n' >"$out/digests.tsv"
for stage in "${stages[@]}"; do
  mkdir -p "$out/sbom/$stage"
  SOURCE_DATE_EPOCH=0 KO_DEFAULTBASEIMAGE=127.0.0.1:$port/base:latest KO_DOCKER_REPO=127.0.0.1:$port/$stage \
    "$KO" build --platform=linux/amd64,linux/arm64 --sbom=spdx --sbom-dir="$out/sbom/$stage" --bare -t dev "./cmd/$stage" >"$out/reference" 2>"$out/ko.log" || { cat "$out/ko.log" >&2; exit 1; }
  rm -rf "$out/layout"
  "$CRANE" pull --format oci --annotate-ref "127.0.0.1:$port/$stage:dev" "$out/layout"
  tar -cf "$out/$stage.tar" -C "$out/layout" .
  printf '%s\t%s\n' "localhost/$stage:dev" "$(sed 's/.*@//' "$out/reference")" | tee -a "$out/digests.tsv"
done
rm -rf "$out/reference" "$out/base" "$out/layout"
