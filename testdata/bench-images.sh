#!/usr/bin/env bash
# How long a node takes from nothing to a worker that runs: its image is pulled
# from a registry of this machine, unpacked and started by containerd, beside the
# same worker in an image of 700 MB. Writes the table in docs/images.md.
# Needs root, containerd, runc, curl, and out/images (make images).
#
# RUNS: how often (5); the median is told. CRANE: go-containerregistry's crane,
# else built from its module into out/tools.
set -euo pipefail
cd "$(dirname "$0")/.."
images=${IMAGES:-out/images}
out=${OUT:-$PWD/out/bench-images}
runs=${RUNS:-5}
port=${PORT:-15002}
rm -rf "$out"
mkdir -p "$out" out/tools
if [ -z "${CRANE:-}" ]; then
  [ -x out/tools/crane ] || GOFLAGS= GOBIN=$PWD/out/tools go install github.com/google/go-containerregistry/cmd/crane@v0.22.1
  CRANE=$PWD/out/tools/crane
fi
arch=$(go env GOHOSTARCH)
host=127.0.0.1:$port
mkdir -p "$out/registry"
"$CRANE" registry serve --address "$host" --disk "$out/registry" >"$out/registry.log" 2>&1 &
pids=$!
socket=$out/containerd.sock
containerd --root "$out/root" --state "$out/state" -a "$socket" >"$out/containerd.log" 2>&1 &
pids+=" $!"
trap 'kill $pids; wait; rm -rf "$out/root" "$out/state" "$out/registry" "$out"/*.tar' EXIT
ctr() { command ctr -a "$socket" "$@"; }
for n in 1 2 3 4 5 6 7 8 9 10; do ctr version >/dev/null 2>&1 && curl -s "http://$host/v2/" >/dev/null && break; sleep 1; done

mkdir "$out/layout"
tar -xf "$images/gx-call.tar" -C "$out/layout"
"$CRANE" push "$out/layout" "$host/gx-call:small" >/dev/null 2>&1
# Seven layers of 99 MB of noise on top of the worker, which is no smaller compressed.
layers=()
for n in 1 2 3 4 5 6 7; do
  mkdir -p "$out/noise/opt/$n"
  head -c 99000000 /dev/urandom >"$out/noise/opt/$n/bytes"
  tar -cf "$out/$n.tar" -C "$out/noise" opt
  rm -r "$out/noise"
  layers+=(-f "$out/$n.tar")
done
"$CRANE" append --platform "linux/$arch" -b "$host/gx-call:small" -t "$host/gx-call:large" "${layers[@]}" >/dev/null 2>&1

bytes() { # REF: of the platform's compressed layers
  "$CRANE" manifest --platform "linux/$arch" "$1" | tr ',{' '\n\n' | sed -n 's/.*"size": *\([0-9]*\).*/\1/p' | awk '{ s += $1 } END { print s }'
}
ms() { echo $(($(date +%s%N) / 1000000)); }
for run in $(seq "$runs"); do
  for size in small large; do
    ref=$host/gx-call:$size
    sync
    { echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null || true
    a=$(ms)
    ctr images pull --plain-http --platform "linux/$arch" "$ref" >/dev/null
    b=$(ms)
    ctr run --rm --read-only "$ref" "bench$run$size" /usr/local/bin/gx-call -version >/dev/null
    c=$(ms)
    ctr images rm --sync "$ref" >/dev/null
    printf '%s\t%s\t%s\n' "$size" $((b - a)) $((c - b)) | tee -a "$out/times"
  done
done

median() { sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'; }
{
  echo "| image of gx-call | pulled, MB | pull and unpack, s | start to end of \`-version\`, s | together, s |"
  echo "|---|---|---|---|---|"
  for size in small large; do
    p=$(awk -v s=$size '$1 == s { print $2 }' "$out/times" | median)
    s=$(awk -v s=$size '$1 == s { print $3 }' "$out/times" | median)
    t=$(awk -v s=$size '$1 == s { print $2 + $3 }' "$out/times" | median)
    name="its own"
    [ $size = small ] || name="the same worker and 693 MB of noise"
    awk -v n="$name" -v b="$(bytes "$host/gx-call:$size")" -v p="$p" -v s="$s" -v t="$t" 'BEGIN { printf "| %s | %.1f | %.2f | %.2f | %.2f |\n", n, b / 1e6, p / 1e3, s / 1e3, t / 1e3 }'
  done
} >"$out/table"
cat "$out/table"
awk -v table="$out/table" '/^<!-- pulls -->/ { print; while ((getline line < table) > 0) print line; skip = 1; next } /^<!-- end of pulls -->/ { skip = 0 } !skip' docs/images.md >"$out/images.md"
cat "$out/images.md" >docs/images.md
