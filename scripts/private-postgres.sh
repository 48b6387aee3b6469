#!/usr/bin/env bash
# Runs a command against a PostgreSQL of its own:
#
#   scripts/private-postgres.sh NAME command arguments…
#
# starts a cluster in a temporary directory, on a socket there and nowhere else,
# sets the variable NAME to the URL of an empty database of an ordinary role (one
# that row-level security binds), and removes everything when the command ends.
set -euo pipefail

name=$1
shift
# Debian's newest, else what the PATH has.
initdb=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
[[ -x $initdb ]] || initdb=$(command -v initdb)
bin=${initdb%/initdb}
dir=$(mktemp -d)
# PostgreSQL refuses to run as root.
as_user=()
if ((EUID == 0)); then
	chown nobody "$dir"
	as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$dir")
fi
stop() {
	(cd "$dir" && "${as_user[@]}" "$bin/pg_ctl" -D "$dir/data" -m fast -s stop) || true
	rm -rf "$dir"
}
trap stop EXIT

(
	cd "$dir"
	"${as_user[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
	"${as_user[@]}" "$bin/pg_ctl" -D "$dir/data" -s -w -l "$dir/log" \
		-o "-k $dir -c listen_addresses='' -c shared_buffers=512MB -c max_wal_size=4GB" start || {
		cat "$dir/log" >&2
		exit 1
	}
	"$bin/psql" -h "$dir" -U postgres -q -c 'CREATE ROLE bench LOGIN' -c 'CREATE DATABASE bench OWNER bench'
)
# In the background, so that a signal ends the command and not only this script.
env "$name=postgres://bench@/bench?host=$dir" "$@" &
child=$!
trap 'kill "$child"; wait "$child" || true; exit 130' INT TERM
wait "$child"
