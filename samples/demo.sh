#!/usr/bin/env bash
# The journey on the shipped sample: detect → check → convert with proof → seal → verify. Works in build/demo.
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

step vetset detect street
step_no vetset check street
step vetset convert street street-coco --to coco
step vetset seal street-coco
step vetset verify street-coco
printf '\nOne byte more, and everybody sees it:\n'
printf ' ' >> street-coco/annotations/instances_train.json
step_no vetset verify street-coco
printf '\nAll of this lies in build/demo. Next: docs/guide/tour.md\n'
