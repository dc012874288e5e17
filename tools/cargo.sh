#!/usr/bin/env bash
# Runs cargo on this workspace: `tools/cargo.sh test --workspace`.
#
# Where crates.io answers, this is cargo and nothing else. Where it does not and apt is there, the crates come
# from Debian testing, as a cargo directory source kept outside the work tree. Debian strips platform
# dependencies from its crates, so a Cargo.lock made from them is wrong for other people: in that case cargo
# runs in a folder of links to the workspace, and a lock file is written there, never here.
#
#   MGUPLOAD_CRATES=DIR         takes the crates from DIR, a cargo local registry, and asks nobody
#   MGUPLOAD_CRATES=crates.io   takes them from where cargo is told to, and never from Debian
#   MGUPLOAD_CACHE=DIR          where Debian's crates are kept (default: ~/.cache/mgupload)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${MGUPLOAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mgupload}
# shellcheck source=tools/debian.sh
source "$root/tools/debian.sh"

say() { printf 'cargo.sh: %s\n' "$*" >&2; }

# The answer is kept for a day: asking costs a second, and every build step comes through here.
crates_from() {
    local known=$cache/crates-from
    case ${MGUPLOAD_CRATES:-} in
    crates.io) echo crates.io ;;
    ?*) echo "$MGUPLOAD_CRATES" ;;
    *)
        if [[ -z $(find "$known" -mmin -1440 2>/dev/null) ]]; then
            mkdir -p "$cache"
            if ! command -v apt-get >/dev/null || curl -sfI --max-time 10 -o /dev/null https://index.crates.io/config.json; then
                echo crates.io
            else
                say "crates.io is out of reach: the crates are Debian testing's (MGUPLOAD_CRATES=crates.io forbids it)"
                echo debian
            fi >"$known"
        fi
        cat "$known"
        ;;
    esac
}

# Names of the Debian packages that hold the crates which Cargo.toml asks for.
wanted_packages() {
    sed -n '/^\[workspace.dependencies\]/,/^\[/s/^\([a-z0-9_-]*\) *=.*/\1/p' "$root/Cargo.toml" |
        tr '_' '-' | sed 's/.*/librust-&-dev/'
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
    debian_apt "$cache/apt" testing
    export APT_CONFIG=$cache/apt/apt.conf
    apt-get -qq update
    # shellcheck disable=SC2086 # one word a package
    closure=$(apt-get install -s $wanted | awk '$1 == "Inst" && $2 ~ /^librust-/ { print $2 }')
    rm -rf "$debs" "$tree"
    mkdir -p "$debs" "$tree"
    # shellcheck disable=SC2086
    (cd "$debs" && apt-get -qq download $closure)
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
# Where this folder lies is nobody's business but this machine's, and no two builds' alike.
[target.'cfg(all())']
rustflags = ["--remap-path-prefix=$folder=/mgupload", "--remap-path-prefix=$folder/registry=/crates"]
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

settings=()
from=$(crates_from)
case $from in
crates.io) cd "$root" ;;
debian)
    get_debian_crates
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
    cd "$(linked_workspace)"
    ;;
*)
    from=$(realpath -e "$from")
    cd "$root"
    # Behind the subcommand, where those that are programs of their own take them too. rustfmt needs no crates.
    [[ ${1:-} == fmt ]] || settings=(--offline --config 'source.crates-io.replace-with="local"'
        --config "source.local.local-registry=\"$from\"")
    ;;
esac
exec cargo ${1:+"$1"} ${settings[@]+"${settings[@]}"} "${@:2}"
