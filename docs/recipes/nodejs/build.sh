#!/bin/sh
# Debian's Node.js for each platform, unpacked and never run here: no emulation. Needs mmdebstrap (Debian, Ubuntu).
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- linux/arm/v7 linux/arm64 linux/amd64
for platform; do
  case $platform in
    linux/arm/v7) architecture=armhf ;;
    linux/arm64 | linux/amd64) architecture=${platform#linux/} ;;
    *) echo "build.sh: expected linux/arm/v7, linux/arm64 or linux/amd64, got $platform" >&2; exit 1 ;;
  esac
  mkdir -p "build/$platform"
  # shellcheck disable=SC2086 # options are words
  mmdebstrap --quiet ${MMDEBSTRAP_OPTIONS-} --variant=extract --architectures="$architecture" --include=nodejs \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    bookworm "build/$platform/node.tar"
  # This machine's own.
  tar --delete --file="build/$platform/node.tar" ./etc/hostname ./etc/resolv.conf
done
