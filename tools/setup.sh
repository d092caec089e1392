#!/usr/bin/env bash
# Installs what is missing and nothing else: apt packages where this is a Debian, and virtual environments.
#   tools/setup.sh build         to build vetset and run it
#   tools/setup.sh build test    and to run every test: other compilers, other people's loaders
# Fast when all is there. Needs root or sudo only where a package is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

packages() { grep -hv '^#' "$@" | tr -s ' \n' ' '; }

# apt packages that are named in files and not installed yet
missing_packages() {
  local name
  for name in $(packages "$@"); do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || echo "$name"
  done
}

install_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "set-up: this is no Debian; expected these to be here by other means: $(packages "$@")" >&2
    return 0
  fi
  missing=$(missing_packages "$@")
  [ -z "$missing" ] && return 0
  local sudo=""
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "set-up: need root or sudo to install:" $missing >&2; exit 2; }
    sudo="sudo"
  fi
  echo "set-up: installing" $missing
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# A Python of at least 3.11, with venv.
find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
    "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$candidate"; return; }
  done
  echo "set-up: expected Python 3.11 or newer with venv" >&2
  exit 2
}

# make_venv DIR PYTHON REQUIREMENTS [venv flags]: again only when the requirements changed. A file beside the
# requirements that ends in -nodeps.txt names what is installed afterwards without its dependencies.
make_venv() {
  local dir=$1 python=$2 requirements=$3 nodeps=${3%.txt}-nodeps.txt
  shift 3
  local want
  want=$( (cat "$requirements"; [ ! -f "$nodeps" ] || cat "$nodeps") | sha256sum | cut -d' ' -f1)
  [ -f "$dir/.requirements" ] && [ "$(cat "$dir/.requirements")" = "$want" ] && return 0
  echo "set-up: virtual environment $dir"
  rm -rf "$dir"
  "$python" -m venv "$@" "$dir"
  "$dir/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  [ ! -f "$nodeps" ] || "$dir/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$nodeps"
  echo "$want" > "$dir/.requirements"
}

for what in "$@"; do
  case $what in
    build)
      install_packages tools/apt-build.txt
      make_venv .venv "$(find_python)" tools/requirements-build.txt
      ;;
    test)
      install_packages tools/apt-test.txt
      # PyTorch comes from Debian, so this one is made with Debian's own Python.
      make_venv .venv-judges /usr/bin/python3 tests/judges/requirements.txt --system-site-packages
      make_venv .venv-readers /usr/bin/python3 tests/judges/requirements-readers.txt
      make_venv .venv-signing /usr/bin/python3 tests/judges/requirements-signing.txt
      make_venv .venv-labels /usr/bin/python3 tests/judges/requirements-labels.txt
      make_venv .venv-tools /usr/bin/python3 tests/judges/requirements-tools.txt
      make_venv .venv-serving /usr/bin/python3 tests/judges/requirements-serving.txt
      ;;
    *) echo "set-up: expected build or test, found $what" >&2; exit 2 ;;
  esac
done
