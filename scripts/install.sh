# Sourced by scripts/run and scripts/test: installs what is missing, quietly, once.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$@"
    exit 1
}

# Names of the given Debian packages that are not installed.
missing_packages() {
    local name
    for name in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s ' "$name"
    done
}

# Install Debian packages. No service of theirs is started: a temporary policy-rc.d says no.
need_packages() {
    local missing as_root=()
    command -v dpkg-query >/dev/null || die "This script knows Debian and Ubuntu. Elsewhere, install OpenLDAP's slapd" \
        "with its argon2 module and Python 3.11 or newer, then: python3 -m venv .venv && .venv/bin/pip install -e ." \
        "&& .venv/bin/odmail demo"
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            die "These Debian packages are missing: $missing" \
                $'\n'"Neither root nor sudo is at hand here. Ask an administrator to run:" \
                $'\n'"    apt-get install --no-install-recommends $missing"
        fi
        as_root=(sudo)
    fi
    say "Installing Debian packages: $missing"
    local script='
        set -e
        export DEBIAN_FRONTEND=noninteractive
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
            trap "rm -f $policy" EXIT
            printf "#!/bin/sh\nexit 101\n" >"$policy"
            chmod 755 "$policy"
        fi
        install() { apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@" >/dev/null; }
        install "$@" 2>/dev/null || { apt-get -qq update && install "$@"; }'
    # shellcheck disable=SC2086 # one word for each package
    "${as_root[@]}" sh -c "$script" install $missing || die "apt-get could not install: $missing"
}

# A Debian package's files below a folder: for programs that cannot be installed beside others.
unpack_package() {
    local name="$1" folder="$root/$2" got
    [ -e "$folder/usr/share/doc/$name" ] && return 0
    say "Unpacking the Debian package $name"
    got=$(mktemp -d)
    (cd "$got" && apt-get -qq download "$name" 2>/dev/null && dpkg-deb -x "$name"_*.deb "$folder") ||
        die "apt-get could not download: $name"
    rm -rf "$got"
}

# The first Python that is new enough.
find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

# The project and what it needs in .venv; $1 names an extra such as "dev", or is empty.
need_venv() {
    local extra="${1:-}" stamp="$root/.venv/.odmail-installed" python wanted
    wanted="$(cksum <"$root/pyproject.toml") $extra"
    if [ -f "$stamp" ] && grep -qxF "$wanted" "$stamp" && "$root/.venv/bin/python" -c 'import odsuite' 2>/dev/null; then
        return 0
    fi
    python=$(find_python) || { need_packages python3 && python=$(find_python); } ||
        die "Python 3.11 or newer is needed; this system has $(python3 --version 2>&1)."
    "$python" -c 'import ensurepip, venv' 2>/dev/null || need_packages python3-venv
    [ -x "$root/.venv/bin/python" ] && "$root/.venv/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$root/.venv"
    say "Installing Python packages into .venv (once; a minute or two)"
    "$root/.venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
        -e "$root${extra:+[$extra]}" >"$root/.venv/install.log" 2>&1 ||
        die "$(tail -n 5 "$root/.venv/install.log")" $'\n'"pip could not install everything; see $root/.venv/install.log"
    # What one extra installed, a run without it need not install again.
    printf '%s\n%s \n' "$wanted" "$(cksum <"$root/pyproject.toml")" >"$stamp"
}

# axe-core, which judges whether pages can be used by everybody: a script for the browser, from npm.
need_axe() {
    local folder="$root/.venv/npm"
    [ ! -f "$folder/node_modules/axe-core/axe.min.js" ] || return 0
    command -v npm >/dev/null || need_packages npm
    mkdir -p "$folder"
    npm install --prefix "$folder" --cache "$folder/cache" --no-save --no-audit --no-fund --ignore-scripts axe-core@4 >"$folder/install.log" 2>&1 ||
        die "$(tail -n 5 "$folder/install.log")" $'\n'"npm could not install axe-core; see $folder/install.log"
}
