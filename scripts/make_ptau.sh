#!/usr/bin/env bash
# Makes the .ptau files under tests/fixtures with snarkjs: a ceremony of power 6 with one
# contribution, as it is and prepared for phase 2.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund
fixtures=../tests/fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npx snarkjs powersoftau new bn128 6 "$work/new.ptau"
npx snarkjs powersoftau contribute "$work/new.ptau" "$fixtures/power6.ptau" --name=fixture -e="$(head -c 64 /dev/urandom | base64)"
npx snarkjs powersoftau prepare phase2 "$fixtures/power6.ptau" "$fixtures/power6_prepared.ptau"
npx snarkjs powersoftau verify "$fixtures/power6_prepared.ptau"
