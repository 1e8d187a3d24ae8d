# SPDX-License-Identifier: Apache-2.0
# Sourced by ./run and ./test: Debian packages and builds.

BUILD_PACKAGES="gcc make autoconf automake libtool pkg-config libc6-dev libglib2.0-dev libwebsockets-dev
	libwebsockets-evlib-uv libuv1-dev libjansson-dev libnice-dev libsrtp2-dev libssl-dev libusrsctp-dev
	libcurl4-openssl-dev libconfig-dev libwslay-dev libavformat-dev libavcodec-dev libavutil-dev libavfilter-dev
	libswscale-dev libswresample-dev node-llhttp"
# Its AES-GCM costs a third of OpenSSL's; there is none for other processors.
[ "$(dpkg --print-architecture)" != amd64 ] || BUILD_PACKAGES="$BUILD_PACKAGES libipsec-mb-dev"

# within SECONDS COMMAND… ends it behind so much time, with its children, and names it; it has no input.
within() {
	local limit=$1 status
	shift
	timeout --kill-after=30 "$limit" "$@" </dev/null
	status=$?
	# 137: it did not heed SIGTERM
	case $status in 124 | 137) echo "Not done in $limit s, and ended: $*" >&2 ;; esac
	return $status
}

# need PACKAGE… installs those that are missing, and says which.
need() {
	have=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p')
	missing=
	for package; do
		printf '%s\n' "$have" | grep -qx "$package" || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "Installing:$missing"
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq \
		--no-install-recommends $missing; } >"${TMPDIR:-/tmp}/cardea-apt.$$" 2>&1; then
		tail -n 20 "${TMPDIR:-/tmp}/cardea-apt.$$" >&2
		echo "These packages could not be installed:$missing" >&2
		return 1
	fi
	rm -f "${TMPDIR:-/tmp}/cardea-apt.$$"
}

# build DIR [configure options…] configures DIR where that is new, and makes what has changed: all, or $TARGETS.
build() {
	dir=$1
	shift
	log=$dir/build.log
	mkdir -p "$dir"
	if [ ! -x configure ] || [ ! -f "$dir/Makefile" ]; then
		echo "Building in $dir, which takes a minute the first time …"
	fi
	{
		[ -x configure ] || within 600 ./autogen.sh
		[ -f "$dir/Makefile" ] || (cd "$dir" && within 600 ../configure "$@")
	} >"$log" 2>&1 && within 2400 make -s -C "$dir" -j"$(nproc)" ${TARGETS:-all} >>"$log" 2>&1 && return 0
	tail -n 40 "$log" >&2
	echo "The build failed; all of its output is in $log" >&2
	return 1
}
