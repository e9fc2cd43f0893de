#!/bin/sh
# Compiles for each platform on this machine; no emulation, no compiler in the image.
set -eu
cd "$(dirname "$0")"
export CGO_ENABLED=0 GOOS=linux
compile() { go build -trimpath -ldflags='-s -w' -o "build/$1/hello" .; }
GOARCH=arm GOARM=7 compile linux/arm/v7
GOARCH=arm64 compile linux/arm64
GOARCH=amd64 compile linux/amd64
