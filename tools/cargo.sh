#!/usr/bin/env bash
# Runs cargo on this workspace: `tools/cargo.sh test --workspace`.
#
# Where crates.io answers, this is cargo and nothing else. Where it does not and apt is there, the crates come
# from Debian testing, as a cargo directory source kept outside the work tree. Debian strips platform
# dependencies from its crates, so a Cargo.lock made from them is wrong for other people: in that case cargo
# runs in a folder of links to the workspace, and the lock file is written there, never here.
#
#   MGUPLOAD_CRATES=registry|debian   skips the question which of the two it is
#   MGUPLOAD_CACHE=DIR                where the crates are kept (default: ~/.cache/mgupload)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${MGUPLOAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mgupload}

say() { printf 'cargo.sh: %s\n' "$*" >&2; }

# The answer is kept for a day: asking costs a second, and every build step comes through here.
crates_from() {
    local known=$cache/crates-from
    if [[ -n ${MGUPLOAD_CRATES:-} ]]; then
        echo "$MGUPLOAD_CRATES"
    elif [[ -n $(find "$known" -mmin -1440 2>/dev/null) ]]; then
        cat "$known"
    else
        mkdir -p "$cache"
        if ! command -v apt-get >/dev/null || curl -sfI --max-time 10 -o /dev/null https://index.crates.io/config.json; then
            echo registry
        else
            echo debian
        fi | tee "$known"
    fi
}

# Names of the Debian packages that hold the crates which Cargo.toml asks for, and those that only some of their
# features ask for.
wanted_packages() {
    sed -n '/^\[workspace.dependencies\]/,/^\[/s/^\([a-z0-9_-]*\) *=.*/\1/p' "$root/Cargo.toml" |
        tr '_' '-' | sed 's/.*/librust-&-dev/'
    echo librust-hyper-rustls-dev
}

apt_for_testing() {
    local state=$cache/apt
    if [[ ! -f $state/apt.conf ]]; then
        mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/none"
        : >"$state/status"
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian testing main" \
            >"$state/sources.list"
        cat >"$state/apt.conf" <<EOF
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "$state/none";
Dir::Etc::preferencesparts "$state/none";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
EOF
    fi
    APT_CONFIG=$state/apt.conf "$@"
}

# Sets `registry` to the folder with the crates of today's list. Each list has a folder of its own, which comes into
# being whole: other work trees, with other lists, build at the same time.
get_debian_crates() {
    local wanted
    wanted=$(wanted_packages | sort)
    registry=$cache/registry-$(checksum "$wanted")
    touch -c "$registry" # in use; see the clean-up below
    [[ -d $registry ]] && return
    mkdir -p "$cache"
    (
        flock 9
        [[ -d $registry ]] || fetch_debian_crates "$wanted"
    ) 9>"$cache/lock"
}

fetch_debian_crates() {
    local wanted=$1 debs=$cache/debs tree=$cache/tree closure deb
    say "crates.io is out of reach; taking the crates from Debian testing into $cache"
    apt_for_testing apt-get -qq update
    # shellcheck disable=SC2086 # one word a package
    closure=$(apt_for_testing apt-get install -s $wanted | awk '$1 == "Inst" && $2 ~ /^librust-/ { print $2 }')
    rm -rf "$debs" "$tree"
    mkdir -p "$debs" "$tree"
    # shellcheck disable=SC2086
    (cd "$debs" && apt_for_testing apt-get -qq download $closure)
    for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$tree"; done
    # Debian's text in place of a checksum would end up in the lock file.
    sed -i 's/"package":"Could not get crate checksum",\?//; s/,}$/}/' "$tree"/usr/share/cargo/registry/*/.cargo-checksum.json
    touch "$tree/usr/share/cargo/registry" # it has the date of a package
    mv "$tree/usr/share/cargo/registry" "$registry"
    rm -rf "$debs" "$tree"
    find "$cache" -maxdepth 1 -name 'registry-*' -mtime +30 -exec rm -rf {} +
}

checksum() { printf '%s' "$1" | cksum | cut -d' ' -f1; }

# A folder with a link to everything in the work tree but its lock file, a link to the crates (a path that stays, or cargo
# would build them all again when the list has changed), and cargo's configuration above it.
linked_workspace() {
    local folder entry
    folder=$cache/workspaces/$(checksum "$root")
    mkdir -p "$folder/.cargo"
    cat >"$folder/.cargo/config.toml" <<EOF
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "$folder/registry"
[net]
offline = true
EOF
    if [[ $(readlink "$folder/registry") != "$registry" ]]; then
        # The lock file names versions that other crates may not have.
        rm -f "$folder/Cargo.lock"
        ln -sfn "$registry" "$folder/registry"
    fi
    for entry in Cargo.toml crates examples tests pwsh-module rustfmt.toml clippy.toml; do
        [[ -e $root/$entry ]] && ln -sfn "$root/$entry" "$folder/$entry"
    done
    echo "$folder"
}

if [[ $(crates_from) == debian ]]; then
    get_debian_crates
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
    cd "$(linked_workspace)"
else
    cd "$root"
fi
exec cargo "$@"
