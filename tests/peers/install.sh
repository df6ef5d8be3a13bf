#!/usr/bin/env bash
# Installs the foreign programs that judge Sceau's output, and those that make its input.
#
#   tests/peers/install.sh          everything
#   tests/peers/install.sh apt      one part: apt | python | dss | dss-online | verapdf | wasm | languages
#
# `languages` builds plugins in JavaScript and Python; it comes with everything only for the long
# proofs (SCEAU_PROVE=1), which alone need it.
#
# Debian 12 or a relative of it, as root (or with sudo). Running it again costs a second.
# Python and Java parts go to .peers/ of this checkout (override: SCEAU_PEERS), versions pinned.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
peers=${SCEAU_PEERS:-$root/.peers}
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"

# command:package. A command that is there already is not installed again.
wanted=(
  qpdf:qpdf
  pdfsig:poppler-utils
  openssl:openssl
  softhsm2-util:softhsm2
  certutil:libnss3-tools
  soffice:libreoffice-writer-nogui
  chromium:chromium
  pdflatex:texlive-latex-base
  gs:ghostscript
  smbd:samba
  smbclient:smbclient
  rclone:rclone
  fusermount3:fuse3
  setpriv:util-linux
  faketime:faketime
  systemd-analyze:systemd
  curl:curl
  java:openjdk-17-jre-headless
  javac:openjdk-17-jdk-headless
  mvn:maven
  python3:python3
)

missing_packages() {
  local pair
  for pair in "${wanted[@]}"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || echo "${pair##*:}"
  done
  # `python3 -m venv` needs ensurepip, which Debian ships apart.
  python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || echo python3-venv
}

install_apt() {
  local packages
  mapfile -t packages < <(missing_packages | sort -u)
  [ ${#packages[@]} -gt 0 ] || return 0
  echo "peers: apt-get install ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # Nothing of what is installed may start a service by itself (smbd runs under the tests only).
  local policy=/usr/sbin/policy-rc.d made=""
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod 755 $policy
    made=yes
  fi
  local status=0
  {
    $sudo apt-get -o DPkg::Lock::Timeout=600 -qq update &&
      $sudo apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -qq -y \
        --no-install-recommends install "${packages[@]}" >"$peers/apt.log" 2>&1
  } || status=$?
  [ -z "$made" ] || $sudo rm -f $policy
  if [ $status != 0 ]; then
    tail -20 "$peers/apt.log" >&2
    return $status
  fi
}

install_python() {
  local stamp=$peers/venv/.installed
  if ! cmp -s "$here/requirements.txt" "$stamp"; then
    echo "peers: pip install -r tests/peers/requirements.txt"
    rm -rf "$peers/venv"
    python3 -m venv "$peers/venv"
    "$peers/venv/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$stamp"
  fi
}

# install_java FOLDER: a judge in Java, with the libraries that it names.
install_java() {
  local name=$1 stamp=$peers/$1/.installed sum
  sum=$(cat "$here/$name/pom.xml" "$here/$name"/src/main/java/sceau/peers/*.java | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ]; then
    echo "peers: mvn package (tests/peers/$name)"
    rm -rf "${peers:?}/$name"
    mkdir -p "$peers/$name"
    mvn -q -B -f "$here/$name/pom.xml" -DbuildDirectory="$peers/$name/build" package
    echo "$sum" >"$stamp"
  fi
}

# What builds plugins, where the Rust that is there cannot: a standard library for WebAssembly.
install_wasm() {
  local libraries
  libraries=$(rustc --print target-libdir --target wasm32-unknown-unknown)
  if compgen -G "$libraries/libstd-*" >/dev/null; then return 0; fi
  if ! apt-cache policy rustc-web | grep -q 'Candidate: [0-9]'; then
    $sudo apt-get -o DPkg::Lock::Timeout=600 -qq update
  fi
  echo "peers: plugins/wasm-toolchain.sh"
  "$root/plugins/wasm-toolchain.sh" "$peers/wasm"
}

# What builds plugins in JavaScript and Python. What npm fetches runs no script of its own, and is
# held to the digests of the lock file.
install_languages() {
  local place=$peers/languages stamp=$peers/languages/.installed sum
  sum=$(cat "$here"/languages/* | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ]; then
    command -v npm >/dev/null 2>&1 ||
      $sudo apt-get -o DPkg::Lock::Timeout=600 -qq -y --no-install-recommends install nodejs npm
    echo "peers: npm ci, pip install (tests/peers/languages)"
    rm -rf "$place"
    mkdir -p "$place"
    cp "$here"/languages/package*.json "$place"
    (cd "$place" && npm ci --silent --ignore-scripts --no-audit --no-fund)
    python3 -m venv "$place/venv"
    "$place/venv/bin/pip" install -q --disable-pip-version-check -r "$here/languages/requirements.txt"
    echo "$sum" >"$stamp"
  fi
}

mkdir -p "$peers"
case ${1:-all} in
  apt) install_apt ;;
  python) install_python ;;
  dss | dss-online | verapdf) install_java "$1" ;;
  wasm) install_wasm ;;
  languages) install_languages ;;
  all)
    install_apt
    # These do not touch each other.
    install_python &
    python_job=$!
    install_wasm &
    wasm_job=$!
    install_java dss
    install_java dss-online
    install_java verapdf
    wait $python_job
    wait $wasm_job
    if [ "${SCEAU_PROVE:-}" = 1 ]; then install_languages; fi
    ;;
  *)
    echo "usage: $0 [apt|python|dss|dss-online|verapdf|wasm|languages]" >&2
    exit 64
    ;;
esac
