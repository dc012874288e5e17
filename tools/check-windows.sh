#!/usr/bin/env bash
# cargo check and clippy of the workspace, for Windows: code for Windows is seen by a compiler at every landing.
#
# For Debian with rustup's toolchain. The crates come from where tools/cargo.sh takes them (Debian's will not do, they lack
# what only Windows needs), and std for Windows from Debian's rust-src of rustc's very version, which brings std's own
# crates in its vendor folder. Nothing is linked, so metadata of std is enough, and no toolchain is touched: std lies in a
# sysroot of its own, kept in MGUPLOAD_CACHE.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
triple=x86_64-pc-windows-gnu
version=$(rustc --version | cut -d' ' -f2)
cache=${MGUPLOAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mgupload}/windows-$version
# shellcheck source=tools/debian.sh
source "$root/tools/debian.sh"

# Each of Debian's suites holds a few versions at a time; the smallest list is asked first.
get_std_sources() {
    local state=$cache/apt suite found=
    rm -rf "$cache"
    for suite in trixie-backports testing sid; do
        debian_apt "$state" "$suite"
        export APT_CONFIG=$state/apt.conf
        apt-get -qq update
        found=$(apt-cache madison rust-src | awk -v v="$version+" 'index($3, v) == 1 && !n++ { print $3 }')
        [[ -z $found ]] || break
    done
    [[ -n $found ]] || { echo "check-windows.sh: Debian has no rust-src of $version" >&2; exit 2; }
    (cd "$cache" && apt-get -qq download "rust-src=$found" && dpkg-deb --fsys-tarfile rust-src_*.deb |
        tar -x --wildcards --no-wildcards-match-slash --strip-components=4 './usr/src/rustc-*/library' &&
        rm -rf apt rust-src_*.deb)
    unset APT_CONFIG
}

# As rustc's own build does it; -Zavoid-dev-deps since the vendor folder has none of those.
make_std() {
    (cd "$cache/library" && RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zforce-unstable-if-unmarked --cap-lints=allow" \
        CARGO_HOME=$cache/home CARGO_TARGET_DIR=$cache/target cargo check -q --offline -Zavoid-dev-deps -p sysroot \
        --features backtrace,panic-unwind --target "$triple" --config 'source.crates-io.replace-with="vendor"' \
        --config "source.vendor.directory=\"$cache/library/vendor\"")
    mkdir -p "$cache/made/lib/rustlib/$triple/lib"
    cp "$cache/target/$triple"/debug/deps/*.rmeta "$cache/made/lib/rustlib/$triple/lib/"
    mv "$cache/made" "$cache/sysroot" && rm -rf "$cache/target" "$cache/home"
}

[[ -d $cache/library ]] || get_std_sources
[[ -d $cache/sysroot ]] || make_std
# Only ring has C code, and no check reads what it compiles to: where mingw is not installed, nothing is compiled.
command -v x86_64-w64-mingw32-gcc >/dev/null || export CC_x86_64_pc_windows_gnu=true AR_x86_64_pc_windows_gnu=true
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="--sysroot $cache/sysroot"
for task in check clippy; do
    "$root/tools/cargo.sh" "$task" --locked --workspace --all-targets --target "$triple"
done
