#!/usr/bin/env bash
# The workers' images by the Dockerfile and buildah, for amd64 and arm64, into
# out/buildah: NAME.tar and digests.tsv.
#   testdata/images-buildah.sh [gx-call ..]
# GO_IMAGE, DEBIAN_IMAGE: the base images; TARGET=shell: those with a shell.
# OFFLINE=1: where no base image can be pulled, a stand-in is made of this machine's
# Go, its module and build caches, its certificates and busybox-static; with
# TARGET=shell also of Debian's archive by mmdebstrap.
set -euo pipefail
cd "$(dirname "$0")/.."
stages=("$@")
[ ${#stages[@]} -gt 0 ] || stages=(cmd/gx-*)
stages=("${stages[@]#cmd/}")
out=${OUT:-out/buildah}
mkdir -p "$out"
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
args=()

# go_image NAME: busybox, Go and certificates.
go_image() {
  local c m
  c=$(buildah from scratch)
  m=$(buildah mount "$c")
  mkdir -p "$m"/{bin,tmp,root,proc,dev,etc/ssl/certs,usr/local,go/pkg/mod}
  chmod 1777 "$m/tmp"
  cp -L "$(command -v busybox)" "$m/bin/busybox"
  for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$m/bin/$a"; done
  cp -a "$(go env GOROOT)" "$m/usr/local/go"
  cp -L /etc/ssl/certs/ca-certificates.crt "$m/etc/ssl/certs/"
  buildah umount "$c" >/dev/null
  buildah config --env PATH=/usr/local/go/bin:/bin --env GOTOOLCHAIN=local --env HOME=/root --env GOPROXY=off "$c"
  buildah commit --quiet --rm "$c" "$1" >/dev/null
}

# debian_image NAME: a small Debian of the machine's own archive.
debian_image() {
  local c tree
  tree=$(mktemp -d)
  mmdebstrap --quiet --variant=apt bookworm "$tree"
  c=$(buildah from scratch)
  buildah copy --quiet "$c" "$tree" / >/dev/null
  buildah commit --quiet --rm "$c" "$1" >/dev/null
  rm -rf "$tree"
}

if [ -n "${OFFLINE:-}" ]; then
  GO_IMAGE=localhost/gx-go:stand-in
  DEBIAN_IMAGE=localhost/gx-debian:stand-in
  go_image "$GO_IMAGE"
  [ "${TARGET:-}" != shell ] || debian_image "$DEBIAN_IMAGE"
  args+=(--pull-never -v "$(go env GOMODCACHE):/go/pkg/mod" -v "$(go env GOCACHE):/root/.cache/go-build")
fi
[ -z "${GO_IMAGE:-}" ] || args+=(--build-arg "GO_IMAGE=$GO_IMAGE")
[ -z "${DEBIAN_IMAGE:-}" ] || args+=(--build-arg "DEBIAN_IMAGE=$DEBIAN_IMAGE")
[ -z "${TARGET:-}" ] || args+=(--target "$TARGET")
tag=dev${TARGET:+-$TARGET}
printf 'image\tdigest\n' >"$out/digests$tag.tsv"
for stage in "${stages[@]}"; do
  name=localhost/$stage:$tag
  buildah manifest rm "$name" >/dev/null 2>&1 || true
  for platform in linux/amd64 linux/arm64; do # one after the other: together they would stand in the index as they finish
    buildah bud --quiet --layers=false --timestamp 0 --platform "$platform" --manifest "$name" --build-arg "STAGE=$stage" "${args[@]}" . >/dev/null
  done
  buildah manifest push --all --quiet --digestfile "$out/digest" "$name" "oci-archive:$out/$stage${TARGET:+-$TARGET}.tar:$name" >/dev/null
  printf '%s\t%s\n' "$name" "$(cat "$out/digest")" | tee -a "$out/digests$tag.tsv"
done
rm -f "$out/digest"
