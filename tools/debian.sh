# Sourced: apt for another suite of Debian than this machine's own, from the mirror of its own sources, in a state apart.

# debian_apt STATE SUITE: makes the state's folder; APT_CONFIG=STATE/apt.conf is then what apt goes by.
debian_apt() {
    local state=$1 suite=$2 mirror
    # Machines without package lists have sources all the same.
    mirror=$(apt-get --no-release-info indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        awk '/\/debian\/$/ && !n++')
    [[ -n $mirror ]] || { echo "apt's sources name no mirror of Debian" >&2; return 1; }
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/none"
    : >"$state/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$state/sources.list"
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
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
EOF
}
