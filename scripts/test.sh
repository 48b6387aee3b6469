#!/usr/bin/env bash
# Runs all tests on both databases. GOTESTFLAGS adds flags: GOTESTFLAGS=-v make test
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-test-needs.sh

# The race detector slows the pure-Go SQLite several times over; the limit is
# above what a package takes on two busy cores and below what a stuck one would wait.
read -ra flags <<<"${GOTESTFLAGS:-}"
CGO_ENABLED=1 go test -race -shuffle=on -timeout 12m "${flags[@]}" ./...
