# Pictures of a terminal's screen, one after the other, as an SVG that plays them.

$colours = '#1e2227', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d7dae0', '#5c6370', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#ffffff'
$paper, $ink = '#1e2227', '#d7dae0'

function ConvertTo-Svg($Frames, [int] $Columns, [int] $Rows, [string] $Label) {
    $wide, $high, $edge = 8.4, 19, 14
    # The end stays to be read; then it begins again.
    $whole = $Frames[-1].At - $Frames[0].At + 4000
    $svg = [Text.StringBuilder]::new()
    $null = $svg.Append(('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:0} {1:0}" role="img" aria-label="{2}" font-family="ui-monospace, Consolas, Menlo, monospace" font-size="14" fill="{3}">' -f ($Columns * $wide + 2 * $edge), ($Rows * $high + 2 * $edge), $Label, $ink))
    $null = $svg.Append("`n<rect width=""100%"" height=""100%"" rx=""8"" fill=""$paper""/>`n")
    for ($number = 0; $number -lt $Frames.Count; $number++) {
        $from = ($Frames[$number].At - $Frames[0].At) / $whole
        $to = $number + 1 -lt $Frames.Count ? ($Frames[$number + 1].At - $Frames[0].At) / $whole : 1
        $isLast = $number + 1 -eq $Frames.Count
        # Who plays no animation sees the end.
        $null = $svg.Append(('<g visibility="{0}"><animate attributeName="visibility" values="hidden;visible;hidden" keyTimes="0;{1:0.####};{2:0.####}" calcMode="discrete" dur="{3}ms" repeatCount="indefinite"/>' -f ($isLast ? 'visible' : 'hidden'), $from, $to, $whole).Replace('keyTimes="0;0;', 'keyTimes="0;0.0001;'))
        $line = 0
        foreach ($text in $Frames[$number].Screen -split "`n") {
            foreach ($run in Get-Runs $text) {
                $x, $y = ($edge + $run.Column * $wide), ($edge + $line * $high)
                if ($run.Back) { $null = $svg.Append(('<rect x="{0:0.#}" y="{1}" width="{2:0.#}" height="{3}" fill="{4}"/>' -f $x, $y, ($run.Text.Length * $wide), $high, $run.Back)) }
                if ($run.Text.Trim()) {
                    $colour = $run.Colour -eq $ink ? '' : " fill=""$($run.Colour)"""
                    $null = $svg.Append(('<text x="{0:0.#}" y="{1}" textLength="{2:0.#}" xml:space="preserve"{3}>{4}</text>' -f $x, ($y + 14), ($run.Text.Length * $wide), $colour, [Security.SecurityElement]::Escape($run.Text)))
                }
            }
            $line++
        }
        $null = $svg.Append("</g>`n")
    }
    $svg.Append("</svg>`n").ToString()
}

# The pieces of a line that look alike: column, text, colours.
function Get-Runs([string] $Line) {
    $look = @{ Colour = $ink; Back = $null; Inverse = $false }
    $column = 0
    foreach ($part in [regex]::Matches($Line, '\e\[(?<codes>[\d;]*)m|(?<text>[^\e]+)')) {
        if ($part.Groups['text'].Success) {
            $text = $part.Groups['text'].Value
            $colour, $back = $look.Inverse ? (($look.Back ?? $paper), $look.Colour) : ($look.Colour, $look.Back)
            @{ Column = $column; Text = $text; Colour = $colour; Back = $back }
            $column += $text.Length
        }
        else { Set-Look $look ($part.Groups['codes'].Value -split ';' | ForEach-Object { [int] "0$_" }) }
    }
}

function Set-Look($Look, [int[]] $Codes) {
    for ($at = 0; $at -lt $Codes.Count; $at++) {
        switch ($Codes[$at]) {
            0 { $Look.Colour, $Look.Back, $Look.Inverse = $ink, $null, $false }
            7 { $Look.Inverse = $true }
            27 { $Look.Inverse = $false }
            39 { $Look.Colour = $ink }
            49 { $Look.Back = $null }
            { $_ -in 30..37 } { $Look.Colour = $colours[$_ - 30] }
            { $_ -in 90..97 } { $Look.Colour = $colours[$_ - 82] }
            { $_ -in 40..47 } { $Look.Back = $colours[$_ - 40] }
            38 { $Look.Colour = $colours[$Codes[$at + 2] % 16]; $at += 2 }
            48 { $Look.Back = $colours[$Codes[$at + 2] % 16]; $at += 2 }
        }
    }
}
