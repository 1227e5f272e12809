#!/bin/sh
# runtime_packages.sh BINARY: the Debian packages that the binary's shared libraries belong to, one a line.
set -eu
ldd "$1" | awk '$2 == "=>" { print $3 }' | while read -r library; do
  # dpkg knows files by the path before /usr was merged, or after.
  real=$(readlink -f "$library")
  dpkg -S "$real" 2>/dev/null || dpkg -S "${real#/usr}" 2>/dev/null || dpkg -S "$library"
done | cut -d: -f1 | sort -u
