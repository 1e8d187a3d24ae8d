#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts a server with this plugin alone, on free ports and with a configuration of its own, and calls it.
#   CARDEA      the server
#   TRANSPORTS  the folder of its transports
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=

finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	[ -z "$server" ] || wait "$server" || :
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "FAIL: $1" >&2
	tail -n 20 "$work/log" >&2
	exit 1
}

# A port is free when the server could take it: two of a thousand are tried until it could.
start() {
	port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 40000))
	mkdir -p "$work/conf" "$work/state"
	cp "$here/cardea.plugin.hello.jcfg" "$work/conf"
	cat >"$work/conf/cardea.jcfg" <<-END
		general: { plugins_folder = "$here"; transports_folder = "$TRANSPORTS"; state_dir = "$work/state"; }
		web: { ip = "127.0.0.1"; port = $port; secure_port = 0; }
		media: { udp_port = $port; workers = 1; }
		transports: { disable = "libjanus_websockets.so"; }
	END
	echo "general: { http = true; port = $port; }" >"$work/conf/cardea.transport.http.jcfg"
	"$CARDEA" --config "$work/conf" >"$work/log" 2>&1 &
	server=$!
	for i in $(seq 100); do
		kill -0 "$server" 2>/dev/null || break
		! curl -sf "http://127.0.0.1:$port/janus/info" >"$work/info" || return 0
		sleep 0.1
	done
	kill "$server" 2>/dev/null || :
	wait "$server" || :
	server=
	return 1
}

# post PATH JSON: the answer
post() {
	curl -sS -H 'Content-Type: application/json' -d "$2" "http://127.0.0.1:$port/janus$1"
}

# made PATH JSON: the id of what was made
made() {
	post "$1" "$2" | tr -d ' \n' | sed -n 's/.*"data":{"id":\([0-9]*\).*/\1/p'
}

# expect REQUEST TEXT: the answer to the request has the text in it
expect() {
	answer=$(post "/$session/$handle" "{\"janus\": \"message\", \"transaction\": \"3\", \"body\": $1}")
	case $answer in
	*"$2"*) ;;
	*) fail "$1 is answered by $answer" ;;
	esac
}

start || start || start || fail "the server does not start"
grep -q 'name=hello ' "$work/log" || fail "the plugin is not loaded"
session=$(made "" '{"janus": "create", "transaction": "1"}')
handle=$(made "/$session" '{"janus": "attach", "plugin": "cardea.plugin.hello", "transaction": "2"}')
[ -n "$handle" ] || fail "nobody can attach to cardea.plugin.hello"

expect '{"request": "greet", "name": "Ann"}' 'Good day, Ann!'
expect '{"request": "greet"}' '"error_code":2'
expect '{"request": "sing"}' '"error_code":1'

kill "$server"
wait "$server" || fail "the server has ended with status $?"
server=
echo "hello: all is well"
