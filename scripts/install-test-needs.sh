#!/usr/bin/env bash
# Installs what `make test` needs and this machine lacks: PostgreSQL 15 or newer
# with its standard extensions, and a C compiler for the race detector.
#
# No server is started and no cluster made: the tests make their own, in a
# temporary directory. With TEST_DATABASE_URL set they use that one instead.
set -euo pipefail

# has_postgres: is there an initdb of version 15 or newer, in the PATH or where
# Debian and Ubuntu put it, with the extensions that search uses?
has_postgres() {
	local initdb version share
	for initdb in "$(command -v initdb || true)" /usr/lib/postgresql/*/bin/initdb; do
		[[ -x $initdb ]] || continue
		version=$("$initdb" --version | grep -oE '[0-9]+' | head -n 1)
		((version >= 15)) || continue
		share=$("${initdb%initdb}pg_config" --sharedir 2>/dev/null || echo "/usr/share/postgresql/$version")
		[[ -e $share/extension/unaccent.control && -e $share/extension/pg_trgm.control ]] && return 0
	done
	return 1
}

if ! command -v go >/dev/null; then
	echo "test: Go is not in the PATH; install the version that go.mod names, or a newer one, from https://go.dev/dl" >&2
	exit 1
fi

packages=()
if [[ -z ${TEST_DATABASE_URL:-} ]] && ! has_postgres; then
	packages+=(postgresql) # the extensions come with the server's package
fi
# `go test -race` links against C.
if ! command -v "$(go env CC)" >/dev/null; then
	packages+=(gcc libc6-dev)
fi
if ((${#packages[@]} == 0)); then
	exit 0
fi

if ((EUID == 0)); then
	as_root=()
elif command -v sudo >/dev/null; then
	as_root=(sudo)
else
	as_root=(false)
fi
if ! command -v apt-get >/dev/null || [[ ${as_root[0]:-} == false ]]; then
	cat >&2 <<-END
		The tests need packages that are not installed: ${packages[*]}
		Install them as root (apt-get install ${packages[*]}), or their like on
		your system: PostgreSQL 15 or newer with unaccent and pg_trgm, initdb in the
		PATH, and a C compiler. A server that already runs will do as well:
		TEST_DATABASE_URL=postgres://user:password@host/database make test
	END
	exit 1
fi

echo "test: installing ${packages[*]}"
# Debian's server package makes and starts a cluster unless it is told not to. A
# configuration that is there already is the owner's and stays as it is.
conf=/etc/postgresql-common/createcluster.conf
if [[ ${packages[0]} == postgresql && ! -e $conf ]]; then
	"${as_root[@]}" mkdir -p "${conf%/*}"
	echo 'create_main_cluster = false' | "${as_root[@]}" tee "$conf" >/dev/null
fi
# The lists may be missing, as in a fresh container, or too old to fetch from.
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
