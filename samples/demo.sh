#!/usr/bin/env bash
# The journey on the shipped sample: check → fix → split → convert → pack → seal → verify. Works in build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/build/release:$PATH"
rm -rf build/demo
mkdir -p build/demo
cp -r samples/street build/demo/street
cd build/demo

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
step() {
  say "$@"
  "$@"
}
# a step whose answer is expected to be no
step_no() {
  say "$@"
  if "$@"; then
    echo "expected the answer no" >&2
    exit 1
  fi
}

step_no vetset check street
step vetset fix street -o fixed --unsafe
step_no vetset diff street fixed
step vetset split fixed -o ready --ratios 80/10/10
step vetset check ready
step vetset convert ready coco --to coco
step vetset pack ready -o street.vetset
step vetset verify street.vetset
step vetset seal ready
step vetset verify ready
printf '\nOne byte more, and everybody sees it:\n'
printf ' ' >> "$(find ready -name '*.txt' | sort | head -1)"
step_no vetset verify ready
printf '\nIn one command: vetset convert street coco --to coco --fix --split 80/10/10\n'
printf 'All of this lies in build/demo. Next: docs/guide/tour.md\n'
