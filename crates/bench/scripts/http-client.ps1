# HttpClient driven from a script, with a streamed body: the fastest that a script can do by itself. Each chunk is a
# StreamContent over a part of the file; the class for that is compiled before the clock starts.
#Requires -Version 7.4
param(
    [Parameter(Mandatory, Position = 0)] [string] $Graph,
    [Parameter(Mandatory, Position = 1)] [long] $Chunk,
    [Parameter(ValueFromRemainingArguments)] [string[]] $Path
)
$ErrorActionPreference = 'Stop'

Add-Type -TypeDefinition @'
using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

public sealed class PartOfStream(Stream whole, long length) : Stream
{
    private long _left = length;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = whole.Read(buffer, offset, (int)Math.Min(count, _left));
        _left -= read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        int read = await whole.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancel);
        _left -= read;
        return read;
    }

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
'@
$client = [System.Net.Http.HttpClient]::new()
$copied = 1MB

$clock = [System.Diagnostics.Stopwatch]::StartNew()
foreach ($file in $Path) {
    $name = [uri]::EscapeDataString([System.IO.Path]::GetFileName($file))
    $item = @{ '@microsoft.graph.conflictBehavior' = 'replace' }
    $create = [System.Net.Http.HttpRequestMessage]::new('Post', "$Graph/v1.0/users/u/drives/d/root:/${name}:/createUploadSession")
    $create.Headers.Authorization = [System.Net.Http.Headers.AuthenticationHeaderValue]::new('Bearer', $env:BENCH_TOKEN)
    $create.Content = [System.Net.Http.StringContent]::new((@{ item = $item } | ConvertTo-Json), $null, 'application/json')
    $answer = $client.SendAsync($create).GetAwaiter().GetResult().EnsureSuccessStatusCode()
    $session = $answer.Content.ReadAsStringAsync().GetAwaiter().GetResult() | ConvertFrom-Json

    $stream = [System.IO.FileStream]::new($file, 'Open', 'Read', 'Read', 1, $false)
    $length = $stream.Length
    for ($position = 0L; $position -lt $length; $position += $Chunk) {
        $count = [Math]::Min($Chunk, $length - $position)
        $put = [System.Net.Http.HttpRequestMessage]::new('Put', $session.uploadUrl)
        $put.Content = [System.Net.Http.StreamContent]::new([PartOfStream]::new($stream, $count), $copied)
        $put.Content.Headers.ContentLength = $count
        $put.Content.Headers.ContentRange = [System.Net.Http.Headers.ContentRangeHeaderValue]::new($position, $position + $count - 1, $length)
        $null = $client.SendAsync($put).GetAwaiter().GetResult().EnsureSuccessStatusCode()
    }
    $stream.Dispose()
}
'{{"seconds":{0}}}' -f $clock.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture)
