#!/usr/bin/env bash
# ./build.sh TASK [-Part PART] [-Configuration Release|Debug] [-Path FILE] [-Quick] [-All] [-Verbose]
#
# For a fresh Linux or macOS machine: sees to the toolchains, finds a PowerShell 7.4 or later or gets one from NuGet, and
# runs build.ps1 in it.
#
#   PWSH=PROGRAM   the PowerShell to use
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf 'build.sh: %s\n' "$*" >&2; }

need() {
    command -v "$1" >/dev/null && return
    say "$1 is needed and is not on PATH; $2"
    missing=yes
}

missing=
need cargo "get Rust from https://rustup.rs"
need dotnet "get the .NET SDK 10 or later from https://dotnet.microsoft.com/download"
need cc "install a C compiler: https://www.rust-lang.org/tools/install says which"
[[ -z $missing ]] || exit 2

is_new_enough() {
    [[ $("$@" --version 2>/dev/null) =~ ^PowerShell\ ([0-9]+)\.([0-9]+)\. ]] &&
        ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= 7004))
}

# Sets `pwsh` to the words that start a PowerShell.
find_pwsh() {
    local candidate
    for candidate in ${PWSH:+"$PWSH"} pwsh; do
        command -v "$candidate" >/dev/null || continue
        if is_new_enough "$candidate"; then
            pwsh=("$candidate")
            return
        fi
        say "$candidate is no PowerShell 7.4 or later"
    done
    get_pwsh
}

# PowerShell as a .NET tool, of the version that .config/dotnet-tools.json pins, or the newest 7.x where that one is served
# no more. Started as what it is, a pwsh.dll: the tool's own launcher would stand between it and Ctrl+C.
get_pwsh() {
    local known=$root/out/pwsh-home.txt own=$root/out/pwsh home=
    # shellcheck disable=SC2016 # the dollar is PowerShell's
    local ask=(-NoLogo -NoProfile -NonInteractive -Command '$PSHOME')
    if [[ $known -nt $root/.config/dotnet-tools.json ]]; then
        home=$(cat "$known")
    fi
    if [[ ! -f $home/pwsh.dll ]]; then
        say "there is no PowerShell 7.4 or later on PATH; getting it from NuGet"
        if (cd "$root" && dotnet tool restore >/dev/null 2>&1); then
            home=$(cd "$root" && dotnet tool run pwsh -- "${ask[@]}")
        elif dotnet tool update PowerShell --version '7.*' --tool-path "$own" >/dev/null 2>&1; then
            home=$("$own/pwsh" "${ask[@]}")
            say "NuGet does not serve the version that .config/dotnet-tools.json pins; taking $("$own/pwsh" --version)"
        else
            say "PowerShell 7.4 or later is needed: there is none on PATH, and NuGet, which has it, cannot be reached"
            exit 2
        fi
        mkdir -p "$root/out"
        printf '%s\n' "$home" >"$known"
    fi
    export DOTNET_ROLL_FORWARD=Major # the SDK may have a later runtime than this PowerShell was made for
    pwsh=(dotnet "$home/pwsh.dll")
}

# PowerShell answers Ctrl+C with status 0, which would pass for success.
trap 'exit 130' INT

find_pwsh
"${pwsh[@]}" -NoLogo -NoProfile -File "$root/build.ps1" "$@"
