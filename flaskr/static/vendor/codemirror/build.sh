#!/usr/bin/env bash
# Build codemirror.js, LICENSE and VERSIONS from package-lock.json. With --check, compare them with
# a new build instead. Needs Node.js 18 or newer with npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# Install elsewhere: all files in this folder are served, and part of the wheel.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/package.json "$here"/package-lock.json "$here"/*.mjs "$work"
cd "$work"
npm ci --silent --no-audit --no-fund --ignore-scripts
node build.mjs "$work/new"
for file in codemirror.js LICENSE VERSIONS; do
  if [ "${1:-}" = --check ]; then
    cmp "$here/$file" "$work/new/$file"
  else
    cp "$work/new/$file" "$here/$file"
  fi
done
