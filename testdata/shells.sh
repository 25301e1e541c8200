#!/bin/sh
# What engines that start a script in a container want of it: bash, ps and the
# usual small tools, as static programs of Debian, unpacked for each architecture
# into DIR/ARCH/root, with the packages' names, versions and licences in
# DIR/ARCH/packages.
#   testdata/shells.sh DIR amd64 [arm64 ..]
# Needs a Debian (or Ubuntu) with its archive at hand; no rights, and nothing of
# the system is changed: lists and packages lie in a folder that is removed.
set -eu
dir=${1:?usage: shells.sh DIR ARCH..}
shift
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
native=$(dpkg --print-architecture)

# fetch ARCH: the packages of an architecture, unpacked in $tmp/ARCH
fetch() {
  mkdir -p "$tmp/$1/lists/partial" "$tmp/$1/cache/archives/partial" "$tmp/$1/tree"
  : >"$tmp/$1/status"
  set -- "$1" -qq -o "APT::Architecture=$1" -o "APT::Architectures=$1" -o "Dir::State::Lists=$tmp/$1/lists" -o "Dir::State::status=$tmp/$1/status" \
    -o "Dir::Cache=$tmp/$1/cache" -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=5
  arch=$1
  shift
  apt-get "$@" update
  (cd "$tmp/$arch" && apt-get "$@" download bash-static busybox-static)
  for deb in "$tmp/$arch"/*.deb; do dpkg-deb -x "$deb" "$tmp/$arch/tree"; done
}

[ -d "$tmp/$native" ] || fetch "$native"
applets=$("$(find "$tmp/$native/tree" -name busybox -path '*bin/*' -type f)" --list)
for arch; do
  [ -d "$tmp/$arch" ] || fetch "$arch"
  rm -rf "${dir:?}/$arch"
  mkdir -p "$dir/$arch/root/bin" "$dir/$arch/root/usr/bin"
  cp "$(find "$tmp/$arch/tree" -name bash-static -type f -path '*bin/*')" "$dir/$arch/root/bin/bash"
  cp "$(find "$tmp/$arch/tree" -name busybox -type f -path '*bin/*')" "$dir/$arch/root/bin/busybox"
  chmod 755 "$dir/$arch/root/bin/bash" "$dir/$arch/root/bin/busybox"
  for a in $applets; do
    case $a in bash | busybox) ;; *) ln -sf busybox "$dir/$arch/root/bin/$a" ;; esac
  done
  ln -sf ../../bin/busybox "$dir/$arch/root/usr/bin/env"
  for deb in "$tmp/$arch"/*.deb; do
    case $deb in *bash*) license=GPL-3.0-or-later ;; esac
    case $deb in *busybox*) license=GPL-2.0-only ;; esac
    echo "$(dpkg-deb -f "$deb" Package) $(dpkg-deb -f "$deb" Version) $license"
  done >"$dir/$arch/packages"
done
