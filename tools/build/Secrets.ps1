# Whether anything that a run of the tests has written holds a secret of theirs.

# An upload URL of the stand-in, whole.
$uploadUrl = 'tempauth(token)?=v1\.'

# Where one stands, as file and line: what it is, is not said.
function Find-Secrets([string] $Folder, [string[]] $Secrets, [string] $Pattern) {
    $files = Get-ChildItem $Folder -Recurse -File
    $found = @($files | Select-String -SimpleMatch -CaseSensitive $Secrets)
    if ($Pattern) { $found += @($files | Select-String -CaseSensitive $Pattern) }
    $found | ForEach-Object { "$($_.Path):$($_.LineNumber)" } | Sort-Object -Unique
}
