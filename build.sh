#!/usr/bin/env bash
# ./build.sh TASK [-Configuration Release|Debug] [-Path FILE] [-Verbose]
# ./build.sh bench [-Quick | -Task All|Counts|Parts]
#
# For a fresh Linux or macOS machine: sees to the toolchains, finds a PowerShell 7.4 or later or gets one, and runs
# build.ps1 in it. Where there is no PowerShell it runs the same steps without (they are a .NET program, tools/build),
# and what could not be done is said at the end.
#
#   PWSH=PROGRAM   the PowerShell to use
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
task=${1:-build}
[[ $# -eq 0 ]] || shift

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
    # shellcheck disable=SC2016 # the dollar is PowerShell's
    [[ $("$@" -NoLogo -NoProfile -NonInteractive -Command '$PSVersionTable.PSVersion -ge "7.4.0"' 2>/dev/null) == True ]]
}

# Sets `pwsh` to the words that start a PowerShell; without one, sets `why_not`.
pwsh=()
why_not=
find_pwsh() {
    local candidate home
    for candidate in ${PWSH:+"$PWSH"} pwsh; do
        command -v "$candidate" >/dev/null || continue
        if is_new_enough "$candidate"; then
            pwsh=("$candidate")
            return
        fi
        say "$candidate is no PowerShell 7.4 or later"
    done
    say "there is no PowerShell 7.4 or later on PATH; trying to get it as a .NET tool"
    why_not="there is no PowerShell 7.4 or later on this machine, and it could not be got with 'dotnet tool restore'"
    # shellcheck disable=SC2016 # the dollar is PowerShell's
    home=$(cd "$root" && dotnet tool restore >/dev/null 2>&1 &&
        dotnet tool run pwsh -- -NoLogo -NoProfile -NonInteractive -Command '$PSHOME') || return 0
    is_new_enough dotnet "$home/pwsh.dll" || return 0
    # Whoever brought their own PowerShell is told to bring Pester too; here both are ours to get, or to do without.
    if [[ $task == [Tt]est ]] && ! dotnet "$home/pwsh.dll" -NoLogo -NoProfile -File "$root/tools/build/get-pester.ps1" >/dev/null; then
        why_not="there is no PowerShell 7.4 or later on this machine; one could be got, but not Pester"
        return
    fi
    pwsh=(dotnet "$home/pwsh.dll")
}

# PowerShell answers Ctrl+C with status 0, which would pass for success.
trap 'exit 130' INT

find_pwsh
if [[ ${#pwsh[@]} -gt 0 ]]; then
    "${pwsh[@]}" -NoLogo -NoProfile -File "$root/build.ps1" "$task" "$@"
else
    say "going on without PowerShell"
    dotnet run --project "$root/tools/build" -c Release -- "$task" -NoPowerShell "$why_not" "$@"
fi
