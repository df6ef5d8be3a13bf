#!/usr/bin/env bash
# A Rust that builds wasm32-unknown-unknown, out of Debian's own packages, for machines where
# `rustup target add` cannot be. Usage: wasm-toolchain.sh DIR. No root is needed, but fresh lists
# (apt-get update) and a cargo. Debian serves the newest version only, so none is named here. It
# takes about two minutes of processor time, once; a newer package makes it anew.
set -euo pipefail

place=$(mkdir -p "$1" && cd "$1" && pwd)
version=$(apt-cache policy rustc-web | awk '/Candidate/ { print $2 }')
[ -n "$version" ] || { echo "apt knows no rustc-web: run apt-get update" >&2; exit 1; }
[ "$(cat "$place/.made" 2>/dev/null || true)" != "$version" ] || exit 0

work=$(mktemp -d)
chmod 755 "$work" # apt reads there as a user of its own
trap 'rm -rf "$work"' EXIT
cd "$work"
std=$(apt-cache depends "libstd-rust-web-dev=$version" | awk '/Depends: libstd-rust-web-1/ { print $2; exit }')
llvm=$(apt-cache depends "$std=$version" | awk '/Depends: libllvm/ { print $2; exit }')
apt-get -qq download "rustc-web=$version" "rust-web-src=$version" "libstd-rust-web-dev=$version" \
  "$std=$version" "$llvm"
rm -rf "$place/usr" "$place/.made"
for package in *.deb; do dpkg -x "$package" "$place"; done

# The standard library is built once, for the target, and put where this rustc looks for it.
mkdir -p std/src
printf '#![no_std]\n' >std/src/lib.rs
printf '[package]\nname = "standard-library"\nversion = "0.0.0"\nedition = "2024"\n[profile.release]\npanic = "abort"\n[workspace]\n' >std/Cargo.toml
(
  cd std
  export LD_LIBRARY_PATH=$place/usr/lib/x86_64-linux-gnu RUSTC=$place/usr/bin/rustc
  export RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR=$work/target
  cargo build --quiet --release -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown
)
libraries=$place/usr/lib/rustlib/wasm32-unknown-unknown/lib
mkdir -p "$libraries"
cp "$work"/target/wasm32-unknown-unknown/release/deps/*.rlib "$libraries/"
rm -rf "$place/usr/src" "$place/usr/share" "$libraries"/libstandard_library-*.rlib
echo "$version" >"$place/.made"
