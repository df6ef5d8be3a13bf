#!/usr/bin/env bash
# Builds a .deb from a release binary, without debhelper.
#
#   packaging/deb.sh [OUT_DIR]      default: target/deb
#
# SCEAU_BIN names a binary that is built already; without it, one is built.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
out=${1:-$target/deb}
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
architecture=$(dpkg --print-architecture)

binary=${SCEAU_BIN:-$target/release/sceau}
[ -n "${SCEAU_BIN:-}" ] || cargo build --release --locked -p sceau
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"

put() { install -D -m "$1" "$2" "$stage/$3"; }
put 755 "$binary" usr/bin/sceau
strip --strip-debug "$stage/usr/bin/sceau"
put 644 packaging/systemd/sceau.service usr/lib/systemd/system/sceau.service
put 644 packaging/sysusers.d/sceau.conf usr/lib/sysusers.d/sceau.conf
put 644 packaging/tmpfiles.d/sceau.conf usr/lib/tmpfiles.d/sceau.conf
mkdir "$stage/man"
"$binary" man "$stage/man"
find "$stage/man" -type f | while read -r page; do
  gzip -9n "$page"
  put 644 "$page.gz" "usr/share/man/man1/$(basename "$page").gz"
done
rm -r "$stage/man"
mkdir -p "$stage/usr/share/bash-completion/completions" "$stage/usr/share/zsh/vendor-completions"
"$binary" completions bash >"$stage/usr/share/bash-completion/completions/sceau"
"$binary" completions zsh >"$stage/usr/share/zsh/vendor-completions/_sceau"
for document in README.md ARCHITECTURE.md CHANGELOG.md THIRD-PARTY.md LICENSE-MIT LICENSE-APACHE; do
  [ ! -e "$document" ] || put 644 "$document" "usr/share/doc/sceau/$document"
done
# The shipped configuration is an example: `sceau init` writes the one that runs.
find config watch-folders -type f | while read -r file; do
  put 644 "$file" "usr/share/doc/sceau/examples/$file"
done

mkdir -p "$stage/DEBIAN"
cat >"$stage/DEBIAN/control" <<CONTROL
Package: sceau
Version: $version
Architecture: $architecture
Maintainer: The Sceau authors <sceau@localhost>
Depends: libc6 (>= 2.36), systemd
Section: utils
Priority: optional
Description: self-hosted signing daemon for accounting firms
 Watches folders, checks who may have what sealed, applies the seal of a
 société as PAdES, and puts the PDF back with its evidence.
CONTROL
cat >"$stage/DEBIAN/postinst" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
  systemd-sysusers sceau.conf
  systemd-tmpfiles --create sceau.conf
  [ ! -d /run/systemd/system ] || systemctl daemon-reload
fi
SCRIPT
chmod 755 "$stage/DEBIAN/postinst"
mkdir -p "$out"
dpkg-deb --root-owner-group --build "$stage" "$out/sceau_${version}_$architecture.deb"
