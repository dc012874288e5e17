# Whether anything that a run of the tests has written holds a secret of theirs.

# An upload URL of the stand-in, whole.
$uploadUrl = 'tempauth(token)?=v1\.'

# Where one stands, as file and line: what it is, is not said. One expression for all: Select-String takes a second for each hundred.
function Find-Secrets([string] $Folder, [string[]] $Secrets, [string] $Pattern) {
    $any = [regex]::new((@($Secrets | ForEach-Object { [regex]::Escape($_) }) + @($Pattern | Where-Object { $_ })) -join '|')
    $found = foreach ($file in Get-ChildItem $Folder -Recurse -File) {
        $text = [IO.File]::ReadAllText($file.FullName)
        foreach ($match in $any.Matches($text)) { "$($file.FullName):$($text.Substring(0, $match.Index).Split("`n").Count)" }
    }
    $found | Sort-Object -Unique
}
